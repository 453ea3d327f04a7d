"""From a request to its status message; a command and two buttons end here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from bot.domain.ids import ChannelId, InteractionId, MessageId
from bot.errors import StorageError
from bot.replies.custom_ids import Verb, custom_id
from bot.replies.status_card import status_card, status_texts
from cogs.answers import (
    may_be_our_deferral,
    promptly,
    replace_standing,
    show,
    standing_answer,
    take_back,
    was_answered_before,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import discord

    from bot.domain.job import Job
    from bot.domain.views import Receipt
    from bot.first_answers import FirstAnswer
    from bot.replies.cards import Card
    from bot.service import Service

log = structlog.get_logger("cogs.submission")


async def submit_and_show(
    interaction: discord.Interaction, service: Service, submission: Awaitable[Receipt]
) -> None:
    """Answers with the status message once the job is on disk.

    If Discord does not take the answer any more the job stays, and delivery posts a status message
    of its own.

    Raises:
        Refusal: nothing was stored.
        StorageError: likewise.
    """
    with service.first_answers.under_way(InteractionId(interaction.id)) as answer:
        receipt = await promptly(interaction, submission)
        job, texts = receipt.job, status_texts(receipt.job)
        card = status_card(job, receipt.place, texts)
        message_id = await show(interaction, card)
        if message_id is None and was_answered_before(interaction):
            message_id = await _look(interaction, service, job, card, answer)
    if message_id is not None:
        await _record(interaction, service, job, MessageId(message_id))


async def _look(
    interaction: discord.Interaction,
    service: Service,
    job: Job,
    card: Card,
    answer: FirstAnswer,
) -> int | None:
    """The id of our own answer, of which Discord's word was lost; else its job is withdrawn.

    If nobody can tell whose answer it is the job stays. Numbers of jobs are not given twice, not by
    two databases either, so a button names its process.
    """
    standing = await standing_answer(interaction)
    if standing is None:
        return None
    if may_be_our_deferral(interaction, standing):
        return await replace_standing(interaction, card)
    if custom_id(Verb.CANCEL, job.id) in _custom_ids(standing):
        return standing.id
    answer.is_ours = not await _withdrawn(service, job)
    return None


async def _withdrawn(service: Service, job: Job) -> bool:
    try:
        is_withdrawn = await service.withdraw(job.id)
    except StorageError as error:
        log.error("job of another process not withdrawn", job=job.id, error=str(error))  # noqa: TRY400 - says all
        return False
    log.warning(
        "a second process with this token has answered, stop one of them",
        job=job.id,
        guild=job.origin.guild_id,
        withdrawn=is_withdrawn,
    )
    return is_withdrawn


def _custom_ids(message: discord.Message) -> set[str]:
    waiting: list[Any] = list(message.components)
    found = set()
    while waiting:
        one = waiting.pop()
        waiting += getattr(one, "children", ())
        found.add(getattr(one, "custom_id", None) or "")
    return found


async def _record(
    interaction: discord.Interaction, service: Service, job: Job, message_id: MessageId
) -> None:
    try:
        known = await service.record_answer(job.id, ChannelId(job.origin.channel_id), message_id)
    except StorageError as error:
        # The member has been answered. Delivery will not find this message and post another.
        log.error("status message not stored", job=job.id, error=str(error))  # noqa: TRY400 - says all
        return
    await _catch_up(interaction, known, message_id)


async def _catch_up(interaction: discord.Interaction, job: Job, message_id: MessageId) -> None:
    """Discord may take longer than delivery's patience, or than the whole job.

    An open job is left alone: from now on delivery knows the message, and two editors would race.
    """
    if job.posting.status_message_id != message_id:
        await take_back(interaction)
    elif not job.state.is_open:
        await show(interaction, status_card(job, None, status_texts(job)))
