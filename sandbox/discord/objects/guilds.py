"""Guilds, their roles and their scheduled events as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.objects.channels import channel_object
from sandbox.discord.objects.users import member_object, presence_object, user_object
from sandbox.discord.permissions import Permission, may
from sandbox.discord.shapes import JsonObject, instant_text, text_instant_or_none

if TYPE_CHECKING:
    from sandbox.discord.records import Guild, Role, ScheduledEvent
    from sandbox.discord.state import State


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
    """A guild as `GUILD_CREATE` brings it to the bot, its visible active threads included.

    Without presences the bot itself is its only member there.
    """
    threads = [each for each in state.threads_of(guild.id) if each.thread]
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
            for each in threads
            if each.thread and not each.thread.is_archived
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
