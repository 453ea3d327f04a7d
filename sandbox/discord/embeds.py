"""Embeds: parsed into structs, shown with what Discord adds.

Source: Discord's reference, "Embed Object" (2026-08). Limits are the business of `rules/`.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from sandbox.discord.shapes import JsonObject, only_set


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
