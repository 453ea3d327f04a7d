"""The bot before a gateway that does not keep to the protocol: it is outlasted."""

from __future__ import annotations

import asyncio
import json
import zlib
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
from bot.gateway import (
    RESUME_WITHIN_S,
    SAY_AGAIN_S,
    Answerable,
    Drops,
    answerable,
    check,
    guard_gateway,
    set_locales,
)
from sandbox.server import LOOPBACK, Sandbox, Settings
from sandbox.tests.bots import PaintingBot, connected
from tests.clock import ManualClock
from tests.cogs.conftest import ReadyBot
from tests.providers.raw_server import serving, silent
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.sockets

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
        resumed_after: the last event that was heard of before, by each RESUME.
    """

    greetings: list[Any] = field(default_factory=list)
    readies: list[Any] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    resumed_after: list[int] = field(default_factory=list)
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
                if op == RESUME:
                    self.resumed_after.append(json.loads(message.data)["d"]["seq"])
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

    async with Sandbox.start(Settings(seed=7)) as sandbox:
        api = str(sandbox.addresses["discord_api_base_url"])
        point_discord_at(api_base_url=api, gateway_url=gateway.url)
        async with ReadyBot() as bot:
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
        {"op": 0, "t": "GUILD_DELETE", "s": 1, "d": {"id": "77"}},
    ],
)
async def test_a_greeting_that_makes_no_sense_is_outlasted(
    gateway: OddGateway, greeting: Any
) -> None:
    """At the very first connection, where discord.py has nothing yet to go on from."""
    gateway.greetings = [greeting]
    async with bot_before(gateway) as bot:
        await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)


async def test_a_greeting_that_makes_no_sense_is_said(gateway: OddGateway) -> None:
    gateway.greetings = [{"op": 10, "d": {}}]
    with capture_logs() as logs:
        async with bot_before(gateway) as bot:
            await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)
    assert dropped(logs) == [("HELLO", "ValidationError")]


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


async def test_a_session_whose_gateway_says_nothing_is_given_up(
    gateway: OddGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody accepts the connection there, and no greeting ever comes."""
    assert RESUME_WITHIN_S == 20
    monkeypatch.setattr("bot.gateway.RESUME_WITHIN_S", 0.05)
    async with serving(silent) as server:
        address = f"ws://{LOOPBACK}:{server.port}"
        gateway.readies = [gateway.ready(resume_gateway_url=address)]
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


@asynccontextmanager
async def connected_to(gateway: OddGateway) -> AsyncIterator[ReadyBot]:
    """A bot that has begun its session; what is sent next comes to it as events."""
    async with bot_before(gateway) as bot:
        await asyncio.wait_for(bot.connected.wait(), PATIENCE_S)
        bot.connected.clear()
        yield bot


async def heard(bot: ReadyBot, event: str, *, sent: Any, by: OddGateway) -> Any:
    """What the bot tells under this name once the frames were sent."""
    hearing = asyncio.create_task(bot.wait_for(event, timeout=PATIENCE_S))
    await asyncio.sleep(0)
    for frame in sent:
        await by.sockets[-1].send_json(frame)
    return await hearing


def dropped(logs: Any) -> list[tuple[str, str]]:
    """What was dropped, and why."""
    said = [each for each in logs if each["event"] == "malformed event dropped"]
    return [(each["what"], each["error"]) for each in said]


def gone(kind: str, number: int = 1, **others: object) -> dict[str, object]:
    return {"op": 0, "t": kind, "s": number, "d": {"id": "77", **others}}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("GUILD_DELETE", "guild_closed"),
        ("CHANNEL_DELETE", "channel_closed"),
        ("THREAD_DELETE", "channel_closed"),
    ],
)
async def test_a_place_that_is_gone_is_told_with_its_id(
    gateway: OddGateway, kind: str, told: str
) -> None:
    async with connected_to(gateway) as bot:
        assert await heard(bot, told, sent=[gone(kind)], by=gateway) == 77


async def test_a_guild_in_an_outage_is_not_gone(gateway: OddGateway) -> None:
    """Only the second of the two is told."""
    away, really = gone("GUILD_DELETE", unavailable=True), gone("GUILD_DELETE", id="78")
    async with connected_to(gateway) as bot:
        assert await heard(bot, "guild_closed", sent=[away, really], by=gateway) == 78


