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

from aiohttp import web
from msgspec import UNSET, Struct, UnsetType

from sandbox.control.calls import bits_of, guild_of, json_response, read_body
from sandbox.control.writing import MemberThread, open_member_thread
from sandbox.discord import errors
from sandbox.discord.channels import (
    OverwriteBody,
    delete_channel,
    set_overwrite,
    without_overwrite,
)
from sandbox.discord.guilds import NewChannel, add_channel
from sandbox.discord.objects import channel_object
from sandbox.discord.records import Channel, ChannelType, Overwrite
from sandbox.discord.threads_life import REQUIRES_TAG, tell_thread

if TYPE_CHECKING:
    from sandbox.discord.records import Thread
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


def add_place_calls(app: web.Application, state: State) -> None:
    """Adds them to the control interface."""
    calls = _PlaceCalls(state)
    app.router.add_routes(
        [
            web.post("/guilds/{guild_id}/channels", calls.make_channel),
            web.post("/channels/{channel_id}/threads", calls.open_thread),
            web.patch("/channels/{channel_id}", calls.change_channel),
            web.delete("/channels/{channel_id}", calls.delete_channel),
            web.put(_OVERWRITE, calls.put_overwrite),
            web.delete(_OVERWRITE, calls.delete_overwrite),
            web.post("/private-channels", calls.open_conversation),
        ]
    )


class _PlaceCalls:
    def __init__(self, state: State) -> None:
        self._state = state

    async def make_channel(self, request: web.Request) -> web.Response:
        guild = guild_of(self._state, request)
        asked = await read_body(request, NewPlace)
        channel = add_channel(self._state, guild, asked)
        if channel.holds_posts and asked.require_tag:
            channel.flags |= REQUIRES_TAG
            self._state.save(channel)
        return json_response(channel_object(self._state, channel))

    async def open_thread(self, request: web.Request) -> web.Response:
        parent = self._state.channel(request.match_info["channel_id"])
        asked = await read_body(request, MemberThread)
        return json_response(
            channel_object(self._state, open_member_thread(self._state, parent, asked))
        )

    async def change_channel(self, request: web.Request) -> web.Response:
        channel = self._state.channel(request.match_info["channel_id"])
        change = await read_body(request, ChannelChange)
        _apply(self._state, channel, change)
        if channel.is_thread:
            tell_thread(self._state, channel)
            return json_response(channel_object(self._state, channel))
        return self._changed(channel)

    async def delete_channel(self, request: web.Request) -> web.Response:
        channel = self._state.channel(request.match_info["channel_id"])
        if channel.guild_id is None:
            raise errors.DiscordError(errors.NOT_ON_DM)
        shown = channel_object(self._state, channel)
        delete_channel(self._state, channel)
        return json_response(shown)

    async def put_overwrite(self, request: web.Request) -> web.Response:
        channel, asked = self._place(request), await read_body(request, OverwriteBody)
        channel.overwrites = set_overwrite(channel, request.match_info["target_id"], asked)
        return self._changed(channel)

    async def delete_overwrite(self, request: web.Request) -> web.Response:
        channel = self._place(request)
        channel.overwrites = without_overwrite(channel, request.match_info["target_id"])
        return self._changed(channel)

    def _place(self, request: web.Request) -> Channel:
        channel = self._state.channel(request.match_info["channel_id"])
        if channel.guild_id is None or channel.is_thread:
            raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
        return channel

    def _changed(self, channel: Channel) -> web.Response:
        self._state.save(channel)
        shown = channel_object(self._state, channel)
        self._state.publish("CHANNEL_UPDATE", shown, channel)
        return json_response(shown)

    async def open_conversation(self, request: web.Request) -> web.Response:
        asked = await read_body(request, NewConversation)
        people = list(dict.fromkeys(self._state.user(each).id for each in asked.user_ids))
        if not 2 <= len(people) <= LARGEST_GROUP or self._state.bot_id in people:
            message = f"Must be 2 to {LARGEST_GROUP} people, and no bot."
            raise errors.invalid_field("user_ids", code="BASE_TYPE_BAD_LENGTH", message=message)
        channel = self._conversation_of_two(people) if len(people) == 2 else None
        channel = channel or self._made(people, asked.name)
        return json_response(channel_object(self._state, channel))

    def _conversation_of_two(self, people: list[str]) -> Channel | None:
        """Two people have one conversation, a group may be there twice."""
        for channel in self._state.channels.values():
            if channel.type == ChannelType.DM and set(channel.recipient_ids) == set(people):
                return channel
        return None

    def _made(self, people: list[str], name: str | None) -> Channel:
        is_group = len(people) > 2
        channel = Channel(
            id=self._state.snowflakes.next(),
            type=ChannelType.GROUP_DM if is_group else ChannelType.DM,
            name=(name or "") if is_group else "",
            owner_id=people[0] if is_group else None,
            recipient_ids=people,
        )
        self._state.save(channel)
        self._state.publish("SANDBOX_CONVERSATION", channel_object(self._state, channel))
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
                allow=bits_of("allow", each.allow),
                deny=bits_of("deny", each.deny),
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
