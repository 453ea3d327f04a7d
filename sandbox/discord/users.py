"""Routes of users and of guilds' members: who they are; nicknames, roles, time-outs; the bot's own.

Nobody changes who stands as high or higher than they do, or gives roles from there; the owner
stands above all. Source: Discord's reference, "Modify Guild Member" and "Permission Hierarchy"
(2026-08).
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads it at run time
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from sandbox.discord import errors, ratelimits
from sandbox.discord.audit_log import changes_between, note, role_changes, snapshot
from sandbox.discord.objects import approximate_counts, member_object, own_user_object, user_object
from sandbox.discord.permissions import (
    Permission,
    guild_permissions,
    rank_of_member,
    rank_of_role,
    require_in_guild,
)
from sandbox.discord.records import AuditAction
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.shapes import instant_us

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.discord.records import Guild, Member
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

LONGEST_NICK = 32
LONGEST_TIME_OUT_US = 28 * 24 * 3600 * 1_000_000


class OwnUserBody(Struct, kw_only=True):
    """A change of the bot's user; its pictures are taken and not kept."""

    username: str | None = None
    avatar: str | None = None
    banner: str | None = None


def get_itself(call: Call) -> Reply:
    """The bot's own user."""
    return Reply(body=own_user_object(call.state.users[call.state.bot_id]))


def get_user(call: Call) -> Reply:
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


def is_named(state: State, member: Member, start: str) -> bool:
    """Whether the member's name or nickname starts with this, in any case."""
    names = (state.users[member.user_id].name, member.nick or "")
    return any(name.lower().startswith(start.lower()) for name in names)


def list_members(call: Call) -> Reply:
    """The guild's members by id; needs the privileged members intent.

    Raises:
        DiscordError: 50001 without that intent.
    """
    state, guild = call.state, call.guild()
    if not state.application.privileged_intents & 1 << 1:
        raise errors.DiscordError(errors.MISSING_ACCESS)
    found = call.page(guild.members.values(), lambda each: each.user_id, default=1, most=1000)
    return Reply(body=[member_object(state, each) for each in found])


def search_members(call: Call) -> Reply:
    """Members whose name or nickname starts with `query`."""
    state, guild = call.state, call.guild()
    start = call.query.get("query", "")
    if not start:
        raise errors.missing("query")
    found = [each for each in guild.members.values() if is_named(state, each, start)]
    limit = call.count("limit", 1, most=1000)
    return Reply(body=[member_object(state, each) for each in found[:limit]])


def get_member(call: Call) -> Reply:
    """One member."""
    guild = call.guild()
    return Reply(body=member_object(call.state, member_of(call, guild)))


class OwnMemberBody(Struct, kw_only=True):
    """A change of the bot's own membership; pictures and the biography are taken and not kept."""

    nick: str | UnsetType | None = UNSET
    avatar: str | UnsetType | None = UNSET
    banner: str | UnsetType | None = UNSET
    bio: str | UnsetType | None = UNSET


class MemberBody(Struct, kw_only=True):
    """A change of a member; what is absent stays."""

    nick: str | UnsetType | None = UNSET
    roles: list[str | int | None] | UnsetType | None = UNSET
    mute: bool | UnsetType | None = UNSET
    deaf: bool | UnsetType | None = UNSET
    channel_id: str | int | UnsetType | None = UNSET
    communication_disabled_until: datetime | UnsetType | None = UNSET
    flags: int | UnsetType | None = UNSET


def edit_own_member(call: Call) -> Reply:
    """Changes the bot's nickname."""
    state, guild = call.state, call.guild()
    body, own = call.body(OwnMemberBody), guild.members[state.bot_id]
    if not isinstance(body.nick, UnsetType):
        require_in_guild(state, guild, Permission.CHANGE_NICKNAME)
        own.nick = _nick(body.nick)
    tell_member(state, guild, own)
    return Reply(body=member_object(state, own))


def edit_own_nick(call: Call) -> Reply:
    """Like `edit_own_member`, the older way, which some libraries still go."""
    edit_own_member(call)
    state, guild = call.state, call.guild()
    return Reply(body={"nick": guild.members[state.bot_id].nick})


def edit_member(call: Call) -> Reply:
    """Changes a member's nickname, roles or time-out; nobody here is in a voice channel."""
    state, guild = call.state, call.guild()
    member, body = member_of(call, guild), call.body(MemberBody)
    if any(isinstance(each, bool | str | int) for each in (body.mute, body.deaf, body.channel_id)):
        raise errors.DiscordError(errors.NOT_IN_VOICE)
    nick, roles, until_us = _nick_of(body), _roles_of(body), _time_out_of(state, body)
    if not isinstance(nick, UnsetType):
        require_over(state, guild, member, Permission.MANAGE_NICKNAMES)
    if until_us is not UNSET:
        _require_time_out(state, guild, member)
    before = snapshot(member)
    if roles is not UNSET:
        _require_roles(state, guild, set(roles) ^ set(member.role_ids))
        _set_roles(call, guild, member, roles)
    if not isinstance(nick, UnsetType):
        member.nick = nick
    if not isinstance(until_us, UnsetType):
        member.timed_out_until_us = until_us
    tell_member(state, guild, member)
    if changes := changes_between(before, snapshot(member)):
        note(call, AuditAction.MEMBER_UPDATE, member.user_id, changes=changes)
    return Reply(body=member_object(state, member))


