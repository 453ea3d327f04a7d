"""From a request to its status message: a command, a button, a form and a draft end here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from bot.errors import StorageError
from bot.queue.records import ChannelId, InteractionId, MessageId
from bot.texts.cards import Card, Colour, Press, Verb, notice
from bot.texts.gallery_cards import state_card
from bot.texts.picture_cards import status_texts
from bot.texts.quotas import warning_text
from cogs.answers import (
    may_be_our_deferral,
    promptly,
    replace_standing,
    send_ephemeral,
    show,
    standing_answer,
    take_back,
    was_answered_before,
)
from cogs.reading import texts_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    import discord

    from bot.features.imagine.first_answers import FirstAnswer
    from bot.features.imagine.records import Receipt
    from bot.features.imagine.service import Service
    from bot.policy.quotas import QuotaState
    from bot.queue.records import Job

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

    async def submitted() -> tuple[Receipt, Card]:
        receipt = await submission
        return receipt, await _card(service, receipt)

    with service.first_answers.under_way(InteractionId(interaction.id)) as answer:
        receipt, card = await promptly(interaction, submitted())
        job = receipt.job
        message_id = await show(interaction, card)
        if message_id is None and was_answered_before(interaction):
            message_id = await _look(interaction, service, job, card, answer)
    if message_id is not None:
        await _record(interaction, service, job, MessageId(message_id))
        await warn(interaction, receipt.nearly_used_up)


async def _card(service: Service, receipt: Receipt) -> Card:
    jobs = await _jobs_of_its_request(service, receipt.job)
    return state_card(jobs, receipt.place, status_texts(receipt.job))


async def _jobs_of_its_request(service: Service, job: Job) -> Sequence[Job]:
    return (job,) if job.count == 1 else await service.jobs.jobs_of_request(job)


async def warn(interaction: discord.Interaction, nearly_used_up: Sequence[QuotaState]) -> None:
    """For the member alone, once for each limit: before it is used up, not after."""
    texts = texts_of(interaction)
    said = "\n".join(warning_text(state, texts) for state in nearly_used_up)
    if said:
        await send_ephemeral(interaction, notice(said, Colour.NEUTRAL))


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
    ours = Press(verb=Verb.CANCEL, job_id=job.id).in_all_versions()
    if not ours.isdisjoint(_custom_ids(standing)):
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
        jobs = await _jobs_of_its_request(service, known)
    except StorageError as error:
        # The member has been answered. Delivery will not find this message and post another.
        log.error("status message not stored", job=job.id, error=str(error))  # noqa: TRY400 - says all
        return
    if known.message.message_id != message_id:
        await take_back(interaction)
    else:
        await _catch_up(interaction, jobs)


async def _catch_up(interaction: discord.Interaction, jobs: Sequence[Job]) -> None:
    """Discord may take longer than delivery's patience, or than all of the request.

    What is open, or shown, is left alone: delivery knows the message, which may be the picture by
    now, and two editors would race.
    """
    if not any(job.is_open or job.is_shown for job in jobs):
        await show(interaction, state_card(jobs, None, status_texts(jobs[0])))
