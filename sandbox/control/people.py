"""Who is in a guild and what they may: comings, goings, roles, and what the bot did to people.

    POST   /users                            a new person: name
    PUT    /guilds/{id}/members/{id}         joins, now and without roles; who is there stays
    DELETE /guilds/{id}/members/{id}         leaves, threads and roles included
    PATCH  /guilds/{id}/members/{id}         nick, roles (ids), timed_out_for_s
    POST   /guilds/{id}/roles                a new role: name, permissions (bits as text)
    PATCH  /guilds/{id}/roles/{id}           permissions, name
    PUT, DELETE  /guilds/{id}/members/{id}/roles/{id}   gives a role, takes it
    PUT, DELETE  /guilds/{id}/bans/{id}      the staff bans somebody, or lets them back
    GET    /guilds/{id}/audit-log            the bot's acts and their reasons, newest first

The bot learns of comings and goings by the members intent, of roles by the gateway's usual events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from sandbox.control.calls import guild_of, read_body, tell_guild
from sandbox.discord import errors
from sandbox.discord.audit_log import audit_entry_object
from sandbox.discord.bans import ban_user, remove_member, unban_user
from sandbox.discord.objects import member_object, role_object, user_object
from sandbox.discord.overwrites import permission_bits
from sandbox.discord.records import Member, Role, User
from sandbox.discord.users import LONGEST_TIME_OUT_US, tell_member

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

_MEMBER = "/guilds/{guild_id}/members/{user_id}"
_BAN = "/guilds/{guild_id}/bans/{user_id}"
_ROLE = f"{_MEMBER}/roles/{{role_id}}"

LONGEST_TIME_OUT_S = LONGEST_TIME_OUT_US // 1_000_000


class NewUser(Struct, kw_only=True, forbid_unknown_fields=True):
    """A person who is nowhere yet."""

    name: str


class NewRole(Struct, kw_only=True, forbid_unknown_fields=True):
    """A role just above `@everyone`."""

    name: str
    permissions: str | int = 0


class RoleChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A change of a role."""

    name: str | UnsetType = UNSET
    permissions: str | int | UnsetType = UNSET


class MemberChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A change of a member; a time-out of 0 s ends one."""

    nick: str | UnsetType | None = UNSET
    roles: list[str] | UnsetType = UNSET
    timed_out_for_s: float | UnsetType = UNSET


async def make_user(state: State, request: web.Request) -> object:
    asked = await read_body(request, NewUser)
    user_id = state.snowflakes.next()
    user = User(id=user_id, name=asked.name.lower(), display_name=asked.name)
    state.save(user)
    return user_object(user)


async def join_guild(state: State, request: web.Request) -> object:
    guild = guild_of(state, request)
    user = state.user(request.match_info["user_id"])
    if user.is_bot:
        raise errors.DiscordError(errors.UNKNOWN_USER)
    if user.id in guild.bans:
        raise errors.DiscordError(errors.BANNED)
    if user.id not in guild.members:
        member = Member(user_id=user.id, joined_at_us=state.now_us())
        guild.members[user.id] = member
        body = {"guild_id": guild.id} | member_object(state, member)
        tell_guild(state, guild, "GUILD_MEMBER_ADD", body, user.id)
    return member_object(state, guild.members[user.id])


async def leave_guild(state: State, request: web.Request) -> object:
    guild, member = guild_of(state, request), _member(state, request)
    if member.user_id in (guild.owner_id, state.bot_id):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    remove_member(state, guild, member)
    return member_object(state, member)


async def change_member(state: State, request: web.Request) -> object:
    guild, change = guild_of(state, request), await read_body(request, MemberChange)
    member = _member(state, request)
    if change.roles is not UNSET:
        if not set(change.roles) <= guild.roles.keys():
            raise errors.DiscordError(errors.UNKNOWN_ROLE)
        member.role_ids = list(change.roles)
    if not isinstance(change.nick, UnsetType):
        member.nick = change.nick
    if change.timed_out_for_s is not UNSET:
        if change.timed_out_for_s > LONGEST_TIME_OUT_S:
            raise errors.invalid_field(
                "timed_out_for_s", code="NUMBER_TYPE_MAX", message="28 days at most."
            )
        until_us = state.now_us() + round(change.timed_out_for_s * 1e6)
        member.timed_out_until_us = until_us if change.timed_out_for_s > 0 else None
    tell_member(state, guild, member)
    return member_object(state, member) | {"guild_id": guild.id}


async def make_role(state: State, request: web.Request) -> object:
    guild = guild_of(state, request)
    asked = await read_body(request, NewRole)
    bits = permission_bits("permissions", asked.permissions)
    role_id = state.snowflakes.next()
    role = Role(id=role_id, name=asked.name, permissions=bits, position=1)
    guild.roles[role.id] = role
    body: JsonObject = {"guild_id": guild.id, "role": role_object(role)}
    tell_guild(state, guild, "GUILD_ROLE_CREATE", body)
    return role_object(role)


async def change_role(state: State, request: web.Request) -> object:
    guild, change = guild_of(state, request), await read_body(request, RoleChange)
    role = guild.roles.get(request.match_info["role_id"])
    if role is None:
        raise errors.DiscordError(errors.UNKNOWN_ROLE)
    if change.permissions is not UNSET:
        role.permissions = permission_bits("permissions", change.permissions)
    if change.name is not UNSET:
        role.name = change.name
    body: JsonObject = {"guild_id": guild.id, "role": role_object(role)}
    tell_guild(state, guild, "GUILD_ROLE_UPDATE", body)
    return body


async def give_role(state: State, request: web.Request) -> object:
    member, role_id = _member(state, request), _role_id(state, request)
    if role_id not in member.role_ids:
        member.role_ids.append(role_id)
        tell_member(state, guild_of(state, request), member)
    return member_object(state, member)


async def take_role(state: State, request: web.Request) -> object:
    member, role_id = _member(state, request), _role_id(state, request)
    if role_id in member.role_ids:
        member.role_ids.remove(role_id)
        tell_member(state, guild_of(state, request), member)
    return member_object(state, member)


async def ban(state: State, request: web.Request) -> object:
    guild, user = guild_of(state, request), state.user(request.match_info["user_id"])
    if user.id in (guild.owner_id, state.bot_id):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    if user.id not in guild.bans:
        ban_user(state, guild, user.id, None)
    return user_object(user)


async def unban(state: State, request: web.Request) -> object:
    guild, user = guild_of(state, request), state.user(request.match_info["user_id"])
    if user.id not in guild.bans:
        raise errors.DiscordError(errors.UNKNOWN_BAN)
    unban_user(state, guild, user.id)
    return user_object(user)


async def audit_log(state: State, request: web.Request) -> object:
    newest_first = reversed(guild_of(state, request).audit_log)
    return [audit_entry_object(state, each) for each in newest_first]


def _member(state: State, request: web.Request) -> Member:
    member = guild_of(state, request).members.get(request.match_info["user_id"])
    if member is None:
        raise errors.DiscordError(errors.UNKNOWN_MEMBER)
    return member


def _role_id(state: State, request: web.Request) -> str:
    """A role that can be given, which `@everyone` is not."""
    guild, role_id = guild_of(state, request), request.match_info["role_id"]
    if role_id not in guild.roles or role_id == guild.id:
        raise errors.DiscordError(errors.UNKNOWN_ROLE)
    return role_id


PEOPLE_CALLS = (
    ("POST", "/users", make_user),
    ("PUT", _MEMBER, join_guild),
    ("DELETE", _MEMBER, leave_guild),
    ("PATCH", _MEMBER, change_member),
    ("POST", "/guilds/{guild_id}/roles", make_role),
    ("PATCH", "/guilds/{guild_id}/roles/{role_id}", change_role),
    ("PUT", _ROLE, give_role),
    ("DELETE", _ROLE, take_role),
    ("PUT", _BAN, ban),
    ("DELETE", _BAN, unban),
    ("GET", "/guilds/{guild_id}/audit-log", audit_log),
)
