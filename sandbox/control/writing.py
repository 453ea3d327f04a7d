"""Members write: messages, and threads on a message, in a channel, and as posts of forums."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.control.options import UploadedFile, upload_of
from sandbox.discord import automod, errors
from sandbox.discord.message_bodies import EditBody, MessageBody
from sandbox.discord.message_objects import message_object
from sandbox.discord.permissions import Permission, may
from sandbox.discord.posting import Draft, create_message, edit_message, require_something
from sandbox.discord.records import MessageType, Reference
from sandbox.discord.threads import (
    announce_thread,
    permission_to_open,
    start_on_message,
    thread_type,
)
from sandbox.discord.threads_life import (
    Opening,
    checked_tags,
    open_for_sending,
    open_thread,
    require_unarchived,
)

if TYPE_CHECKING:
    from sandbox.discord.records import Channel, Message
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State


_ON_NONE = "A private thread stands on no message."


class WrittenMessage(Struct, kw_only=True):
    """A message that a member writes."""

    user_id: str
    content: str = ""
    reply_to: str | None = None
    files: list[UploadedFile] = []


class ChangedMessage(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a member makes of their own message."""

    user_id: str
    content: str


class MemberThread(Struct, kw_only=True, forbid_unknown_fields=True):
    """A thread that a member opens; `content` is its first message, none on another message.

    A private one stands on no message.
    """

    user_id: str
    name: str
    content: str = ""
    message_id: str | None = None
    applied_tags: list[str] = []
    private: bool = False


def write_message(state: State, channel: Channel, written: WrittenMessage) -> JsonObject:
    """A member writes a message.

    Raises:
        DiscordError: 50001, 50013, 50008, 200000, or what a message can be refused for.
    """
    user = state.user(written.user_id)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    if written.files:
        needed |= Permission.ATTACH_FILES
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
        uploads=tuple(
            upload_of(state, channel, each, str(number))
            for number, each in enumerate(written.files)
        ),
        reference=reference,
        type=MessageType.REPLY if reference else MessageType.DEFAULT,
    )
    return message_object(state, _moderated(state, draft, MessageBody(content=written.content)))


def change_message(
    state: State, channel: Channel, message_id: str, changed: ChangedMessage
) -> JsonObject:
    """A member changes their own message.

    Raises:
        DiscordError: 10008, 50001, 50005, 50006, 50083, 200000.
    """
    message = state.message(channel.id, message_id)
    if not may(state, channel, changed.user_id, Permission.VIEW_CHANNEL):
        raise errors.DiscordError(errors.MISSING_ACCESS)
    if message.author_id != changed.user_id:
        raise errors.DiscordError(errors.NOT_OWN_MESSAGE)
    require_unarchived(channel)
    found = _let_through(state, channel, changed.user_id, changed.content)
    edit_message(state, message, EditBody(content=changed.content))
    automod.act(state, found, message)
    return message_object(state, message)


def _moderated(state: State, draft: Draft, body: MessageBody) -> Message:
    """The message, unless AutoMod blocks it."""
    found = _let_through(state, draft.channel, draft.author_id, body.content or "")
    message = create_message(state, draft, body)
    automod.act(state, found, message)
    return message


def _let_through(state: State, channel: Channel, author_id: str, content: str) -> list[automod.Hit]:
    """What AutoMod has found and does not block.

    Raises:
        DiscordError: 200000.
    """
    found = automod.hits(state, channel, author_id, content)
    blocker = automod.blocking(found)
    if blocker is not None:
        automod.act(state, found, None)
        raise automod.refusal(blocker)
    return found


def open_member_thread(state: State, parent: Channel, asked: MemberThread) -> Channel:
    """Opens the thread; a post needs its first message.

    Raises:
        DiscordError: 50013, 40067, 50006, 160004 and whatever else threads are refused for.
    """
    user = state.user(asked.user_id)
    kind = thread_type(parent, is_private=asked.private)
    needed = Permission.SEND_MESSAGES if parent.holds_posts else permission_to_open(kind)
    if not may(state, parent, user.id, Permission.VIEW_CHANNEL | needed):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    opening = Opening(
        parent=parent,
        name=asked.name,
        owner_id=user.id,
        type=kind,
        thread_id=asked.message_id,
        applied_tags=checked_tags(parent, asked.applied_tags),
    )
    if asked.message_id is not None:
        if asked.private:
            raise errors.invalid_field("message_id", code="BASE_TYPE_CHOICES", message=_ON_NONE)
        return start_on_message(state, opening, state.message(parent.id, asked.message_id))
    first = MessageBody(content=asked.content)
    if parent.holds_posts or asked.content:
        require_something(first, ())
    thread = open_thread(state, opening)
    if not parent.holds_posts and not asked.private:
        announce_thread(state, thread)
    if asked.content:
        keeps_id = thread.id if parent.holds_posts else None
        create_message(state, Draft(channel=thread, author_id=user.id, keeps_id=keeps_id), first)
    return thread
