"""Routes of channels: read, change, delete; conversations; permission overwrites; forum tags.

Source: "Forum Tag Object" in Discord's reference (2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects import channel_object
from sandbox.discord.permissions import Permission, require
from sandbox.discord.records import Channel, ChannelType, ForumTag, Overwrite, Thread
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.scheduled_events import drop_event
from sandbox.discord.shapes import is_snowflake
from sandbox.discord.threads_life import checked_tags, tell_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.state import State

_ARCHIVE_MINUTES = frozenset({60, 1440, 4320, 10080})
LONGEST_SLOW_MODE_S = 21_600

MAX_TAGS = 20
LONGEST_TAG = 20


class ChannelBody(Struct, kw_only=True):
    """A change of a channel or thread; what is absent stays."""

    name: str | UnsetType = UNSET
    topic: str | UnsetType | None = UNSET
    nsfw: bool | UnsetType | None = UNSET
    position: int | UnsetType | None = UNSET
    rate_limit_per_user: int | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    invitable: bool | UnsetType = UNSET
    auto_archive_duration: int | UnsetType = UNSET
    applied_tags: list[str | int] | UnsetType = UNSET
    available_tags: list[TagBody] | UnsetType | None = UNSET
    flags: int | UnsetType = UNSET


class DirectChannelBody(Struct, kw_only=True):
    """Whom to talk to."""

    recipient_id: str | int | None = None


class OverwriteBody(Struct, kw_only=True):
    """A channel's exception for a role or member."""

    type: int = 0
    allow: str | int | None = None
    deny: str | int | None = None


def get(call: Call) -> Reply:
    """One channel."""
    channel = call.channel()
    return Reply(body=channel_object(call.state, channel))


def edit(call: Call) -> Reply:
    """Changes a channel (MANAGE_CHANNELS), or a thread (its owner, or MANAGE_THREADS)."""
    state, channel = call.state, call.channel()
    body = checked_channel(call.body(ChannelBody))
    if channel.thread is not None:
        _edit_thread(state, channel, channel.thread, body)
        return Reply(body=channel_object(state, channel))
    if channel.guild_id is None:
        raise errors.DiscordError(errors.NOT_ON_DM)
    require(state, channel, Permission.MANAGE_CHANNELS)
    _apply_common(channel, body)
    if body.topic is not UNSET:
        channel.topic = body.topic
    if body.nsfw is not UNSET:
        channel.is_age_restricted = bool(body.nsfw)
    if channel.holds_posts and body.available_tags is not UNSET:
        channel.tags = made_tags(state, body.available_tags or [], channel.tags)
    if isinstance(body.position, int):
        channel.position = body.position
    state.save(channel)
    state.publish("CHANNEL_UPDATE", channel_object(state, channel), channel)
    return Reply(body=channel_object(state, channel))


def delete(call: Call) -> Reply:
    """Deletes a channel or thread, or closes a direct conversation."""
    state = call.state
    channel = state.channel(call.path["channel_id"])
    shown = channel_object(state, channel)
    if channel.guild_id is None:
        return Reply(body=shown)
    needed = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    require(state, channel, needed)
    delete_channel(state, channel)
    return Reply(body=shown)


def delete_channel(state: State, channel: Channel) -> None:
    """Forgets a channel with its threads, webhooks and events, and tells it."""
    for thread in state.threads_of(channel.guild_id or ""):
        if thread.parent_id == channel.id:
            delete_channel(state, thread)
    shown = channel_object(state, channel)
    name = "CHANNEL_DELETE"
    if channel.is_thread:
        name = "THREAD_DELETE"
        shown = {key: shown[key] for key in ("id", "guild_id", "parent_id", "type")}
    for webhook in tuple(state.webhooks.values()):
        if webhook.channel_id == channel.id:
            state.remove(webhook)
    guild = state.guilds[channel.guild_id or ""]
    for event in tuple(guild.scheduled_events.values()):
        if event.channel_id == channel.id:
            drop_event(state, guild, event)
    state.publish(name, shown, channel)
    state.remove(channel)


def open_direct(call: Call) -> Reply:
    """The conversation with a user."""
    state = call.state
    body = call.body(DirectChannelBody)
    if body.recipient_id is None:
        raise errors.not_played("The sandbox opens no groups for bots.", "recipient_id")
    recipient_id = str(body.recipient_id)
    if not is_snowflake(recipient_id):
        raise errors.not_a_snowflake("recipient_id", value=recipient_id)
    user = state.user(recipient_id)
    if user.is_bot:
        raise errors.DiscordError(errors.CANNOT_MESSAGE_USER)
    return Reply(body=channel_object(state, state.direct_channel(user.id)))


def put_overwrite(call: Call) -> Reply:
    """Sets the exception for a role or member."""
    state = call.state
    channel = _with_overwrites(call)
    body = call.body(OverwriteBody)
    channel.overwrites = set_overwrite(channel, call.path["overwrite_id"], body)
    state.save(channel)
    state.publish("CHANNEL_UPDATE", channel_object(state, channel), channel)
    return NO_CONTENT


def delete_overwrite(call: Call) -> Reply:
    """Takes the exception away."""
    channel = _with_overwrites(call)
    channel.overwrites = without_overwrite(channel, call.path["overwrite_id"])
    call.state.save(channel)
    call.state.publish("CHANNEL_UPDATE", channel_object(call.state, channel), channel)
    return NO_CONTENT


