"""What the control interface shows of the world: guilds, channels, and all that a member sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import errors
from sandbox.discord.interactions import is_bot_in
from sandbox.discord.message_objects import message_object
from sandbox.discord.objects import channel_object, role_object, user_object
from sandbox.discord.permissions import Permission, channel_permissions, may

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.discord.records import Channel, Guild
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State


def guild_view(state: State, guild: Guild) -> JsonObject:
    """A guild with its channels (text channels first), roles and people (the bot left out)."""
    return {
        **_guild_fields(state, guild),
        "channels": [_channel_view(state, each) for each in state.channels_of(guild.id)],
        "threads": [channel_object(state, each) for each in state.threads_of(guild.id)],
        "roles": [role_object(role) for role in guild.roles.values()],
        "members": [_member_view(state, guild, each) for each in _people_of(state, guild)],
    }


def messages_view(state: State, channel: Channel, viewer_id: str | None) -> list[JsonObject]:
    """The channel's messages, oldest first, as the viewer sees them, or all public ones.

    Raises:
        DiscordError: 50001 if the viewer cannot see the channel.
    """
    if viewer_id is not None and not may(state, channel, viewer_id, Permission.VIEW_CHANNEL):
        raise errors.DiscordError(errors.MISSING_ACCESS)
    return [
        message_object(state, message)
        for message in state.messages.get(channel.id, {}).values()
        if message.viewer_id in (None, viewer_id)
    ]


def _guild_fields(state: State, guild: Guild) -> JsonObject:
    return {
        "id": guild.id,
        "name": guild.name,
        "locale": guild.locale,
        "owner_id": guild.owner_id,
        "has_bot": state.bot_id in guild.members,
    }


def _people_of(state: State, guild: Guild) -> list[str]:
    """The members but for the bot."""
    return [user_id for user_id in guild.members if user_id != state.bot_id]


def _channel_view(state: State, channel: Channel) -> JsonObject:
    everyone = state.guilds[channel.guild_id or ""].roles[channel.guild_id or ""]
    deny = next((each.deny for each in channel.overwrites if each.id == everyone.id), 0)
    return channel_object(state, channel) | {
        "read_only": bool(deny & Permission.SEND_MESSAGES) and not deny & Permission.VIEW_CHANNEL,
        "bot_permissions": str(channel_permissions(state, channel, state.bot_id)),
    }


def _member_view(state: State, guild: Guild, user_id: str) -> JsonObject:
    user, member = state.users[user_id], guild.members[user_id]
    return {
        "id": user.id,
        "name": user.display_name or user.name,
        "username": user.name,
        "roles": [guild.roles[role_id].name for role_id in member.role_ids],
        "owner": guild.owner_id == user.id,
    }


def world_view(state: State, viewer_id: str | None) -> JsonObject:
    """All that the page needs to draw its first picture, in one answer.

    Only what this member sees is in it: their guilds, the channels and threads that they may view
    (each with the bits of their permissions there, as text), and their conversations, with the bot
    or not. An unknown member is replaced by the first of all.
    """
    viewer_id = viewer_id if viewer_id in state.users else _first_member(state)
    return {
        "viewer_id": viewer_id,
        "bot_id": state.bot_id,
        "has_installed": state.users[viewer_id].has_installed,
        "now_us": state.now_us(),
        "users": [user_object(user) for user in state.users.values()],
        "people": [_people(state, guild) for guild in state.guilds.values()],
        "guilds": [
            _guild(state, guild, viewer_id)
            for guild in state.guilds.values()
            if viewer_id in guild.members
        ],
        "direct": [
            shown | {"has_bot": is_bot_in(state, state.channels[str(shown["id"])])}
            for shown in _seen(state, _conversations(state, viewer_id), viewer_id)
        ],
    }


def _first_member(state: State) -> str:
    return _people_of(state, next(iter(state.guilds.values())))[0]


def _people(state: State, guild: Guild) -> JsonObject:
    """Whom one can be in this guild."""
    return {
        "guild_id": guild.id,
        "guild_name": guild.name,
        "members": [
            {"id": user_id, "rank": _rank(guild, user_id)} for user_id in _people_of(state, guild)
        ],
    }


def _rank(guild: Guild, user_id: str) -> str:
    """The highest role's name, "Owner" or "Member"."""
    if guild.owner_id == user_id:
        return "Owner"
    roles = [guild.roles[role_id] for role_id in guild.members[user_id].role_ids]
    return max(roles, key=lambda role: role.position).name if roles else "Member"


def _guild(state: State, guild: Guild, viewer_id: str) -> JsonObject:
    return {
        **_guild_fields(state, guild),
        "roles": [role_object(role) for role in guild.roles.values()],
        "members": [
            {"id": member.user_id, "nick": member.nick, "role_ids": list(member.role_ids)}
            for member in guild.members.values()
        ],
        "channels": _seen(state, state.channels_of(guild.id), viewer_id),
        "threads": _seen(state, state.threads_of(guild.id), viewer_id),
    }


def _conversations(state: State, viewer_id: str) -> list[Channel]:
    return [
        each
        for each in state.channels.values()
        if each.guild_id is None and viewer_id in each.recipient_ids
    ]


def _seen(state: State, channels: Iterable[Channel], viewer_id: str) -> list[JsonObject]:
    shown: list[JsonObject] = []
    for channel in channels:
        bits = channel_permissions(state, channel, viewer_id)
        if bits & Permission.VIEW_CHANNEL:
            shown.append(channel_object(state, channel) | {"viewer_permissions": str(int(bits))})
    return shown
