"""Forgets what must not be kept: interaction tokens and links that have died.

Members are shown nothing of it. A secret that is wiped from its row would still stand in the
database's write-ahead log, so that is emptied too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.errors import StorageError
from bot.storage import postings

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.storage.sqlite import Database

EVERY_S = 60.0

log = structlog.get_logger("bot.housekeeping")


@dataclass(frozen=True, slots=True, kw_only=True)
class Housekeeping:
    """One round a minute."""

    database: Database
    clock: Clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.wipe()
            except StorageError as error:
                log.error("nothing wiped", error=str(error))  # noqa: TRY400 - expected, says all
            await self.clock.sleep_until(self.clock.now_us() + round(EVERY_S * 1e6))

    async def wipe(self) -> int:
        """Wipes what is dead by now; returns how much that was."""
        wiped = 0
        while more := await self.database.write(
            postings.wipe_dead_secrets, now_us=self.clock.now_us()
        ):
            wiped += more
        await self.database.empty_log()
        if wiped:
            log.info("dead tokens and links wiped", count=wiped)
        return wiped
