"""Small pictures of what hangs in Discord, fetched when they are to be drawn and kept nowhere.

Discord's proxy scales a picture down if asked to; where the whole comes all the same, Pillow does
it. Only Discord's own hosts are asked, and what comes is checked before anybody draws it.

Source: Discord's reference, "Image Formatting" and the `proxy_url` of attachments (2026-08).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import structlog

from bot.errors import NotAPicture, RelayError
from bot.pictures.download import Downloads, LeastSpeed
from bot.pictures.formats import head_of
from bot.pictures.shrink import is_possible, make_thumbnail

if TYPE_CHECKING:
    from collections.abc import Callable

    from yarl import URL

    from bot.pictures.download import LinkRules
    from bot.providers.image import Size


DISCORD_HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
TIMEOUTS = aiohttp.ClientTimeout(total=8, connect=4, sock_read=4)
LEAST_SPEED = LeastSpeed()
# Of a whole picture that came in the place of a small one. 2048 × 2048 as a PNG has 3 to 7 MB.
WHOLE_LIMIT_BYTES = 10 * 1024 * 1024
# Of what is drawn as it came. A PNG of 400 × 400 has 0.2 MB; without a bound a drawing would take
# seconds of the processor.
SMALL_LIMIT_BYTES = 384 * 1024
LARGEST_TIMES = 2  # the side that was asked for

log = structlog.get_logger("bot.pictures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A PNG, JPEG or WebP, whole and in memory."""

    content: bytes
    media_type: str
    size: Size


class Thumbnails:
    """Fetches them. The session is one of `open_picture_session` with the same rules."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        rules: LinkRules,
        proxy_for: Callable[[str], str | None],
    ) -> None:
        self._rules = rules
        self._downloads = Downloads(
            session, timeouts=TIMEOUTS, least=LEAST_SPEED, proxy_for=proxy_for
        )
        self._one_at_a_time = asyncio.Lock()  # whole pictures are held while made smaller

    async def fetch(self, link: str, size: Size, *, side_px: int) -> Thumbnail | None:
        """At most about as large as a square of that side; None if it cannot be had.

        Args:
            link: a fresh `proxy_url` of Discord's.
            size: of the whole picture, whose proportions are kept.
        """
        try:
            whole = await self._read(self._rules.check(_scaled(link, size, side_px)))
            return await self._small(whole, side_px)
        except RelayError as error:
            log.info("no thumbnail", error=type(error).__name__, detail=str(error))
            return None

    async def _read(self, url: URL) -> bytes:
        read = bytearray()
        async with self._downloads.open(url) as download:
            if download.length_bytes > WHOLE_LIMIT_BYTES:
                raise NotAPicture(f"{download.length_bytes} bytes are too many")
            while block := await download.read_block():
                read += block
        return bytes(read)

    async def _small(self, whole: bytes, side_px: int) -> Thumbnail | None:
        head = head_of(whole)
        longest_px = max(head.size.width_px, head.size.height_px)
        if longest_px <= LARGEST_TIMES * side_px and len(whole) <= SMALL_LIMIT_BYTES:
            return Thumbnail(content=whole, media_type=head.media_type, size=head.size)
        if not is_possible(head.size):
            return None
        async with self._one_at_a_time:
            content, size = await make_thumbnail(whole, head=head, side_px=side_px)
        return Thumbnail(content=content, media_type="image/jpeg", size=size)


def _scaled(link: str, size: Size, side_px: int) -> str:
    """Signed parameters stay as they are."""
    longest_px = max(size.width_px, size.height_px, side_px)
    width_px, height_px = (
        max(1, round(side * side_px / longest_px)) for side in (size.width_px, size.height_px)
    )
    joint = "" if link.endswith(("?", "&")) else "&" if "?" in link else "?"
    return f"{link}{joint}width={width_px}&height={height_px}"
