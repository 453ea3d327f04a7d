"""Scheduled events as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.objects.users import member_object, user_object
from sandbox.discord.permissions import Permission, may
from sandbox.discord.shapes import instant_text, text_instant_or_none

if TYPE_CHECKING:
    from sandbox.discord.records import Guild, ScheduledEvent
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

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
