"""Routes of who has to go: kicks, bans, and who is banned.

Whoever is banned leaves if they are there, and cannot come back; what they wrote in the seconds
that the ban names goes with them. Source: Discord's reference, "Create Guild Ban" (2026-08); that a
bot can neither kick nor ban itself is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors, ratelimits
from sandbox.discord.audit_log import note
from sandbox.discord.objects import user_object
from sandbox.discord.permissions import Permission
from sandbox.discord.posting import delete_messages
from sandbox.discord.records import AuditAction
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.threads_life import leave
from sandbox.discord.users import member_of, require_over

if TYPE_CHECKING:
    from sandbox.discord.records import Guild, Member
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

LONGEST_DELETION_S = 604_800
_MOST_DAYS = 7
_DAY_S = 86_400


class BanBody(Struct, kw_only=True):
    """How far back messages go; days are the older way."""

    delete_message_seconds: int | None = None
    delete_message_days: int | None = None


def kick(call: Call) -> Reply:
    """A member has to go, and may come back."""
    state, guild = call.state, call.guild()
    member = member_of(call, guild)
    _require_over_other(state, guild, member, Permission.KICK_MEMBERS)
    remove_member(state, guild, member)
    note(call, AuditAction.MEMBER_KICK, member.user_id)
    return NO_CONTENT


def ban(call: Call) -> Reply:
    """Somebody has to go, or not to come; who is banned already stays so."""
    state, guild = call.state, call.guild(Permission.BAN_MEMBERS)
    delete_s = _deleted_s(call.body(BanBody))
    user = state.user(call.path["user_id"])
    if member := guild.members.get(user.id):
        _require_over_other(state, guild, member, Permission.BAN_MEMBERS)
    if user.id in guild.bans:
        return NO_CONTENT
    ban_user(state, guild, user.id, call.reason)
    note(call, AuditAction.MEMBER_BAN_ADD, user.id)
    _delete_written(state, guild, user.id, since_us=state.now_us() - delete_s * 1_000_000)
    return NO_CONTENT


def unban(call: Call) -> Reply:
    """Somebody may come back."""
    state, guild = call.state, call.guild(Permission.BAN_MEMBERS)
    user_id = _banned(call, guild)
    unban_user(state, guild, user_id)
    note(call, AuditAction.MEMBER_BAN_REMOVE, user_id)
    return NO_CONTENT


def list_bans(call: Call) -> Reply:
    """Who is banned, by id."""
    guild = call.guild(Permission.BAN_MEMBERS)
    found = call.page(guild.bans, str, default=1000, most=1000)
    return Reply(body=[_ban_object(call.state, guild, each) for each in found])


def get_ban(call: Call) -> Reply:
    """One who is banned."""
    guild = call.guild(Permission.BAN_MEMBERS)
    return Reply(body=_ban_object(call.state, guild, _banned(call, guild)))


def remove_member(state: State, guild: Guild, member: Member) -> None:
    """A member is gone, from threads too, and it is told."""
    for thread in state.threads_of(guild.id):
        leave(state, thread, member.user_id)
    del guild.members[member.user_id]
    state.save(guild)
    body: JsonObject = {"guild_id": guild.id, "user": user_object(state.users[member.user_id])}
    state.publish("GUILD_MEMBER_REMOVE", body, guild=guild, subject_id=member.user_id)


def ban_user(state: State, guild: Guild, user_id: str, reason: str | None) -> None:
    """Whoever may: they are gone, and it is told."""
    guild.bans[user_id] = reason
    _tell(state, guild, "GUILD_BAN_ADD", user_id)
    if member := guild.members.get(user_id):
        remove_member(state, guild, member)


def unban_user(state: State, guild: Guild, user_id: str) -> None:
    """Whoever may: they may come back, and it is told."""
    del guild.bans[user_id]
    _tell(state, guild, "GUILD_BAN_REMOVE", user_id)


def _tell(state: State, guild: Guild, name: str, user_id: str) -> None:
    state.save(guild)
    body: JsonObject = {"guild_id": guild.id, "user": user_object(state.users[user_id])}
    state.publish(name, body, guild=guild)


def _require_over_other(state: State, guild: Guild, member: Member, needed: int) -> None:
    require_over(state, guild, member, needed)
    if member.user_id == state.bot_id:
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)


def _banned(call: Call, guild: Guild) -> str:
    user_id = call.path["user_id"]
    if user_id not in guild.bans:
        raise errors.DiscordError(errors.UNKNOWN_BAN)
    return user_id


def _deleted_s(body: BanBody) -> int:
    most = {"delete_message_seconds": LONGEST_DELETION_S, "delete_message_days": _MOST_DAYS}
    for name, highest in most.items():
        if not 0 <= (getattr(body, name) or 0) <= highest:
            said = f"int value should be between 0 and {highest}."
            raise errors.invalid_field(name, code="NUMBER_TYPE_MAX", message=said)
    return body.delete_message_seconds or (body.delete_message_days or 0) * _DAY_S


def _delete_written(state: State, guild: Guild, user_id: str, *, since_us: int) -> None:
    for channel in (*state.channels_of(guild.id), *state.threads_of(guild.id)):
        written = [
            each
            for each in state.messages.get(channel.id, {}).values()
            if each.author_id == user_id and each.created_at_us > since_us
        ]
        if written:
            delete_messages(state, channel, written)


def _ban_object(state: State, guild: Guild, user_id: str) -> JsonObject:
    return {"user": user_object(state.users[user_id]), "reason": guild.bans[user_id]}


_BANS = "/guilds/{guild_id}/bans"
_BAN = f"{_BANS}/{{user_id}}"

ROUTES = (
    Route("DELETE", "/guilds/{guild_id}/members/{user_id}", kick, ratelimits.MEMBER_EDIT),
    Route("GET", _BANS, list_bans, ratelimits.GUILD_READ),
    Route("GET", _BAN, get_ban, ratelimits.GUILD_READ),
    Route("PUT", _BAN, ban, ratelimits.MEMBER_EDIT),
    Route("DELETE", _BAN, unban, ratelimits.MEMBER_EDIT),
)
