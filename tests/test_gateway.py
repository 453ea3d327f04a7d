"""The bot before a gateway that does not keep to the protocol: it is outlasted."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import discord
import discord.client
import pytest
from aiohttp import web
from discord.backoff import ExponentialBackoff
from structlog.testing import capture_logs

from bot.client import point_discord_at
from bot.gateway import SAY_AGAIN_S, Drops, guard_gateway
from sandbox.server import LOOPBACK, Sandbox, Settings
from sandbox.tests.bots import PaintingBot, connected
from tests.clock import ManualClock
from tests.cogs.conftest import ReadyBot
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HELLO = {"op": 10, "d": {"heartbeat_interval": 41250}}
UNREACHABLE = "ws://127.0.0.1:1"
IDENTIFY, RESUME = 2, 6


@dataclass(slots=True, kw_only=True)
class OddGateway:
    """Plays one script after the other, then keeps to the protocol.

    Attributes:
        greetings: what is sent first, on each connection.
        readies: the data of READY, on each IDENTIFY; an integer closes with this code instead.
        asked: the ops that came, heartbeats left out.
    """

    greetings: list[Any] = field(default_factory=list)
    readies: list[Any] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    url: str = ""
    sockets: list[web.WebSocketResponse] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json(self.greetings.pop(0) if self.greetings else HELLO)
        async for message in socket:
            op = json.loads(message.data)["op"]
            if op in (IDENTIFY, RESUME):
                self.asked.append(op)
                await self._answer(socket, op)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, op: int) -> None:
        ready = self.readies.pop(0) if self.readies else self.ready()
        if isinstance(ready, int):
            await socket.close(code=ready)
        elif op == RESUME:
            await socket.send_json({"op": 0, "t": "RESUMED", "s": 2, "d": {}})
        else:
            await socket.send_json({"op": 0, "t": "READY", "s": 1, "d": ready})

    def ready(self, **others: object) -> dict[str, object]:
        user = {"id": "5", "username": "zeuxis", "discriminator": "0", "avatar": None}
        fine = {"session_id": "s", "resume_gateway_url": self.url, "user": user, "guilds": []}
        return {**fine, **others}


@asynccontextmanager
async def odd_gateway() -> AsyncIterator[OddGateway]:
    gateway = OddGateway()
    app = web.Application()
    app.router.add_get("/", gateway.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    gateway.url = f"ws://{LOOPBACK}:{runner.addresses[0][1]}"
    yield gateway
    await runner.cleanup()


@pytest.fixture
async def gateway(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OddGateway]:
    """Without the waits of discord.py's own."""
    monkeypatch.setattr(ExponentialBackoff, "delay", lambda _: 0.0)
    async with odd_gateway() as opened:
        yield opened


@asynccontextmanager
async def bot_before(gateway: OddGateway) -> AsyncIterator[ReadyBot]:
    """A bot that stays connected, to this gateway; the rest of Discord is the sandbox."""

    async def prepare(_: object) -> None:
        """No commands."""

    async with Sandbox.start(Settings(seed=7)) as sandbox:
        api = str(sandbox.addresses["discord_api_base_url"])
        point_discord_at(api_base_url=api, gateway_url=gateway.url)
        async with ReadyBot(prepare=prepare) as bot:
            staying = bot.staying = asyncio.create_task(
                bot.stay_connected(sandbox.state.application.token)
            )
            moving = asyncio.create_task(keep_moving(bot.hand))
            try:
                yield bot
            finally:
                moving.cancel()
                await bot.close()
                await asyncio.gather(staying, moving, return_exceptions=True)


async def keep_moving(clock: ManualClock) -> None:
    """The bot's own waits pass at once."""
    while True:
        clock.advance(1)
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    "greeting",
    [
        None,
        [],
        {"op": 10},
        {"op": 10, "d": {}},
        {"op": 10, "d": {"heartbeat_interval": -1}},
        {"op": 10, "d": {"heartbeat_interval": 1e30}},
        {"op": 10, "d": {"heartbeat_interval": "soon"}},
        {"op": 7},
        {"op": 9, "d": False},
    ],
)
async def test_a_greeting_that_makes_no_sense_is_outlasted(
    gateway: OddGateway, greeting: Any
) -> None:
    """At the very first connection, where discord.py has nothing yet to go on from."""
    gateway.greetings = [greeting]
    async with bot_before(gateway) as bot:
        await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)


