"""The edge where Discord's events come in. Nothing that arrives there ends the process.

    message ─▶ unpacked ─▶ envelope ─▶ handled
        makes no sense             ─▶ dropped, and said once
        stream, HELLO, READY broken ─▶ the connection is made anew, after discord.py's own backoff

Events that nobody waits for are read no further than their envelope, and no guild or channel is
cached: the guilds intent costs what its events weigh on the wire, once a connection.
"""

from __future__ import annotations

import asyncio
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING, Annotated, Any, Protocol, cast, runtime_checkable

import aiohttp
import discord
import discord.client
import msgspec
import structlog
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from msgspec import Meta, Struct

from bot.records import Redacted

if TYPE_CHECKING:
    from bot.runtime.clock import Clock


# Fits a column of 64 bits; Discord's ids are strings, and reach 9e18 in the year 2083.
Snowflake = Annotated[str, Meta(pattern="^([1-8][0-9]{18}|[1-9][0-9]{0,17})$")]

SAY_AGAIN_S = 60.0
LONGEST_WORDS = 200  # characters of an error, which may quote what arrived
RESUME_WITHIN_S = 20.0

# https://docs.discord.com/developers/topics/opcodes-and-status-codes (2026-08)
_SESSION_ENDED = frozenset({4007, 4009})  # invalid sequence, timed out: nothing to resume
_OPCODES = frozenset({0, 1, 7, 9, 10, 11})
_OF_PLACES = {
    "GUILD_DELETE": "guild_closed",
    "CHANNEL_DELETE": "channel_closed",
    "THREAD_DELETE": "channel_closed",
    "CHANNEL_UPDATE": "channel_changed",
}
_NO_EVENT_S_FAULT = (
    ReconnectWebSocket,
    discord.ConnectionClosed,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
)

log = structlog.get_logger("bot.gateway")


class GatewayBroken(ConnectionError):
    """What comes over this connection cannot be used: make another. discord.py waits first."""


class Drops:
    """Says what was dropped: the first of a kind at once, more of it once a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said_at_us: dict[tuple[str, str], int] = {}
        self._unsaid: dict[tuple[str, str], int] = {}

    def note(self, what: str, error: Exception) -> None:
        """`what` is one of a few fixed words, so that a flood of oddities is not remembered."""
        kind = what, type(error).__name__
        now_us = self._clock.now_us()
        said_at_us = self._said_at_us.get(kind)
        if said_at_us is not None and now_us - said_at_us < SAY_AGAIN_S * 1e6:
            self._unsaid[kind] = self._unsaid.get(kind, 0) + 1
            return
        self._said_at_us[kind] = now_us
        log.warning(
            "malformed event dropped",
            what=what,
            error=kind[1],
            says=str(error)[:LONGEST_WORDS],
            more_before=self._unsaid.pop(kind, 0),
        )


class _Frame(Struct):
    op: int
    t: str | None = None
    s: int | None = None
    d: msgspec.Raw = msgspec.Raw(b"null")


class _Hello(Struct):
    heartbeat_interval: Annotated[float, Meta(ge=100, le=3_600_000)]  # ms


class _Ready(Struct):
    session_id: str
    resume_gateway_url: Annotated[str, Meta(pattern="^wss?://")]


class _Opened(Struct):
    id: Snowflake
    joined_at: datetime | None = None  # by the bot; none while the guild is unavailable


class _Gone(Struct):
    id: Snowflake
    unavailable: bool = False  # of a guild: an outage of Discord's, the bot is still a member


@runtime_checkable
class _Dropping(Protocol):
    drops: Drops


_FRAMES = msgspec.json.Decoder(_Frame)


class GuardedSocket(DiscordWebSocket):
    """discord.py's connection, of which an event can break no more than itself."""

    @classmethod
    async def from_client(cls, client: discord.Client, **how: Any) -> Any:
        """A session whose own gateway cannot be reached is given up for a new one.

        A client that counts no drops gets discord.py's own connection.

        Raises:
            OSError, TimeoutError, aiohttp.ClientError: no gateway can be reached, or its greeting
                makes no sense.
        """
        if not isinstance(client, _Dropping):
            return await DiscordWebSocket.from_client(client, **how)
        try:
            if how.get("resume"):
                try:
                    async with asyncio.timeout(RESUME_WITHIN_S):
                        return await super().from_client(client, **how)
                except (OSError, TimeoutError, aiohttp.ClientError) as error:
                    log.info("session cannot be resumed", error=type(error).__name__)
            afresh = {name: how[name] for name in ("initial", "shard_id") if name in how}
            return await super().from_client(client, **afresh)
        except ReconnectWebSocket as error:
            raise GatewayBroken("closed before its greeting") from error

    async def resume(self) -> None:
        """A connection that broke before READY has no session to resume."""
        if self.session_id is None:
            await self.identify()
        else:
            await super().resume()

    async def poll_event(self) -> None:
        try:
            await super().poll_event()
        except ReconnectWebSocket:
            if self.socket.close_code in _SESSION_ENDED:
                self._forget_session()
            raise

    async def received_message(self, msg: Any, /) -> None:
        text = await self._unpacked(msg)
        if text is None:
            return
        frame: _Frame | None = None
        try:
            frame = _FRAMES.decode(text)
            await self._handle(frame, text)
        except _NO_EVENT_S_FAULT:
            raise
        except Exception as error:  # noqa: BLE001 - the edge: whatever arrived, the rest goes on
            self._drop(frame.t if frame and frame.t in self._discord_parsers else "frame", error)

    async def _unpacked(self, msg: Any) -> str | None:
        if not isinstance(msg, bytes):
            return cast("str", msg)
        try:
            return self._decompressor.decompress(msg)
        except UnicodeDecodeError as error:  # of what was unpacked: the stream goes on
            self._drop("frame", error)
            return None
        except Exception as error:  # zlib's or zstd's: whatever follows cannot be unpacked
            self._drop("stream", error)
            raise await self._broken("the compressed stream") from error

    async def _handle(self, frame: _Frame, text: str) -> None:
        if frame.op == self.HELLO:
            await self._greeted(frame, text)
        elif frame.op != self.DISPATCH:
            if frame.op not in _OPCODES:
                raise ValueError(f"unknown op {frame.op}")
            await super().received_message(text)
        elif frame.t == "READY":
            await self._began(frame, text)
        elif frame.t == "INTERACTION_CREATE":
            await super().received_message(text)
        else:
            self._note_alive(frame)
            if frame.t == "RESUMED":
                self._dispatch("resumed")
            self._tell_opening(frame)
            self._tell_of_place(frame)

    async def _greeted(self, frame: _Frame, text: str) -> None:
        """Only once: each greeting starts a thread that beats."""
        if self._keep_alive is not None:
            raise ValueError("a second HELLO")
        try:
            msgspec.json.decode(frame.d, type=_Hello)
        except msgspec.ValidationError as error:
            self._drop("HELLO", error)
            raise await self._broken("HELLO") from error
        await super().received_message(text)

    async def _began(self, frame: _Frame, text: str) -> None:
        """Only once: discord.py forgets what it knows before it reads the new one."""
        if self.session_id is not None:
            raise ValueError("a second READY")
        try:
            msgspec.json.decode(frame.d, type=_Ready)
            await super().received_message(text)
        except Exception as error:
            self._drop("READY", error)
            self._forget_session()
            raise await self._broken("READY") from error

    def _note_alive(self, frame: _Frame) -> None:
        """What discord.py notes of every event, also of one that it does not read."""
        if frame.s is not None:
            self.sequence = frame.s
        if self._keep_alive is not None:
            self._keep_alive.tick()

    def _tell_opening(self, frame: _Frame) -> None:
        """Of each guild after every READY, and of one that the bot has come to."""
        if frame.t != "GUILD_CREATE":
            return
        opened = msgspec.json.decode(frame.d, type=_Opened)
        if opened.joined_at is not None:
            joined_at_us = round(opened.joined_at.timestamp() * 1e6)
            self._dispatch("guild_opened", int(opened.id), joined_at_us)

    def _tell_of_place(self, frame: _Frame) -> None:
        told = _OF_PLACES.get(frame.t or "")
        if told is None:
            return
        gone = msgspec.json.decode(frame.d, type=_Gone)
        if not gone.unavailable:
            self._dispatch(told, int(gone.id))

    def _forget_session(self) -> None:
        self.session_id = self.sequence = None
        self.gateway = self.DEFAULT_GATEWAY

    async def _broken(self, what: str) -> GatewayBroken:
        if self._keep_alive is not None:
            self._keep_alive.stop()
            self._keep_alive = None
        await self.socket.close(code=4000)  # 1000 would end a session that can be resumed
        return GatewayBroken(f"{what} cannot be read")

    def _drop(self, what: str | None, error: Exception) -> None:
        client = cast("_Dropping", self._connection._get_client())  # noqa: SLF001 - as discord.Interaction does
        client.drops.note(what or "frame", error)