def give_role(call: Call) -> Reply:
    """Gives a member a role."""
    state, guild = call.state, call.guild()
    member, role_id = member_of(call, guild), call.path["role_id"]
    _require_roles(state, guild, [role_id])
    if role_id not in member.role_ids:
        _set_roles(call, guild, member, [*member.role_ids, role_id])
        tell_member(state, guild, member)
    return NO_CONTENT


def take_role(call: Call) -> Reply:
    """Takes a role from a member."""
    state, guild = call.state, call.guild()
    member, role_id = member_of(call, guild), call.path["role_id"]
    _require_roles(state, guild, [role_id])
    if role_id in member.role_ids:
        kept = [each for each in member.role_ids if each != role_id]
        _set_roles(call, guild, member, kept)
        tell_member(state, guild, member)
    return NO_CONTENT


def tell_member(state: State, guild: Guild, member: Member) -> None:
    """Keeps and tells a changed member."""
    state.save(guild)
    body = member_object(state, member) | {"guild_id": guild.id}
    state.publish("GUILD_MEMBER_UPDATE", body, guild=guild, subject_id=member.user_id)


def _set_roles(call: Call, guild: Guild, member: Member, role_ids: list[str]) -> None:
    changes = role_changes(guild, member.role_ids, role_ids)
    member.role_ids = role_ids
    if changes:
        note(call, AuditAction.MEMBER_ROLE_UPDATE, member.user_id, changes=changes)


def member_of(call: Call, guild: Guild) -> Member:
    """The member in the path.

    Raises:
        DiscordError: 10007.
    """
    member = guild.members.get(call.path["user_id"])
    if member is None:
        raise errors.DiscordError(errors.UNKNOWN_MEMBER)
    return member


def require_over(state: State, guild: Guild, member: Member, needed: int) -> None:
    """Lets pass only what the bot may do to a member: to itself, and to who stands lower.

    Raises:
        DiscordError: 50013.
    """
    require_in_guild(state, guild, needed)
    own = guild.members[state.bot_id]
    if member is not own and rank_of_member(guild, member) >= rank_of_member(guild, own):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)


def _require_time_out(state: State, guild: Guild, member: Member) -> None:
    require_over(state, guild, member, Permission.MODERATE_MEMBERS)
    if guild_permissions(guild, member.user_id, state.now_us()) & Permission.ADMINISTRATOR:
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)


def _require_roles(state: State, guild: Guild, role_ids: Iterable[str]) -> None:
    """Lets pass only roles that the bot may give and take."""
    require_in_guild(state, guild, Permission.MANAGE_ROLES)
    own_rank = rank_of_member(guild, guild.members[state.bot_id])
    for role_id in role_ids:
        role = guild.roles.get(role_id)
        if role is None:
            raise errors.DiscordError(errors.UNKNOWN_ROLE)
        if role_id == guild.id:
            raise errors.DiscordError(errors.INVALID_ROLE)
        if role.bot_id is not None or rank_of_role(role) >= own_rank:
            raise errors.DiscordError(errors.MISSING_PERMISSIONS)


def _nick_of(body: MemberBody) -> str | UnsetType | None:
    return body.nick if isinstance(body.nick, UnsetType) else _nick(body.nick)


def _nick(nick: str | None) -> str | None:
    if nick is not None and len(nick) > LONGEST_NICK:
        raise errors.invalid_field(
            "nick", code="BASE_TYPE_MAX_LENGTH", message="Must be 32 or fewer in length."
        )
    return nick or None


def _roles_of(body: MemberBody) -> list[str] | UnsetType:
    if isinstance(body.roles, UnsetType):
        return UNSET
    return list(dict.fromkeys(str(each) for each in body.roles or [] if each is not None))


def _time_out_of(state: State, body: MemberBody) -> int | UnsetType | None:
    until = body.communication_disabled_until
    if isinstance(until, UnsetType) or until is None:
        return until
    until_us = instant_us(until)
    if until_us > state.now_us() + LONGEST_TIME_OUT_US:
        raise errors.invalid_field(
            "communication_disabled_until",
            code="COMMUNICATION_DISABLED_UNTIL_TOO_FAR",
            message="A time-out can last 28 days at most.",
        )
    return until_us


_MEMBERS = "/guilds/{guild_id}/members"
_MEMBER = f"{_MEMBERS}/{{user_id}}"
_ROLE = f"{_MEMBER}/roles/{{role_id}}"

ROUTES = (
    Route("GET", "/users/@me", get_itself, ratelimits.USER_READ),
    Route("PATCH", "/users/@me", edit_itself, ratelimits.USER_EDIT),
    Route("GET", "/users/@me/guilds", list_own_guilds, ratelimits.USER_READ),
    Route("GET", "/users/{user_id}", get_user, ratelimits.USER_READ),
    Route("GET", _MEMBERS, list_members, ratelimits.MEMBER_READ),
    Route("GET", f"{_MEMBERS}/search", search_members, ratelimits.MEMBER_READ),
    Route("GET", _MEMBER, get_member, ratelimits.MEMBER_READ),
    Route("PATCH", f"{_MEMBERS}/@me", edit_own_member, ratelimits.MEMBER_EDIT),
    Route("PATCH", f"{_MEMBERS}/@me/nick", edit_own_nick, ratelimits.MEMBER_EDIT),
    Route("PATCH", _MEMBER, edit_member, ratelimits.MEMBER_EDIT),
    Route("PUT", _ROLE, give_role, ratelimits.MEMBER_EDIT),
    Route("DELETE", _ROLE, take_role, ratelimits.MEMBER_EDIT),
)
