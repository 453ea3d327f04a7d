"""An http proxy that leads every host to one local server and keeps what it was asked for."""

from __future__ import annotations

import asyncio
import contextlib
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LOOPBACK = "127.0.0.1"


@dataclass(slots=True)
class Proxy:
    """`asked` holds "CONNECT host:port", or the method and the origin of a plain request."""

    upstream_port: int
    port: int = 0
    refusal: bytes = b""  # answered to all, instead of passing it on
    asked: list[str] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    _serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._pass_on(reader, writer)
        finally:
            await _close(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        method, target, _ = head.split(b" ", 2)
        origin = re.match(rb"(\w+://)?[^/]+", target)
        assert origin is not None
        self.asked.append(f"{method.decode()} {origin[0].decode()}")
        if self.refusal:
            writer.write(self.refusal)
            await writer.drain()
            return
        upstream, to_upstream = await asyncio.open_connection(LOOPBACK, self.upstream_port)
        try:
            if method == b"CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                to_upstream.write(self._rewritten(head, origin[0]))
            await asyncio.gather(_pump(reader, to_upstream), _pump(upstream, writer))
        finally:
            await _close(to_upstream)

    def _rewritten(self, head: bytes, origin: bytes) -> bytes:
        host = b"Host: %s:%d" % (LOOPBACK.encode(), self.upstream_port)
        head = re.sub(rb"(?i)\r\nhost: [^\r]*", b"\r\n" + host, head, count=1)
        # one request for each connection, so that the next one's head is seen as well
        if b"upgrade:" not in head.lower():
            head = head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        return head.replace(b" " + origin, b" ", 1)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
    await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def proxying(upstream_port: int) -> AsyncIterator[Proxy]:
    """Listens while the block runs."""
    proxy = Proxy(upstream_port)
    server = await asyncio.start_server(proxy._serve, LOOPBACK, 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in proxy._serving:
            task.cancel()
        await asyncio.gather(*proxy._serving, return_exceptions=True)
