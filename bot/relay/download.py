"""The download: one GET of a signed link, read in blocks.

No key (object storage reads an Authorization header as its own kind of signature and refuses), no
cookies, no redirects. A link is a credential and aiohttp's errors hold links, so each is replaced
here, outside of its except clause, by one that knows only what happened.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import hdrs

from bot.errors import DownloadFailed, LinkExpired, LinkNotAllowed, NotAPicture, RelayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from yarl import URL

    Block = bytes | memoryview

# Four times Z-Image's largest area (4096×4096) has 50 MB before it is compressed.
LONGEST_BYTES = 64 * 1024 * 1024
_HEADERS = {"Accept": "image/png", "Accept-Encoding": "identity"}
_TROUBLES = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
_PASSING = frozenset({408, 425, 429})  # refusals that the storage takes back by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastSpeed:
    """What a storage must give while we wait for it; 3 MB in a minute and a half.

    Only waiting counts: an upload that takes its time holds the download up, and is no fault of
    the storage.
    """

    bytes_per_s: float = 32 * 1024
    window_s: float = 10.0  # of waiting, over which it is averaged


class SpeedCheck:
    """Measures one download against the least speed."""

    def __init__(self, least: LeastSpeed) -> None:
        self._least = least
        self._waited_s = 0.0
        self._read_bytes = 0

    def waited(self, seconds: float, read_bytes: int) -> None:
        """Raises DownloadFailed if a whole window brought too little."""
        self._waited_s += seconds
        self._read_bytes += read_bytes
        if self._waited_s < self._least.window_s:
            return
        if self._read_bytes < self._least.bytes_per_s * self._waited_s:
            raise DownloadFailed(f"{self._read_bytes} bytes in {self._waited_s:.1f} s of waiting")
        self._waited_s, self._read_bytes = 0.0, 0


class Download:
    """An answer whose head is here and whose length is known."""

    def __init__(self, stream: Stream, *, length_bytes: int, ends_at_bytes: int | None) -> None:
        self.length_bytes = length_bytes if ends_at_bytes is None else ends_at_bytes
        self.read_bytes = 0
        self._told_bytes = length_bytes
        self._stream = stream

    async def read_block(self) -> Block:
        """The next bytes; empty at the end. Raises DownloadFailed if the link breaks."""
        if self.read_bytes == self.length_bytes < self._told_bytes:
            return b""
        block: Block = await self._stream.read()
        if self.length_bytes < self._told_bytes:
            block = memoryview(block)[: self.length_bytes - self.read_bytes]
        self.read_bytes += len(block)
        is_short = not block and self.read_bytes < self.length_bytes
        if is_short or self.read_bytes > self.length_bytes:
            raise DownloadFailed(f"length is not the {self._told_bytes} bytes that were told")
        return block


class Stream:
    """What is left of an answer."""

    def __init__(
        self, response: aiohttp.ClientResponse, speed: SpeedCheck, now_s: Callable[[], float]
    ) -> None:
        self._response = response
        self._speed = speed
        self._now_s = now_s

    async def read(self) -> bytes:
        """All that is here, or comes next; empty at the end."""
        began_s = self._now_s()
        try:
            block = await self._response.content.readany()
        except _TROUBLES as error:
            trouble = _describe(error)
        else:
            self._speed.waited(self._now_s() - began_s, len(block))
            return block
        raise DownloadFailed(f"download broke: {trouble}")


class Downloads:
    """Opens links; holds nothing but how."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        timeouts: aiohttp.ClientTimeout,
        least: LeastSpeed,
        proxy_for: Callable[[str], str | None],
    ) -> None:
        self._session = session
        self._timeouts = timeouts
        self._least = least
        self._proxy_for = proxy_for

    @contextlib.asynccontextmanager
    async def open(self, link: URL, *, ends_at_bytes: int | None = None) -> AsyncIterator[Download]:
        """Opens the link; an answer that is not read to its end is dropped with its connection.

        Object storage tells the length. Where it is not told, or the answer is packed, it is asked
        twice: to be counted, and then to be carried.

        Args:
            ends_at_bytes: where to stop, as a BytesAfterPicture told it.

        Raises:
            LinkExpired: the storage does not give the picture.
            DownloadFailed: no connection, too slow, or a server's error.
            LinkNotAllowed: it redirects.
            NotAPicture: another answer than a picture, or one of more than LONGEST_BYTES.
        """
        async with self._asked(link) as (told_bytes, stream):
            if told_bytes is not None:
                yield Download(stream, length_bytes=told_bytes, ends_at_bytes=ends_at_bytes)
                return
            length_bytes = await _count_bytes(stream)
        async with self._asked(link) as (_, stream):
            yield Download(stream, length_bytes=length_bytes, ends_at_bytes=ends_at_bytes)

    @contextlib.asynccontextmanager
    async def _asked(self, link: URL) -> AsyncIterator[tuple[int | None, Stream]]:
        """An answer that may be read, and its length if it is told."""
        response = await self._get(link)
        try:
            refusal = _refusal(response.status)
            if refusal is not None:
                raise refusal
            length_bytes = _told_length_bytes(response)
            if length_bytes is not None:
                check_length(length_bytes)
            now_s = asyncio.get_running_loop().time
            yield length_bytes, Stream(response, SpeedCheck(self._least), now_s)
        finally:
            response.close()

    async def _get(self, link: URL) -> aiohttp.ClientResponse:
        try:
            return await self._session.get(
                link,
                headers=_HEADERS,
                allow_redirects=False,
                timeout=self._timeouts,
                proxy=self._proxy_for(str(link.origin())),
            )
        except _TROUBLES as error:
            trouble = _describe(error)
        raise DownloadFailed(f"no download: {trouble}")


def check_length(length_bytes: int) -> None:
    """Raises NotAPicture if nothing that is drawn is so long."""
    if length_bytes > LONGEST_BYTES:
        raise NotAPicture(f"{length_bytes} bytes, more than {LONGEST_BYTES}")


def _refusal(status: int) -> RelayError | None:
    if status == 200:
        return None
    if status >= 500 or status in _PASSING:
        return DownloadFailed(f"storage answers {status}")
    if status >= 400:
        return LinkExpired(f"storage answers {status}")
    if status >= 300:
        return LinkNotAllowed(f"storage redirects with {status}")
    return NotAPicture(f"storage answers {status}")


def _told_length_bytes(response: aiohttp.ClientResponse) -> int | None:
    """None for chunks, and for an encoding that we did not ask for."""
    is_plain = response.headers.get(hdrs.CONTENT_ENCODING, "identity") == "identity"
    return response.content_length if is_plain else None


async def _count_bytes(stream: Stream) -> int:
    """Reads it all and keeps nothing; the upload must announce a length, so we download twice."""
    length_bytes = 0
    while block := await stream.read():
        length_bytes += len(block)
        check_length(length_bytes)
    return length_bytes


def _describe(error: Exception) -> str:
    number = getattr(error, "errno", None)
    return type(error).__name__ if number is None else f"{type(error).__name__}, errno {number}"
