"""A thread's life: opened, archived when idle, opened again by a message, locked by moderators.

An idle thread is archived when the sandbox's clock has passed its `archive_after_minutes` since the
last message. Sending unarchives it; in a locked one only MANAGE_THREADS may send.
Source: Discord's reference, "Threads" (2026-08); the limit of 1,000 is observed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.discord import errors
from sandbox.discord.objects import (
    channel_object,
    member_object,
    presence_object,
    thread_member_object,
)
from sandbox.discord.permissions import Permission, may
from sandbox.discord.records import Channel, ChannelType, Thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.state import State

MAX_ACTIVE_THREADS = 1000
"""Active threads of one guild before 160006."""

MAX_MEMBERS = 1000

REQUIRES_TAG = 1 << 4
"""The flag of a forum or media channel whose posts need a tag."""

_DEFAULT_ARCHIVE_MINUTES = 4320
_MINUTE_US = 60 * 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a new thread is to be."""

    parent: Channel
    name: str
    owner_id: str
    type: ChannelType
    thread_id: str | None = None
    archive_after_minutes: int | None = None
    slow_mode_s: int = 0
    is_invitable: bool = True
    applied_tags: tuple[str, ...] = ()


def open_thread(state: State, opening: Opening) -> Channel:
    """Keeps and tells a new thread with its owner as the first member; a webhook joins none.

    Raises:
        DiscordError: 160006 when the guild has too many active ones.
    """
    parent = opening.parent
    assert parent.guild_id is not None  # noqa: S101 - callers have refused direct conversations
    if len(state.active_threads_of(parent.guild_id)) >= MAX_ACTIVE_THREADS:
        raise errors.DiscordError(errors.MAX_ACTIVE_THREADS)
    now_us = state.now_us()
    channel = Channel(
        id=opening.thread_id or state.snowflakes.next(),
        type=opening.type,
        guild_id=parent.guild_id,
        name=opening.name,
        parent_id=parent.id,
        slow_mode_s=opening.slow_mode_s,
        is_age_restricted=parent.is_age_restricted,
        thread=Thread(
            owner_id=opening.owner_id,
            created_at_us=now_us,
            active_at_us=now_us,
            archive_after_minutes=opening.archive_after_minutes
            or parent.default_archive_after_minutes
            or _DEFAULT_ARCHIVE_MINUTES,
            is_invitable=opening.is_invitable,
            members={} if state.users[opening.owner_id].is_webhook else {opening.owner_id: now_us},
            applied_tags=list(opening.applied_tags),
        ),
    )
    state.save(channel)
    state.publish(
        "THREAD_CREATE", channel_object(state, channel) | {"newly_created": True}, channel
    )
    return channel


def checked_tags(forum: Channel, asked: Sequence[str | int] | None) -> tuple[str, ...]:
    """The tags of a new post, which must be the forum's.

    Raises:
        DiscordError: 50035 for an unknown one, 40067 if the forum wants one and there is none.
    """
    known = {tag.id for tag in forum.tags}
    for position, tag in enumerate(asked or ()):
        if str(tag) not in known:
            raise errors.invalid_field(
                "applied_tags", position, code="UNKNOWN_TAG", message="Unknown tag"
            )
    if forum.flags & REQUIRES_TAG and not asked:
        raise errors.DiscordError(errors.TAG_REQUIRED)
    return tuple(str(tag) for tag in asked or ())


def open_for_sending(state: State, channel: Channel, user_id: str) -> None:
    """Unarchives a thread that someone is about to send into.

    Raises:
        DiscordError: 160005 if it is locked for them.
    """
    thread = channel.thread
    if thread is None:
        return
    if thread.is_locked and not may(state, channel, user_id, Permission.MANAGE_THREADS):
        raise errors.DiscordError(errors.THREAD_LOCKED)
    if thread.is_archived:
        thread.is_archived = False
        thread.archived_at_us = state.now_us()
        thread.active_at_us = state.now_us()
        tell_thread(state, channel)


def require_unarchived(channel: Channel) -> None:
    """Refuses what cannot be done in an archived thread.

    Raises:
        DiscordError: 50083.
    """
    if channel.thread is not None and channel.thread.is_archived:
        raise errors.DiscordError(errors.THREAD_ARCHIVED)


def archive_idle(state: State) -> None:
    """Archives every thread whose time has come."""
    now_us = state.now_us()
    for channel in list(state.channels.values()):
        due_us = archive_due_us(channel)
        if channel.thread is not None and due_us is not None and due_us <= now_us:
            channel.thread.is_archived = True
            channel.thread.archived_at_us = due_us
            tell_thread(state, channel)


def archive_due_us(channel: Channel) -> int | None:
    """When the thread will be archived if nothing happens, None if it is none or already is."""
    thread = channel.thread
    if thread is None or thread.is_archived:
        return None
    return thread.active_at_us + thread.archive_after_minutes * _MINUTE_US


def tell_thread(state: State, channel: Channel) -> None:
    """Keeps and tells a changed thread."""
    state.save(channel)
    state.publish("THREAD_UPDATE", channel_object(state, channel), channel)


def join(state: State, channel: Channel, user_id: str) -> None:
    """Makes a user a member of the thread; the bot is told the thread, which it may not know yet.

    Raises:
        DiscordError: 30033 when it is full.
    """
    thread = channel.thread
    if thread is None or user_id in thread.members:
        return
    if len(thread.members) >= MAX_MEMBERS:
        raise errors.DiscordError(errors.MAX_THREAD_MEMBERS)
    thread.members[user_id] = state.now_us()
    state.save(channel)
    if user_id == state.bot_id:
        state.publish("THREAD_CREATE", channel_object(state, channel), channel)
    _tell_members(state, channel, added=user_id)


def leave(state: State, channel: Channel, user_id: str) -> None:
    """Ends a user's membership of the thread."""
    thread = channel.thread
    if thread is None or thread.members.pop(user_id, None) is None:
        return
    state.save(channel)
    _tell_members(state, channel, removed=user_id)


def _tell_members(
    state: State, channel: Channel, *, added: str | None = None, removed: str | None = None
) -> None:
    assert channel.thread is not None  # noqa: S101 - only threads have members
    body: dict[str, object] = {
        "id": channel.id,
        "guild_id": channel.guild_id,
        "member_count": min(len(channel.thread.members), 50),
    }
    if added is not None:
        body["added_members"] = [_added_member(state, channel, added)]
    if removed is not None:
        body["removed_member_ids"] = [removed]
    state.publish("THREAD_MEMBERS_UPDATE", body, channel, subject_id=added or removed)


def _added_member(state: State, channel: Channel, user_id: str) -> dict[str, object]:
    guild = state.guilds[channel.guild_id or ""]
    shown: dict[str, object] = dict(thread_member_object(channel, user_id))
    shown["member"] = member_object(state, guild.members[user_id])
    return shown | {"presence": presence_object(user_id) | {"guild_id": guild.id}}
