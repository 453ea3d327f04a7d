"""Routes of guilds: the guild, its channels, roles and members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects.channels import channel_object
from sandbox.discord.objects.guilds import guild_object, role_object
from sandbox.discord.objects.users import member_object
from sandbox.discord.permissions import Permission, may
from sandbox.discord.routing import Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.discord.records import Guild


def get(call: Call) -> Reply:
    """One guild."""
    guild = _guild(call)
    counts = {
        "approximate_member_count": len(guild.members),
        "approximate_presence_count": len(guild.members),
    }
    return Reply(body=guild_object(guild) | (counts if call.flag("with_counts") else {}))


def list_channels(call: Call) -> Reply:
    """The guild's channels, threads left out, those that the bot can see."""
    state, guild = call.state, _guild(call)
    return Reply(
        body=[
            channel_object(state, each)
            for each in state.channels_of(guild.id)
            if may(state, each, state.bot_id, Permission.VIEW_CHANNEL)
        ]
    )


def list_roles(call: Call) -> Reply:
    """The guild's roles."""
    return Reply(body=[role_object(role) for role in _guild(call).roles.values()])


def get_role(call: Call) -> Reply:
    """One role."""
    role = _guild(call).roles.get(call.path["role_id"])
    if role is None:
        raise errors.DiscordError(errors.UNKNOWN_ROLE)
    return Reply(body=role_object(role))


def list_members(call: Call) -> Reply:
    """The guild's members by id; needs the privileged members intent.

    Raises:
        DiscordError: 50001 without that intent.
    """
    state, guild = call.state, _guild(call)
    if not state.application.privileged_intents & 1 << 1:
        raise errors.DiscordError(errors.MISSING_ACCESS)
    after = call.query.get("after", "0")
    limit = call.query.get("limit", "1")
    if not (after.isdigit() and limit.isdigit() and 1 <= int(limit) <= 1000):
        raise errors.invalid_field(
            "limit", code="NUMBER_TYPE_MAX", message="int value should be between 1 and 1000."
        )
    members = sorted(guild.members.values(), key=lambda each: int(each.user_id))
    found = [each for each in members if int(each.user_id) > int(after)][: int(limit)]
    return Reply(body=[member_object(state, each) for each in found])


def search_members(call: Call) -> Reply:
    """Members whose name or nickname starts with `query`."""
    state, guild = call.state, _guild(call)
    start = call.query.get("query", "").lower()
    if not start:
        raise errors.invalid_field(
            "query", code="BASE_TYPE_REQUIRED", message="This field is required"
        )
    found = [
        each
        for each in guild.members.values()
        if state.users[each.user_id].name.lower().startswith(start)
        or (each.nick or "").lower().startswith(start)
    ]
    limit = call.query.get("limit", "1")
    return Reply(
        body=[member_object(state, each) for each in found[: int(limit) if limit.isdigit() else 1]]
    )


def get_member(call: Call) -> Reply:
    """One member."""
    guild = _guild(call)
    member = guild.members.get(call.path["user_id"])
    if member is None:
        raise errors.DiscordError(errors.UNKNOWN_MEMBER)
    return Reply(body=member_object(call.state, member))


def _guild(call: Call) -> Guild:
    return call.state.guild(call.path["guild_id"])


_GUILD = "/guilds/{guild_id}"

ROUTES = (
    Route(method="GET", path=_GUILD, handler=get, bucket=ratelimits.GUILD_READ),
    Route(
        method="GET",
        path=f"{_GUILD}/channels",
        handler=list_channels,
        bucket=ratelimits.GUILD_READ,
    ),
    Route(method="GET", path=f"{_GUILD}/roles", handler=list_roles, bucket=ratelimits.GUILD_READ),
    Route(
        method="GET",
        path=f"{_GUILD}/roles/{{role_id}}",
        handler=get_role,
        bucket=ratelimits.GUILD_READ,
    ),
    Route(
        method="GET", path=f"{_GUILD}/members", handler=list_members, bucket=ratelimits.MEMBER_READ
    ),
    Route(
        method="GET",
        path=f"{_GUILD}/members/search",
        handler=search_members,
        bucket=ratelimits.MEMBER_READ,
    ),
    Route(
        method="GET",
        path=f"{_GUILD}/members/{{user_id}}",
        handler=get_member,
        bucket=ratelimits.MEMBER_READ,
    ),
)
