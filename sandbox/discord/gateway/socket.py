"""One websocket to the gateway: hello, identify or resume, heartbeats, and the rules for clients.

Heartbeats and the sending limit run on real time: they concern the connection, which the
sandbox's clock cannot move. Compression is one stream for the life of a connection, flushed after
each payload: `zlib-stream` always; `zstd-stream` where a zstd module is importable, else such a
client gets plain text, which clients accept. Source: Discord's reference, "Gateway" and "Opcodes"
(2026-08).
"""

from __future__ import annotations

import asyncio
import importlib
import zlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web
from msgspec import Struct

from sandbox.discord.gateway.hub import invalid_session
from sandbox.discord.gateway.views import KNOWN, PRIVILEGED, Intent, MembersRequest
from sandbox.discord.shapes import encode

if TYPE_CHECKING:
    from sandbox.discord.gateway.hub import Hub, Session
    from sandbox.discord.state import State
    from sandbox.violations import Remarks, Violations

LARGEST_PAYLOAD_BYTES = 4096
SENDS_PER_MINUTE = 120
CLOSE_WITHIN_S = 2.0
_ACK = b'{"t":null,"s":null,"op":11,"d":null}'

UNKNOWN_OPCODE = 4001
DECODE_ERROR = 4002
NOT_AUTHENTICATED = 4003
AUTHENTICATION_FAILED = 4004
ALREADY_AUTHENTICATED = 4005
INVALID_SEQ = 4007
RATE_LIMITED = 4008
SESSION_TIMED_OUT = 4009
INVALID_SHARD = 4010
INVALID_API_VERSION = 4012
INVALID_INTENTS = 4013
DISALLOWED_INTENTS = 4014
_MEANINGS = {
    UNKNOWN_OPCODE: "Unknown opcode.",
    DECODE_ERROR: "Error while decoding payload.",
    NOT_AUTHENTICATED: "Not authenticated.",
    AUTHENTICATION_FAILED: "Authentication failed.",
    ALREADY_AUTHENTICATED: "Already authenticated.",
    INVALID_SEQ: "Invalid seq.",
    RATE_LIMITED: "Rate limited.",
    SESSION_TIMED_OUT: "Session timed out.",
    INVALID_SHARD: "Invalid shard.",
    INVALID_API_VERSION: "Invalid API version.",
    INVALID_INTENTS: "Invalid intent(s).",
    DISALLOWED_INTENTS: "Disallowed intent(s).",
}

ShapeT = TypeVar("ShapeT")


class _Payload(Struct, kw_only=True):
    op: int
    d: msgspec.Raw = msgspec.Raw(b"null")


class _Identify(Struct, kw_only=True):
    token: str
    intents: int
    properties: dict[str, object]
    shard: tuple[int, int] = (0, 1)


class _Resume(Struct, kw_only=True):
    token: str
    session_id: str
    seq: int


class _VoiceState(Struct, kw_only=True):
    channel_id: str | int | None = None


