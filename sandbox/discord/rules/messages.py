"""A message: its shape, its uploads and mentions, what V2 excludes, which flags may be set.

An entry of `attachments` has as its id either the `n` of an uploaded part `files[n]` or, in an
edit, the id of an attachment that the message keeps. Without `attachments`, all uploads are
attached and an edit keeps everything. That an edit of a V2 message must name the flag again is what
bots have met, not documented.

Source: "Create Message", "Edit Message", "Message Flags", "Uploading Files", "Editing Message
Attachments", "Allowed Mentions Object", "Poll Create Request Object" and "Using Message Components"
in the reference of Discord's API (2026-08).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from sandbox.discord.errors import EMPTY_MESSAGE
from sandbox.discord.records import MessageFlag
from sandbox.discord.rules import components, embeds
from sandbox.discord.rules.components import (
    CLASSIC_COMPONENTS,
    EMOJI,
    V2_COMPONENTS,
    component_problems,
    size_problems,
)
from sandbox.discord.rules.embeds import EMBEDS, embed_problems
from sandbox.discord.rules.kinds import (
    Anything,
    Fields,
    Items,
    Kind,
    Number,
    Snowflake,
    Text,
    Truth,
    Url,
    missing,
    shape_problems,
)
from sandbox.discord.rules.problems import Body, Path, Problem, items, mapping, objects, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.rules.problems import Context

SENDABLE = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.VOICE_MESSAGE
    | MessageFlag.COMPONENTS_V2
)
"""What an app may set on a message; in answer to an interaction EPHEMERAL as well."""

EDITABLE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2
"""What an edit may change. Every bit that the message had may be repeated."""

ALLOWED_MENTIONS = Fields(
    known={
        "parse": Items(of=Text(choices=("everyone", "users", "roles")), unique=True, nullable=True),
        "users": Items(of=Snowflake(), most=100, unique=True, nullable=True),
        "roles": Items(of=Snowflake(), most=100, unique=True, nullable=True),
        "replied_user": Truth(),
    }
)
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

_QUESTION = Fields(known={"text": Text(shortest=1, longest=300), "emoji": EMOJI})
_ANSWER = Fields(
    known={
        "answer_id": Number(),
        "poll_media": Fields(known={"text": Text(shortest=1, longest=55), "emoji": EMOJI}),
    },
    required=frozenset({"poll_media"}),
)

POLL = Fields(
    known={
        "question": _QUESTION,
        "answers": Items(of=_ANSWER, fewest=1, most=10),
        "duration": Number(lowest=1, highest=32 * 24),
        "allow_multiselect": Truth(),
        "layout_type": Number(choices=(1,)),
    },
    required=frozenset({"question", "answers"}),
)

_EVERYWHERE: dict[str, Kind] = {
    "content": Text(longest=2000),
    "embeds": EMBEDS,
    "allowed_mentions": ALLOWED_MENTIONS,
    "components": Anything(),
    "flags": Number(lowest=0),
    "attachments": ATTACHMENTS,
}

_REFERENCE = Fields(
    known={
        "type": Number(choices=(0, 1)),
        "message_id": Snowflake(),
        "channel_id": Snowflake(),
        "guild_id": Snowflake(),
        "fail_if_not_exists": Truth(),
    },
    required=frozenset({"message_id"}),
)
_STICKERS = Items(of=Snowflake(), most=3)

_SOMEWHERE = """
    tts nonce enforce_nonce message_reference sticker_ids poll shared_client_theme
    username avatar_url thread_name applied_tags
"""


def _message(own: dict[str, Kind]) -> Fields:
    return Fields(known=_EVERYWHERE | own, elsewhere=frozenset(_SOMEWHERE.split()))


MESSAGE = _message(
    {
        "tts": Truth(),
        "sticker_ids": _STICKERS,
        "poll": POLL,
        "message_reference": _REFERENCE,
        "nonce": Anything(),
        "enforce_nonce": Truth(),
        "shared_client_theme": Anything(),
    }
)
"""A message that a bot sends to a channel."""

EDIT = _message({"sticker_ids": _STICKERS})
"""A bot's edit of a message in a channel."""

FOLLOW_UP = _message(
    {
        "tts": Truth(),
        "poll": POLL,
        "username": Text(shortest=1, longest=80),
        "avatar_url": Url(),
        "thread_name": Text(longest=100),
        "applied_tags": Items(of=Snowflake(), most=5),
    }
)
"""A message through a webhook, such as an interaction's."""

WEBHOOK_EDIT = _message({"poll": POLL})
"""An edit through a webhook, such as an interaction's."""

CALLBACK = _message({"tts": Truth(), "poll": POLL})
"""The message in an interaction's first answer."""

CALLBACK_EDIT = _message({})
"""The edit in the first answer to a component."""


