"""From a wish to its status message; a command and two buttons end here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.domain.ids import ChannelId, MessageId
from bot.errors import StorageError
from bot.replies.status_card import status_card, status_texts
from cogs.answers import promptly, show

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
        await service.record_status_message(
            job.id, ChannelId(job.origin.channel_id), MessageId(message_id)
        )
        await _catch_up(interaction, await service.job(job.id))
    except StorageError:
        # The member has been answered. Delivery will not find this message and post another.
        log.exception("status message not stored", job=job.id)


async def _catch_up(interaction: discord.Interaction, job: Job) -> None:
    """Discord may take longer than the whole job; nobody else edits a message that comes so late.

    An open job is left alone: from now on delivery knows the message, and two editors would race.
    """
    if not job.state.is_open:
        await show(interaction, status_card(job, None, status_texts(job)))