def guard_gateway() -> None:
    """Has the clients of this process that count drops connect through `GuardedSocket`."""
    discord.client.DiscordWebSocket = GuardedSocket  # type: ignore[misc] # looked up at each connection


# ------------------------------------------------------------------------------------------------
# Interactions as they arrive, before discord.py makes anything of them.
#
# What discord.py, the cogs and the database take on trust is checked here in one step. Discord
# keeps to it; whatever stands between, or a change of its interface, may not.


NO_LOCALE = "en-US"
_BY_TYPE: dict[int, type | tuple[type, ...]] = {3: str, 4: int, 5: bool, 10: (int, float)}


class Answerable(Redacted, frozen=True):
    """The least that an interaction can be answered by."""

    redacted = ("token",)

    id: Snowflake
    token: Annotated[str, Meta(min_length=1)]
    type: int


class _User(Struct):
    id: Snowflake


class _Member(Struct):
    user: _User
    roles: list[Snowflake] = []


class _Place(Struct):
    id: Snowflake


class _Option(Struct):
    name: str
    type: int
    value: str | int | float | bool | None = None
    options: list[_Option] = []
    focused: bool = False

    def __post_init__(self) -> None:
        expected = _BY_TYPE.get(self.type)
        if expected and not self.focused and not isinstance(self.value, expected):
            raise ValueError(f"the value of an option of type {self.type} is of another type")


class _Data(Struct):
    options: list[_Option] = []
    custom_id: str = ""


class _Checked(Answerable, frozen=True):
    type: Annotated[int, Meta(ge=2, le=5)]  # command, component, autocomplete, form
    data: _Data
    channel: _Place
    attachment_size_limit: Annotated[int, Meta(ge=0, le=2**53)]
    guild_id: Snowflake | None = None
    member: _Member | None = None
    user: _User | None = None

    def __post_init__(self) -> None:
        who: object = self.user if self.guild_id is None else self.member
        if who is None:
            raise ValueError("nobody has sent it")


def check(data: Any) -> None:
    """Raises ValueError, whose words quote no value."""
    msgspec.convert(data, _Checked)


def answerable(data: Any) -> Answerable | None:
    """None if nobody can be answered."""
    try:
        return msgspec.convert(data, Answerable)
    except ValueError:
        return None


def set_locales(data: dict[str, Any]) -> None:
    """A language that cannot be read is no reason not to serve."""
    for name in ("locale", "guild_locale"):
        if name in data and not isinstance(data[name], str):
            data[name] = NO_LOCALE
