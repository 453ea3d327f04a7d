"""Routes of threads: from a message, in a channel, posts of a forum, members, lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, Struct

from sandbox.discord import errors, ratelimits
from sandbox.discord.channels import ChannelBody, checked_channel
from sandbox.discord.message_bodies import MessageBody  # noqa: TC001 - msgspec reads it at run time
from sandbox.discord.message_objects import message_object
from sandbox.discord.objects import channel_object, member_object, thread_member_object
from sandbox.discord.permissions import Permission, may, require
from sandbox.discord.posting import (
    Draft,
    create_message,
    require_something,
    system_message,
    tell_changed,
)
from sandbox.discord.records import (
    Channel,
    ChannelType,
    MessageFlag,
    MessageType,
    Reference,
)
from sandbox.discord.routing import NO_CONTENT, Call, Reply, Route
from sandbox.discord.threads_life import (
    Opening,
    checked_tags,
    join,
    leave,
    open_thread,
    require_unarchived,
)

if TYPE_CHECKING:
    from sandbox.discord.records import Message
    from sandbox.discord.state import State

_PARENTS = frozenset({ChannelType.TEXT, ChannelType.ANNOUNCEMENT})


class ThreadBody(Struct, kw_only=True):
    """A new thread; a post in a forum brings its first message along."""

    name: str
    auto_archive_duration: int | None = None
    rate_limit_per_user: int | None = None
    type: int | None = None
    invitable: bool | None = None
    message: MessageBody | None = None
    applied_tags: list[str | int] | None = None


def create_from_message(call: Call) -> Reply:
    """Opens a public thread on a message; it gets the message's id."""
    state = call.state
    parent = _parent(state, call.path["channel_id"])
    require(state, parent, Permission.CREATE_PUBLIC_THREADS)
    message = state.message(parent.id, call.path["message_id"])
    body = _checked(call.body(ThreadBody))
    opening = _opening(state, parent, body, thread_type(parent), thread_id=message.id)
    return Reply(status=201, body=channel_object(state, start_on_message(state, opening, message)))


def start_on_message(state: State, opening: Opening, message: Message) -> Channel:
    """Opens the thread of a message.

    Raises:
        DiscordError: 160004 if it has one, 50024 where messages have none, 160006.
    """
    parent = opening.parent
    if parent.type not in _PARENTS:
        raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
    if message.id in state.channels:
        raise errors.DiscordError(errors.THREAD_EXISTS)
    thread = open_thread(state, opening)
    message.flags |= MessageFlag.HAS_THREAD
    tell_changed(state, message)
    starter = Draft(
        channel=thread,
        author_id=message.author_id,
        type=MessageType.THREAD_STARTER,
        reference=Reference(channel_id=parent.id, message_id=message.id, guild_id=parent.guild_id),
    )
    system_message(state, starter)
    return thread


def announce_thread(state: State, thread: Channel) -> None:
    """Says in the channel that a thread without a message of its own was opened there."""
    assert thread.thread is not None  # noqa: S101 - callers have just opened it
    notice = Draft(
        channel=state.channels[thread.parent_id or ""],
        author_id=thread.thread.owner_id,
        type=MessageType.THREAD_CREATED,
        flags=MessageFlag.HAS_THREAD,
        reference=Reference(channel_id=thread.id, guild_id=thread.guild_id),
    )
    system_message(state, notice, thread.name)


def create(call: Call) -> Reply:
    """Opens a thread in a channel (private unless `type` says 11), or a post in a forum."""
    state = call.state
    parent = _parent(state, call.path["channel_id"], forum=True)
    body = _checked(call.body(ThreadBody))
    if parent.holds_posts:
        return _create_post(call, parent, body)
    asked = ChannelType.PRIVATE_THREAD if body.type is None else body.type
    is_private = asked == ChannelType.PRIVATE_THREAD
    kind = thread_type(parent, is_private=is_private)
    if kind != asked:
        raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
    require(state, parent, permission_to_open(kind))
    thread = open_thread(state, _opening(state, parent, body, kind))
    if not is_private:
        announce_thread(state, thread)
    return Reply(status=201, body=channel_object(state, thread))


def list_active(call: Call) -> Reply:
    """The guild's active threads that the bot can see."""
    state, guild = call.state, call.guild()
    threads = [
        each
        for each in reversed(state.active_threads_of(guild.id))
        if may(state, each, state.bot_id, Permission.VIEW_CHANNEL)
    ]
    return Reply(body=_thread_list(state, threads, has_more=False))


def list_archived_public(call: Call) -> Reply:
    """The channel's archived public threads, last archived first."""
    return _archived(call, is_private=False)


