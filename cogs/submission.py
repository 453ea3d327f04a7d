"""From a wish to its status message; a command and two buttons end here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.domain.ids import ChannelId, MessageId
from bot.errors import StorageError
from bot.replies.status_card import status_card, status_texts
from cogs.answers import promptly, show, take_back

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import discord

    from bot.domain.job import Job
    from bot.domain.views import Receipt
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
    receipt = await promptly(interaction, submission)
    job = receipt.job
    message_id = await show(interaction, status_card(job, receipt.place, status_texts(job)))
    if message_id is None:
        return
    try:
        known = await service.record_answer(
            job.id, ChannelId(job.origin.channel_id), MessageId(message_id)
        )
    except StorageError:
        # The member has been answered. Delivery will not find this message and post another.
        log.exception("status message not stored", job=job.id)
        return
    await _catch_up(interaction, known, MessageId(message_id))


async def _catch_up(interaction: discord.Interaction, job: Job, message_id: MessageId) -> None:
    """Discord may take longer than delivery's patience, or than the whole job.

    An open job is left alone: from now on delivery knows the message, and two editors would race.
    """
    if job.posting.status_message_id != message_id:
        await take_back(interaction)
    elif not job.state.is_open:
        await show(interaction, status_card(job, None, status_texts(job)))