class _Refused(Exception):
    """The client broke a rule; the connection is closed with this code."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(f"{code}: {detail or _MEANINGS[code]}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _AsIs:
    """A websocket message that no compressor sees."""

    message: bytes | str


class Connection:
    """Serves one client until it goes or is sent away."""

    def __init__(self, *, state: State, hub: Hub, violations: Violations, remarks: Remarks) -> None:
        self._state = state
        self._hub = hub
        self._violations = violations
        self._remarks = remarks
        self._ws = web.WebSocketResponse(max_msg_size=1 << 20, compress=False)
        self._request: web.Request | None = None
        self._outgoing: asyncio.Queue[bytes | int | _AsIs] = asyncio.Queue()
        self._session: Session | None = None
        self._sent_at_s: deque[float] = deque()
        self._beat_at_s = 0.0
        self._is_refused = False

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talks to the client; returns when the websocket is closed."""
        self._request = request
        await self._ws.prepare(request)
        ended = False
        watch = asyncio.create_task(self._watch_heartbeats())
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(self._write(request.query.get("compress")))
                ended = await self._read(request)
                await asyncio.wait([writer], timeout=CLOSE_WITHIN_S if self._is_refused else 0)
                writer.cancel()
        finally:
            watch.cancel()
            if self._session is not None:
                self._hub.leave(self._session, self, ended=ended)
        return self._ws

    def send(self, text: bytes) -> None:
        """Queues a payload."""
        self._outgoing.put_nowait(text)

    def send_as_is(self, message: bytes | str) -> None:
        """Queues a whole websocket message, binary or text, past the compression."""
        self._outgoing.put_nowait(_AsIs(message))

    def close(self, code: int) -> None:
        """Closes the websocket after what is queued."""
        self._outgoing.put_nowait(code)

    def cut(self) -> None:
        """Drops the TCP connection, without a close frame."""
        if self._request is not None and self._request.transport is not None:
            self._request.transport.abort()

    async def _read(self, request: web.Request) -> bool:
        """Reads until the client goes; True if it ended its session (close 1000 or 1001)."""
        try:
            self._check_query(request)
            self._greet()
            async for message in self._ws:
                if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    continue
                self._take(message.data)
        except _Refused as refusal:
            self._record(refusal)
            self._is_refused = True
            self.close(refusal.code)
            return refusal.code not in (UNKNOWN_OPCODE, DECODE_ERROR, RATE_LIMITED)
        return self._ws.close_code in (WSCloseCode.OK, WSCloseCode.GOING_AWAY)

    def _greet(self) -> None:
        self._beat_at_s = asyncio.get_running_loop().time()
        interval_ms = round(self._hub.heartbeat_interval_s * 1000)
        hello = {"heartbeat_interval": interval_ms, "_trace": ["sandbox"]}
        self.send(encode({"t": None, "s": None, "op": 10, "d": hello}))

    def _check_query(self, request: web.Request) -> None:
        if request.query.get("v", "10") not in ("9", "10"):
            raise _Refused(INVALID_API_VERSION)
        if request.query.get("encoding", "json") != "json":
            raise _Refused(DECODE_ERROR, "the sandbox speaks JSON only, not etf")

    def _take(self, data: str | bytes) -> None:
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > LARGEST_PAYLOAD_BYTES:
            raise _Refused(DECODE_ERROR, f"payload of {len(raw)} bytes, allowed are 4096")
        self._count_send()
        payload = _decoded(raw, _Payload)
        match payload.op:
            case 1:
                self._beat()
            case 2:
                self._identify(_decoded(payload.d, _Identify))
            case 6:
                self._resume(_decoded(payload.d, _Resume))
            case 3 | 4 | 8 | 31 | 43:
                self._take_command(payload)
            case _:
                raise _Refused(UNKNOWN_OPCODE, f"op {payload.op}")

    def _take_command(self, payload: _Payload) -> None:
        if self._session is None or not self._is_authenticated:
            raise _Refused(NOT_AUTHENTICATED, f"op {payload.op} before identify")
        if payload.op == 8:
            self._request_members(self._session, _decoded(payload.d, MembersRequest))
        elif what := _not_played(payload):
            said = f"The sandbox plays no {what}."
            self._remarks.record(
                "discord", rule="not played", request_line=f"gateway op {payload.op}", detail=said
            )

    def _request_members(self, session: Session, asked: MembersRequest) -> None:
        if asked.means_everyone and not session.intents & Intent.GUILD_MEMBERS:
            raise _Refused(DISALLOWED_INTENTS, "all members without the members intent")
        self._hub.request_members(session, asked)

    @property
    def _is_authenticated(self) -> bool:
        """Whether the session still has this connection; op 9 takes it away."""
        return self._session is not None and self._session.line is self

    def _beat(self) -> None:
        self._beat_at_s = asyncio.get_running_loop().time()
        self.send(_ACK)

    def _identify(self, asked: _Identify) -> None:
        if self._is_authenticated:
            raise _Refused(ALREADY_AUTHENTICATED)
        self._authenticate(asked.token)
        shard_id, shard_count = asked.shard
        if not 0 <= shard_id < shard_count:
            raise _Refused(INVALID_SHARD, f"shard {list(asked.shard)}")
        if asked.intents & ~KNOWN or asked.intents < 0:
            raise _Refused(INVALID_INTENTS, f"intents {asked.intents}")
        if asked.intents & PRIVILEGED & ~self._state.application.privileged_intents:
            raise _Refused(DISALLOWED_INTENTS, f"intents {asked.intents}")
        is_admitted = self._state.session_starts.admit(
            shard_id=shard_id, shard_count=shard_count, now_us=self._state.now_us()
        )
        if not is_admitted:
            self._violations.record(
                "discord",
                rule="identify limit",
                request_line="gateway",
                detail=f"IDENTIFY of shard {shard_id} too early",
            )
            self.send(invalid_session(is_resumable=False))
            return
        self._session = self._hub.start(
            self, intents=asked.intents, shard_id=shard_id, shard_count=shard_count
        )

    def _resume(self, asked: _Resume) -> None:
        if self._is_authenticated:
            raise _Refused(ALREADY_AUTHENTICATED)
        self._authenticate(asked.token)
        known = self._hub.sessions.get(asked.session_id)
        if known is not None and asked.seq > known.seq:
            raise _Refused(INVALID_SEQ, f"seq {asked.seq}, last was {known.seq}")
        self._session = self._hub.resume(self, asked.session_id, asked.seq)
        if self._session is None:
            self.send(invalid_session(is_resumable=False))

    def _authenticate(self, token: str) -> None:
        if token.removeprefix("Bot ") != self._state.application.token:
            raise _Refused(AUTHENTICATION_FAILED)

    def _count_send(self) -> None:
        now_s = asyncio.get_running_loop().time()
        self._sent_at_s.append(now_s)
        while self._sent_at_s[0] < now_s - 60:
            self._sent_at_s.popleft()
        if len(self._sent_at_s) > SENDS_PER_MINUTE:
            raise _Refused(RATE_LIMITED, f"{len(self._sent_at_s)} payloads in 60 s")

    def _record(self, refusal: _Refused) -> None:
        self._violations.record(
            "discord",
            rule=f"gateway {refusal.code}",
            request_line="gateway",
            detail=str(refusal),
        )

    async def _write(self, compress: str | None) -> None:
        compressor = compressor_for(compress)
        while not self._ws.closed:
            outgoing = await self._outgoing.get()
            try:
                if isinstance(outgoing, int):
                    message = _MEANINGS.get(outgoing, "").encode()
                    await self._ws.close(code=outgoing, message=message)
                elif isinstance(outgoing, _AsIs):
                    await self._send_as_is(outgoing.message)
                elif compressor is not None:
                    await self._ws.send_bytes(compressor.compress(outgoing))
                else:
                    await self._ws.send_str(outgoing.decode())
            except (ConnectionError, RuntimeError):
                return

    async def _send_as_is(self, message: bytes | str) -> None:
        if isinstance(message, str):
            await self._ws.send_str(message)
        else:
            await self._ws.send_bytes(message)

    async def _watch_heartbeats(self) -> None:
        """Sends away who has not beaten for one and a half intervals."""
        patience_s = self._hub.heartbeat_interval_s * 1.5
        loop = asyncio.get_running_loop()
        self._beat_at_s = loop.time()
        while True:
            left_s = self._beat_at_s + patience_s - loop.time()
            if left_s <= 0:
                break
            await asyncio.sleep(left_s)
        self._record(_Refused(SESSION_TIMED_OUT, "no heartbeat in time"))
        self.close(SESSION_TIMED_OUT)