async def test_a_guild_is_told_once_it_can_be_reached(gateway: OddGateway) -> None:
    """With the instant at which the bot came. In an outage Discord tells its id alone."""
    away = gone("GUILD_CREATE", id="78", unavailable=True)
    here = gone("GUILD_CREATE", joined_at="2026-11-29T00:00:00+00:00")
    with capture_logs() as logs:
        async with connected_to(gateway) as bot:
            opened = await heard(bot, "guild_opened", sent=[away, here], by=gateway)
    assert opened == (77, 1_795_910_400_000_000)
    assert dropped(logs) == []


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (gone("GUILD_DELETE", id="no id"), "GUILD_DELETE"),
        (gone("CHANNEL_DELETE", id=None), "CHANNEL_DELETE"),
        ({"op": 42, "d": {}}, "frame"),
        ({"op": "0"}, "frame"),
        ([], "frame"),
        (HELLO, "frame"),
        ({"op": 0, "t": "READY", "s": 3, "d": {}}, "READY"),
        ({"op": 0, "t": "INTERACTION_CREATE", "s": 3, "d": {}}, "INTERACTION_CREATE"),
    ],
)
async def test_a_frame_that_makes_no_sense_costs_nothing_but_itself(
    gateway: OddGateway, frame: Any, what: str
) -> None:
    """The next is heard, over the same connection."""
    with capture_logs() as logs:
        async with connected_to(gateway) as bot:
            assert await heard(bot, "guild_closed", sent=[frame, gone("GUILD_DELETE")], by=gateway)
    assert [kind for kind, _ in dropped(logs)] == [what]
    assert gateway.asked == [IDENTIFY]


async def test_what_nobody_waits_for_is_passed_over_in_silence(gateway: OddGateway) -> None:
    """Whatever stands in it, it counts: a session is resumed after it."""
    odd: dict[str, Any] = {
        "op": 0,
        "t": "MESSAGE_CREATE",
        "s": 41,
        "d": "nothing that could be read",
    }
    with capture_logs() as logs:
        async with connected_to(gateway) as bot:
            sent = [{"op": 11}, odd, gone("GUILD_DELETE", 42)]
            await heard(bot, "guild_closed", sent=sent, by=gateway)
            assert bot.ws.sequence == 42
            await heard(bot, "resumed", sent=[{"op": 7, "d": None}], by=gateway)
    assert dropped(logs) == []
    assert gateway.asked == [IDENTIFY, RESUME]
    assert gateway.resumed_after == [42]


async def test_an_event_without_a_number_is_heard_and_not_counted(gateway: OddGateway) -> None:
    """There is nothing after which to resume."""
    nameless = {"op": 0, "t": "GUILD_DELETE", "d": {"id": "78"}}
    async with connected_to(gateway) as bot:
        sent = [gone("CHANNEL_DELETE", 5), nameless]
        assert await heard(bot, "guild_closed", sent=sent, by=gateway) == 78
        assert bot.ws.sequence == 5


async def test_every_event_shows_that_the_connection_is_alive(gateway: OddGateway) -> None:
    """discord.py gives a connection up that it has not heard from."""
    async with connected_to(gateway) as bot:
        keeper = bot.ws._keep_alive
        assert keeper is not None
        keeper._last_recv = 0.0
        await heard(bot, "guild_closed", sent=[gone("GUILD_DELETE")], by=gateway)
        assert keeper._last_recv > 0.0


def packed(*texts: bytes) -> list[bytes]:
    """As one compressed stream, a message for each."""
    stream = zlib.compressobj()
    return [stream.compress(text) + stream.flush(zlib.Z_SYNC_FLUSH) for text in texts]


async def test_a_text_that_is_no_text_is_dropped_out_of_the_stream(gateway: OddGateway) -> None:
    """What comes after it can be unpacked and is heard."""
    with capture_logs() as logs:
        async with connected_to(gateway) as bot:
            hearing = asyncio.create_task(bot.wait_for("guild_closed", timeout=PATIENCE_S))
            await asyncio.sleep(0)
            for message in packed(b"\xff\xfe", json.dumps(gone("GUILD_DELETE")).encode()):
                await gateway.sockets[-1].send_bytes(message[:3])  # in two halves
                await gateway.sockets[-1].send_bytes(message[3:])
            assert await hearing == 77
    assert dropped(logs) == [("frame", "UnicodeDecodeError")]
    assert gateway.asked == [IDENTIFY]


async def test_a_stream_that_cannot_be_unpacked_is_begun_anew(gateway: OddGateway) -> None:
    """By another connection, which resumes the session."""
    with capture_logs() as logs:
        async with connected_to(gateway) as bot:
            resumed = asyncio.create_task(bot.wait_for("resumed", timeout=PATIENCE_S))
            await asyncio.sleep(0)
            await gateway.sockets[-1].send_bytes(b"no stream\x00\x00\xff\xff")
            await resumed
    assert dropped(logs) == [("stream", "error")]
    assert gateway.asked == [IDENTIFY, RESUME]
    assert gateway.sockets[0].close_code == 4000


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


