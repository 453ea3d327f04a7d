"""The JSON bodies that send and edit messages, and their embeds, shown with what Discord adds.

Source: Discord's reference, "Embed Object" (2026-08). Limits are the business of `rules/`.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from sandbox.discord.components import MessageComponent  # noqa: TC001 - msgspec reads it at run time
from sandbox.discord.shapes import JsonObject, only_set


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


class EmbedField(Struct, kw_only=True):
    """A name with a value."""

    name: str
    value: str
    inline: bool = False


class EmbedFooter(Struct, kw_only=True):
    """The small line at the end."""

    text: str = ""
    icon_url: str | UnsetType | None = UNSET


class EmbedAuthor(Struct, kw_only=True):
    """The small line at the start."""

    name: str = ""
    url: str | UnsetType | None = UNSET
    icon_url: str | UnsetType | None = UNSET


class EmbedMedia(Struct, kw_only=True):
    """A picture by address; `attachment://name` shows an upload of the same message."""

    url: str = ""


class Embed(Struct, kw_only=True):
    """A rich embed as a bot writes it, or one of another kind that Discord writes itself."""

    kind: str = "rich"

    title: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    url: str | UnsetType | None = UNSET
    timestamp: str | UnsetType | None = UNSET
    color: int | UnsetType | None = UNSET
    footer: EmbedFooter | UnsetType | None = UNSET
    image: EmbedMedia | UnsetType | None = UNSET
    thumbnail: EmbedMedia | UnsetType | None = UNSET
    author: EmbedAuthor | UnsetType | None = UNSET
    fields: list[EmbedField] | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        """Lets go of a part without what it shows, which the document allows to be null."""
        if isinstance(self.author, EmbedAuthor) and not self.author.name:
            self.author = UNSET
        if isinstance(self.footer, EmbedFooter) and not self.footer.text:
            self.footer = UNSET
        if isinstance(self.image, EmbedMedia) and not self.image.url:
            self.image = UNSET
        if isinstance(self.thumbnail, EmbedMedia) and not self.thumbnail.url:
            self.thumbnail = UNSET


def embed_object(embed: Embed, uploads: dict[str, JsonObject]) -> JsonObject:
    """The embed as Discord shows it; `uploads` leads from `attachment://name` to link and size."""
    fields: JsonObject = msgspec.to_builtins(embed)
    shown: JsonObject = {"type": fields.pop("kind")}
    shown |= only_set({n: only_set(v) if isinstance(v, dict) else v for n, v in fields.items()})
    for place in ("image", "thumbnail"):
        media = getattr(embed, place)
        if isinstance(media, EmbedMedia):
            foreign = {"url": media.url, "proxy_url": media.url}
            shown[place] = uploads.get(media.url, foreign)
    return shown


def attachment_names(embeds: list[Embed]) -> set[str]:
    """The names of uploads that the embeds show."""
    media = [each for embed in embeds for each in (embed.image, embed.thumbnail)]
    return {
        each.url.removeprefix("attachment://")
        for each in media
        if isinstance(each, EmbedMedia) and each.url.startswith("attachment://")
    }
