"""The alternative text of a picture that hangs already: its message is shown with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import structlog
from discord import ui

from bot.texts.picture_cards import ALT_TEXT_LIMIT
from cogs.answers import NOBODY, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.queue.records import ChannelId, Job, MessageId
    from bot.queue.reposts import Repost

log = structlog.get_logger("cogs.described")


async def redescribe(
    interaction: discord.Interaction, job: Job, text: str, copies: Sequence[Repost] = ()
) -> bool:
    """Whether all messages with the picture say it now. The rest of each stays as it is, whoever
    posted it."""
    picture = job.picture
    if picture is None or picture.message_id is None:
        return False
    own = picture.channel_id or job.message.thread_id or job.origin.channel_id
    places = [(own, picture.message_id)]
    places += [(one.channel_id, one.message_id) for one in copies if one.message_id is not None]
    are_changed = [await _redescribe(interaction, job, text, *place) for place in places]
    return all(are_changed)


async def _redescribe(
    interaction: discord.Interaction,
    job: Job,
    text: str,
    channel_id: ChannelId,
    message_id: MessageId,
) -> bool:
    channel = interaction.client.get_partial_messageable(channel_id)
    try:
        message = interaction.message
        if message is None or message.id != message_id:
            message = await channel.fetch_message(message_id)
        view = described(message, job, text)
        await channel.get_partial_message(message.id).edit(view=view, allowed_mentions=NOBODY)
    except UNREACHABLE as error:
        log.warning("description not shown", job=job.id, error=type(error).__name__)
        return False
    return True


def described(message: discord.Message, job: Job, text: str) -> ui.LayoutView:
    """The message as it stands, with this text at the job's picture."""
    view = ui.LayoutView.from_message(message, timeout=None)
    view.stop()
    pictures = list(_pictures(view))
    files = {one.id: one.filename for one in message.attachments}
    for item in pictures:
        name = files.get(item.media.attachment_id or 0)
        if len(pictures) == 1 or (name or "").startswith(f"zeuxis-{job.id}."):
            item.description = text[:ALT_TEXT_LIMIT]
        if name is not None:  # Discord's own address dies within a day
            item.media = f"attachment://{name}"
    return view


def _pictures(view: ui.LayoutView) -> Iterator[discord.MediaGalleryItem]:
    for one in view.walk_children():
        if isinstance(one, ui.MediaGallery):
            yield from one.items
