"""The calls that make, change and end places: channels, members' threads, conversations.

    POST   /guilds/{id}/channels         name, type, topic, nsfw, available_tags, require_tag …
    POST   /channels/{id}/threads        a member's thread or post
    PATCH  /channels/{id}                name, nsfw, archived, locked, overwrites
    DELETE /channels/{id}                a channel with its threads, or a thread, is gone
    PUT, DELETE  /channels/{id}/overwrites/{id}   one exception: type (0), allow, deny
    POST   /private-channels             opens the conversation of two users, or a new group

Each answers with the channel; the bot learns of those that it can see by the gateway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from sandbox.control.calls import guild_of, read_body
from sandbox.control.writing import MemberThread, open_member_thread
from sandbox.discord import errors
from sandbox.discord.channels import delete_channel
from sandbox.discord.guilds import NewChannel, add_channel
from sandbox.discord.objects import channel_object
from sandbox.discord.overwrites import (
    OverwriteBody,
    permission_bits,
    set_overwrite,
    tell_channel,
    without_overwrite,
)
from sandbox.discord.records import Channel, ChannelType, Overwrite
from sandbox.discord.threads_life import REQUIRES_TAG, tell_thread

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.discord.records import Thread
    from sandbox.discord.shapes import JsonObject
    from sandbox.discord.state import State

_OVERWRITE = "/channels/{channel_id}/overwrites/{target_id}"

LARGEST_GROUP = 10
"""People in a group. Source: Discord's help pages."""


class NewConversation(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who talks: two in their one conversation, three to ten in a group, which may have a name."""

    user_ids: list[str]
    name: str | None = None


class NewPlace(NewChannel, kw_only=True, forbid_unknown_fields=True):
    """A channel as a bot may make one, and whether its posts need a tag."""

    require_tag: bool = False


class OverwriteChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A channel's exception for a role (type 0) or member (type 1)."""

    id: str
    type: int = 0
    allow: str | int = 0
    deny: str | int = 0


class ChannelChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """A change of a channel or thread."""

    name: str | UnsetType = UNSET
    nsfw: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    overwrites: list[OverwriteChange] | UnsetType = UNSET


async def make_channel(state: State, request: web.Request) -> object:
    guild = guild_of(state, request)
    asked = await read_body(request, NewPlace)
    channel = add_channel(state, guild, asked)
    if channel.holds_posts and asked.require_tag:
        channel.flags |= REQUIRES_TAG
        state.save(channel)
    return channel_object(state, channel)


async def open_thread(state: State, request: web.Request) -> object:
    parent = state.channel(request.match_info["channel_id"])
    asked = await read_body(request, MemberThread)
    return channel_object(state, open_member_thread(state, parent, asked))


async def change_channel(state: State, request: web.Request) -> object:
    channel = state.channel(request.match_info["channel_id"])
    change = await read_body(request, ChannelChange)
    _apply(state, channel, change)
    if channel.is_thread:
        tell_thread(state, channel)
        return channel_object(state, channel)
    return _changed(state, channel)


async def end_channel(state: State, request: web.Request) -> object:
    channel = state.channel(request.match_info["channel_id"])
    if channel.guild_id is None:
        raise errors.DiscordError(errors.NOT_ON_DM)
    shown = channel_object(state, channel)
    delete_channel(state, channel)
    return shown


async def put_overwrite(state: State, request: web.Request) -> object:
    channel, asked = _place(state, request), await read_body(request, OverwriteBody)
    channel.overwrites = set_overwrite(channel, request.match_info["target_id"], asked)
    return _changed(state, channel)


async def delete_overwrite(state: State, request: web.Request) -> object:
    channel = _place(state, request)
    channel.overwrites = without_overwrite(channel, request.match_info["target_id"])
    return _changed(state, channel)


def _place(state: State, request: web.Request) -> Channel:
    channel = state.channel(request.match_info["channel_id"])
    if channel.guild_id is None or channel.is_thread:
        raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
    return channel


def _changed(state: State, channel: Channel) -> JsonObject:
    tell_channel(state, channel)
    return channel_object(state, channel)


async def open_conversation(state: State, request: web.Request) -> object:
    asked = await read_body(request, NewConversation)
    people = list(dict.fromkeys(state.user(each).id for each in asked.user_ids))
    if not 2 <= len(people) <= LARGEST_GROUP or state.bot_id in people:
        message = f"Must be 2 to {LARGEST_GROUP} people, and no bot."
        raise errors.invalid_field("user_ids", code="BASE_TYPE_BAD_LENGTH", message=message)
    channel = _conversation_of_two(state, people) if len(people) == 2 else None
    channel = channel or _made(state, people, asked.name)
    return channel_object(state, channel)


def _conversation_of_two(state: State, people: list[str]) -> Channel | None:
    """Two people have one conversation, a group may be there twice."""
    for channel in state.channels.values():
        if channel.type == ChannelType.DM and set(channel.recipient_ids) == set(people):
            return channel
    return None


def _made(state: State, people: list[str], name: str | None) -> Channel:
    is_group = len(people) > 2
    channel = Channel(
        id=state.snowflakes.next(),
        type=ChannelType.GROUP_DM if is_group else ChannelType.DM,
        name=(name or "") if is_group else "",
        owner_id=people[0] if is_group else None,
        recipient_ids=people,
    )
    state.save(channel)
    state.publish("SANDBOX_CONVERSATION", channel_object(state, channel))
    return channel


def _apply(state: State, channel: Channel, change: ChannelChange) -> None:
    if change.name is not UNSET:
        channel.name = change.name
    if change.nsfw is not UNSET:
        channel.is_age_restricted = change.nsfw
    if change.overwrites is not UNSET:
        channel.overwrites = [
            Overwrite(
                id=each.id,
                type=each.type,
                allow=permission_bits("allow", each.allow),
                deny=permission_bits("deny", each.deny),
            )
            for each in change.overwrites
        ]
    if channel.thread is not None:
        _apply_to_thread(state, channel.thread, change)


def _apply_to_thread(state: State, thread: Thread, change: ChannelChange) -> None:
    if change.archived is not UNSET and change.archived != thread.is_archived:
        thread.is_archived = change.archived
        thread.archived_at_us = thread.active_at_us = state.now_us()
    if change.locked is not UNSET:
        thread.is_locked = change.locked


PLACE_CALLS = (
    ("POST", "/guilds/{guild_id}/channels", make_channel),
    ("POST", "/channels/{channel_id}/threads", open_thread),
    ("PATCH", "/channels/{channel_id}", change_channel),
    ("DELETE", "/channels/{channel_id}", end_channel),
    ("PUT", _OVERWRITE, put_overwrite),
    ("DELETE", _OVERWRITE, delete_overwrite),
    ("POST", "/private-channels", open_conversation),
)
