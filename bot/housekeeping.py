"""Forgets what must not be kept: interaction tokens and links that have died.

Members are shown nothing of it. A secret that is wiped from its row would still stand in the
database's write-ahead log, so that is emptied too.

It also looks whether the database is still the file that a restart would find.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from bot.errors import StorageError, StorageUnavailable
from bot.queue import postings
from bot.runtime.health import Pulse

if TYPE_CHECKING:
    from bot.db.sqlite import Database
    from bot.runtime.clock import Clock

EVERY_S = 60.0
LOOK_EVERY_S = 2.0  # what is acknowledged until then is in the copy that the end makes

log = structlog.get_logger("bot.housekeeping")


@dataclass(frozen=True, slots=True, kw_only=True)
class Housekeeping:
    """One round a minute."""

    database: Database
    clock: Clock
    pulse: Pulse = field(default_factory=Pulse)  # beats with each round that succeeds

    async def run(self) -> None:
        """Until cancelled."""
        self.pulse.beat()
        while True:
            try:
                await self.wipe()
                self.pulse.beat()
            except StorageError as error:
                log.error("nothing wiped", error=str(error))  # noqa: TRY400 - expected, says all
            await self.clock.sleep_until(self.clock.now_us() + round(EVERY_S * 1e6))

    async def watch(self) -> None:
        """Until the database is no longer where it was.

        Raises:
            DatabaseDisplaced, StorageCorrupt: going on would lose what is written.
        """
        while True:
            try:
                self.database.check_place()
            except StorageUnavailable as error:
                log.error("database not looked at", error=str(error))  # noqa: TRY400 - says all
            await self.clock.sleep_until(self.clock.now_us() + round(LOOK_EVERY_S * 1e6))

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
