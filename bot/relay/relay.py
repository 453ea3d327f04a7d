"""Carries a picture from the provider's storage to an upload, without ever holding it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

from bot.domain.png import HEAD_LIMIT_BYTES
from bot.errors import BytesAfterPicture, NotAPicture, PictureTooLarge
from bot.relay.download import Download, Downloads, LeastSpeed
from bot.relay.picture import Picture
from bot.relay.smaller import SmallerPicture, is_possible, make_smaller
from bot.relay.stamp import StampedHead, read_stamped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.domain.picture_type import PictureType
    from bot.domain.provenance import Provenance
    from bot.domain.sizes import Size
    from bot.relay.links import LinkRules

# The upload sets the pace: sock_read stops while we do not read. Slowness see LeastSpeed.
TIMEOUTS = aiohttp.ClientTimeout(total=600, connect=10, sock_read=20)
LEAST_SPEED = LeastSpeed()


def _directly(_: str) -> None:
    """No proxy for any address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPicture:
    """A picture that was read to its end and found whole, and where it lies."""

    link: str = field(repr=False)  # a credential
    type: PictureType
    size: Size


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
        link: str,
        *,
        provenance: Provenance,
        limit_bytes: int,
        ends_at_bytes: int | None = None,
    ) -> AsyncIterator[Picture]:
        """A picture ready to be posted: checked so far, stamped, its length known.

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
        url = self._rules.check(link)
        async with self._downloads.open(url, ends_at_bytes=ends_at_bytes) as source:
            picture, _ = await _begin(source, provenance)
            if picture.length_bytes > limit_bytes:
                raise PictureTooLarge(size_bytes=picture.length_bytes, limit_bytes=limit_bytes)
            try:
                yield picture
            except Exception:
                if picture.trouble is None:
                    raise
                raise picture.trouble from None
            finally:
                picture.release()

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
        self, link: str, *, provenance: Provenance, limit_bytes: int
    ) -> SmallerPicture:
        """The picture as a JPEG of at most `limit_bytes`, with the same metadata.

        Needs the extra `images`. The only place where a whole picture is held: one at a time.

        Raises:
            PictureTooLarge: without the extra, if no quality fits, or with too many pixels.
            RelayError: as `open`.
        """
        url = self._rules.check(link)
        async with self._one_at_a_time, self._downloads.open(url) as source:
            picture, head = await _begin(source, provenance)
            if not is_possible(picture.size):
                raise PictureTooLarge(size_bytes=source.length_bytes, limit_bytes=limit_bytes)
            whole = bytearray()
            async for block in _sound_blocks(picture):
                whole += block
            return await make_smaller(
                bytes(whole),
                head=head,
                limit_bytes=limit_bytes,
                filename=f"zeuxis-{provenance.job_id}.jpg",
            )


async def _begin(source: Download, provenance: Provenance) -> tuple[Picture, StampedHead]:
    """Reads little more than HEAD_LIMIT_BYTES."""
    buffer = bytearray()
    while (head := read_stamped(buffer, provenance)) is None:
        block = await source.read_block()
        buffer += block
        if not block or len(buffer) > 2 * HEAD_LIMIT_BYTES:
            raise NotAPicture(f"{len(buffer)} bytes and no pixels yet")
    first_block = memoryview(buffer)[head.length_bytes :]
    return Picture(source, head=head, first_block=first_block, job_id=provenance.job_id), head


async def _sound_blocks(picture: Picture) -> AsyncIterator[bytes | memoryview]:
    """All of the picture and nothing that follows it."""
    with contextlib.suppress(BytesAfterPicture):
        while block := await picture.read_block():
            yield block
