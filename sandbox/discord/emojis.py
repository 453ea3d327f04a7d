"""Routes of the application's own emojis, which it may use everywhere."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors, ratelimits
from sandbox.discord.media import sniff
from sandbox.discord.objects import user_object
from sandbox.discord.records import Emoji
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

MAX_EMOJIS = 2000
LARGEST_BYTES = 256 * 1024
"""Both from Discord's reference, "Emoji"."""

_NAME = re.compile(r"\w{2,32}", re.ASCII)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|avif);base64,(.*)", re.DOTALL)


class EmojiBody(Struct, kw_only=True):
    """A new emoji; the picture is a data URI."""

    name: str
    image: str


class EmojiEdit(Struct, kw_only=True):
    """A new name."""

    name: str


def list_emojis(call: Call) -> Reply:
    """All emojis of the application."""
    state = call.own_application()
    return Reply(body={"items": [emoji_object(state, each) for each in state.emojis.values()]})


def get(call: Call) -> Reply:
    """One emoji."""
    return Reply(body=emoji_object(call.state, _one(call)))


def create(call: Call) -> Reply:
    """Uploads an emoji."""
    state = call.own_application()
    body = call.body(EmojiBody)
    _check_name(body.name)
    if len(state.emojis) >= MAX_EMOJIS:
        raise errors.DiscordError(errors.MAX_EMOJIS)
    content = _picture(body.image)
    media = sniff(content, "")
    emoji = Emoji(
        id=state.snowflakes.next(),
        name=body.name,
        content_type=media.content_type or "image/png",
        is_animated=media.content_type == "image/gif",
    )
    state.journal.put_upload(emoji.id, content)
    state.save(emoji)
    return Reply(status=201, body=emoji_object(state, emoji))


def edit(call: Call) -> Reply:
    """Renames an emoji."""
    emoji = _one(call)
    name = call.body(EmojiEdit).name
    _check_name(name)
    emoji.name = name
    call.state.save(emoji)
    return Reply(body=emoji_object(call.state, emoji))


def delete(call: Call) -> Reply:
    """Deletes an emoji with its picture."""
    emoji = _one(call)
    call.state.remove(emoji)
    call.state.journal.delete_upload(emoji.id)
    return NO_CONTENT


def emoji_object(state: State, emoji: Emoji) -> JsonObject:
    """An emoji as Discord shows it."""
    return {
        "id": emoji.id,
        "name": emoji.name,
        "user": user_object(state.users[state.bot_id]),
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": emoji.is_animated,
        "available": True,
    }


def _one(call: Call) -> Emoji:
    emoji = call.own_application().emojis.get(call.path["emoji_id"])
    if emoji is None:
        raise errors.DiscordError(errors.UNKNOWN_EMOJI)
    return emoji


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise errors.invalid_field(
            "name", code="STRING_TYPE_REGEX", message="String value did not match validation regex."
        )


def _picture(text: str) -> bytes:
    matched = _PICTURE.fullmatch(text)
    try:
        content = base64.b64decode(matched[2], validate=True) if matched else b""
    except binascii.Error:
        content = b""
    if not content:
        raise errors.invalid_field(
            "image", code="IMAGE_INVALID", message="Invalid image data. Expected a data URI."
        )
    if len(content) > LARGEST_BYTES:
        raise errors.invalid_field(
            "image", code="BINARY_TYPE_MAX_SIZE", message="File cannot be larger than 256.0 kb."
        )
    return content


_EMOJIS = "/applications/{application_id}/emojis"
_EMOJI = f"{_EMOJIS}/{{emoji_id}}"

ROUTES = (
    Route(method="GET", path=_EMOJIS, handler=list_emojis, bucket=ratelimits.APPLICATION),
    Route(method="POST", path=_EMOJIS, handler=create, bucket=ratelimits.APPLICATION),
    Route(method="GET", path=_EMOJI, handler=get, bucket=ratelimits.APPLICATION),
    Route(method="PATCH", path=_EMOJI, handler=edit, bucket=ratelimits.APPLICATION),
    Route(method="DELETE", path=_EMOJI, handler=delete, bucket=ratelimits.APPLICATION),
)
