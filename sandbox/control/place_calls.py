"""The calls that make places: conversations between people.

POST   /private-channels             opens the conversation of two users, or a new group
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from sandbox.discord import errors
from sandbox.discord.objects.channels import channel_object
from sandbox.discord.records import Channel, ChannelType
from sandbox.discord.shapes import JSON_MEDIA_TYPE, encode

if TYPE_CHECKING:
    from sandbox.discord.state import State

ShapeT = TypeVar("ShapeT")

LARGEST_GROUP = 10
"""People in a group. Source: Discord's help pages."""


class NewConversation(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who talks: two in their one conversation, three to ten in a group, which may have a name."""

    user_ids: list[str]
    name: str | None = None


def add_place_calls(app: web.Application, state: State) -> None:
    """Adds them to the control interface."""
    calls = _PlaceCalls(state)
    app.router.add_routes([web.post("/private-channels", calls.open_conversation)])


class _PlaceCalls:
    def __init__(self, state: State) -> None:
        self._state = state

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


async def _body(request: web.Request, shape: type[ShapeT]) -> ShapeT:
    return msgspec.json.decode(await request.read() or b"{}", type=shape)


def _json(body: object) -> web.Response:
    return web.Response(body=encode(body), content_type=JSON_MEDIA_TYPE)
