"""Uploads: each entry of `attachments` has its file, each `attachment://` its entry.

An entry's id is either the `n` of an uploaded part `files[n]` or, in an edit, the id of an
attachment that the message keeps. Without `attachments`, all uploads are attached and an edit keeps
everything. Source: "Uploading Files" and "Editing Message Attachments" in the reference of
Discord's API (2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.rules import embeds, layout
from sandbox.discord.rules.kinds import (
    Anything,
    Fields,
    Items,
    Kind,
    Number,
    Snowflake,
    Text,
    Truth,
)
from sandbox.discord.rules.problems import Body, Path, Problem, objects, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.rules.problems import Context

_AS_RECEIVED: dict[str, Kind] = {
    name: Anything()
    for name in (
        "size",
        "url",
        "proxy_url",
        "height",
        "width",
        "content_type",
        "ephemeral",
        "spoiler",
        "flags",
        "placeholder",
        "placeholder_version",
        "original_content_type",
        "content_scan_version",
        "clip_created_at",
        "clip_participants",
        "application",
    )
}
"""Fields of an attachment that was received; libraries send them back when a message keeps it."""

ATTACHMENTS = Items(
    of=Fields(
        known=_AS_RECEIVED
        | {
            "id": Snowflake(),
            "filename": Text(shortest=1, longest=1024),
            "description": Text(longest=1024),
            "title": Text(longest=1024),
            "duration_secs": Number(lowest=0, fraction=True),
            "waveform": Text(longest=400),
            "is_spoiler": Truth(),
            "is_remix": Truth(),
        },
        required=frozenset({"id"}),
    ),
    most=10,
)


def attachment_problems(body: Body, context: Context, at: Path = ()) -> Iterator[Problem]:
    """Entries without a file, and links to files that the message does not have."""
    kept = dict(_kept(context))
    for index, entry in objects(body, "attachments"):
        if str(entry.get("id")) not in kept.keys() | context.files.keys():
            said = "Attachment data not found"
            path = (*at, "attachments", index)
            yield Problem(path=path, code="ATTACHMENT_NOT_FOUND", message=said)
    names = set(_names(body, context))
    links = [*embeds.attachment_links(body, at), *layout.attachment_links(body, at)]
    for path, name in links:
        if name not in names:
            said = f"The referenced attachment was not found: {name[:100]}"
            code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
            yield Problem(path=path, code=code, message=said)


def has_attachments(body: Body, context: Context) -> bool:
    """Whether the message has any file once this request is done."""
    return any(True for _ in _names(body, context))


def _names(body: Body, context: Context) -> Iterator[str]:
    kept = dict(_kept(context))
    if not isinstance(body.get("attachments"), list):
        yield from kept.values()
        yield from context.files.values()
        return
    listed = {
        str(entry.get("id")): text(entry, "filename") for _, entry in objects(body, "attachments")
    }
    yield from (name for number, name in kept.items() if number in listed)
    yield from (listed.get(number) or name for number, name in context.files.items())


def _kept(context: Context) -> Iterator[tuple[str, str]]:
    for _, entry in objects(context.before or {}, "attachments"):
        yield str(entry.get("id")), text(entry, "filename")