def _not_played(payload: _Payload) -> str:
    """What a bot now waits for in vain; empty if it need not wait."""
    match payload.op:
        case 4 if _decoded(payload.d, _VoiceState).channel_id is not None:
            return "voice"
        case 31:
            return "sounds"
        case 43:
            return "channels' voice status"
        case _:
            return ""


def _decoded(raw: bytes | msgspec.Raw, shape: type[ShapeT]) -> ShapeT:
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, RecursionError) as problem:
        raise _Refused(DECODE_ERROR, str(problem)) from problem


class Compressor(Protocol):
    """Turns each payload into the bytes of one message."""

    def compress(self, payload: bytes) -> bytes:
        """The next piece of the stream, flushed."""
        ...


def compressor_for(asked: str | None) -> Compressor | None:
    """The compressor for the `compress` parameter, None for plain text."""
    if asked == "zlib-stream":
        return _Zlib()
    if asked == "zstd-stream":
        return _zstd()
    return None


class _Zlib:
    def __init__(self) -> None:
        self._stream = zlib.compressobj(6)

    def compress(self, payload: bytes) -> bytes:
        return self._stream.compress(payload) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class _Zstd:
    def __init__(self, stream: _ZstdStream, flush_block: int) -> None:
        self._stream = stream
        self._flush_block = flush_block

    def compress(self, payload: bytes) -> bytes:
        return self._stream.compress(payload) + self._stream.flush(self._flush_block)


class _ZstdStream(Protocol):
    def compress(self, payload: bytes) -> bytes: ...

    def flush(self, mode: int) -> bytes: ...


def _zstd() -> Compressor | None:
    """With `compression.zstd` of Python 3.14, or with the package `zstandard`."""
    try:
        module = importlib.import_module("compression.zstd")
        return _Zstd(module.ZstdCompressor(), module.ZstdCompressor.FLUSH_BLOCK)
    except ImportError:
        pass
    try:
        module = importlib.import_module("zstandard")
    except ImportError:
        return None
    return _Zstd(module.ZstdCompressor().compressobj(), module.COMPRESSOBJ_FLUSH_BLOCK)
