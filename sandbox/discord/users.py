"""Routes of users and of the application itself: who am I, who is that, where am I."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects.guilds import approximate_counts
from sandbox.discord.objects.users import own_user_object, user_object
from sandbox.discord.permissions import guild_permissions
from sandbox.discord.routing import Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.discord.records import Guild
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State


def get_itself(call: Call) -> Reply:
    """The bot's own user."""
    return Reply(body=own_user_object(call.state.users[call.state.bot_id]))


def get(call: Call) -> Reply:
    """Any user that the sandbox knows."""
    return Reply(body=user_object(call.state.user(call.path["user_id"])))


def list_own_guilds(call: Call) -> Reply:
    """The guilds that the bot is in, by id; `before` and `after` leave the ids themselves out."""
    state = call.state
    limit = call.count("limit", 200, most=200)
    mine = {int(each.id): each for each in state.guilds.values() if state.bot_id in each.members}
    ids = sorted(mine)
    if (after := call.snowflake("after")) is not None:
        ids = [each for each in ids if each > after][:limit]
    elif (before := call.snowflake("before")) is not None:
        ids = [each for each in ids if each < before][-limit:]
    with_counts = call.flag("with_counts")
    return Reply(body=[_own_guild_object(state, mine[each], with_counts) for each in ids[:limit]])


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


def application_object(state: State) -> JsonObject:
    """The application as its owner sees it."""
    application = state.application
    return {
        "id": application.id,
        "name": application.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_object(state.users[state.bot_id]),
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "integration_types_config": {"0": {}, "1": {}},
        "verify_key": application.public_key,
        "flags": application.flags,
        "flags_new": str(application.flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_object(state.users[application.owner_id]),
        "approximate_guild_count": len(state.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


ROUTES = (
    Route(method="GET", path="/users/@me", handler=get_itself, bucket=ratelimits.USER_READ),
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