def message_problems(
    kind: Fields, body: object, context: Context, *, at: Path = (), may_set: int = SENDABLE
) -> Iterator[Problem]:
    """Everything that is wrong with a message to be sent.

    Args:
        kind: The route's fields.
        body: The message as the client sent it.
        context: The uploads that came with it.
        at: Where in the request the message stands.
        may_set: The flags that may be set here.
    """
    yield from shape_problems(kind, body, at)
    if not isinstance(body, dict):
        return
    yield from _common_problems(body, context, at)
    yield from _flag_problems(body, may_set, at)
    yield from _nonce_problems(body, at)
    if not _has_something(body, context):
        yield _empty(at)


def edit_problems(
    kind: Fields, body: object, context: Context, *, at: Path = ()
) -> Iterator[Problem]:
    """Everything that is wrong with an edit; arguments as for `message_problems`."""
    yield from shape_problems(kind, body, at)
    if not isinstance(body, dict):
        return
    before = context.before or {}
    yield from _common_problems(body, context, at)
    yield from _flag_problems(body, EDITABLE | (whole(before, "flags") or 0), at)
    if context.before is not None and not _has_something({**before, **body}, context):
        yield _empty(at)


def _common_problems(body: Body, context: Context, at: Path) -> Iterator[Problem]:
    is_v2 = bool((whole(body, "flags") or 0) & MessageFlag.COMPONENTS_V2)
    if body.get("components") is not None:
        tree = V2_COMPONENTS if is_v2 else CLASSIC_COMPONENTS
        yield from shape_problems(tree, body["components"], (*at, "components"))
    if is_v2 or (whole(context.before or {}, "flags") or 0) & MessageFlag.COMPONENTS_V2:
        yield from _v2_problems(body, context, at)
    yield from chain(
        component_problems(body, at),
        embed_problems(body, at),
        attachment_problems(body, context, at),
        mention_problems(body, at),
    )


def _v2_problems(body: Body, context: Context, at: Path) -> Iterator[Problem]:
    whole_message = {**(context.before or {}), **body}
    for field in ("content", "embeds", "poll", "sticker_ids"):
        if whole_message.get(field):
            said = f"The '{field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
            yield Problem(path=(*at, field), code=code, message=said)
    if not items(whole_message, "components"):
        yield missing((*at, "components"))
    yield from size_problems(body, at)


def _flag_problems(body: Body, may_set: int, at: Path) -> Iterator[Problem]:
    refused = (whole(body, "flags") or 0) & ~may_set
    if refused:
        said = f"The flags {refused} cannot be set here."
        yield Problem(path=(*at, "flags"), code="MESSAGE_FLAGS_NOT_ALLOWED", message=said)


def _nonce_problems(body: Body, at: Path) -> Iterator[Problem]:
    nonce = body.get("nonce")
    if isinstance(nonce, bool) or not isinstance(nonce, str | int | None):
        said = "This field must be a string or integer."
        yield Problem(path=(*at, "nonce"), code="NONCE_TYPE_INVALID_TYPE", message=said)
    elif len(str(nonce)) > 25:
        said = "Must be 25 or fewer characters long."
        yield Problem(path=(*at, "nonce"), code="NONCE_TYPE_TOO_LONG", message=said)


def _has_something(body: Body, context: Context) -> bool:
    listed = any(items(body, field) for field in ("embeds", "components", "sticker_ids"))
    is_forward = whole(mapping(body, "message_reference"), "type") == 1
    spoken = bool(text(body, "content").strip())
    return (
        spoken or listed or is_forward or bool(body.get("poll")) or has_attachments(body, context)
    )


def _empty(at: Path) -> Problem:
    said = EMPTY_MESSAGE.message
    return Problem(path=at, code="EMPTY_MESSAGE", message=said, kind=EMPTY_MESSAGE)


def mention_problems(body: Body, at: Path = ()) -> Iterator[Problem]:
    """Kinds that are named in `parse` and listed one by one as well."""
    allowed = mapping(body, "allowed_mentions")
    for kind in ("users", "roles"):
        if kind in items(allowed, "parse") and items(allowed, kind):
            said = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            path = (*at, "allowed_mentions")
            yield Problem(path=path, code="MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message=said)


def attachment_problems(body: Body, context: Context, at: Path = ()) -> Iterator[Problem]:
    """Entries without a file, and links to files that the message does not have."""
    kept = dict(_kept(context))
    for index, entry in objects(body, "attachments"):
        if str(entry.get("id")) not in kept.keys() | context.files.keys():
            said = "Attachment data not found"
            path = (*at, "attachments", index)
            yield Problem(path=path, code="ATTACHMENT_NOT_FOUND", message=said)
    names = set(_names(body, context))
    links = [*embeds.attachment_links(body, at), *components.attachment_links(body, at)]
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