COMMAND: dict[str, Any] = {
    "id": "1100000000000000001",
    "token": "t",
    "type": 2,
    "data": {"name": "imagine", "options": [{"name": "prompt", "type": 3, "value": "a cat"}]},
    "channel": {"id": "10"},
    "attachment_size_limit": 10_000_000,
    "guild_id": "5",
    "member": {"user": {"id": "7"}, "roles": ["8", "9"]},
}
DIRECT = {
    **{name: COMMAND[name] for name in ("id", "token", "type", "data", "channel")},
    "attachment_size_limit": 0,
    "user": {"id": "7"},
}


def with_option(**option: Any) -> dict[str, Any]:
    return {**COMMAND, "data": {"options": [{"name": "size", **option}]}}


@pytest.mark.parametrize(
    "data",
    [
        COMMAND,
        DIRECT,
        {**COMMAND, "type": 3, "data": {"custom_id": "zeuxis:cancel:1"}},
        {**COMMAND, "type": 5, "data": {"custom_id": "zeuxis:form", "components": []}},
        {**COMMAND, "type": 4, "data": {"options": [{"name": "s", "type": 4, "focused": True}]}},
        {**COMMAND, "something": "new", "member": {"user": {"id": "7", "new": 1}}},
        {**COMMAND, "attachment_size_limit": 2**53},
        {**COMMAND, "id": "8999999999999999999"},
        with_option(type=4, value=5),
        with_option(type=5, value=True),
        with_option(type=10, value=5),
        with_option(type=10, value=5.5),
        with_option(type=6, value="7"),
        with_option(type=1, options=[{"name": "prompt", "type": 3, "value": "a cat"}]),
    ],
)
def test_an_interaction_that_keeps_to_the_reference_is_taken(data: Any) -> None:
    """As is one with more in it than we know."""
    check(data)
    assert answerable(data) == Answerable(id=data["id"], token="t", type=data["type"])


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        *[{**COMMAND, "id": odd} for odd in (None, 5, "", "0", "01", "-1", "x1", "1x", "9" * 19)],
        {**COMMAND, "token": ""},
        {**COMMAND, "token": None},
        *[{**COMMAND, "type": odd} for odd in (1, 6, "2", None)],
        *[{**COMMAND, "attachment_size_limit": odd} for odd in (-1, 2**53 + 1, "much", None)],
        *[{**COMMAND, "channel": odd} for odd in (None, {"name": "here"}, {"id": "here"})],
        *[{**COMMAND, "member": odd} for odd in (None, {"nick": "a"}, {"user": {"id": "me"}})],
        {**COMMAND, "member": {"user": {"id": "7"}, "roles": ["admin"]}},
        {**COMMAND, "guild_id": "home"},
        {**COMMAND, "data": None},
        {**COMMAND, "data": {"custom_id": 5}},
        {**DIRECT, "user": None},
        {**DIRECT, "member": COMMAND["member"], "user": None},
        {**COMMAND, "user": {"id": "7"}, "member": None},
        with_option(type=3, value=5),
        with_option(type=3),
        with_option(type=4, value="5"),
        with_option(type=4, value=5.5),
        with_option(type=5, value=1),
        with_option(type=10, value="5"),
        with_option(type=1, options=[{"name": "prompt", "type": 3, "value": 5}]),
        with_option(type="3", value="a cat"),
        {**COMMAND, "data": {"options": [{"type": 3, "value": "a cat"}]}},
    ],
)
def test_an_interaction_that_makes_no_sense_is_not(data: Any) -> None:
    """Whatever discord.py, the cogs and the database take on trust."""
    with pytest.raises(ValueError, match=r"Expected|Object missing|nobody has sent|is of another"):
        check(data)


@pytest.mark.parametrize("name", ["id", "token", "type"])
def test_without_its_address_nobody_can_be_answered(name: str) -> None:
    """All else may be missing."""
    least = {name: COMMAND[name] for name in ("id", "token", "type")}
    assert answerable(least) is not None
    assert answerable({key: value for key, value in least.items() if key != name}) is None
    assert answerable({**least, name: []}) is None


def test_what_an_oddity_says_quotes_no_member() -> None:
    """It gets into the log."""
    secret = {**COMMAND, "data": {"options": [{"name": "p", "type": 4, "value": "my secret"}]}}
    with pytest.raises(ValueError, match="type 4") as caught:
        check(secret)
    assert "my secret" not in str(caught.value)


def test_a_language_that_cannot_be_read_is_english() -> None:
    """And one that is not there stays away."""
    odd: dict[str, Any] = {"locale": 5, "guild_locale": None}
    set_locales(odd)
    assert odd == {"locale": "en-US", "guild_locale": "en-US"}
    fine: dict[str, Any] = {"locale": "de"}
    set_locales(fine)
    assert fine == {"locale": "de"}
