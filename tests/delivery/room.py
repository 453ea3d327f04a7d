"""A channel of the sandbox's Discord, reached by the real client over a socket."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import ImageBot, point_discord_at
from bot.delivery.posts import Posts
from bot.queue.records import ChannelId, MessageId
from sandbox.clock import SandboxClock
from sandbox.control.client import Control
from sandbox.discord.message_bodies import MessageBody
from sandbox.discord.message_objects import message_object
from sandbox.discord.posting import Draft, create_message
from sandbox.faults import parse_faults
from sandbox.server import Sandbox, Settings
from tests.clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.delivery.pace import EditPace
    from sandbox.discord.document import Document
    from sandbox.discord.records import Channel, Message, Thread


@dataclass(slots=True, kw_only=True)
class Room:
    """The first guild's channel for pictures; both clocks stand still until `pass_time`."""

    sandbox: Sandbox
    control: Control
    clock: ManualClock
    client: ImageBot
    posts: Posts
    closed: list[ChannelId] = field(default_factory=list)  # what was said to be closed

    @property
    def id(self) -> ChannelId:
        return ChannelId(int(self.control.channel("pictures")))

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.sandbox.clock.advance(seconds)

    def fault(self, kind: str, match: str, **more: Any) -> None:
        """Puts this fault of Discord's, and no other, in force."""
        fault = {"server": "discord", "kind": kind, "match": match, **more}
        self.sandbox.faults.replace(parse_faults(json.dumps([fault])))

    def fired(self) -> int:
        """How many times the fault in force has struck."""
        return sum(self.sandbox.faults.fired())

    def channel(self, channel_id: int) -> Channel:
        """A channel or thread as Discord keeps it."""
        return self.sandbox.state.channels[str(channel_id)]

    def thread(self, thread_id: int) -> Thread:
        thread = self.channel(thread_id).thread
        assert thread is not None
        return thread

    def archive(self, thread_id: int, *, is_locked: bool = False) -> None:
        self.thread(thread_id).is_archived = True
        self.thread(thread_id).is_locked = is_locked

    def give_to_member(self, thread_id: int) -> None:
        """As if a member had opened it."""
        self.thread(thread_id).owner_id = self.control.member()

    def messages(self, channel_id: int | None = None) -> list[Message]:
        """The oldest first."""
        return list(self.sandbox.state.messages.get(str(channel_id or self.id), {}).values())

    def shown(self, message: Message) -> Any:
        """As Discord's answers show it."""
        return message_object(self.sandbox.state, message)

    def put(self, content: str, *, by_member: bool = False, **body: Any) -> MessageId:
        """A message that stands from now on."""
        state = self.sandbox.state
        author_id = self.control.member() if by_member else state.bot_id
        draft = Draft(channel=self.channel(self.id), author_id=author_id)
        return MessageId(int(create_message(state, draft, MessageBody(content=content, **body)).id))

    async def deny(self, permissions: int, *, allow: int = 0) -> None:
        """To the bot, in the channel and its threads."""
        bot_id = self.sandbox.state.bot_id
        exception = {"id": bot_id, "type": 1, "deny": str(permissions), "allow": str(allow)}
        answer = await self.control.call(
            "PATCH", f"/channels/{self.id}", {"overwrites": [exception]}
        )
        assert answer.status == 200, answer.body


@asynccontextmanager
async def opened_room(document: Document) -> AsyncIterator[Room]:
    """The client is logged in, and not connected to the gateway. Its requests keep the rules."""
    clock, hand = SandboxClock.manual(), ManualClock()
    settings = Settings(seed=7, strict_fields=True)
    real = Route.BASE, str(DiscordWebSocket.DEFAULT_GATEWAY)

    try:
        async with Sandbox.start(settings, clock=clock, document=document) as sandbox:
            addresses = sandbox.addresses
            point_discord_at(
                api_base_url=str(addresses["discord_api_base_url"]),
                gateway_url=str(addresses["discord_gateway_url"]),
            )
            async with (
                ImageBot(clock=hand, randomness=Random(7)) as client,
                Control.of(sandbox) as control,
            ):
                await client.login(str(addresses["bot_token"]))
                yield _room(sandbox, control, hand, client)
    finally:
        point_discord_at(api_base_url=real[0], gateway_url=real[1])


class QuickPosts(Posts):
    """Waits by moving its clock."""

    def __init__(
        self,
        client: ImageBot,
        *,
        on_closed: Callable[[ChannelId], Awaitable[None]],
        clock: ManualClock,
        pace: EditPace | None = None,
    ) -> None:
        super().__init__(client, on_closed=on_closed, clock=clock, pace=pace)
        self._moved = clock

    async def _rest(self, message_id: MessageId) -> None:
        left_us = self._pace.free_at_us(message_id) - self._moved.now_us()
        self._moved.advance(max(0, left_us) / 1e6)


def _room(sandbox: Sandbox, control: Control, clock: ManualClock, client: ImageBot) -> Room:
    closed: list[ChannelId] = []

    async def note(channel_id: ChannelId) -> None:
        closed.append(channel_id)

    return Room(
        sandbox=sandbox,
        control=control,
        clock=clock,
        client=client,
        posts=QuickPosts(client, on_closed=note, clock=clock),
        closed=closed,
    )