@pytest.mark.parametrize(
    "ready",
    [
        None,
        [],
        {},
        {"session_id": "s", "resume_gateway_url": "nowhere"},
        {"session_id": "s", "resume_gateway_url": "wss://localhost", "user": None},
        {"session_id": "s", "resume_gateway_url": "wss://localhost", "user": {"id": "me"}},
    ],
)
async def test_a_ready_that_makes_no_sense_is_asked_for_again(
    gateway: OddGateway, ready: Any
) -> None:
    """Not resumed: there is no session that could be."""
    gateway.readies = [ready]
    async with bot_before(gateway) as bot:
        await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)
    assert gateway.asked == [IDENTIFY, IDENTIFY]


@pytest.mark.parametrize("code", [4007, 4009])
async def test_a_session_that_discord_has_ended_is_not_resumed(
    gateway: OddGateway, code: int
) -> None:
    """discord.py would try for ever, without a pause."""
    async with bot_before(gateway) as bot:
        await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)
        bot.connected.clear()
        await gateway.sockets[-1].close(code=code)
        await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)
    assert gateway.asked == [IDENTIFY, IDENTIFY]


async def test_a_session_whose_gateway_is_gone_is_given_up(gateway: OddGateway) -> None:
    """READY names the gateway to resume at; the usual one is still there."""
    gateway.readies = [gateway.ready(resume_gateway_url=UNREACHABLE)]
    async with bot_before(gateway) as bot:
        await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)
        bot.connected.clear()
        await gateway.sockets[-1].close(code=4000)
        await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)
    assert gateway.asked == [IDENTIFY, IDENTIFY]


async def test_a_lost_connection_is_resumed(gateway: OddGateway) -> None:
    """So that the other tests mean something."""
    async with bot_before(gateway) as bot:
        await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)
        resumed = asyncio.create_task(bot.wait_for("resumed", timeout=PATIENCE_S))
        await asyncio.sleep(0)
        await gateway.sockets[-1].close(code=4000)
        await resumed
    assert gateway.asked == [IDENTIFY, RESUME]


async def test_a_gateway_that_cannot_be_reached_at_first_is_waited_for(
    gateway: OddGateway,
) -> None:
    """Logged in, and nobody there: the process stays, and says so."""
    url, gateway.url = gateway.url, UNREACHABLE
    with capture_logs() as logs:
        async with bot_before(gateway) as bot:
            async with asyncio.timeout(PATIENCE_S):
                while not [one for one in logs if one["event"] == "connection to Discord broke"]:  # noqa: ASYNC110 - the log has no event to wait for
                    await asyncio.sleep(0)
            gateway.url = url
            point_discord_at(api_base_url=None, gateway_url=url)
            await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)
    errors = {one["error"] for one in logs if one["event"] == "connection to Discord broke"}
    assert errors == {"ClientConnectorError"}


@pytest.mark.parametrize("code", [4004, 4010, 4013, 4014])
async def test_what_discord_refuses_for_good_is_not_asked_again(
    gateway: OddGateway, code: int
) -> None:
    """A wrong token or intent is no better next time: the operator has to mend it."""
    gateway.readies = [code]
    async with bot_before(gateway) as bot:
        with pytest.raises((discord.ConnectionClosed, discord.PrivilegedIntentsRequired)):
            await asyncio.wait_for(bot.staying, PATIENCE_S)
    assert gateway.asked == [IDENTIFY]


def test_oddities_of_one_kind_are_said_once_a_minute_with_their_number() -> None:
    """And those of another kind at once."""
    clock = ManualClock()
    drops = Drops(clock)
    with capture_logs() as logs:
        for _ in range(1000):
            drops.note("frame", ValueError("x" * 100_000))
        drops.note("READY", ValueError("y"))
        clock.advance(SAY_AGAIN_S)
        drops.note("frame", ValueError("z"))
    assert [(one["what"], one["more_before"]) for one in logs] == [
        ("frame", 0),
        ("READY", 0),
        ("frame", 999),
    ]
    assert len(logs[0]["says"]) <= 200


async def test_another_client_of_the_process_reads_all_that_it_asked_for() -> None:
    """What is guarded is our own client: it waits for no guild, others do."""
    guard_gateway()
    async with Sandbox.start(Settings()) as sandbox:
        other = PaintingBot(intents=discord.Intents.default())
        async with connected(sandbox, other):
            assert {guild.name for guild in other.guilds} == {"Orchard", "Harbour"}
