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
    if message_id is not None:
        await _remember(service, job, MessageId(message_id))


async def _remember(service: Service, job: Job, message_id: MessageId) -> None:
    try:
        await service.record_status_message(job.id, ChannelId(job.origin.channel_id), message_id)
    except StorageError:
        # The member has been answered. Delivery will not find this message and post another.
        log.exception("status message not stored", job=job.id)
