"""A server that does to a connection exactly what a test says, and counts what reached it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

Behaviour = Callable[["Connection"], Awaitable[None]]


@dataclass
class RawServer:
    """`requests` holds each whole request that was read; `received_bytes` counts every byte."""

    behave: Behaviour
    port: int = 0
    accepted: int = 0
    received_bytes: int = 0
    requests: list[bytes] = field(default_factory=list)
    began: asyncio.Event = field(default_factory=asyncio.Event)  # a connection was accepted
    ended: asyncio.Event = field(default_factory=asyncio.Event)  # a connection was given up
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    def hang_up(self) -> None:
        """Closes every open connection."""
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self.began.set()
        self._writers.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self.behave(Connection(self, reader, writer))
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()
        self.ended.set()


@dataclass
class Connection:
    """One accepted connection; the behaviour closes it by returning."""

    server: RawServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> bytes:
        """Reads one whole request, head and body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ),
            0,
        )
        request = head + await self.reader.readexactly(length)
        self.server.received_bytes += len(request)
        self.server.requests.append(request)
        return request

    async def send(self, answer: bytes) -> None:
        self.writer.write(answer)
        await self.writer.drain()

    async def until_closed(self) -> None:
        """Waits for the client to hang up, counting what it still sends."""
        self.server.received_bytes += len(await self.reader.read())

    def reset(self) -> None:
        self.writer.transport.abort()


@contextlib.asynccontextmanager
async def serving(
    behave: Behaviour, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    raw = RawServer(behave)
    server = await asyncio.start_server(raw._serve, "127.0.0.1", 0, ssl=tls)
    raw.port = server.sockets[0].getsockname()[1]
    try:
        yield raw
    finally:
        server.close()
        raw.hang_up()
        await server.wait_closed()


async def silent(connection: Connection) -> None:
    """Takes a request and never answers."""
    await connection.request()
    await connection.until_closed()


def answering(*answers: bytes) -> Behaviour:
    """Answers the requests of each connection with these in turn, then hangs up."""

    async def behave(connection: Connection) -> None:
        for answer in answers:
            await connection.request()
            await connection.send(answer)

    return behave


def http(status: int, body: bytes = b"", *headers: str) -> bytes:
    """One whole HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
