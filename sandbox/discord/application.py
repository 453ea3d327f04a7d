"""Routes of the application: how it is shown, what its token may do, and its own emojis.

It may use these emojis everywhere.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from sandbox.discord import errors, ratelimits
from sandbox.discord.media import sniff
from sandbox.discord.objects import user_object
from sandbox.discord.records import Emoji
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.shapes import instant_text, only_set

if TYPE_CHECKING:
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

MAX_TAGS = 5
LONGEST_TAG = 20

MAX_EMOJIS = 2000
LARGEST_BYTES = 256 * 1024
"""Both from Discord's reference, "Emoji"."""

_EMOJI_NAME = re.compile(r"\w{2,32}", re.ASCII)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|avif);base64,(.*)", re.DOTALL)


class LocalizedText(Struct, kw_only=True):
    """A text as the document has it; the translations are taken and not kept."""

    default: str
    localizations: dict[str, str] | None = None


class ApplicationBody(Struct, kw_only=True):
    """A change of the application; what the sandbox does not keep of it is not named here."""

    description: str | LocalizedText | UnsetType | None = UNSET
    tags: list[str] | UnsetType | None = UNSET
    custom_install_url: str | UnsetType | None = UNSET
    role_connections_verification_url: str | UnsetType | None = UNSET
    interactions_endpoint_url: str | None = None


def get_application(call: Call) -> Reply:
    """The application that the bot belongs to."""
    return Reply(body=application_object(call.state))


def get_application_by_id(call: Call) -> Reply:
    """Likewise, by its id."""
    if call.path["application_id"] != call.state.application.id:
        raise errors.DiscordError(errors.UNKNOWN_APPLICATION)
    return get_application(call)


def edit_application(call: Call) -> Reply:
    """Changes how the application is shown; the interactions endpoint the sandbox has not."""
    application, body = call.state.application, call.body(ApplicationBody)
    if body.interactions_endpoint_url:
        said = "The sandbox sends interactions over the gateway."
        raise errors.not_played(said, "interactions_endpoint_url")
    tags = application.tags if isinstance(body.tags, UnsetType) else tuple(body.tags or ())
    if len(tags) > MAX_TAGS or any(len(each) > LONGEST_TAG for each in tags):
        raise errors.invalid_field(
            "tags", code="BASE_TYPE_BAD_LENGTH", message="At most 5 of 20 characters each."
        )
    application.tags = tags
    if isinstance(body.description, LocalizedText):
        application.description = body.description.default
    elif not isinstance(body.description, UnsetType):
        application.description = body.description or ""
    if not isinstance(body.custom_install_url, UnsetType):
        application.custom_install_url = body.custom_install_url
    if not isinstance(body.role_connections_verification_url, UnsetType):
        application.role_connections_verification_url = body.role_connections_verification_url
    return get_application(call)


def get_authorization(call: Call) -> Reply:
    """What the token may do; that a bot's token is answered for a week is guessed."""
    state = call.state
    expires_at_us = state.now_us() + 7 * 24 * 3600 * 1_000_000
    return Reply(
        body={
            "application": _public_application_object(state),
            "scopes": ["bot", "applications.commands"],
            "expires": instant_text(expires_at_us),
            "user": user_object(state.users[state.bot_id]),
        }
    )


def application_object(state: State) -> JsonObject:
    """The application as its owner sees it."""
    application = state.application
    return _public_application_object(state) | {
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": application.role_connections_verification_url,
        "owner": user_object(state.users[application.owner_id]),
        "approximate_guild_count": len(state.guilds),
        "approximate_user_install_count": sum(each.has_installed for each in state.users.values()),
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


def _public_application_object(state: State) -> JsonObject:
    """The application as everybody sees it."""
    application = state.application
    return {
        "id": application.id,
        "name": application.name,
        "icon": None,
        "description": application.description,
        "type": None,
        "bot": user_object(state.users[state.bot_id]),
        "summary": "",
        "bot_public": application.is_public,
        "bot_require_code_grant": False,
        "integration_types_config": {"0": {}, "1": {}},
        "verify_key": application.public_key,
        "flags": application.flags,
        "flags_new": str(application.flags),
        "tags": list(application.tags),
    } | only_set({"custom_install_url": application.custom_install_url})


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


def get_emoji(call: Call) -> Reply:
    """One emoji."""
    return Reply(body=emoji_object(call.state, _emoji(call)))


def create_emoji(call: Call) -> Reply:
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


def edit_emoji(call: Call) -> Reply:
    """Renames an emoji."""
    emoji = _emoji(call)
    name = call.body(EmojiEdit).name
    _check_name(name)
    emoji.name = name
    call.state.save(emoji)
    return Reply(body=emoji_object(call.state, emoji))


def delete_emoji(call: Call) -> Reply:
    """Deletes an emoji with its picture."""
    emoji = _emoji(call)
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


def _emoji(call: Call) -> Emoji:
    emoji = call.own_application().emojis.get(call.path["emoji_id"])
    if emoji is None:
        raise errors.DiscordError(errors.UNKNOWN_EMOJI)
    return emoji


def _check_name(name: str) -> None:
    if not _EMOJI_NAME.fullmatch(name):
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
    Route("GET", "/oauth2/@me", get_authorization, ratelimits.APPLICATION),
    Route("GET", "/oauth2/applications/@me", get_application, ratelimits.APPLICATION),
    Route("GET", "/applications/@me", get_application, ratelimits.APPLICATION),
    Route("PATCH", "/applications/@me", edit_application, ratelimits.APPLICATION),
    Route("GET", "/applications/{application_id}", get_application_by_id, ratelimits.APPLICATION),
    Route("GET", _EMOJIS, list_emojis, ratelimits.APPLICATION),
    Route("POST", _EMOJIS, create_emoji, ratelimits.APPLICATION),
    Route("GET", _EMOJI, get_emoji, ratelimits.APPLICATION),
    Route("PATCH", _EMOJI, edit_emoji, ratelimits.APPLICATION),
    Route("DELETE", _EMOJI, delete_emoji, ratelimits.APPLICATION),
)
