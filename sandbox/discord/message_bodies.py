"""The JSON bodies that send and edit messages."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from sandbox.discord.components import MessageComponent  # noqa: TC001 - msgspec reads it at run time
from sandbox.discord.embeds import Embed  # noqa: TC001 - msgspec reads it at run time


class AttachmentStub(Struct, kw_only=True):
    """An upload's placeholder by its number, or a kept attachment by its id."""

    id: str | int
    filename: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    title: str | UnsetType | None = UNSET
    is_spoiler: bool | UnsetType = UNSET


class AllowedMentions(Struct, kw_only=True):
    """Which of the mentions in the text really mention."""

    parse: list[str] | UnsetType | None = UNSET
    users: list[str | int] | None = None
    roles: list[str | int] | None = None
    replied_user: bool | None = None


class ReferenceBody(Struct, kw_only=True):
    """The message that a new one replies to."""

    message_id: str | int
    channel_id: str | int | None = None
    guild_id: str | int | None = None
    fail_if_not_exists: bool = True
    type: int = 0


class MessageBody(Struct, kw_only=True):
    """A new message."""

    content: str | None = None
    embeds: list[Embed] | None = None
    components: list[MessageComponent] | None = None
    flags: int | None = None
    tts: bool | None = None
    nonce: str | int | None = None
    enforce_nonce: bool | None = None
    allowed_mentions: AllowedMentions | None = None
    message_reference: ReferenceBody | None = None
    attachments: list[AttachmentStub] | None = None
    poll: dict[str, object] | None = None
    sticker_ids: list[str | int] | None = None


class EditBody(Struct, kw_only=True):
    """A change of a message; what is absent stays."""

    content: str | UnsetType | None = UNSET
    embeds: list[Embed] | UnsetType | None = UNSET
    components: list[MessageComponent] | UnsetType | None = UNSET
    flags: int | UnsetType | None = UNSET
    allowed_mentions: AllowedMentions | UnsetType | None = UNSET
    attachments: list[AttachmentStub] | UnsetType | None = UNSET