def list_archived_private(call: Call) -> Reply:
    """Likewise the private ones, with MANAGE_THREADS."""
    return _archived(call, is_private=True)


def list_archived_joined(call: Call) -> Reply:
    """The channel's archived private threads that the bot is in, by id, the newest first."""
    parent = _with_archive(call)
    before = call.snowflake("before")
    threads = [
        each
        for each in _archived_in(call.state, parent, is_private=True)
        if each.thread and call.state.bot_id in each.thread.members
        if before is None or int(each.id) < before
    ]
    threads.sort(key=lambda each: int(each.id), reverse=True)
    return _page(call, threads)


def list_members(call: Call) -> Reply:
    """The thread's members; by pages only if their membership of the guild is asked for."""
    channel = _thread(call)
    assert channel.thread is not None  # noqa: S101 - `_thread` refuses others
    with_member, found = call.flag("with_member"), list(channel.thread.members)
    if with_member:
        found = call.page(found, str, default=100, most=100)
    shown = [_membership(call.state, channel, each, with_member) for each in found]
    return Reply(body=shown)


def get_member(call: Call) -> Reply:
    """One member of the thread."""
    channel = _thread(call)
    user_id = call.path["user_id"]
    if channel.thread is None or user_id not in channel.thread.members:
        raise errors.DiscordError(errors.UNKNOWN_MEMBER)
    return Reply(body=_membership(call.state, channel, user_id, call.flag("with_member")))


def join_itself(call: Call) -> Reply:
    """The bot joins the thread."""
    channel = _thread(call)
    require_unarchived(channel)
    join(call.state, channel, call.state.bot_id)
    return NO_CONTENT


def leave_itself(call: Call) -> Reply:
    """The bot leaves the thread."""
    channel = _thread(call)
    require_unarchived(channel)
    leave(call.state, channel, call.state.bot_id)
    return NO_CONTENT


def add_member(call: Call) -> Reply:
    """Brings a user into the thread."""
    state, channel = call.state, _thread(call)
    require(state, channel, Permission.SEND_MESSAGES_IN_THREADS)
    require_unarchived(channel)
    user = state.user(call.path["user_id"])
    guild = state.guilds[channel.guild_id or ""]
    if user.id not in guild.members:
        raise errors.DiscordError(errors.UNKNOWN_MEMBER)
    join(state, channel, user.id)
    return NO_CONTENT


def remove_member(call: Call) -> Reply:
    """Takes a user out of the thread; of a public one only with MANAGE_THREADS."""
    state, channel = call.state, _thread(call)
    require_unarchived(channel)
    owns = channel.thread is not None and channel.thread.owner_id == state.bot_id
    if not (owns and channel.type == ChannelType.PRIVATE_THREAD):
        require(state, channel, Permission.MANAGE_THREADS)
    leave(state, channel, call.path["user_id"])
    return NO_CONTENT


def _archived(call: Call, *, is_private: bool) -> Reply:
    parent = _with_archive(call)
    if is_private:
        require(call.state, parent, Permission.MANAGE_THREADS)
    before_us = call.instant_us("before")
    threads = [
        each
        for each in _archived_in(call.state, parent, is_private=is_private)
        if before_us is None or _archived_at_us(each) < before_us
    ]
    threads.sort(key=_archived_at_us, reverse=True)
    return _page(call, threads)


def _with_archive(call: Call) -> Channel:
    """The channel whose archived threads the bot may list."""
    parent = _parent(call.state, call.path["channel_id"], forum=True)
    require(call.state, parent, Permission.READ_MESSAGE_HISTORY)
    return parent


def _archived_in(state: State, parent: Channel, *, is_private: bool) -> list[Channel]:
    return [
        each
        for each in state.threads_of(parent.guild_id or "")
        if each.thread and each.thread.is_archived and each.parent_id == parent.id
        if (each.type == ChannelType.PRIVATE_THREAD) == is_private
    ]


def _archived_at_us(channel: Channel) -> int:
    return (channel.thread and channel.thread.archived_at_us) or 0


def _page(call: Call, threads: list[Channel]) -> Reply:
    chosen = threads[: call.count("limit", 50, most=100)]
    return Reply(body=_thread_list(call.state, chosen, has_more=len(chosen) < len(threads)))


def _create_post(call: Call, forum: Channel, body: ThreadBody) -> Reply:
    state = call.state
    require(state, forum, Permission.SEND_MESSAGES)
    if body.message is None:
        raise errors.missing("message")
    require_something(body.message, call.uploads)
    checked_tags(forum, body.applied_tags)
    thread = open_thread(state, _opening(state, forum, body, thread_type(forum)))
    first = create_message(
        state,
        Draft(channel=thread, author_id=state.bot_id, uploads=call.uploads, keeps_id=thread.id),
        body.message,
    )
    shown = channel_object(state, thread) | {"message": message_object(state, first)}
    return Reply(status=201, body=shown)


