"""Carries a picture from the provider's storage to an upload, without ever holding it.

discord.py uploads only objects that are io.IOBase, and aiohttp would read such an object in a
thread, 64 KB at a time. So `PictureStream` is an io.BufferedIOBase that nobody can read
synchronously, and its payload class, registered in aiohttp's public registry, streams it with its
length known beforehand.

Reading once means that discord.py's own repetition (after 429 and 5xx it rewinds the file and sends
it again) ends with DownloadFailed; ours downloads again. Also, discord.File leaves a cycle behind
(`fp.close` becomes a bound method of `fp`) that only the garbage collector frees; therefore the
source is let go at the end, and what waits for the collector is a few hundred bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
from typing import TYPE_CHECKING, NoReturn

import aiohttp

from bot.errors import (
    BytesAfterPicture,
    DownloadFailed,
    NotAPicture,
    PictureTooLarge,
    RelayError,
)
from bot.pictures.download import Download, Downloads, KeptBytes, LeastSpeed
from bot.pictures.formats import HEAD_LIMIT_BYTES
from bot.pictures.provenance import StampedHead, read_stamped
from bot.pictures.shrink import SmallerPicture, is_possible, make_smaller
from bot.records import Redacted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from aiohttp.abc import AbstractStreamWriter

    from bot.pictures.download import Block, LinkRules
    from bot.pictures.formats import PictureType
    from bot.pictures.provenance import Provenance
    from bot.providers.image import Size

# The upload sets the pace: sock_read stops while we do not read. Slowness see LeastSpeed.
TIMEOUTS = aiohttp.ClientTimeout(total=600, connect=10, sock_read=20)
LEAST_SPEED = LeastSpeed()
PREVIEW_SIDE_PX = 512


class PictureStream(io.BufferedIOBase):
    """Hand it to discord.File. Only aiohttp can read it, and only once."""

    def __init__(
        self, source: Download, *, head: StampedHead, first_block: memoryview, job_id: str
    ) -> None:
        super().__init__()
        self.name = f"zeuxis-{job_id}.{head.provider_head.type}"  # discord.File asks for it
        self.type = head.provider_head.type
        self.size = head.provider_head.size
        self.length_bytes = source.length_bytes + head.growth_bytes
        self.broken_by: RelayError | None = None  # why the reading ended too early
        self._is_begun = False
        self._source: Download | None = source
        self._head = head.encoded
        self._first_block = first_block
        self._walker = head.provider_head.walker

    async def read_block(self) -> Block:
        """The next bytes to post; empty at the end.

        Raises NotAPicture or DownloadFailed before the broken part is given away, and
        BytesAfterPicture once all of the picture was.
        """
        try:
            return await self._next_block()
        except RelayError as error:
            self.broken_by = error
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
    """Streams a PictureStream into a request."""

    _value: PictureStream

    @property
    def size(self) -> int:
        return self._value.length_bytes

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> NoReturn:  # noqa: ARG002 - aiohttp's signature
        raise TypeError("a picture on its way is never held as a whole")

    async def write(self, writer: AbstractStreamWriter) -> None:
        self._consumed = True  # aiohttp must not replay it after a redirect
        while block := await self._value.read_block():
            await writer.write(block)


aiohttp.payload.register_payload(PicturePayload, PictureStream)


def _directly(_: str) -> None:
    """No proxy for any address."""


class SeenPicture(Redacted, frozen=True, kw_only=True):
    """A picture that was read to its end and found whole, and where it lies."""

    redacted = ("link",)

    link: str  # a credential
    type: PictureType
    size: Size


class WholePicture(Redacted, frozen=True, kw_only=True):
    """A file that was read to its end and found whole."""

    redacted = ("content",)

    content: bytes
    filename: str


class Relay:
    """Opens pictures.

    The session is one of `open_picture_session`, else no address is checked. `proxy_for` tells the
    proxy for an address, if it is to be reached by one; then it is the proxy that looks names up.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        rules: LinkRules,
        timeouts: aiohttp.ClientTimeout = TIMEOUTS,
        least: LeastSpeed = LEAST_SPEED,
        proxy_for: Callable[[str], str | None] = _directly,
    ) -> None:
        self._downloads = Downloads(session, timeouts=timeouts, least=least, proxy_for=proxy_for)
        self._rules = rules
        self._one_at_a_time = asyncio.Lock()  # whole pictures are held while made smaller

    @contextlib.asynccontextmanager
    async def open(
        self,
        link: str | bytes,
        *,
        provenance: Provenance,
        limit_bytes: int,
        ends_at_bytes: int | None = None,
    ) -> AsyncIterator[PictureStream]:
        """A picture ready to be posted: checked so far, stamped, its length known.

        Its link, or the file itself if somebody has kept that.

        Type and size are its own, which need not be those that were promised. Its file may be read
        once, inside the context. If the reading fails, the RelayError comes out of the context in
        place of the upload's error, and the upload is cut off before its end, so that nobody ever
        sees half a picture.

        Args:
            ends_at_bytes: from the BytesAfterPicture of an earlier try.

        Raises:
            LinkNotAllowed, LinkExpired, NotAPicture: trying again would change nothing.
            BytesAfterPicture: open it again, up to its end.
            DownloadFailed: free to try again.
            PictureTooLarge: over `limit_bytes`; no byte was given away.
        """
        async with self._source(link, ends_at_bytes) as source:
            picture, _ = await _begin(source, provenance)
            if picture.length_bytes > limit_bytes:
                raise PictureTooLarge(size_bytes=picture.length_bytes, limit_bytes=limit_bytes)
            try:
                yield picture
            except Exception:
                if picture.broken_by is None:
                    raise
                raise picture.broken_by from None
            finally:
                picture.release()

    async def read(self, link: str, *, provenance: Provenance) -> WholePicture:
        """All of it in memory, stamped: to be checked, or kept. Raises RelayError as `open`."""
        async with self._source(link) as source:
            picture, _ = await _begin(source, provenance)
            return WholePicture(content=await _whole(picture), filename=picture.name)

    @contextlib.asynccontextmanager
    async def _source(
        self, link: str | bytes, ends_at_bytes: int | None = None
    ) -> AsyncIterator[Download]:
        if isinstance(link, bytes):
            yield Download(KeptBytes(link), length_bytes=len(link), ends_at_bytes=ends_at_bytes)
            return
        url = self._rules.check(link)
        async with self._downloads.open(url, ends_at_bytes=ends_at_bytes) as source:
            yield source

    async def look(self, link: str, *, provenance: Provenance) -> SeenPicture:
        """Reads a picture to its end and keeps nothing: only then may its link be shown.

        Raises RelayError as `open`.
        """
        url = self._rules.check(link)
        async with self._downloads.open(url) as source:
            picture, _ = await _begin(source, provenance)
            async for _ in _sound_blocks(picture):
                pass
            return SeenPicture(link=str(url), type=picture.type, size=picture.size)

    async def make_smaller(
        self, link: str | bytes, *, provenance: Provenance, limit_bytes: int
    ) -> SmallerPicture:
        """The picture as a JPEG of at most `limit_bytes`, with the same metadata.

        Needs the extra `images`. The whole picture is held meanwhile: one at a time.

        Raises:
            PictureTooLarge: without the extra, if no quality fits, or with too many pixels.
            RelayError: as `open`.
        """
        named = f"zeuxis-{provenance.job_id}.jpg"
        return await self._make_jpeg(link, provenance, limit_bytes, named)

    async def make_preview(
        self, link: str | bytes, *, provenance: Provenance, limit_bytes: int
    ) -> SmallerPicture:
        """Likewise, but small enough to be looked at in passing; its name is no picture's."""
        named = f"preview-{provenance.job_id}.jpg"
        return await self._make_jpeg(link, provenance, limit_bytes, named, PREVIEW_SIDE_PX)

    async def _make_jpeg(
        self,
        link: str | bytes,
        provenance: Provenance,
        limit_bytes: int,
        filename: str,
        side_px: int | None = None,
    ) -> SmallerPicture:
        async with self._one_at_a_time, self._source(link) as source:
            picture, head = await _begin(source, provenance)
            if not is_possible(picture.size):
                raise PictureTooLarge(size_bytes=source.length_bytes, limit_bytes=limit_bytes)
            return await make_smaller(
                await _whole(picture),
                head=head,
                limit_bytes=limit_bytes,
                filename=filename,
                side_px=side_px,
            )


async def _begin(source: Download, provenance: Provenance) -> tuple[PictureStream, StampedHead]:
    """Reads little more than HEAD_LIMIT_BYTES."""
    buffer = bytearray()
    while (head := read_stamped(buffer, provenance)) is None:
        block = await source.read_block()
        buffer += block
        if not block or len(buffer) > 2 * HEAD_LIMIT_BYTES:
            raise NotAPicture(f"{len(buffer)} bytes and no pixels yet")
    first_block = memoryview(buffer)[head.provider_head.length_bytes :]
    return PictureStream(source, head=head, first_block=first_block, job_id=provenance.job_id), head


async def _whole(picture: PictureStream) -> bytes:
    whole = bytearray()
    async for block in _sound_blocks(picture):
        whole += block
    return bytes(whole)


async def _sound_blocks(picture: PictureStream) -> AsyncIterator[bytes | memoryview]:
    """All of the picture and nothing that follows it."""
    with contextlib.suppress(BytesAfterPicture):
        while block := await picture.read_block():
            yield block
