"""Channels, threads and direct conversations as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.objects.users import user_object
from sandbox.discord.records import ChannelType
from sandbox.discord.shapes import JsonObject, instant_text, text_instant_or_none

if TYPE_CHECKING:
    from sandbox.discord.records import Channel, Thread
    from sandbox.discord.state import State


def channel_object(state: State, channel: Channel) -> JsonObject:
    """A channel of any kind."""
    shown: JsonObject = {
        "id": channel.id,
        "type": int(channel.type),
        "flags": channel.flags,
        "last_message_id": channel.last_message_id,
    }
    if channel.guild_id is None:
        return shown | _conversation_fields(state, channel)
    shown |= {
        "guild_id": channel.guild_id,
        "name": channel.name,
        "parent_id": channel.parent_id,
        "rate_limit_per_user": channel.slow_mode_s,
        "last_pin_timestamp": text_instant_or_none(channel.last_pin_at_us),
    }
    if channel.thread is not None:
        return shown | _thread_fields(state, channel, channel.thread)
    return shown | _guild_channel_fields(channel)


def thread_member_object(channel: Channel, user_id: str) -> JsonObject:
    """A user's membership of a thread."""
    assert channel.thread is not None  # noqa: S101 - only threads have members
    return {
        "id": channel.id,
        "user_id": user_id,
        "join_timestamp": instant_text(channel.thread.members[user_id]),
        "flags": 1,
    }


def _conversation_fields(state: State, channel: Channel) -> JsonObject:
    others = [each for each in channel.recipient_ids if each != state.bot_id]
    shown: JsonObject = {"recipients": [user_object(state.users[each]) for each in others]}
    if channel.type == ChannelType.GROUP_DM:
        shown |= {"name": channel.name or None, "icon": None, "owner_id": channel.owner_id}
    return shown


def _guild_channel_fields(channel: Channel) -> JsonObject:
    shown: JsonObject = {
        "position": channel.position,
        "permission_overwrites": [
            {"id": each.id, "type": each.type, "allow": str(each.allow), "deny": str(each.deny)}
            for each in channel.overwrites
        ],
        "topic": channel.topic,
        "nsfw": channel.is_age_restricted,
    }
    if channel.default_archive_after_minutes:
        shown["default_auto_archive_duration"] = channel.default_archive_after_minutes
    if channel.type == ChannelType.VOICE:
        shown |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    if channel.holds_posts:
        shown |= {
            "available_tags": [
                {
                    "id": tag.id,
                    "name": tag.name,
                    "moderated": tag.is_moderated,
                    "emoji_id": None,
                    "emoji_name": tag.emoji_name,
                }
                for tag in channel.tags
            ],
            "default_reaction_emoji": None,
            "default_sort_order": None,
        }
    if channel.type == ChannelType.FORUM:
        shown["default_forum_layout"] = 0
    return shown


def _thread_fields(state: State, channel: Channel, thread: Thread) -> JsonObject:
    metadata: JsonObject = {
        "archived": thread.is_archived,
        "archive_timestamp": instant_text(thread.archived_at_us or thread.created_at_us),
        "auto_archive_duration": thread.archive_after_minutes,
        "locked": thread.is_locked,
        "create_timestamp": instant_text(thread.created_at_us),
    }
    if channel.type == ChannelType.PRIVATE_THREAD:
        metadata["invitable"] = thread.is_invitable
    shown: JsonObject = {
        "owner_id": thread.owner_id,
        "thread_metadata": metadata,
        "message_count": min(thread.message_count, 50),
        "member_count": min(len(thread.members), 50),
        "total_message_sent": thread.total_message_count,
        "applied_tags": list(thread.applied_tags),
    }
    if state.bot_id in thread.members:
        shown["member"] = thread_member_object(channel, state.bot_id)
    return shown
