"""Carries a picture from the provider's storage to an upload, without ever holding it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import aiohttp

from bot.errors import NotAPicture, PictureTooLarge
from bot.relay.download import WHOLE_LIMIT_BYTES, Download, download
from bot.relay.picture import Picture
from bot.relay.smaller import SmallerPicture, is_possible, make_smaller
from bot.relay.stamp import StampedHead, stamp
from bot.relay.wires import Wires

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    from yarl import URL

    from bot.domain.provenance import Provenance
    from bot.relay.links import LinkRules

# The upload sets the pace, so only silence is an error: sock_read stops while we do not read.
TIMEOUTS = aiohttp.ClientTimeout(total=600, connect=10, sock_read=30)


def _directly(_: str) -> None:
    """No proxy for any address."""


class Relay:
    """Opens pictures; close it with the process.

    `tls` replaces the default context. The session (bot/zimage/session) is for answers of the
    storage that are not plain, and for all that goes by a proxy.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        rules: LinkRules,
        timeouts: aiohttp.ClientTimeout = TIMEOUTS,
        tls: ssl.SSLContext | None = None,
        proxy_for: Callable[[str], str | None] = _directly,
    ) -> None:
        self._session = session
        self._rules = rules
        self._timeouts = timeouts
        self._proxy_for = proxy_for
        self._wires = Wires(tls=tls, connect_s=timeouts.connect, silence_s=timeouts.sock_read)
        self._one_at_a_time = asyncio.Lock()  # whole pictures are held while made smaller

    def close(self) -> None:
        """Closes the connections that are kept for the next picture."""
        self._wires.close()

    @contextlib.asynccontextmanager
    async def open(
        self, link: str, *, provenance: Provenance, limit_bytes: int
    ) -> AsyncIterator[Picture]:
        """A picture ready to be posted: checked so far, stamped, its length known.

        Its file may be read once, inside the context. Dimensions must be `provenance.size`. If the
        reading fails, the RelayError comes out of the context in place of the upload's error, and
        the upload is cut off before its end, so that nobody ever sees half a picture.

        Raises:
            LinkNotAllowed, LinkExpired, NotAPicture: trying again would change nothing.
            DownloadFailed: free to try again.
            PictureTooLarge: over `limit_bytes`; no byte was given away.
        """
        url = self._rules.check(link)
        async with self._download(url) as source:
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

    async def make_smaller(
        self, link: str, *, provenance: Provenance, limit_bytes: int
    ) -> SmallerPicture:
        """The picture as a JPEG of at most `limit_bytes`, with the same metadata.

        Needs the extra `images`. The only place where a whole picture is held: one at a time.

        Raises:
            PictureTooLarge: without the extra, or if no quality fits.
            RelayError: as `open`.
        """
        url = self._rules.check(link)
        async with (
            self._one_at_a_time,
            self._download(url) as source,
        ):
            if not is_possible() or source.length_bytes > WHOLE_LIMIT_BYTES:
                raise PictureTooLarge(size_bytes=source.length_bytes, limit_bytes=limit_bytes)
            picture, head = await _begin(source, provenance)
            whole = bytearray()
            while block := await picture.read_block():
                whole += block
            return await make_smaller(
                bytes(whole),
                packet=head.packet,
                limit_bytes=limit_bytes,
                filename=f"zeuxis-{provenance.job_id}.jpg",
            )

    def _download(self, url: URL) -> contextlib.AbstractAsyncContextManager[Download]:
        return download(
            self._session,
            url,
            wires=self._wires,
            timeouts=self._timeouts,
            proxy=self._proxy_for(str(url.origin())),
        )


async def _begin(source: Download, provenance: Provenance) -> tuple[Picture, StampedHead]:
    head, first_block = await source.read_head()
    if (head.width_px, head.height_px) != (provenance.size.width_px, provenance.size.height_px):
        raise NotAPicture(f"{head.width_px}*{head.height_px}, promised {provenance.size}")
    stamped = stamp(head, provenance)
    filename = f"zeuxis-{provenance.job_id}.png"
    return Picture(source, head=stamped, first_block=first_block, filename=filename), stamped
