"""Embeds: every limit, and the 6,000 characters that all embeds of a message share.

Source: "Embed Limits" in the reference of Discord's API (2026-08). An embed that was received may
be sent again, so the fields that Discord adds to one are known here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.rules.kinds import (
    Anything,
    Fields,
    Instant,
    Items,
    Number,
    Text,
    Truth,
    Url,
    missing,
)
from sandbox.discord.rules.problems import Body, Path, Problem, mapping, objects, text

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 6_000
ATTACHMENT = "attachment://"

_PICTURE_ADDRESS = Url(schemes=("http", "https", "attachment"))
_ADDED = {
    name: Anything()
    for name in (
        "proxy_url",
        "proxy_icon_url",
        "width",
        "height",
        "content_type",
        "placeholder",
        "placeholder_version",
        "flags",
        "is_animated",
        "description",
    )
}
_MEDIA = Fields(known=_ADDED | {"url": _PICTURE_ADDRESS})
_FIELD = Fields(
    known={"name": Text(longest=256), "value": Text(longest=1024), "inline": Truth()},
    required=frozenset({"name", "value"}),
)
_AUTHOR = Fields(
    known=_ADDED | {"name": Text(longest=256), "url": Url(), "icon_url": _PICTURE_ADDRESS}
)
_FOOTER = Fields(known=_ADDED | {"text": Text(longest=2048), "icon_url": _PICTURE_ADDRESS})
"""The document lets a picture's address, an author's name and a footer's text be null."""

EMBED = Fields(
    known={
        "type": Text(),
        "title": Text(longest=256),
        "description": Text(longest=4096),
        "url": Url(),
        "color": Number(lowest=0, highest=0xFFFFFF),
        "timestamp": Instant(),
        "author": _AUTHOR,
        "footer": _FOOTER,
        "image": _MEDIA,
        "thumbnail": _MEDIA,
        "fields": Items(of=_FIELD, most=25),
        "provider": Anything(),
        "video": Anything(),
        "flags": Anything(),
        "content_scan_version": Anything(),
        "reference_id": Anything(),
    }
)
EMBEDS = Items(of=EMBED, most=10)

_SHOWN = ("title", "description", "fields", "image", "thumbnail", "author", "footer", "video")


def embed_problems(body: Body, at: Path = ()) -> Iterator[Problem]:
    """What is wrong with the `embeds` of this message beyond the shape of each."""
    for index, embed in objects(body, "embeds"):
        here = (*at, "embeds", index)
        if not any(embed.get(name) for name in _SHOWN):
            yield missing((*here, "description"))
        yield from _empty_fields(embed, here)
    if sum(_characters(embed) for _, embed in objects(body, "embeds")) > MAX_CHARACTERS:
        said = f"Embed size exceeds maximum size of {MAX_CHARACTERS}"
        yield Problem(path=(*at, "embeds"), code="MAX_EMBED_SIZE_EXCEEDED", message=said)


def attachment_links(body: Body, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each place in the embeds that shows an upload, with the name of the file."""
    places = (
        ("image", "url"),
        ("thumbnail", "url"),
        ("author", "icon_url"),
        ("footer", "icon_url"),
    )
    for index, embed in objects(body, "embeds"):
        for part, field in places:
            address = text(mapping(embed, part), field)
            if address.startswith(ATTACHMENT):
                yield (*at, "embeds", index, part, field), address.removeprefix(ATTACHMENT)


def _empty_fields(embed: Body, here: Path) -> Iterator[Problem]:
    for index, field in objects(embed, "fields"):
        for name in ("name", "value"):
            if not text(field, name).strip():
                yield missing((*here, "fields", index, name))


def _characters(embed: Body) -> int:
    fields = sum(len(text(f, "name")) + len(text(f, "value")) for _, f in objects(embed, "fields"))
    author, footer = mapping(embed, "author"), mapping(embed, "footer")
    own = len(text(embed, "title")) + len(text(embed, "description"))
    return own + fields + len(text(author, "name")) + len(text(footer, "text"))
