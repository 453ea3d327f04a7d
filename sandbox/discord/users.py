"""Routes of users and of the application itself: who am I, who is that, where am I."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects import approximate_counts, own_user_object, user_object
from sandbox.discord.permissions import guild_permissions
from sandbox.discord.routing import Call, Reply, Route
from sandbox.discord.shapes import instant_text, only_set

if TYPE_CHECKING:
    from sandbox.discord.records import Guild
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

MAX_TAGS = 5
LONGEST_TAG = 20


def get_itself(call: Call) -> Reply:
    """The bot's own user."""
    return Reply(body=own_user_object(call.state.users[call.state.bot_id]))


def get(call: Call) -> Reply:
    """Any user that the sandbox knows."""
    return Reply(body=user_object(call.state.user(call.path["user_id"])))


def list_own_guilds(call: Call) -> Reply:
    """The guilds that the bot is in."""
    state, with_counts = call.state, call.flag("with_counts")
    mine = [each for each in state.guilds.values() if state.bot_id in each.members]
    found = call.page(mine, lambda guild: guild.id, default=200, most=200)
    return Reply(body=[_own_guild_object(state, each, with_counts) for each in found])


def _own_guild_object(state: State, guild: Guild, with_counts: bool) -> JsonObject:
    shown: JsonObject = {
        "id": guild.id,
        "name": guild.name,
        "icon": None,
        "banner": None,
        "owner": guild.owner_id == state.bot_id,
        "permissions": str(guild_permissions(guild, state.bot_id, state.now_us())),
        "features": ["COMMUNITY"],
    }
    return shown | (approximate_counts(guild) if with_counts else {})


def get_application(call: Call) -> Reply:
    """The application that the bot belongs to."""
    return Reply(body=application_object(call.state))


def get_application_by_id(call: Call) -> Reply:
    """Likewise, by its id."""
    if call.path["application_id"] != call.state.application.id:
        raise errors.DiscordError(errors.UNKNOWN_APPLICATION)
    return get_application(call)


class OwnUserBody(Struct, kw_only=True):
    """A change of the bot's user; its pictures are taken and not kept."""

    username: str | None = None
    avatar: str | None = None
    banner: str | None = None


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


def edit_itself(call: Call) -> Reply:
    """Renames the bot's user."""
    state, body = call.state, call.body(OwnUserBody)
    own = state.users[state.bot_id]
    if body.username is not None:
        if not 2 <= len(body.username) <= 32:
            raise errors.bad_length("username", shortest=2, longest=32)
        own.name = body.username
        state.save(own)
        state.publish("USER_UPDATE", own_user_object(own))
    return Reply(body=own_user_object(own))


def edit_application(call: Call) -> Reply:
    """Changes how the application is shown; the interactions endpoint the sandbox has not."""
    application, body = call.state.application, call.body(ApplicationBody)
    if body.interactions_endpoint_url:
        raise errors.invalid_field(
            "interactions_endpoint_url",
            code="SANDBOX_UNSUPPORTED",
            message="The sandbox sends interactions over the gateway.",
        )
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


ROUTES = (
    Route(method="GET", path="/users/@me", handler=get_itself, bucket=ratelimits.USER_READ),
    Route(method="PATCH", path="/users/@me", handler=edit_itself, bucket=ratelimits.USER_EDIT),
    Route(
        method="GET", path="/oauth2/@me", handler=get_authorization, bucket=ratelimits.APPLICATION
    ),
    Route(
        method="PATCH",
        path="/applications/@me",
        handler=edit_application,
        bucket=ratelimits.APPLICATION,
    ),
    Route(
        method="GET",
        path="/users/@me/guilds",
        handler=list_own_guilds,
        bucket=ratelimits.USER_READ,
    ),
    Route(method="GET", path="/users/{user_id}", handler=get, bucket=ratelimits.USER_READ),
    Route(
        method="GET",
        path="/oauth2/applications/@me",
        handler=get_application,
        bucket=ratelimits.APPLICATION,
    ),
    Route(
        method="GET",
        path="/applications/@me",
        handler=get_application,
        bucket=ratelimits.APPLICATION,
    ),
    Route(
        method="GET",
        path="/applications/{application_id}",
        handler=get_application_by_id,
        bucket=ratelimits.APPLICATION,
    ),
)