def _edit_thread(state: State, channel: Channel, thread: Thread, body: ChannelBody) -> None:
    owns = thread.owner_id == state.bot_id
    if not owns or body.locked is not UNSET or body.rate_limit_per_user is not UNSET:
        require(state, channel, Permission.MANAGE_THREADS)
    if thread.is_archived and body.archived is not False:
        raise errors.DiscordError(errors.THREAD_ARCHIVED)
    _apply_common(channel, body)
    if body.archived is not UNSET and body.archived != thread.is_archived:
        thread.is_archived = body.archived
        thread.archived_at_us = state.now_us()
        thread.active_at_us = state.now_us()
    if body.locked is not UNSET:
        thread.is_locked = body.locked
    if body.invitable is not UNSET and channel.type == ChannelType.PRIVATE_THREAD:
        thread.is_invitable = body.invitable
    if body.auto_archive_duration is not UNSET:
        thread.archive_after_minutes = body.auto_archive_duration
    if body.applied_tags is not UNSET:
        parent = state.channels[channel.parent_id or ""]
        thread.applied_tags = list(checked_tags(parent, body.applied_tags))
    tell_thread(state, channel)


def _apply_common(channel: Channel, body: ChannelBody) -> None:
    if body.name is not UNSET:
        channel.name = body.name
    if body.rate_limit_per_user is not UNSET:
        channel.slow_mode_s = body.rate_limit_per_user or 0
    if body.flags is not UNSET:
        channel.flags = body.flags


def checked_channel(body: ChannelBody) -> ChannelBody:
    """The body, whose lengths and numbers are as Discord has them.

    Raises:
        DiscordError: 50035.
    """
    if body.name is not UNSET and not 1 <= len(body.name.strip()) <= 100:
        raise errors.bad_length("name", longest=100)
    if isinstance(body.topic, str) and len(body.topic) > 1024:
        raise errors.invalid_field(
            "topic", code="BASE_TYPE_MAX_LENGTH", message="Must be 1024 or fewer in length."
        )
    slow_mode = body.rate_limit_per_user
    if isinstance(slow_mode, int) and not 0 <= slow_mode <= LONGEST_SLOW_MODE_S:
        raise errors.invalid_field(
            "rate_limit_per_user",
            code="NUMBER_TYPE_MAX",
            message=f"int value should be between 0 and {LONGEST_SLOW_MODE_S}.",
        )
    archive = body.auto_archive_duration
    if archive is not UNSET and archive not in _ARCHIVE_MINUTES:
        raise errors.invalid_field(
            "auto_archive_duration",
            code="BASE_TYPE_CHOICES",
            message="Value must be one of (60, 1440, 4320, 10080).",
        )
    return body


def _with_overwrites(call: Call) -> Channel:
    state = call.state
    channel = state.channel(call.path["channel_id"])
    if channel.guild_id is None or channel.is_thread:
        raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
    require(state, channel, Permission.MANAGE_ROLES)
    return channel


def set_overwrite(channel: Channel, target_id: str, body: OverwriteBody) -> list[Overwrite]:
    """The channel's exceptions with this one for a role or member.

    Raises:
        DiscordError: 50035.
    """
    if body.type not in (0, 1):
        raise errors.invalid_field(
            "type", code="BASE_TYPE_CHOICES", message="Value must be one of {0, 1}."
        )
    one = Overwrite(
        id=target_id,
        type=body.type,
        allow=permission_bits("allow", body.allow),
        deny=permission_bits("deny", body.deny),
    )
    return [*without_overwrite(channel, target_id), one]


def without_overwrite(channel: Channel, target_id: str) -> list[Overwrite]:
    """The channel's exceptions but for that of a role or member."""
    return [each for each in channel.overwrites if each.id != target_id]


def permission_bits(field: str, value: str | int | None) -> int:
    """The bits in a body's field; null is none.

    Raises:
        DiscordError: 50035.
    """
    text = "0" if value is None else str(value)
    if not is_snowflake(text):
        raise errors.invalid_field(
            field, code="NUMBER_TYPE_COERCE", message=f'Value "{text}" is not int.'
        )
    return int(text)


class TagBody(Struct, kw_only=True):
    """A tag to be; with the id of one that is there it stays that one."""

    name: str
    id: str | int | None = None
    moderated: bool | None = None
    emoji_name: str | None = None


def made_tags(
    state: State, asked: Sequence[TagBody | None], before: Sequence[ForumTag] = ()
) -> list[ForumTag]:
    """The tags in this order, in the place of those before.

    Raises:
        DiscordError: 50035 for more than 20, or a name that is empty or longer than 20.
    """
    tags = [each for each in asked if each is not None]
    if len(tags) > MAX_TAGS or not all(1 <= len(each.name) <= LONGEST_TAG for each in tags):
        raise errors.invalid_field(
            "available_tags",
            code="BASE_TYPE_BAD_LENGTH",
            message="Must be 20 or fewer, each named with 1 to 20 characters.",
        )
    known = {tag.id for tag in before}
    return [
        ForumTag(
            id=str(each.id) if str(each.id) in known else state.snowflakes.next(),
            name=each.name,
            is_moderated=bool(each.moderated),
            emoji_name=each.emoji_name,
        )
        for each in tags
    ]


_CHANNEL = "/channels/{channel_id}"
_OVERWRITE = f"{_CHANNEL}/permissions/{{overwrite_id}}"


ROUTES = (
    Route("GET", _CHANNEL, get, ratelimits.CHANNEL_READ),
    Route("PATCH", _CHANNEL, edit, ratelimits.CHANNEL_EDIT),
    Route("DELETE", _CHANNEL, delete, ratelimits.CHANNEL_EDIT),
    Route("POST", "/users/@me/channels", open_direct, ratelimits.DIRECT_CHANNEL),
    Route("PUT", _OVERWRITE, put_overwrite, ratelimits.CHANNEL_EDIT),
    Route("DELETE", _OVERWRITE, delete_overwrite, ratelimits.CHANNEL_EDIT),
)
