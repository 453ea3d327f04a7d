"""Uploads become attachments: matched with their placeholders, measured, limited and kept.

Limits per file follow the guild's boost tier (20, 20, 50, 100 MiB) and 20 MiB elsewhere, Discord's
default since September 2026 (10 MiB before; that tier 1 rose with it is guessed). The whole request
may be as large as one file or 25 MiB, whichever is more (the reference's line and the table do not
agree; the larger is guessed).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import UNSET

from sandbox.discord import errors
from sandbox.discord.components import media_of
from sandbox.discord.media import sniff
from sandbox.discord.message_bodies import attachment_names
from sandbox.discord.records import Attachment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.discord.bodies import Upload
    from sandbox.discord.components import MessageComponent
    from sandbox.discord.message_bodies import AttachmentStub, Embed
    from sandbox.discord.state import State

MIB = 1024 * 1024
LARGEST_REQUEST_BYTES = 25 * MIB
LARGEST_COUNT = 10

_LIMIT_BY_TIER = (20 * MIB, 20 * MIB, 50 * MIB, 100 * MIB)
_UNSAFE = re.compile(r"[^\w.\-]+")


def file_limit_bytes(state: State, guild_id: str | None) -> int:
    """The largest single file in a guild, or outside guilds."""
    guild = state.guilds.get(guild_id or "")
    return _LIMIT_BY_TIER[guild.boost_tier] if guild else _LIMIT_BY_TIER[0]


def request_limit_bytes(state: State, guild_id: str | None) -> int:
    """The largest request as a whole; a little room is left for the form around the files."""
    return max(LARGEST_REQUEST_BYTES, file_limit_bytes(state, guild_id) + MIB // 4)


def keep_uploads(
    state: State,
    uploads: Sequence[Upload],
    stubs: Iterable[AttachmentStub],
    *,
    channel_id: str,
    is_ephemeral: bool = False,
) -> list[Attachment]:
    """Keeps the files; names and descriptions come from the placeholders.

    Raises:
        DiscordError: 30015 for too many, 40005 for one too large.
    """
    if len(uploads) > LARGEST_COUNT:
        raise errors.DiscordError(errors.MAX_ATTACHMENTS)
    largest_bytes = file_limit_bytes(state, state.channel(channel_id).guild_id)
    if any(len(each.content) > largest_bytes for each in uploads):
        raise errors.DiscordError(errors.TOO_LARGE)
    by_key = {str(stub.id): stub for stub in stubs}
    return [
        keep_upload(
            state,
            upload,
            by_key.get(upload.key),
            channel_id=channel_id,
            is_ephemeral=is_ephemeral,
        )
        for upload in uploads
    ]


def keep_upload(
    state: State,
    upload: Upload,
    stub: AttachmentStub | None,
    *,
    channel_id: str,
    is_ephemeral: bool = False,
) -> Attachment:
    """Keeps one file, whatever its size."""
    name = stub.filename if stub and isinstance(stub.filename, str) else upload.filename
    media = sniff(upload.content, name)
    attachment = Attachment(
        id=state.snowflakes.next(),
        channel_id=channel_id,
        filename=_UNSAFE.sub("_", name).strip("._") or "unknown",
        size_bytes=len(upload.content),
        content_type=media.content_type,
        width_px=media.width_px,
        height_px=media.height_px,
        is_ephemeral=is_ephemeral,
        is_spoiler=name.startswith("SPOILER_"),
    )
    if name.startswith("SPOILER_"):
        attachment.filename = f"SPOILER_{attachment.filename.removeprefix('SPOILER_')}"
    if stub is not None:
        describe(attachment, stub)
    state.journal.put_upload(attachment.id, upload.content)
    return attachment


def describe(attachment: Attachment, stub: AttachmentStub) -> None:
    """Takes over what a placeholder says about the file."""
    if stub.description is not UNSET:
        attachment.description = stub.description
    if stub.title is not UNSET:
        attachment.title = stub.title
    if stub.is_spoiler is not UNSET:
        attachment.is_spoiler = stub.is_spoiler


def link_components(
    components: Sequence[MessageComponent], attachments: Sequence[Attachment]
) -> None:
    """Ties each `attachment://name` of the components to its upload.

    Raises:
        DiscordError: 50035 for a name that no upload has.
    """
    by_name = {each.filename: each.id for each in attachments}
    for media in media_of(components):
        if not media.url.startswith("attachment://"):
            continue
        name = media.url.removeprefix("attachment://")
        if name not in by_name:
            raise _no_such_upload("components", name)
        media.attachment_id = by_name[name]


def check_embeds(embeds: list[Embed], attachments: Sequence[Attachment]) -> None:
    """Refuses embeds that show an upload that is not there.

    Raises:
        DiscordError: 50035.
    """
    missing = attachment_names(embeds) - {each.filename for each in attachments}
    if missing:
        raise _no_such_upload("embeds", min(missing))


def _no_such_upload(field: str, name: str) -> errors.DiscordError:
    return errors.invalid_field(
        field,
        code="UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
        message=f"The referenced attachment was not found: attachment://{name}",
    )
