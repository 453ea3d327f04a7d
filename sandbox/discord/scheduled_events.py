"""Routes of a guild's scheduled events: in a voice channel, or elsewhere.

An event becomes active, completed or cancelled by an edit, not by the clock. Source: Discord's
reference, "Guild Scheduled Event" (2026-08); the words of refusals are guessed.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads it at run time
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType, structs

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects import (
    event_user_object,
    is_seen,
    open_events,
    scheduled_event_object,
)
from sandbox.discord.permissions import (
    Permission,
    channel_permissions,
    guild_permissions,
    require,
)
from sandbox.discord.records import ChannelType, EventStatus, EventType, ScheduledEvent
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.shapes import instant_us

if TYPE_CHECKING:
    from sandbox.discord.records import Guild
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

MAX_EVENTS = 100
"""Scheduled and active ones of a guild. Source: Discord's reference, JSON error 30038."""

_GUILD_ONLY = 2
_REQUIRED = ("name", "privacy_level", "scheduled_start_time", "entity_type")
_NEXT = {
    EventStatus.SCHEDULED: (EventStatus.ACTIVE, EventStatus.CANCELED),
    EventStatus.ACTIVE: (EventStatus.COMPLETED,),
}


class EventMetadata(Struct, kw_only=True):
    """Where an event takes place, if not in a channel."""

    location: str | None = None


class EventBody(Struct, kw_only=True):
    """A new event or a change of one; its picture is taken and not kept."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    privacy_level: int | UnsetType = UNSET
    scheduled_start_time: datetime | UnsetType = UNSET
    scheduled_end_time: datetime | UnsetType | None = UNSET
    entity_type: int | UnsetType = UNSET
    entity_metadata: EventMetadata | UnsetType | None = UNSET
    channel_id: str | int | UnsetType | None = UNSET
    status: int | UnsetType = UNSET
    image: str | UnsetType | None = UNSET
    recurrence_rule: object = None


def list_all(call: Call) -> Reply:
    """The guild's scheduled and active events, those that the bot can see."""
    state, guild = call.state, call.guild()
    return Reply(body=[_shown(call, guild, each) for each in open_events(state, guild)])


def get(call: Call) -> Reply:
    """One event."""
    guild, event = _event(call)
    return Reply(body=_shown(call, guild, event))


def create(call: Call) -> Reply:
    """Schedules an event; needs CREATE_EVENTS, and in a channel to connect there."""
    state, guild = call.state, call.guild()
    body = call.body(EventBody)
    for name in _REQUIRED:
        if getattr(body, name) is UNSET:
            raise errors.missing(name)
    blank = ScheduledEvent(id="", name="", creator_id=state.bot_id, starts_at_us=0)
    event = _changed(state, guild, blank, body)
    _require(state, guild, event, Permission.CREATE_EVENTS)
    if len([e for e in guild.scheduled_events.values() if not e.is_over]) >= MAX_EVENTS:
        raise errors.DiscordError(errors.MAX_SCHEDULED_EVENTS)
    event.id = state.snowflakes.next()
    guild.scheduled_events[event.id] = event
    _tell(state, guild, event, "CREATE")
    return Reply(body=scheduled_event_object(state, guild, event))


def edit(call: Call) -> Reply:
    """Changes an event; one that is over cannot be changed."""
    state, (guild, event) = call.state, _event(call)
    _require_over(state, guild, event)
    if event.is_over:
        raise errors.DiscordError(errors.FINISHED_EVENT)
    changed = _changed(state, guild, event, call.body(EventBody))
    _require_over(state, guild, changed)
    guild.scheduled_events[event.id] = changed
    _tell(state, guild, changed, "UPDATE")
    return Reply(body=scheduled_event_object(state, guild, changed))


def delete(call: Call) -> Reply:
    """Deletes an event."""
    state, (guild, event) = call.state, _event(call)
    _require_over(state, guild, event)
    drop_event(state, guild, event)
    return NO_CONTENT


