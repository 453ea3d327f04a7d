"""A raw gateway client: JSON payloads over a websocket, no library in between."""

from __future__ import annotations

import importlib
import json
import zlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.server import Sandbox

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
MEMBERS, PRESENCES, TYPING = 1 << 1, 1 << 8, 1 << 11

PATIENCE_S = 60.0  # of a machine that others use too


@dataclass(slots=True, kw_only=True)
class Wire:
    """One connection."""

    sandbox: Sandbox
    socket: aiohttp.ClientWebSocketResponse
    inflate: Any = None
    seen: list[Any] = field(default_factory=list)

    async def send(self, op: int, d: object = None) -> None:
        """Sends a payload."""
        await self.socket.send_str(json.dumps({"op": op, "d": d}))

    async def receive(self) -> Any:
        """The next payload."""
        message = await self.socket.receive(timeout=PATIENCE_S)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
        raw = message.data
        payload = json.loads(self.inflate.decompress(raw) if self.inflate else raw)
        self.seen.append(payload)
        return payload

    async def until(self, name: str) -> Any:
        """The data of the next event with this name."""
        while (payload := await self.receive())["t"] != name:
            pass
        return payload["d"]

    async def until_op(self, op: int) -> Any:
        """The next payload with this opcode."""
        while (payload := await self.receive())["op"] != op:
            pass
        return payload

    async def closed(self) -> int | None:
        """The close code, whatever comes before it."""
        while not self.socket.closed:
            await self.socket.receive(timeout=PATIENCE_S)
        return self.socket.close_code

    async def identify(self, intents: int = 0, **others: object) -> Any:
        """Identifies and answers with READY's data."""
        await self.send(2, self.identity(intents, **others))
        return await self.until("READY")

    def identity(self, intents: int = 0, **others: object) -> dict[str, object]:
        """The data of an IDENTIFY."""
        token = self.sandbox.state.application.token
        return {"token": token, "intents": intents, "properties": {}, **others}

    def resumption(self, session_id: str, seq: int) -> dict[str, object]:
        """The data of a RESUME."""
        token = self.sandbox.state.application.token
        return {"token": token, "session_id": session_id, "seq": seq}

    @property
    def seq(self) -> int:
        """The number of the last event."""
        return max(payload["s"] or 0 for payload in self.seen)


def unzstd() -> Any:
    """What reads a zstd stream if there is a module for it, else None."""
    try:
        return importlib.import_module("compression.zstd").ZstdDecompressor()
    except ImportError:
        pass
    try:
        return importlib.import_module("zstandard").ZstdDecompressor().decompressobj()
    except ImportError:
        return None


@asynccontextmanager
async def wire(sandbox: Sandbox, query: str = "v=10&encoding=json") -> AsyncIterator[Wire]:
    """A connection that has been greeted."""
    url = f"{sandbox.addresses['discord_gateway_url']}?{query}"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        inflate = zlib.decompressobj() if "zlib-stream" in query else None
        opened = Wire(sandbox=sandbox, socket=socket, inflate=inflate)
        yield opened
