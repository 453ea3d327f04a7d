"""Pictures that Discord has, fetched to be looked at or to be drawn small, and kept nowhere.

Discord's proxy scales a picture down if asked to; where the whole comes all the same, Pillow does
it. Only Discord's own hosts are asked. What is longer, or has more pixels, than anything of ours is
not read, or not decoded.

Source: Discord's reference, "Image Formatting" and the `proxy_url` of attachments (2026-08).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import structlog
from msgspec import Struct

from bot.errors import RelayError
from bot.pictures.download import Downloads, LeastSpeed
from bot.pictures.formats import head_of
from bot.pictures.likeness import NONE, likeness_of
from bot.pictures.provenance import Marks, marks_of
from bot.pictures.shrink import is_possible, make_thumbnail
from bot.records import Redacted

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.pictures.download import LinkRules
    from bot.providers.image import Size


DISCORD_HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
TIMEOUTS = aiohttp.ClientTimeout(total=8, connect=4, sock_read=4)
# Of a whole picture that came in the place of a small one. 2048 × 2048 as a PNG has 3 to 7 MB.
WHOLE_LIMIT_BYTES = 10 * 1024 * 1024
# Of what is drawn as it came. A PNG of 400 × 400 has 0.2 MB; without a bound a drawing would take
# seconds of the processor.
SMALL_LIMIT_BYTES = 384 * 1024
LARGEST_TIMES = 2  # the side that was asked for
MOST_BYTES = 20 * 1024 * 1024  # of what members show
AT_ONCE = 2  # of these in memory

log = structlog.get_logger("bot.pictures")


class _Fetching:
    """The session is one of `open_picture_session` with the same rules."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        rules: LinkRules,
        proxy_for: Callable[[str], str | None],
    ) -> None:
        self._rules = rules
        self._downloads = Downloads(
            session, timeouts=TIMEOUTS, least=LeastSpeed(), proxy_for=proxy_for
        )
        self._turns = asyncio.Semaphore(AT_ONCE)  # whole pictures in memory

    async def _read(self, link: str, limit_bytes: int) -> bytes:
        """Raises RelayError; NotAPicture also of what is longer."""
        return await self._downloads.read(self._rules.check(link), limit_bytes=limit_bytes)


class SeenUpload(Struct, frozen=True, kw_only=True):
    """What a file says of itself, and how it looks."""

    marks: Marks | None  # None: it says nothing of us
    likeness: int | None  # None: nobody can tell, as without the extra `images`


class Uploads(_Fetching):
    """Pictures that members show, read to learn where they come from."""

    async def look(self, link: str) -> SeenUpload:
        """Raises RelayError; NotAPicture also of what is too long."""
        async with self._turns:
            whole = await self._read(link, MOST_BYTES)
            marks = marks_of(whole)
            return SeenUpload(marks=marks, likeness=await _likeness(whole))

    async def likeness(self, link: str) -> int:
        """`NONE` if it has none. Raises RelayError."""
        async with self._turns:
            return await _likeness(await self._read(link, MOST_BYTES)) or NONE


async def _likeness(whole: bytes) -> int | None:
    """Raises NotAPicture if it is none; None where it is one that cannot be decoded here."""
    if not is_possible(head_of(whole).size):
        return None
    return await asyncio.to_thread(likeness_of, whole)


class Thumbnail(Redacted, frozen=True, kw_only=True):
    """A PNG, JPEG or WebP, whole and in memory."""

    redacted = ("content",)

    content: bytes
    media_type: str
    size: Size


class Thumbnails(_Fetching):
    """Small pictures of what hangs, when they are to be drawn."""

    async def fetch(self, link: str, size: Size, *, side_px: int) -> Thumbnail | None:
        """At most about as large as a square of that side; None if it cannot be had.

        Args:
            link: a fresh `proxy_url` of Discord's.
            size: of the whole picture, whose proportions are kept.
        """
        try:
            whole = await self._read(_scaled(link, size, side_px), WHOLE_LIMIT_BYTES)
            return await self._small(whole, side_px)
        except RelayError as error:
            log.info("no thumbnail", error=type(error).__name__, detail=str(error))
            return None

    async def _small(self, whole: bytes, side_px: int) -> Thumbnail | None:
        head = head_of(whole)
        longest_px = max(head.size.width_px, head.size.height_px)
        if longest_px <= LARGEST_TIMES * side_px and len(whole) <= SMALL_LIMIT_BYTES:
            return Thumbnail(content=whole, media_type=head.media_type, size=head.size)
        if not is_possible(head.size):
            return None
        async with self._turns:
            content, size = await make_thumbnail(whole, head=head, side_px=side_px)
        return Thumbnail(content=content, media_type="image/jpeg", size=size)


def _scaled(link: str, size: Size, side_px: int) -> str:
    """In its proportions."""
    longest_px = max(size.width_px, size.height_px, side_px)
    width_px, height_px = (
        max(1, round(side * side_px / longest_px)) for side in (size.width_px, size.height_px)
    )
    return scaled(link, width_px=width_px, height_px=height_px)


def scaled(link: str, *, width_px: int, height_px: int) -> str:
    """The address of a small copy; signed parameters stay as they are."""
    joint = "" if link.endswith(("?", "&")) else "&" if "?" in link else "?"
    return f"{link}{joint}width={width_px}&height={height_px}"