def list_users(call: Call) -> Reply:
    """Who is interested in an event, in the order of their ids."""
    state, (guild, event) = call.state, _event(call)
    with_member = call.flag("with_member")
    page = call.page(event.user_ids, str, default=100, most=100)
    return Reply(
        body=[event_user_object(state, guild, event, i, with_member=with_member) for i in page]
    )


def count_users(call: Call) -> Reply:
    """How many are interested; no event here recurs, so none has exceptions."""
    _, event = _event(call)
    count = len(event.user_ids)
    return Reply(
        body={
            "guild_scheduled_event_count": count,
            "guild_scheduled_event_exception_counts": {},
        }
    )


def drop_event(state: State, guild: Guild, event: ScheduledEvent) -> None:
    """Forgets an event and tells it."""
    del guild.scheduled_events[event.id]
    _tell(state, guild, event, "DELETE")


def set_interest(
    state: State, guild: Guild, event: ScheduledEvent, user_id: str, *, interested: bool
) -> None:
    """Notes and tells that somebody is interested in an event, or no longer."""
    if (user_id in event.user_ids) == interested:
        return
    (event.user_ids.append if interested else event.user_ids.remove)(user_id)
    state.save(guild)
    body: JsonObject = {
        "guild_scheduled_event_id": event.id,
        "user_id": user_id,
        "guild_id": guild.id,
    }
    _publish(state, guild, event, "USER_ADD" if interested else "USER_REMOVE", body)


def _tell(state: State, guild: Guild, event: ScheduledEvent, what: str) -> None:
    """Keeps the guild and tells a new, changed or deleted event."""
    state.save(guild)
    _publish(state, guild, event, what, scheduled_event_object(state, guild, event))


def _publish(
    state: State, guild: Guild, event: ScheduledEvent, what: str, body: JsonObject
) -> None:
    channel = state.channels.get(event.channel_id or "")
    state.publish(f"GUILD_SCHEDULED_EVENT_{what}", body, channel, guild=guild)


def _shown(call: Call, guild: Guild, event: ScheduledEvent) -> JsonObject:
    with_count = call.flag("with_user_count")
    return scheduled_event_object(call.state, guild, event, with_user_count=with_count)


def _event(call: Call) -> tuple[Guild, ScheduledEvent]:
    guild = call.guild()
    event = guild.scheduled_events.get(call.path["guild_scheduled_event_id"])
    if event is None or not is_seen(call.state, event):
        raise errors.DiscordError(errors.UNKNOWN_SCHEDULED_EVENT)
    return guild, event


def _require(state: State, guild: Guild, event: ScheduledEvent, needed: int) -> None:
    if event.channel_id is None:
        bits = guild_permissions(guild, state.bot_id, state.now_us())
    else:
        channel = state.channels[event.channel_id]
        require(state, channel, Permission.VIEW_CHANNEL | Permission.CONNECT)
        bits = channel_permissions(state, channel, state.bot_id)
    if not bits & needed:
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)


def _require_over(state: State, guild: Guild, event: ScheduledEvent) -> None:
    """Lets pass who may manage events; one's own may be changed with CREATE_EVENTS too."""
    own = event.creator_id == state.bot_id
    _require(
        state, guild, event, Permission.MANAGE_EVENTS | (Permission.CREATE_EVENTS if own else 0)
    )


def _changed(state: State, guild: Guild, event: ScheduledEvent, body: EventBody) -> ScheduledEvent:
    """The event as the body wants it.

    Raises:
        DiscordError: 50035, with the place of the field that cannot be so.
    """
    if body.recurrence_rule is not None:
        raise errors.not_played("In the sandbox no event recurs.", "recurrence_rule")
    if body.privacy_level not in (UNSET, _GUILD_ONLY):
        raise _refused("privacy_level", "BASE_TYPE_CHOICES", "Value must be one of (2,).")
    changed = structs.replace(event, **_plain_changes(body))
    if not isinstance(body.status, UnsetType):
        changed.status = _status(event, body.status)
    if not isinstance(body.entity_metadata, UnsetType):
        changed.location = body.entity_metadata.location if body.entity_metadata else None
    if changed.starts_at_us != event.starts_at_us and changed.starts_at_us <= state.now_us():
        raise _refused(
            "scheduled_start_time",
            "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST",
            "Cannot schedule event in the past.",
        )
    if changed.ends_at_us is not None and changed.ends_at_us <= changed.starts_at_us:
        raise _refused(
            "scheduled_end_time",
            "GUILD_SCHEDULED_EVENT_SCHEDULE_END_TIME_BEFORE_START_TIME",
            "Cannot end event before start.",
        )
    _check_texts(changed)
    _check_place(state, guild, changed)
    return changed


