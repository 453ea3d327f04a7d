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
    from collections.abc import AsyncIterator

    from yarl import URL

# 2048×2048 of 16-bit RGBA noise are 34 MB; nothing that Z-Image draws is longer.
WHOLE_LIMIT_BYTES = 40 * 1024 * 1024
_HEADERS = {"Accept": "image/png", "Accept-Encoding": "identity"}
_TROUBLES = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
_GONE = (403, 404, 410)  # expired, purged, purged for good
# What one connection may buffer ahead of the upload; together with TLS it is the picture's memory.
_READ_BUFFER_BYTES = 64 * 1024


class Download:
    """An answer whose head is here and whose length is known."""

    def __init__(self, response: aiohttp.ClientResponse, length_bytes: int) -> None:
        self.length_bytes = length_bytes
        self._response = response
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

    async def read_block(self) -> bytes:
        """The next bytes; empty at the end. Raises DownloadFailed if the link breaks."""
        block = await _read_any(self._response)
        self._left_bytes -= len(block)
        if self._left_bytes < 0 or (not block and self._left_bytes):
            raise DownloadFailed(f"length is not the {self.length_bytes} bytes that were told")
        return block


@contextlib.asynccontextmanager
async def download(
    session: aiohttp.ClientSession, link: URL, *, timeouts: aiohttp.ClientTimeout
) -> AsyncIterator[Download]:
    """Opens the link; an answer that is not read to its end is dropped with its connection.

    Object storage tells the length. Where it is not told, it is counted in a first download.

    Raises:
        LinkExpired: the storage no longer gives the picture.
        DownloadFailed: no connection, or a server's error.
        LinkNotAllowed: it redirects.
    """
    async with _opened(session, link, timeouts) as response:
        length_bytes = _told_length_bytes(response)
        if length_bytes is not None:
            yield Download(response, length_bytes)
            return
        length_bytes = await _count_bytes(response)
    async with _opened(session, link, timeouts) as response:
        yield Download(response, length_bytes)


@contextlib.asynccontextmanager
async def _opened(
    session: aiohttp.ClientSession, link: URL, timeouts: aiohttp.ClientTimeout
) -> AsyncIterator[aiohttp.ClientResponse]:
    response = await _get(session, link, timeouts)
    try:
        refusal = _refusal(response)
        if refusal is not None:
            raise refusal
        yield response
    finally:
        response.close()


async def _get(
    session: aiohttp.ClientSession, link: URL, timeouts: aiohttp.ClientTimeout
) -> aiohttp.ClientResponse:
    try:
        return await session.get(
            link,
            headers=_HEADERS,
            allow_redirects=False,
            timeout=timeouts,
            read_bufsize=_READ_BUFFER_BYTES,
        )
    except _TROUBLES as error:
        trouble = _describe(error)
    raise DownloadFailed(f"no download: {trouble}")


def _refusal(response: aiohttp.ClientResponse) -> RelayError | None:
    if response.status in _GONE:
        return LinkExpired(f"storage answers {response.status}")
    if 300 <= response.status < 400:
        return LinkNotAllowed(f"storage redirects with {response.status}")
    if response.status != 200:
        return DownloadFailed(f"storage answers {response.status}")
    return None


def _told_length_bytes(response: aiohttp.ClientResponse) -> int | None:
    """None for chunks, and for an encoding that we did not ask for and aiohttp undoes."""
    is_plain = response.headers.get("Content-Encoding", "identity") == "identity"
    return response.content_length if is_plain else None


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
