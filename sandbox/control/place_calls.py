"""The calls that make and end places: channels, threads of members, conversations of people.

    POST   /guilds/{id}/channels         name, type, topic, nsfw, available_tags, require_tag …
    POST   /channels/{id}/threads        a member's thread or post
    DELETE /channels/{id}                a channel with its threads, or a thread, is gone
    PUT, DELETE  /channels/{id}/overwrites/{id}   one exception: type (0), allow, deny
    POST   /private-channels             opens the conversation of two users, or a new group

Each answers with the channel; the bot learns of those that it can see by the gateway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from sandbox.control.member_threads import MemberThread, open_member_thread
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
from sandbox.discord.shapes import JSON_MEDIA_TYPE, encode
from sandbox.discord.threads_life import REQUIRES_TAG

if TYPE_CHECKING:
    from sandbox.discord.state import State

ShapeT = TypeVar("ShapeT")

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


def add_place_calls(app: web.Application, state: State) -> None:
    """Adds them to the control interface."""
    calls = _PlaceCalls(state)
    app.router.add_routes(
        [
            web.post("/guilds/{guild_id}/channels", calls.make_channel),
            web.post("/channels/{channel_id}/threads", calls.open_thread),
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
        guild = self._state.guilds.get(request.match_info["guild_id"])
        if guild is None:
            raise errors.DiscordError(errors.UNKNOWN_GUILD)
        asked = await _body(request, NewPlace)
        channel = add_channel(self._state, guild, asked)
        if channel.holds_posts and asked.require_tag:
            channel.flags |= REQUIRES_TAG
            self._state.save(channel)
        return _json(channel_object(self._state, channel))

    async def open_thread(self, request: web.Request) -> web.Response:
        parent = self._state.channel(request.match_info["channel_id"])
        asked = await _body(request, MemberThread)
        return _json(channel_object(self._state, open_member_thread(self._state, parent, asked)))

    async def delete_channel(self, request: web.Request) -> web.Response:
        channel = self._state.channel(request.match_info["channel_id"])
        if channel.guild_id is None:
            raise errors.DiscordError(errors.NOT_ON_DM)
        shown = channel_object(self._state, channel)
        delete_channel(self._state, channel)
        return _json(shown)

    async def put_overwrite(self, request: web.Request) -> web.Response:
        channel, asked = self._place(request), await _body(request, OverwriteBody)
        return self._with_exceptions(channel, set_overwrite(channel, _target(request), asked))

    async def delete_overwrite(self, request: web.Request) -> web.Response:
        channel = self._place(request)
        return self._with_exceptions(channel, without_overwrite(channel, _target(request)))

    def _place(self, request: web.Request) -> Channel:
        channel = self._state.channel(request.match_info["channel_id"])
        if channel.guild_id is None or channel.is_thread:
            raise errors.DiscordError(errors.WRONG_CHANNEL_TYPE)
        return channel

    def _with_exceptions(self, channel: Channel, overwrites: list[Overwrite]) -> web.Response:
        channel.overwrites = overwrites
        self._state.save(channel)
        shown = channel_object(self._state, channel)
        self._state.publish("CHANNEL_UPDATE", shown, channel)
        return _json(shown)

    async def open_conversation(self, request: web.Request) -> web.Response:
        asked = await _body(request, NewConversation)
        people = list(dict.fromkeys(self._state.user(each).id for each in asked.user_ids))
        if not 2 <= len(people) <= LARGEST_GROUP or self._state.bot_id in people:
            message = f"Must be 2 to {LARGEST_GROUP} people, and no bot."
            raise errors.invalid_field("user_ids", code="BASE_TYPE_BAD_LENGTH", message=message)
        channel = self._conversation_of_two(people) if len(people) == 2 else None
        channel = channel or self._made(people, asked.name)
        return _json(channel_object(self._state, channel))

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


def _target(request: web.Request) -> str:
    return request.match_info["target_id"]


async def _body(request: web.Request, shape: type[ShapeT]) -> ShapeT:
    return msgspec.json.decode(await request.read() or b"{}", type=shape)


def _json(body: object) -> web.Response:
    return web.Response(body=encode(body), content_type=JSON_MEDIA_TYPE)
