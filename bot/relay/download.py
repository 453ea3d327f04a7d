"""The download: one GET of a signed link, read in blocks.

No key (object storage reads an Authorization header as its own kind of signature and refuses), no
cookies, no redirects. A link is a credential and aiohttp's errors hold links, so each is replaced
here, outside of its except clause, by one that knows only what happened.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import aiohttp

from bot.domain.png import HEAD_LIMIT_BYTES, Head, parse_head
from bot.errors import DownloadFailed, LinkExpired, LinkNotAllowed, RelayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from http.client import HTTPMessage

    from multidict import CIMultiDictProxy
    from yarl import URL

    from bot.relay.wire import Answer, Wire
    from bot.relay.wires import Wires

    Block = bytes | memoryview

# 2048×2048 of 16-bit RGBA noise are 34 MB; nothing that Z-Image draws is longer.
WHOLE_LIMIT_BYTES = 40 * 1024 * 1024
_HEADERS = {"User-Agent": "zeuxis", "Accept": "image/png", "Accept-Encoding": "identity"}
_TROUBLES = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
_GONE = (403, 404, 410)  # expired, purged, purged for good
_BLOCK_BYTES = 256 * 1024  # what is read at once: the picture's memory, and one write of the upload


class Download:
    """An answer whose head is here and whose length is known."""

    def __init__(self, read: Callable[[], Awaitable[Block]], length_bytes: int) -> None:
        self.length_bytes = length_bytes
        self._read = read
        self._left_bytes = length_bytes

    async def read_head(self) -> tuple[Head, memoryview]:
        """The PNG's head, and what was read beyond it.

        Raises NotAPicture or DownloadFailed; reads little more than HEAD_LIMIT_BYTES.
        """
        buffer = bytearray()
        while (head := parse_head(buffer)) is None:
            block = await self.read_block()
            buffer += block
            if not block or len(buffer) > 2 * HEAD_LIMIT_BYTES:
                raise DownloadFailed(f"{len(buffer)} bytes and no pixels yet")
        return head, memoryview(buffer)[head.length_bytes :]

    async def read_block(self) -> Block:
        """The next bytes; empty at the end. Raises DownloadFailed if the link breaks."""
        block = await self._read()
        self._left_bytes -= len(block)
        if self._left_bytes < 0 or (not block and self._left_bytes):
            raise DownloadFailed(f"length is not the {self.length_bytes} bytes that were told")
        return block


@contextlib.asynccontextmanager
async def download(
    session: aiohttp.ClientSession,
    link: URL,
    *,
    wires: Wires,
    timeouts: aiohttp.ClientTimeout,
    proxy: str | None = None,
) -> AsyncIterator[Download]:
    """Opens the link; an answer that is not read to its end is dropped with its connection.

    A wire goes directly, so what goes by a proxy goes over the session. Object storage tells the
    length. Where it is not told, or the answer is packed, it is asked for again over the session:
    to be counted, and then to be carried.

    Raises:
        LinkExpired: the storage no longer gives the picture.
        DownloadFailed: no connection, or a server's error.
        LinkNotAllowed: it redirects.
    """
    if proxy is None:
        async with _wired(link, wires) as found:
            if found is not None:
                yield found
                return
    async with _opened(session, link, timeouts, proxy) as response:
        told_bytes = _told_length_bytes(response.headers)
        if told_bytes is not None:
            yield Download(lambda: _read_any(response), told_bytes)
            return
        length_bytes = await _count_bytes(response)
    async with _opened(session, link, timeouts, proxy) as response:
        yield Download(lambda: _read_any(response), length_bytes)


@contextlib.asynccontextmanager
async def _wired(link: URL, wires: Wires) -> AsyncIterator[Download | None]:
    """The download over a wire of ours; None if its answer is not of the plain kind."""
    wire, answer = await _ask(link, wires)
    reading: _Reading | None = None
    try:
        refusal = _refusal(answer.status)
        if refusal is not None:
            raise refusal
        length_bytes = _told_length_bytes(answer.headers)
        if length_bytes is None:
            yield None
            return
        reading = _Reading(wire, answer.beginning, length_bytes)
        yield Download(reading.block, length_bytes)
    finally:
        if reading is not None and reading.left_bytes == 0 and answer.is_kept:
            wires.give_back(link, wire)
        else:
            wire.close()


async def _ask(link: URL, wires: Wires) -> tuple[Wire, Answer]:
    try:
        return await wires.get(link, _HEADERS)
    except _TROUBLES as error:
        trouble = _describe(error)
    raise DownloadFailed(f"no download: {trouble}")


class _Reading:
    """What is left of an answer on a wire, block by block."""

    def __init__(self, wire: Wire, beginning: bytes, length_bytes: int) -> None:
        self.left_bytes = length_bytes
        self._wire = wire
        self._beginning = beginning

    async def block(self) -> Block:
        if self._beginning:
            block: Block = memoryview(self._beginning)[: self.left_bytes]
            self._beginning = b""
        else:
            block = await self._next()
        self.left_bytes -= len(block)
        return block

    async def _next(self) -> Block:
        # A new one each time: the upload may still hold the last.
        view = memoryview(bytearray(min(_BLOCK_BYTES, self.left_bytes)))
        try:
            return view[: await self._wire.read_into(view)]
        except _TROUBLES as error:
            trouble = _describe(error)
        raise DownloadFailed(f"download broke: {trouble}")


@contextlib.asynccontextmanager
async def _opened(
    session: aiohttp.ClientSession, link: URL, timeouts: aiohttp.ClientTimeout, proxy: str | None
) -> AsyncIterator[aiohttp.ClientResponse]:
    response = await _get(session, link, timeouts, proxy)
    try:
        refusal = _refusal(response.status)
        if refusal is not None:
            raise refusal
        yield response
    finally:
        response.close()


async def _get(
    session: aiohttp.ClientSession, link: URL, timeouts: aiohttp.ClientTimeout, proxy: str | None
) -> aiohttp.ClientResponse:
    try:
        return await session.get(
            link,
            headers=_HEADERS,
            allow_redirects=False,
            timeout=timeouts,
            proxy=proxy,
        )
    except _TROUBLES as error:
        trouble = _describe(error)
    raise DownloadFailed(f"no download: {trouble}")


def _refusal(status: int) -> RelayError | None:
    if status in _GONE:
        return LinkExpired(f"storage answers {status}")
    if 300 <= status < 400:
        return LinkNotAllowed(f"storage redirects with {status}")
    if status != 200:
        return DownloadFailed(f"storage answers {status}")
    return None


def _told_length_bytes(headers: HTTPMessage | CIMultiDictProxy[str]) -> int | None:
    """None for chunks, for an encoding that we did not ask for, and for what makes no sense."""
    is_plain = headers.get("Content-Encoding", "identity") == "identity"
    lengths = [value for name, value in headers.items() if name.lower() == "content-length"]
    if not is_plain or "Transfer-Encoding" in headers or len(lengths) != 1:
        return None
    return int(lengths[0]) if lengths[0].isascii() and lengths[0].isdigit() else None


async def _count_bytes(response: aiohttp.ClientResponse) -> int:
    """Reads it all and keeps nothing; the upload must announce a length, so we download twice."""
    length_bytes = 0
    while block := await _read_any(response):
        length_bytes += len(block)
        if length_bytes > WHOLE_LIMIT_BYTES:
            raise DownloadFailed(f"more than {WHOLE_LIMIT_BYTES} bytes")
    return length_bytes


async def _read_any(response: aiohttp.ClientResponse) -> bytes:
    try:
        return await response.content.readany()
    except _TROUBLES as error:
        trouble = _describe(error)
    raise DownloadFailed(f"download broke: {trouble}")


def _describe(error: Exception) -> str:
    number = getattr(error, "errno", None)
    return type(error).__name__ if number is None else f"{type(error).__name__}, errno {number}"
