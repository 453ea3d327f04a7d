"""Routes of a guild's members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects.users import member_object
from sandbox.discord.routing import Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.discord.records import Member
    from sandbox.discord.state import State


def is_named(state: State, member: Member, start: str) -> bool:
    """Whether the member's name or nickname starts with this, in any case."""
    names = (state.users[member.user_id].name, member.nick or "")
    return any(name.lower().startswith(start.lower()) for name in names)


def list_all(call: Call) -> Reply:
    """The guild's members by id; needs the privileged members intent.

    Raises:
        DiscordError: 50001 without that intent.
    """
    state, guild = call.state, call.state.guild(call.path["guild_id"])
    if not state.application.privileged_intents & 1 << 1:
        raise errors.DiscordError(errors.MISSING_ACCESS)
    found = call.page(guild.members.values(), lambda each: each.user_id, default=1, most=1000)
    return Reply(body=[member_object(state, each) for each in found])


def search(call: Call) -> Reply:
    """Members whose name or nickname starts with `query`."""
    state, guild = call.state, call.state.guild(call.path["guild_id"])
    start = call.query.get("query", "")
    if not start:
        raise errors.invalid_field(
            "query", code="BASE_TYPE_REQUIRED", message="This field is required"
        )
    found = [each for each in guild.members.values() if is_named(state, each, start)]
    limit = call.count("limit", 1, most=1000)
    return Reply(body=[member_object(state, each) for each in found[:limit]])


def get(call: Call) -> Reply:
    """One member."""
    guild = call.state.guild(call.path["guild_id"])
    member = guild.members.get(call.path["user_id"])
    if member is None:
        raise errors.DiscordError(errors.UNKNOWN_MEMBER)
    return Reply(body=member_object(call.state, member))


_MEMBERS = "/guilds/{guild_id}/members"

ROUTES = (
    Route(method="GET", path=_MEMBERS, handler=list_all, bucket=ratelimits.MEMBER_READ),
    Route(method="GET", path=f"{_MEMBERS}/search", handler=search, bucket=ratelimits.MEMBER_READ),
    Route(method="GET", path=f"{_MEMBERS}/{{user_id}}", handler=get, bucket=ratelimits.MEMBER_READ),
)