def _opening(
    state: State,
    parent: Channel,
    body: ThreadBody,
    kind: ChannelType,
    *,
    thread_id: str | None = None,
) -> Opening:
    return Opening(
        parent=parent,
        name=body.name,
        owner_id=state.bot_id,
        type=kind,
        thread_id=thread_id,
        archive_after_minutes=body.auto_archive_duration,
        slow_mode_s=body.rate_limit_per_user or 0,
        is_invitable=body.invitable is not False,
        applied_tags=tuple(str(tag) for tag in body.applied_tags or ()),
    )


def _checked(body: ThreadBody) -> ThreadBody:
    minutes = body.auto_archive_duration
    checked_channel(
        ChannelBody(name=body.name, auto_archive_duration=UNSET if minutes is None else minutes)
    )
    body.name = body.name.strip()
    return body


def thread_type(parent: Channel, *, is_private: bool = False) -> ChannelType:
    """The type of a public or private thread there.

    Raises:
        DiscordError: 50024 where there is none such: private threads are in text channels alone,
            and the chat of a voice channel has none.
    """
    if is_private and parent.type == ChannelType.TEXT:
        return ChannelType.PRIVATE_THREAD
    if is_private or (parent.type not in _PARENTS and not parent.holds_posts):
        raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
    if parent.type == ChannelType.ANNOUNCEMENT:
        return ChannelType.ANNOUNCEMENT_THREAD
    return ChannelType.PUBLIC_THREAD


def permission_to_open(kind: ChannelType) -> Permission:
    """What a thread of this type needs where it is no post."""
    if kind == ChannelType.PRIVATE_THREAD:
        return Permission.CREATE_PRIVATE_THREADS
    return Permission.CREATE_PUBLIC_THREADS


def _parent(state: State, channel_id: str, *, forum: bool = False) -> Channel:
    channel = state.channel(channel_id)
    if channel.type not in _PARENTS and not (forum and channel.holds_posts):
        raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
    return channel


def _thread(call: Call) -> Channel:
    channel = call.channel()
    if not channel.is_thread:
        raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
    return channel


def _membership(
    state: State, channel: Channel, user_id: str, with_member: bool
) -> dict[str, object]:
    shown = thread_member_object(channel, user_id)
    guild = state.guilds[channel.guild_id or ""]
    if with_member and user_id in guild.members:
        shown["member"] = member_object(state, guild.members[user_id])
    return shown


def _thread_list(state: State, threads: list[Channel], *, has_more: bool) -> dict[str, object]:
    return {
        "threads": [channel_object(state, each) for each in threads],
        "members": [
            thread_member_object(each, state.bot_id)
            for each in threads
            if each.thread and state.bot_id in each.thread.members
        ],
        "has_more": has_more,
    }


_CHANNEL = "/channels/{channel_id}"
_MEMBERS = f"{_CHANNEL}/thread-members"

ROUTES = (
    Route(
        "POST",
        f"{_CHANNEL}/messages/{{message_id}}/threads",
        create_from_message,
        ratelimits.THREAD_CREATE,
    ),
    Route("POST", f"{_CHANNEL}/threads", create, ratelimits.THREAD_CREATE),
    Route("GET", "/guilds/{guild_id}/threads/active", list_active, ratelimits.GUILD_READ),
    Route(
        "GET", f"{_CHANNEL}/threads/archived/public", list_archived_public, ratelimits.CHANNEL_READ
    ),
    Route(
        "GET",
        f"{_CHANNEL}/threads/archived/private",
        list_archived_private,
        ratelimits.CHANNEL_READ,
    ),
    Route(
        "GET",
        f"{_CHANNEL}/users/@me/threads/archived/private",
        list_archived_joined,
        ratelimits.CHANNEL_READ,
    ),
    Route("GET", _MEMBERS, list_members, ratelimits.CHANNEL_READ),
    Route("PUT", f"{_MEMBERS}/@me", join_itself, ratelimits.THREAD_MEMBER),
    Route("DELETE", f"{_MEMBERS}/@me", leave_itself, ratelimits.THREAD_MEMBER),
    Route("GET", f"{_MEMBERS}/{{user_id}}", get_member, ratelimits.CHANNEL_READ),
    Route("PUT", f"{_MEMBERS}/{{user_id}}", add_member, ratelimits.THREAD_MEMBER),
    Route("DELETE", f"{_MEMBERS}/{{user_id}}", remove_member, ratelimits.THREAD_MEMBER),
)
