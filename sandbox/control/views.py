"""What the control interface shows of the world: guilds, and channels as a member sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord import automod, errors
from sandbox.discord.message_bodies import MessageBody
from sandbox.discord.message_objects import message_object
from sandbox.discord.objects import channel_object, role_object
from sandbox.discord.permissions import Permission, channel_permissions, may
from sandbox.discord.posting import Draft, create_message
from sandbox.discord.records import MessageType, Reference
from sandbox.discord.threads_life import open_for_sending

if TYPE_CHECKING:
    from sandbox.control.requests import WrittenMessage
    from sandbox.discord.records import Channel, Guild, Message
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State


def guild_view(state: State, guild: Guild) -> JsonObject:
    """A guild with its channels (text channels first), roles and people (the bot left out)."""
    return {
        "id": guild.id,
        "name": guild.name,
        "locale": guild.locale,
        "owner_id": guild.owner_id,
        "has_bot": state.bot_id in guild.members,
        "channels": [_channel_view(state, each) for each in state.channels_of(guild.id)],
        "threads": [channel_object(state, each) for each in state.threads_of(guild.id)],
        "roles": [role_object(role) for role in guild.roles.values()],
        "members": [
            _member_view(state, guild, user_id)
            for user_id in guild.members
            if user_id != state.bot_id
        ],
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


def write_message(state: State, channel: Channel, written: WrittenMessage) -> JsonObject:
    """A member writes a message.

    Raises:
        DiscordError: 50001, 50013, 50008, 200000, or what a message can be refused for.
    """
    user = state.user(written.user_id)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if not channel.holds_messages:
        raise errors.DiscordError(errors.NOT_A_TEXT_CHANNEL)
    if not may(state, channel, user.id, Permission.VIEW_CHANNEL | needed):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    open_for_sending(state, channel, user.id)
    reference = None
    if written.reply_to is not None:
        target = state.message(channel.id, written.reply_to)
        reference = Reference(
            channel_id=channel.id, message_id=target.id, guild_id=channel.guild_id
        )
    draft = Draft(
        channel=channel,
        author_id=user.id,
        reference=reference,
        type=MessageType.REPLY if reference else MessageType.DEFAULT,
    )
    return message_object(state, _moderated(state, draft, MessageBody(content=written.content)))


def _moderated(state: State, draft: Draft, body: MessageBody) -> Message:
    """The message, unless AutoMod blocks it."""
    found = automod.hits(state, draft.channel, draft.author_id, body.content or "")
    blocker = automod.blocking(found)
    if blocker is not None:
        automod.act(state, found, None)
        raise automod.refusal(blocker)
    message = create_message(state, draft, body)
    automod.act(state, found, message)
    return message


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
