"""Routes of guilds: the guild, its channels, roles and emojis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects.channels import channel_object
from sandbox.discord.objects.guilds import approximate_counts, guild_object, role_object
from sandbox.discord.permissions import Permission, may
from sandbox.discord.routing import Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.discord.records import Guild


def get(call: Call) -> Reply:
    """One guild."""
    guild = _guild(call)
    counts = approximate_counts(guild) if call.flag("with_counts") else {}
    return Reply(body=guild_object(guild) | counts)


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


def count_members_by_role(call: Call) -> Reply:
    """How many members each role has; everybody has `@everyone`, which is left out."""
    guild = _guild(call)
    held = [role_id for member in guild.members.values() for role_id in member.role_ids]
    counts = {role_id: held.count(role_id) for role_id in guild.roles if role_id != guild.id}
    return Reply(body=counts)


def list_emojis(call: Call) -> Reply:
    """The guild's own emojis: none here has any."""
    _guild(call)
    return Reply(body=[])


def list_default_sounds(_: Call) -> Reply:
    """The sounds that everybody has: the sandbox has no sound."""
    return Reply(body=[])


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
        path=f"{_GUILD}/roles/member-counts",
        handler=count_members_by_role,
        bucket=ratelimits.GUILD_READ,
    ),
    Route(method="GET", path=f"{_GUILD}/emojis", handler=list_emojis, bucket=ratelimits.GUILD_READ),
    Route(
        method="GET",
        path="/soundboard-default-sounds",
        handler=list_default_sounds,
        bucket=ratelimits.APPLICATION,
    ),
    Route(
        method="GET",
        path=f"{_GUILD}/roles/{{role_id}}",
        handler=get_role,
        bucket=ratelimits.GUILD_READ,
    ),
)
