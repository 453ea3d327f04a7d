"""Routes of channels: read, change, delete; conversations; forum tags.

Source: "Forum Tag Object" in Discord's reference (2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from sandbox.discord import errors, ratelimits
from sandbox.discord.objects import channel_object
from sandbox.discord.overwrites import (
    NewOverwrite,
    made_overwrites,
    require_own_bits,
    tell_channel,
)
from sandbox.discord.permissions import Permission, require
from sandbox.discord.records import Channel, ChannelType, ForumTag, Thread
from sandbox.discord.routing import Call, Reply, Route
from sandbox.discord.scheduled_events import drop_event
from sandbox.discord.shapes import is_snowflake
from sandbox.discord.threads_life import checked_tags, tell_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.records import Guild
    from sandbox.discord.state import State

_NOT_REWRITTEN = frozenset({ChannelType.VOICE, ChannelType.CATEGORY})
_ARCHIVE_MINUTES = frozenset({60, 1440, 4320, 10080})
LONGEST_SLOW_MODE_S = 21_600

MAX_TAGS = 20
LONGEST_TAG = 20


class ChannelBody(Struct, kw_only=True):
    """A change of a channel or thread; what is absent stays, what is not kept is not named."""

    name: str | UnsetType = UNSET
    topic: str | UnsetType | None = UNSET
    nsfw: bool | UnsetType | None = UNSET
    position: int | UnsetType | None = UNSET
    type: int | UnsetType = UNSET
    parent_id: str | int | UnsetType | None = UNSET
    permission_overwrites: list[NewOverwrite] | UnsetType | None = UNSET
    default_auto_archive_duration: int | UnsetType | None = UNSET
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
    _edit_place(state, channel, body)
    _edit_channel(state, channel, body)
    tell_channel(state, channel)
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
    for inside in state.channels_of(channel.guild_id or ""):
        if inside.parent_id == channel.id:
            inside.parent_id = None
            tell_channel(state, inside)
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


def _edit_place(state: State, channel: Channel, body: ChannelBody) -> None:
    """Changes where a channel is, what it is and who may what there: all that may be refused."""
    guild = state.guilds[channel.guild_id or ""]
    kind, parent_id, overwrites = channel.type, channel.parent_id, channel.overwrites
    if body.type is not UNSET and body.type != kind:
        if {kind, body.type} != {ChannelType.TEXT, ChannelType.ANNOUNCEMENT}:
            said = "Only text and announcement channels become one another."
            raise errors.invalid_field("type", code="BASE_TYPE_CHOICES", message=said)
        kind = ChannelType(body.type)
    if not isinstance(body.parent_id, UnsetType):
        parent_id = category_id(state, guild, body.parent_id)
    if not isinstance(body.permission_overwrites, UnsetType):
        require(state, channel, Permission.MANAGE_ROLES)
        overwrites = made_overwrites(body.permission_overwrites)
        require_own_bits(state, guild, channel.overwrites, overwrites)
    channel.type, channel.parent_id, channel.overwrites = kind, parent_id, overwrites


def _edit_channel(state: State, channel: Channel, body: ChannelBody) -> None:
    _apply_common(channel, body)
    if body.name is not UNSET:
        channel.name = shown_name(channel.type, body.name)
    if body.topic is not UNSET:
        channel.topic = body.topic
    if body.nsfw is not UNSET:
        channel.is_age_restricted = bool(body.nsfw)
    if channel.holds_posts and body.available_tags is not UNSET:
        channel.tags = made_tags(state, body.available_tags or [], channel.tags)
    if isinstance(body.position, int):
        channel.position = body.position
    if not isinstance(body.default_auto_archive_duration, UnsetType):
        channel.default_archive_after_minutes = body.default_auto_archive_duration


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


def shown_name(kind: int, name: str) -> str:
    """A name as Discord writes it where messages are the first thing; observed."""
    return name if kind in _NOT_REWRITTEN else name.lower().replace(" ", "-")


def category_id(state: State, guild: Guild, asked: str | int | None) -> str | None:
    """The category to be in, null for none.

    Raises:
        DiscordError: 50035 if it is none of the guild's.
    """
    if asked is None:
        return None
    parent = state.channels.get(str(asked))
    if parent is None or parent.guild_id != guild.id or parent.type != ChannelType.CATEGORY:
        raise errors.invalid_field(
            "parent_id", code="CHANNEL_PARENT_INVALID", message="Category does not exist"
        )
    return parent.id


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


ROUTES = (
    Route("GET", _CHANNEL, get, ratelimits.CHANNEL_READ),
    Route("PATCH", _CHANNEL, edit, ratelimits.CHANNEL_EDIT),
    Route("DELETE", _CHANNEL, delete, ratelimits.CHANNEL_EDIT),
    Route("POST", "/users/@me/channels", open_direct, ratelimits.DIRECT_CHANNEL),
)
