"""Members open threads: on a message, in a channel, and as posts of forums and media channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.discord import errors
from sandbox.discord.message_bodies import MessageBody
from sandbox.discord.permissions import Permission, may
from sandbox.discord.posting import Draft, create_message, require_something
from sandbox.discord.threads import announce_thread, public_thread_type, start_on_message
from sandbox.discord.threads_life import Opening, checked_tags, open_thread

if TYPE_CHECKING:
    from sandbox.discord.records import Channel
    from sandbox.discord.state import State


class MemberThread(Struct, kw_only=True, forbid_unknown_fields=True):
    """A thread that a member opens; `content` is its first message, none on another message."""

    user_id: str
    name: str
    content: str = ""
    message_id: str | None = None
    applied_tags: list[str] = []


def open_member_thread(state: State, parent: Channel, asked: MemberThread) -> Channel:
    """Opens the thread; a post needs its first message.

    Raises:
        DiscordError: 50013, 40067, 50006, 160004 and whatever else threads are refused for.
    """
    user = state.user(asked.user_id)
    needed = Permission.SEND_MESSAGES if parent.holds_posts else Permission.CREATE_PUBLIC_THREADS
    if not may(state, parent, user.id, Permission.VIEW_CHANNEL | needed):
        raise errors.DiscordError(errors.MISSING_PERMISSIONS)
    opening = Opening(
        parent=parent,
        name=asked.name,
        owner_id=user.id,
        type=public_thread_type(parent),
        thread_id=asked.message_id,
        applied_tags=checked_tags(parent, asked.applied_tags),
    )
    if asked.message_id is not None:
        return start_on_message(state, opening, state.message(parent.id, asked.message_id))
    first = MessageBody(content=asked.content)
    if parent.holds_posts or asked.content:
        require_something(first, ())
    thread = open_thread(state, opening)
    if not parent.holds_posts:
        announce_thread(state, thread)
    if asked.content:
        keeps_id = thread.id if parent.holds_posts else None
        create_message(state, Draft(channel=thread, author_id=user.id, keeps_id=keeps_id), first)
    return thread
