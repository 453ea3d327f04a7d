"""A picture on its way: a file that can be read once, block by block, and never held.

discord.py uploads only objects that are io.IOBase, and aiohttp would read such an object in a
thread, 64 KB at a time. So `Picture` is an io.BufferedIOBase that nobody can read synchronously,
and its payload class, registered in aiohttp's public registry, streams it with its length known
beforehand.

Reading once means that discord.py's own repetition (after 429 and 5xx it rewinds the file and sends
it again) ends with DownloadFailed; ours downloads again. Also, discord.File leaves a cycle behind
(`fp.close` becomes a bound method of `fp`) that only the garbage collector frees; therefore the
source is let go at the end, and what waits for the collector is a few hundred bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NoReturn

import aiohttp

from bot.errors import BytesAfterPicture, DownloadFailed, RelayError

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

    from bot.relay.download import Block, Download
    from bot.relay.stamp import StampedHead


class Picture(io.BufferedIOBase):
    """Hand it to discord.File. Only aiohttp can read it, and only once."""

    def __init__(
        self, source: Download, *, head: StampedHead, first_block: memoryview, job_id: str
    ) -> None:
        super().__init__()
        self.name = f"zeuxis-{job_id}.{head.type}"  # discord.File asks for it
        self.type = head.type
        self.size = head.size
        self.length_bytes = source.length_bytes + head.growth_bytes
        self.is_stamped = head.is_stamped  # carries our metadata; see bot/relay/stamp
        self.trouble: RelayError | None = None  # why the reading ended too early
        self._is_begun = False
        self._source: Download | None = source
        self._head = head.encoded
        self._first_block = first_block
        self._walker = head.walker

    async def read_block(self) -> Block:
        """The next bytes to post; empty at the end.

        Raises NotAPicture or DownloadFailed before the broken part is given away, and
        BytesAfterPicture once all of the picture was.
        """
        try:
            return await self._next_block()
        except RelayError as error:
            self.trouble = error
            raise

    def release(self) -> None:
        """Lets go of the download and of every byte."""
        self._source = None
        self._drop_beginning()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        """Claims so, since discord.File demands it; see `seek`."""
        return True

    def tell(self) -> int:
        return 0

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Raises DownloadFailed once reading has begun: the bytes are gone, download again."""
        if self._is_begun or offset or whence != io.SEEK_SET:
            raise DownloadFailed("a picture on its way cannot be rewound")
        return 0

    async def _next_block(self) -> Block:
        if not self._is_begun:
            self._is_begun = True
            return self._take_beginning()
        if self._source is None:
            raise DownloadFailed("the picture is closed")
        if self._walker.surplus_bytes:
            raise self._too_much(self._source)
        block = await self._source.read_block()
        if not block:
            self._walker.finish()
            return block
        sound = self._sound_part(block)
        if not sound:
            raise self._too_much(self._source)
        return sound

    def _sound_part(self, block: Block) -> Block:
        self._walker.feed(block)
        surplus_bytes = self._walker.surplus_bytes
        return memoryview(block)[:-surplus_bytes] if surplus_bytes else block

    def _too_much(self, source: Download) -> BytesAfterPicture:
        return BytesAfterPicture(ends_at_bytes=source.read_bytes - self._walker.surplus_bytes)

    def _take_beginning(self) -> bytes:
        """Head and first block as one: a write of a few bytes costs as much as one of many."""
        beginning = b"".join((self._head, self._sound_part(self._first_block)))
        self._drop_beginning()
        return beginning

    def _drop_beginning(self) -> None:
        self._head, self._first_block = b"", memoryview(b"")


class PicturePayload(aiohttp.Payload):
    """Streams a Picture into a request."""

    _value: Picture

    @property
    def size(self) -> int:
        return self._value.length_bytes

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> NoReturn:  # noqa: ARG002 - aiohttp's signature
        raise TypeError("a picture on its way is never held as a whole")

    async def write(self, writer: AbstractStreamWriter) -> None:
        self._consumed = True  # aiohttp must not replay it after a redirect
        while block := await self._value.read_block():
            await writer.write(block)


aiohttp.payload.register_payload(PicturePayload, Picture)
