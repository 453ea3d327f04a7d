"""A connection to the storage that is read without a detour.

asyncio's TLS decrypts through buffers in memory, and aiohttp copies what comes out of them: a fifth
of what carrying a picture costs, and most of its memory. Here OpenSSL reads from the socket itself
and writes into the block that is posted. A thread opens the connection, with the blocking calls of
the standard library (names, several addresses, the handshake); from then on the event loop waits.

Only for answers that tell their length and are not packed; the rest is aiohttp's, see download.py.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, parse_headers
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yarl import URL

_HEAD_LIMIT_BYTES = 64 * 1024
_NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status and headers, and what was read beyond them."""

    status: int
    headers: HTTPMessage
    beginning: bytes
    is_kept: bool  # the server keeps the connection open


class Wire:
    """One connection for one GET after another. Errors are OSError or ValueError; then close it."""

    def __init__(self, connection: socket.socket, *, silence_s: float | None) -> None:
        self._connection = connection
        self._silence_s = silence_s

    @classmethod
    async def open(
        cls,
        url: URL,
        *,
        tls: ssl.SSLContext | None,
        connect_s: float | None,
        silence_s: float | None,
    ) -> Wire:
        """Args: tls: None for plain http; silence_s: longest wait for the next bytes."""
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(None, _connect, url, tls, connect_s)
        try:
            async with asyncio.timeout(connect_s):
                connection = await asyncio.shield(opening)
        except BaseException:
            opening.add_done_callback(_abandon)
            raise
        connection.setblocking(False)
        return cls(connection, silence_s=silence_s)

    async def get(self, url: URL, headers: Mapping[str, str]) -> Answer:
        """Sends the request and reads the answer's head."""
        lines = [f"GET {url.raw_path_qs} HTTP/1.1", f"Host: {_host(url)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request = "\r\n".join([*lines, "", ""]).encode("ascii")
        if self._connection.send(request) != len(request):
            raise ConnectionError("request was not taken as a whole")
        read = bytearray()
        block = bytearray(_HEAD_LIMIT_BYTES)
        while b"\r\n\r\n" not in read:
            if len(read) > _HEAD_LIMIT_BYTES:
                raise ValueError(f"no end of headers within {_HEAD_LIMIT_BYTES} bytes")
            length = await self.read_into(memoryview(block))
            if not length:
                raise ConnectionResetError("closed without an answer")
            read += block[:length]
        head, _, beginning = bytes(read).partition(b"\r\n\r\n")
        return _answer(head, beginning)

    async def read_into(self, view: memoryview) -> int:
        """Waits for bytes and takes all that are there and fit; 0 at the end."""
        length = 0
        while length < len(view):
            try:
                read = self._connection.recv_into(view[length:])
            except _NOTHING_YET:
                if length:
                    break
                await self._readable()
                continue
            if not read:
                break
            length += read
        return length

    def is_quiet(self) -> bool:
        """Nobody closed it and nothing was sent unasked: it can be used again."""
        try:
            self._connection.recv(1)
        except _NOTHING_YET:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        self._connection.close()

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        readable: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._connection, _wake, readable)
        try:
            async with asyncio.timeout(self._silence_s):
                await readable
        finally:
            loop.remove_reader(self._connection)


def _connect(url: URL, tls: ssl.SSLContext | None, connect_s: float | None) -> socket.socket:
    """In a thread: blocks, at each of its steps for `connect_s` at the most."""
    plain = socket.create_connection((url.raw_host or "", url.port or 0), timeout=connect_s)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return plain if tls is None else tls.wrap_socket(plain, server_hostname=url.raw_host)
    except BaseException:
        plain.close()
        raise


def _abandon(opening: asyncio.Future[socket.socket]) -> None:
    """Nobody waits for it any more."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _wake(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)


def _host(url: URL) -> str:
    host = f"[{url.raw_host}]" if ":" in (url.raw_host or "") else url.raw_host
    return f"{host}:{url.port}" if url.explicit_port else f"{host}"


def _answer(head: bytes, beginning: bytes) -> Answer:
    first, _, rest = head.partition(b"\r\n")
    version, _, status = first.partition(b" ")
    if version not in (b"HTTP/1.1", b"HTTP/1.0") or not status[:3].isdigit():
        raise ValueError("no HTTP answer")
    try:
        headers = parse_headers(BytesIO(rest + b"\r\n\r\n"))
    except HTTPException as error:
        raise ValueError("broken headers") from error
    is_kept = version == b"HTTP/1.1" and headers.get("Connection", "").lower() != "close"
    return Answer(status=int(status[:3]), headers=headers, beginning=beginning, is_kept=is_kept)
