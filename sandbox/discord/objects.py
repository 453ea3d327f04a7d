"""Users, members, channels, roles, guilds and scheduled events as Discord shows them.

Each is built afresh from the state, so REST and the gateway show the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.permissions import Permission, may
from sandbox.discord.records import ChannelType
from sandbox.discord.shapes import JsonObject, instant_text, text_instant_or_none

if TYPE_CHECKING:
    from sandbox.discord.records import Channel, Guild, Member, Role, ScheduledEvent, Thread, User
    from sandbox.discord.state import State


def user_object(user: User) -> JsonObject:
    """A user as others see them."""
    return {
        "id": user.id,
        "username": user.name,
        "global_name": user.display_name,
        "avatar": None,
        "discriminator": "0000" if user.is_bot else "0",
        "public_flags": 0,
        "flags": 0,
        "bot": user.is_bot,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }


def own_user_object(user: User) -> JsonObject:
    """The bot's user as it sees itself."""
    return user_object(user) | {
        "mfa_enabled": True,
        "locale": "en-US",
        "premium_type": 0,
        "email": None,
        "verified": True,
    }


def member_object(state: State, member: Member) -> JsonObject:
    """A member with their user."""
    return bare_member_object(member) | {"user": user_object(state.users[member.user_id])}


def presence_object(user_id: str) -> JsonObject:
    """A user's presence as guilds list it; everybody is online."""
    return {
        "user": {"id": user_id},
        "status": "online",
        "activities": [],
        "client_status": {"desktop": "online"},
    }


def bare_member_object(member: Member) -> JsonObject:
    """A member without their user, as messages carry it."""
    return {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": text_instant_or_none(member.timed_out_until_us),
        "flags": 0,
        "joined_at": instant_text(member.joined_at_us),
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": list(member.role_ids),
        "mute": False,
        "deaf": False,
    }


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


def role_object(role: Role) -> JsonObject:
    """A role."""
    shown: JsonObject = {
        "id": role.id,
        "name": role.name,
        "description": None,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": role.is_hoisted,
        "managed": role.bot_id is not None,
        "mentionable": role.is_mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return shown | ({"tags": {"bot_id": role.bot_id}} if role.bot_id else {})


def guild_object(guild: Guild) -> JsonObject:
    """A guild as `GET /guilds/{id}` answers."""
    return {
        "id": guild.id,
        "name": guild.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": ["COMMUNITY"],
        "banner": None,
        "owner_id": guild.owner_id,
        "application_id": None,
        "region": "us-east",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role_object(role) for role in guild.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": guild.boost_tier,
        "premium_subscription_count": (0, 2, 7, 14)[guild.boost_tier],
        "preferred_locale": guild.locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def approximate_counts(guild: Guild) -> JsonObject:
    """What `with_counts` adds; everybody is online."""
    count = len(guild.members)
    return {"approximate_member_count": count, "approximate_presence_count": count}


def guild_create_object(state: State, guild: Guild, *, has_presences: bool = False) -> JsonObject:
    """A guild as `GUILD_CREATE` brings it to the bot, with the active threads that it can see.

    Without presences the bot itself is its only member there.
    """
    own = guild.members[state.bot_id]
    listed = list(guild.members.values()) if has_presences else [own]
    return guild_object(guild) | {
        "joined_at": instant_text(own.joined_at_us),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "voice_states": [],
        "members": [member_object(state, each) for each in listed],
        "channels": [channel_object(state, each) for each in state.channels_of(guild.id)],
        "threads": [
            channel_object(state, each)
            for each in state.active_threads_of(guild.id)
            if may(state, each, state.bot_id, Permission.VIEW_CHANNEL)
        ],
        "presences": [presence_object(each.user_id) for each in listed] if has_presences else [],
        "stage_instances": [],
        "guild_scheduled_events": [
            scheduled_event_object(state, guild, each) for each in open_events(state, guild)
        ],
        "soundboard_sounds": [],
    }


_GUILD_ONLY = 2
_INTERESTED = 1


def open_events(state: State, guild: Guild) -> list[ScheduledEvent]:
    """The guild's scheduled and active events that the bot can see."""
    return [e for e in guild.scheduled_events.values() if not e.is_over and is_seen(state, e)]


def is_seen(state: State, event: ScheduledEvent) -> bool:
    """Whether the bot can see the event, as it can its channel."""
    if event.channel_id is None:
        return True
    return may(state, state.channels[event.channel_id], state.bot_id, Permission.VIEW_CHANNEL)


def scheduled_event_object(
    state: State, guild: Guild, event: ScheduledEvent, *, with_user_count: bool = False
) -> JsonObject:
    """A scheduled event, with the number of those interested if it is asked for."""
    shown: JsonObject = {
        "id": event.id,
        "guild_id": guild.id,
        "name": event.name,
        "description": event.description,
        "channel_id": event.channel_id,
        "creator_id": event.creator_id,
        "creator": user_object(state.users[event.creator_id]),
        "image": None,
        "scheduled_start_time": instant_text(event.starts_at_us),
        "scheduled_end_time": text_instant_or_none(event.ends_at_us),
        "status": event.status,
        "entity_type": event.type,
        "entity_id": None,
        "entity_metadata": None if event.location is None else {"location": event.location},
        "recurrence_rule": None,
        "privacy_level": _GUILD_ONLY,
        "guild_scheduled_event_exceptions": [],
    }
    return shown | ({"user_count": len(event.user_ids)} if with_user_count else {})


def event_user_object(
    state: State, guild: Guild, event: ScheduledEvent, user_id: str, *, with_member: bool
) -> JsonObject:
    """Somebody who is interested in the event; who has left the guild is no member."""
    shown: JsonObject = {
        "guild_scheduled_event_id": event.id,
        "guild_scheduled_event_exception_id": None,
        "user_id": user_id,
        "user": user_object(state.users[user_id]),
        "response": _INTERESTED,
    }
    member = guild.members.get(user_id) if with_member else None
    return shown | ({} if member is None else {"member": member_object(state, member)})
