"""Routes that order a guild's roles and channels, several at once.

Positions are kept as they are asked for; that Discord moves others on to make room is left out (G).
Source: Discord's reference, "Modify Guild Role Positions" and "Modify Guild Channel Positions"
(2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from sandbox.discord import errors, ratelimits
from sandbox.discord.channels import category_id
from sandbox.discord.objects import role_object
from sandbox.discord.overwrites import tell_channel
from sandbox.discord.permissions import Permission, rank_of_member, rank_of_role, require
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.discord.records import Channel, Guild, Role
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State


class RolePosition(Struct, kw_only=True):
    """Where a role is to stand; the greater the higher."""

    id: str | int | None = None
    position: int | None = None


class ChannelPosition(Struct, kw_only=True):
    """Where a channel is to stand, and whether it takes over what its category allows."""

    id: str | int | None = None
    position: int | None = None
    parent_id: str | int | UnsetType | None = UNSET
    lock_permissions: bool | None = None


def order_roles(call: Call) -> Reply:
    """Moves roles, none to or from where the bot stands or above."""
    state, guild = call.state, call.guild(Permission.MANAGE_ROLES)
    asked = [each for each in call.body(list[RolePosition]) if each.id is not None]
    moved = [(_role_below(state, guild, each), each.position) for each in asked]
    for role, position in moved:
        role.position = role.position if position is None else position
    state.save(guild)
    for role, _ in moved:
        body: JsonObject = {"guild_id": guild.id, "role": role_object(role)}
        state.publish("GUILD_ROLE_UPDATE", body, guild=guild)
    return Reply(body=[role_object(role) for role in guild.roles.values()])


def order_channels(call: Call) -> Reply:
    """Moves channels; what the bot cannot see changes its position alone (G)."""
    state, guild = call.state, call.guild(Permission.MANAGE_CHANNELS)
    asked = [each for each in call.body(list[ChannelPosition]) if each.id is not None]
    moved = [
        (_channel_of(state, guild, each), each, _parent_of(state, guild, each)) for each in asked
    ]
    for channel, to, parent_id in moved:
        channel.position = channel.position if to.position is None else to.position
        channel.parent_id = channel.parent_id if parent_id is UNSET else parent_id
        parent = state.channels.get(channel.parent_id or "")
        if to.lock_permissions and parent is not None:
            channel.overwrites = list(parent.overwrites)
        tell_channel(state, channel)
    return NO_CONTENT


def _role_below(state: State, guild: Guild, asked: RolePosition) -> Role:
    role = guild.roles.get(str(asked.id))
    if role is None:
        raise errors.DiscordError(errors.UNKNOWN_ROLE)
    own = rank_of_member(guild, guild.members[state.bot_id])
    if rank_of_role(role) >= own or (asked.position or 0) >= own[0]:
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    if role.id == guild.id:
        raise errors.DiscordError(errors.INVALID_ROLE)
    return role


def _channel_of(state: State, guild: Guild, asked: ChannelPosition) -> Channel:
    channel = state.channel(str(asked.id))
    if channel.guild_id != guild.id or channel.is_thread:
        raise errors.DiscordError(errors.UNKNOWN_CHANNEL)
    if asked.lock_permissions:
        require(state, channel, Permission.MANAGE_ROLES)
    elif asked.parent_id is not UNSET:
        require(state, channel)
    return channel


def _parent_of(state: State, guild: Guild, asked: ChannelPosition) -> str | UnsetType | None:
    if isinstance(asked.parent_id, UnsetType):
        return UNSET
    return category_id(state, guild, asked.parent_id)


ROUTES = (
    Route("PATCH", "/guilds/{guild_id}/roles", order_roles, ratelimits.GUILD_EDIT),
    Route("PATCH", "/guilds/{guild_id}/channels", order_channels, ratelimits.GUILD_EDIT),
)
"""Both are asked by libraries for one thing's new place too."""
