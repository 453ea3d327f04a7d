"""What a user may do in a guild or channel, computed from roles and overwrites.

    base     = @everyone | every role of the member          (owner, administrator: all)
    channel  = ((base & ~deny[@everyone] | allow[@everyone])
                & ~deny[roles] | allow[roles]) & ~deny[member] | allow[member]

A thread has the permissions of its parent. Without VIEW_CHANNEL nothing is allowed; a member in
time-out keeps only viewing and reading. Source: Discord's reference, "Permissions" (2026-08).
"""

from __future__ import annotations

import sys
from enum import IntFlag
from typing import TYPE_CHECKING

from sandbox.discord import errors
from sandbox.discord.records import ChannelType

if TYPE_CHECKING:
    from sandbox.discord.records import Channel, Guild, Member, Role
    from sandbox.discord.state import State


class Permission(IntFlag):
    """Discord's permission bits, as far as the sandbox asks for them."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CONNECT = 1 << 20
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    CREATE_EVENTS = 1 << 44
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51


ALL = (1 << 53) - 1
"""Every bit that Discord has given out, and those between."""

IN_DIRECT_MESSAGES = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.MENTION_EVERYONE
)

_IN_TIME_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


def guild_permissions(guild: Guild, user_id: str, now_us: int) -> int:
    """The bits that a user has in the guild, before any channel's overwrites."""
    member = guild.members.get(user_id)
    if member is None:
        return 0
    if guild.owner_id == user_id:
        return ALL
    bits = guild.roles[guild.id].permissions
    for role_id in member.role_ids:
        bits |= guild.roles[role_id].permissions
    if bits & Permission.ADMINISTRATOR:
        return ALL
    return bits & _IN_TIME_OUT if _is_timed_out(member, now_us) else bits


def channel_permissions(state: State, channel: Channel, user_id: str) -> int:
    """The bits that a user has in a channel, thread or direct conversation."""
    if channel.guild_id is None:
        return IN_DIRECT_MESSAGES if user_id in channel.recipient_ids else 0
    guild = state.guilds[channel.guild_id]
    now_us = state.now_us()
    bits = guild_permissions(guild, user_id, now_us)
    if bits == ALL or not bits:
        return bits
    place = state.channels.get(channel.parent_id or "", channel) if channel.is_thread else channel
    bits = _with_overwrites(bits, place, guild.members[user_id], guild.id)
    if not bits & Permission.VIEW_CHANNEL or not _may_enter(channel, user_id, bits):
        return 0
    return bits & _IN_TIME_OUT if _is_timed_out(guild.members[user_id], now_us) else bits


def may(state: State, channel: Channel, user_id: str, needed: int) -> bool:
    """Whether a user has all of these bits in the channel."""
    return channel_permissions(state, channel, user_id) & needed == needed


def require(state: State, channel: Channel, needed: int = 0) -> None:
    """Lets the bot pass only if it sees the channel and may do this.

    Raises:
        DiscordError: 50001 if the channel cannot be seen, 50013 if a bit is missing.
    """
    bits = channel_permissions(state, channel, state.bot_id)
    if not bits & Permission.VIEW_CHANNEL:
        raise errors.DiscordError(errors.MISSING_ACCESS)
    if bits & needed != needed:
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)


def require_in_guild(state: State, guild: Guild, needed: int) -> None:
    """Lets the bot pass only if it has these bits in the guild.

    Raises:
        DiscordError: 50013.
    """
    if guild_permissions(guild, state.bot_id, state.now_us()) & needed != needed:
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)


def rank_of_role(role: Role) -> tuple[int, int]:
    """Where a role stands: higher is greater; of two at one position the older is."""
    return role.position, -int(role.id)


def rank_of_member(guild: Guild, member: Member) -> tuple[int, int]:
    """Where a member stands: as high as their highest role; the owner above all."""
    if member.user_id == guild.owner_id:
        return sys.maxsize, 0
    held = (guild.roles[each] for each in (*member.role_ids, guild.id))
    return max(rank_of_role(role) for role in held)


def is_timed_out_in(state: State, channel: Channel, user_id: str) -> bool:
    """Whether the user's time-out holds there; none does for the owner and administrators."""
    guild = state.guilds.get(channel.guild_id or "")
    member = guild.members.get(user_id) if guild else None
    if guild is None or member is None or not _is_timed_out(member, state.now_us()):
        return False
    return guild_permissions(guild, user_id, state.now_us()) != ALL


def _with_overwrites(bits: int, place: Channel, member: Member, everyone_id: str) -> int:
    by_id = {each.id: each for each in place.overwrites}
    if everyone := by_id.get(everyone_id):
        bits = bits & ~everyone.deny | everyone.allow
    of_roles = [by_id[role_id] for role_id in member.role_ids if role_id in by_id]
    for each in of_roles:
        bits &= ~each.deny
    for each in of_roles:
        bits |= each.allow
    if own := by_id.get(member.user_id):
        bits = bits & ~own.deny | own.allow
    return bits


def _may_enter(channel: Channel, user_id: str, bits: int) -> bool:
    if channel.type != ChannelType.PRIVATE_THREAD or channel.thread is None:
        return True
    return user_id in channel.thread.members or bool(bits & Permission.MANAGE_THREADS)


def _is_timed_out(member: Member, now_us: int) -> bool:
    return member.timed_out_until_us is not None and member.timed_out_until_us > now_us
