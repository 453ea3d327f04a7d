"""Looks at pictures that hang, once each, so that a copy of one can be found again.

Discord's proxy gives a small copy, some kilobytes; the picture itself is never held. What is to be
looked at stands in rows, so a crash loses none, and delivery waits for none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.delivery.carry import is_of
from bot.delivery.error_kinds import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.errors import DownloadFailed, RelayError, StorageError
from bot.features.lineage.rules import link_in, where_it_hangs
from bot.pictures import scaled
from bot.pictures.likeness import NONE
from bot.pictures.shrink import is_possible
from bot.queue.records import Surface
from bot.queue.shown import record_likeness, without_likeness

if TYPE_CHECKING:
    import discord

    from bot.db.sqlite import Database
    from bot.pictures import Uploads
    from bot.queue.records import Job
    from bot.runtime.clock import Clock


REST_S = 5.0
AT_A_TIME = 20
SIDE_PX = 128  # of the square that the copy is to fit; Discord keeps the proportions

log = structlog.get_logger("bot.delivery")


class Likenesses:
    """One for the process."""

    def __init__(
        self, *, client: discord.Client, database: Database, uploads: Uploads, clock: Clock
    ) -> None:
        self._client = client
        self._database = database
        self._uploads = uploads
        self._clock = clock
        self._after = 0  # the next look begins behind it, so that none is always in the way

    async def run(self) -> None:
        """For ever; without the extra `images` nothing is looked at."""
        while True:
            try:
                await self.look_at_due()
            except StorageError as error:
                log.warning("likenesses not read", error=type(error).__name__)
            await self._clock.sleep_until(self._clock.now_us() + round(REST_S * 1e6))

    async def look_at_due(self) -> int:
        """Returns how many were looked at; what could not be seen now is seen another time."""
        jobs = await self._database.read(without_likeness, limit=AT_A_TIME, after=self._after)
        self._after = jobs[-1].id if len(jobs) == AT_A_TIME else 0
        seen = 0
        for job in jobs if _can_decode(jobs) else ():
            likeness = await self._look(job)
            if likeness is None:
                continue  # another time
            await self._database.write(record_likeness, job.id, likeness)
            seen += 1
        return seen

    async def _look(self, job: Job) -> int | None:
        """`NONE` of what nobody can look at any more; None if it may be had later."""
        hangs = where_it_hangs(job)
        if job.origin.surface is Surface.INTERACTION:
            return NONE  # the bot is not there
        if hangs is None:
            return None
        try:
            link = link_in(await self._client.http.get_message(*hangs), job.id)
            if link is None or not is_of(link, job.id):
                return NONE  # the provider's link is signed, and read once, by whoever posts it
            return await self._uploads.likeness(scaled(link, width_px=SIDE_PX, height_px=SIDE_PX))
        except DownloadFailed:
            return None
        except RelayError as error:
            log.info("likeness not seen", job=job.id, error=type(error).__name__)
            return NONE
        except DELIVERY_ERRORS as error:
            return None if error_kind(error) is ErrorKind.LATER else NONE
        except Exception:  # this loop's end would be the bot's, and again after each start
            log.exception("likeness not seen", job=job.id)
            return NONE


def _can_decode(jobs: tuple[Job, ...]) -> bool:
    return any(job.picture is not None and is_possible(job.picture.size) for job in jobs)