def _plain_changes(body: EventBody) -> dict[str, object]:
    """The fields of a record that the body sets, as they are there."""
    changes: dict[str, object] = {}
    if not isinstance(body.name, UnsetType):
        changes["name"] = body.name.strip()
    if not isinstance(body.description, UnsetType):
        changes["description"] = body.description or None
    if not isinstance(body.scheduled_start_time, UnsetType):
        changes["starts_at_us"] = instant_us(body.scheduled_start_time)
    if not isinstance(body.scheduled_end_time, UnsetType):
        end = body.scheduled_end_time
        changes["ends_at_us"] = None if end is None else instant_us(end)
    if not isinstance(body.entity_type, UnsetType):
        changes["type"] = body.entity_type
    if not isinstance(body.channel_id, UnsetType):
        changes["channel_id"] = None if body.channel_id is None else str(body.channel_id)
    return changes


def _status(event: ScheduledEvent, asked: int) -> int:
    if asked == event.status or asked in _NEXT.get(EventStatus(event.status), ()):
        return asked
    raise _refused(
        "status", "GUILD_SCHEDULED_EVENT_INVALID_STATUS", "Invalid Guild Scheduled Event Status"
    )


def _check_texts(event: ScheduledEvent) -> None:
    limits = {"name": (event.name, 100), "description": (event.description, 1000)}
    for name, (text, longest) in limits.items():
        if text is not None and not 1 <= len(text) <= longest:
            raise errors.bad_length(name, longest=longest)


def _check_place(state: State, guild: Guild, event: ScheduledEvent) -> None:
    """An event is in a channel of its kind, or elsewhere with a location and an end."""
    if event.type == EventType.EXTERNAL:
        _check_elsewhere(event)
        return
    if event.type not in (EventType.STAGE, EventType.VOICE):
        raise _refused("entity_type", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
    channel = state.channels.get(event.channel_id or "")
    kind = ChannelType.VOICE if event.type == EventType.VOICE else None
    if channel is None or channel.guild_id != guild.id or channel.type != kind:
        said = "An event of this type needs a channel of its kind."
        raise _refused("channel_id", "GUILD_SCHEDULED_EVENT_INVALID_CHANNEL", said)
    event.location = None


def _check_elsewhere(event: ScheduledEvent) -> None:
    if event.channel_id is not None:
        raise _refused(
            "channel_id", "GUILD_SCHEDULED_EVENT_INVALID_CHANNEL", "Must be null for this type."
        )
    if not 1 <= len(event.location or "") <= 100:
        raise errors.bad_length("entity_metadata", "location", longest=100)
    if event.ends_at_us is None:
        raise errors.missing("scheduled_end_time")


def _refused(field: str, code: str, message: str) -> errors.DiscordError:
    return errors.invalid_field(field, code=code, message=message)


_EVENTS = "/guilds/{guild_id}/scheduled-events"
_EVENT = f"{_EVENTS}/{{guild_scheduled_event_id}}"

ROUTES = (
    Route("GET", _EVENTS, list_all, ratelimits.GUILD_READ),
    Route("POST", _EVENTS, create, ratelimits.GUILD_EDIT),
    Route("GET", _EVENT, get, ratelimits.GUILD_READ),
    Route("PATCH", _EVENT, edit, ratelimits.GUILD_EDIT),
    Route("DELETE", _EVENT, delete, ratelimits.GUILD_EDIT),
    Route("GET", f"{_EVENT}/users", list_users, ratelimits.GUILD_READ),
    Route("GET", f"{_EVENT}/users/counts", count_users, ratelimits.GUILD_READ),
)
