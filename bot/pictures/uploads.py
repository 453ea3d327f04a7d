"""Pictures that members show, read to learn where they come from, and kept nowhere.

Only Discord's own hosts are asked. What is longer, or has more pixels, than anything of ours is not
read, or not decoded.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.errors import NotAPicture
from bot.pictures.download import Downloads
from bot.pictures.formats import head_of
from bot.pictures.likeness import NONE, likeness_of
from bot.pictures.provenance import Marks, marks_of
from bot.pictures.shrink import is_possible
from bot.pictures.thumbnails import LEAST_SPEED, TIMEOUTS

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from bot.pictures.download import LinkRules


MOST_BYTES = 20 * 1024 * 1024
AT_ONCE = 2  # whole pictures in memory

log = structlog.get_logger("bot.pictures")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenUpload:
    """What a file says of itself, and how it looks."""

    marks: Marks | None  # None: it says nothing of us
    likeness: int | None  # None: nobody can tell, as without the extra `images`


class Uploads:
    """Fetches and looks. The session is one of `open_picture_session` with the same rules."""

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
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def look(self, link: str) -> SeenUpload:
        """Raises RelayError; NotAPicture also of what is too long."""
        async with self._turns:
            whole = await self._read(link)
            marks = marks_of(whole)
            return SeenUpload(marks=marks, likeness=await _likeness(whole))

    async def likeness(self, link: str) -> int:
        """`NONE` if it has none. Raises RelayError."""
        async with self._turns:
            return await _likeness(await self._read(link)) or NONE

    async def _read(self, link: str) -> bytes:
        read = bytearray()
        async with self._downloads.open(self._rules.check(link)) as download:
            if download.length_bytes > MOST_BYTES:
                raise NotAPicture(f"{download.length_bytes} bytes are too many")
            while block := await download.read_block():
                read += block
        return bytes(read)


async def _likeness(whole: bytes) -> int | None:
    """Raises NotAPicture if it is none; None where it is one that cannot be decoded here."""
    if not is_possible(head_of(whole).size):
        return None
    return await asyncio.to_thread(likeness_of, whole)
