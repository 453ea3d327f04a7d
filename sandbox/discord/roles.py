"""Routes that make, change and delete roles.

A new role stands at the bottom. Nobody changes a role at or above their own highest, or gives it
what they may not do themselves. Source: Discord's reference, "Create Guild Role" (2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors, ratelimits
from sandbox.discord.channels import permission_bits
from sandbox.discord.objects.guilds import role_object
from sandbox.discord.permissions import (
    Permission,
    guild_permissions,
    rank_of_member,
    rank_of_role,
    require_in_guild,
)
from sandbox.discord.records import Role
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.discord.records import Guild
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

MAX_ROLES = 250
_LARGEST_COLOR = 0xFFFFFF


class RoleColors(Struct, kw_only=True):
    """The colours of a role; the second and third need a boosted guild."""

    primary_color: int | None = None
    secondary_color: int | None = None
    tertiary_color: int | None = None


class RoleBody(Struct, kw_only=True):
    """A role; what is absent or null stays, or is as Discord makes it."""

    name: str | None = None
    permissions: str | int | None = None
    color: int | None = None
    colors: RoleColors | None = None
    hoist: bool | None = None
    mentionable: bool | None = None
    icon: str | None = None
    unicode_emoji: str | None = None


def create(call: Call) -> Reply:
    """Makes a role."""
    state, guild = call.state, call.state.guild(call.path["guild_id"])
    require_in_guild(state, guild, state.bot_id, Permission.MANAGE_ROLES)
    if len(guild.roles) >= MAX_ROLES:
        raise errors.DiscordError(errors.MAX_ROLES)
    everyone = guild.roles[guild.id]
    role = Role(id="", name="new role", permissions=everyone.permissions, position=1)
    _apply(state, guild, role, call.body(RoleBody))
    role.id = state.snowflakes.next()
    guild.roles[role.id] = role
    _tell(state, guild, "GUILD_ROLE_CREATE", {"role": role_object(role)})
    return Reply(body=role_object(role))


def edit(call: Call) -> Reply:
    """Changes a role."""
    state, guild = call.state, call.state.guild(call.path["guild_id"])
    role = _role(call, guild)
    _apply(state, guild, role, call.body(RoleBody))
    _tell(state, guild, "GUILD_ROLE_UPDATE", {"role": role_object(role)})
    return Reply(body=role_object(role))


def delete(call: Call) -> Reply:
    """Deletes a role, which nobody has any more and no channel names."""
    state, guild = call.state, call.state.guild(call.path["guild_id"])
    role = _role(call, guild)
    if role.id == guild.id or role.bot_id is not None:
        raise errors.DiscordError(errors.INVALID_ROLE)
    del guild.roles[role.id]
    for member in guild.members.values():
        member.role_ids = [each for each in member.role_ids if each != role.id]
    for channel in state.channels_of(guild.id):
        if any(each.id == role.id for each in channel.overwrites):
            channel.overwrites = [each for each in channel.overwrites if each.id != role.id]
            state.save(channel)
    _tell(state, guild, "GUILD_ROLE_DELETE", {"role_id": role.id})
    return NO_CONTENT


def _role(call: Call, guild: Guild) -> Role:
    """The role in the path, which must stand below the bot."""
    state = call.state
    require_in_guild(state, guild, state.bot_id, Permission.MANAGE_ROLES)
    role = guild.roles.get(call.path["role_id"])
    if role is None:
        raise errors.DiscordError(errors.UNKNOWN_ROLE)
    if rank_of_role(role) >= rank_of_member(guild, guild.members[state.bot_id]):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    return role


def _apply(state: State, guild: Guild, role: Role, body: RoleBody) -> None:
    """Checks the whole body, then changes the role."""
    colors = body.colors or RoleColors()
    if any((body.icon, body.unicode_emoji, colors.secondary_color, colors.tertiary_color)):
        raise errors.DiscordError(errors.NEEDS_BOOSTS)
    color = body.color if body.color is not None else colors.primary_color
    if color is not None and not 0 <= color <= _LARGEST_COLOR:
        raise errors.invalid_field(
            "color", code="NUMBER_TYPE_MAX", message="int value should be between 0 and 16777215."
        )
    if body.name is not None and not 1 <= len(body.name) <= 100:
        raise errors.invalid_field(
            "name", code="BASE_TYPE_BAD_LENGTH", message="Must be between 1 and 100 in length."
        )
    if body.permissions is not None:
        role.permissions = _permissions(state, guild, body.permissions)
    role.name = role.name if body.name is None else body.name
    role.color = role.color if color is None else color
    role.is_hoisted = role.is_hoisted if body.hoist is None else body.hoist
    role.is_mentionable = role.is_mentionable if body.mentionable is None else body.mentionable


def _permissions(state: State, guild: Guild, asked: str | int) -> int:
    bits = permission_bits("permissions", asked)
    if bits & ~guild_permissions(guild, state.bot_id, state.now_us()):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    return bits


def _tell(state: State, guild: Guild, name: str, body: JsonObject) -> None:
    state.save(guild)
    state.publish(name, {"guild_id": guild.id} | body, guild=guild)


_ROLES = "/guilds/{guild_id}/roles"
_ROLE = f"{_ROLES}/{{role_id}}"

ROUTES = (
    Route(method="POST", path=_ROLES, handler=create, bucket=ratelimits.GUILD_EDIT),
    Route(method="PATCH", path=_ROLE, handler=edit, bucket=ratelimits.GUILD_EDIT),
    Route(method="DELETE", path=_ROLE, handler=delete, bucket=ratelimits.GUILD_EDIT),
)
