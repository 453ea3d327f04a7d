"""Forgets what must not be kept: interaction tokens and links that have died.

Members are shown nothing of it. A secret that is wiped from its row would still stand in the
database's write-ahead log, so that is emptied too.

It also looks whether the database is still the file that a restart would find. Once a day it folds
what the ledger has of days long over, forgets guilds that the bot has left, the threads of days
that are over and drafts that nobody came back to, and holds the counters of the limits against the
ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from msgspec import Struct, field

from bot.errors import StorageError, StorageUnavailable
from bot.features.imagine.rows import forget_old_drafts
from bot.features.moderation.rows.decisions import reject_overdue
from bot.features.moderation.rows.notices import forget_told_notices
from bot.features.privacy.rows import forget_left
from bot.features.privacy.service import WORDS_DAYS, Terms
from bot.queue import ledger, picture_words, postings, quota_use, review
from bot.queue.cases import forget_old_words
from bot.queue.forget import gone_guilds
from bot.queue.records import GuildId
from bot.queue.refusals import forget_old_refusals
from bot.queue.reports import forget_old_reports
from bot.runtime.health import Pulse

if TYPE_CHECKING:
    from bot.db.sqlite import Database
    from bot.moderation.word_check import WordCheck
    from bot.runtime.clock import Clock

EVERY_S = 60.0
DAY_US = 86_400_000_000
DRAFT_DAYS = 7  # that a request is kept which nobody has queued
REJECTED_FILE_DAYS = 14  # that the file of a rejected picture is kept, for an appeal
NOTICE_DAYS = 30  # that it is kept whom the bot has told of a case
OLDER_AT_ONCE = 200  # pictures: some hundredths of a second
LOOK_EVERY_S = 2.0  # what is acknowledged until then is in the copy that the end makes

log = structlog.get_logger("bot.housekeeping")


class Housekeeping(Struct, frozen=True, kw_only=True):
    """One round a minute, and a longer one with the first of each day, UTC."""

    database: Database
    clock: Clock
    words: WordCheck
    terms: Terms = field(default_factory=Terms)
    pulse: Pulse = field(default_factory=Pulse)  # beats with each round that succeeds

    async def run(self) -> None:
        """Until cancelled."""
        self.pulse.beat()
        day = -1
        while True:
            try:
                await self.wipe()
                await self.reject_overdue()
                await self.make_searchable()
                today = self.clock.now_us() // DAY_US
                if today != day:
                    await self.tidy()
                    day = today
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

    async def reject_overdue(self) -> None:
        """Held pictures that nobody has decided in the time that a guild's staff have set."""
        while rejected := await self.database.write(reject_overdue, now_us=self.clock.now_us()):
            for one in rejected:
                log.info("rejected, nobody has decided", job=one.job_id, case=one.id)

    async def make_searchable(self) -> None:
        """Pictures of before there was a search, in pieces between which others write.

        A million take ten minutes: after one, what has died meanwhile is wiped first.
        """
        until_us = self.clock.now_us() + round(EVERY_S * 1e6)
        while self.clock.now_us() < until_us:
            if not await self.database.write(picture_words.note_older, limit=OLDER_AT_ONCE):
                return

    async def tidy(self) -> None:
        """What a day asks for; a repeat finds nothing more. Raises StorageError."""
        await self._fold()
        await self.database.write(postings.forget_old_days, now_us=self.clock.now_us())
        before_us = self.clock.now_us() - DRAFT_DAYS * DAY_US
        await self.database.write(forget_old_drafts, before_us=before_us)
        decided_before_us = self.clock.now_us() - REJECTED_FILE_DAYS * DAY_US
        await self.database.write(review.drop_old_files, decided_before_us=decided_before_us)
        await self._forget_old_cases()
        await self._forget_guilds()
        await self._check_counters()

    async def _forget_old_cases(self) -> None:
        """What was said in them, and to whom; who has decided what stays."""
        before_us = self.clock.now_us() - WORDS_DAYS * DAY_US
        await self.database.write(forget_old_refusals, before_us=before_us)
        await self.database.write(forget_old_words, before_us=before_us)
        await self.database.write(forget_old_reports, before_us=before_us)
        told_before_us = self.clock.now_us() - NOTICE_DAYS * DAY_US
        await self.database.write(forget_told_notices, before_us=told_before_us)

    async def _fold(self) -> None:
        before_us = self.clock.now_us() - self.terms.ledger_detail_days * DAY_US
        folded = 0
        while more := await self.database.write(ledger.fold, before_us=before_us):
            folded += more
        if folded:
            log.info("ledger folded into days", jobs=folded)

    async def _forget_guilds(self) -> None:
        before_us = self.clock.now_us() - self.terms.guild_data_days * DAY_US
        for guild_id in await self.database.read(gone_guilds, before_us=before_us):
            now_us = self.clock.now_us()
            jobs = await self.database.write(
                forget_left, GuildId(guild_id), before_us=before_us, now_us=now_us
            )
            if jobs is None:  # it came back this very moment
                continue
            self.words.note_change(guild_id)
            log.info("guild forgotten, the bot had left it", guild=guild_id, open_jobs=jobs)
            await self.database.empty_log()

    async def _check_counters(self) -> None:
        """Counters are derived: what differs is taken away, and made anew when it is needed."""
        ended_us = self.clock.now_us() - DAY_US
        await self.database.write(quota_use.forget_ended, before_us=ended_us)
        wrong = [
            one
            for one in await self.database.read(quota_use.counters)
            if not await self.database.read(quota_use.is_right, one)
        ]
        if wrong:
            await self.database.write(quota_use.forget, wrong)
            log.error(
                "limits were not counted as the ledger says, counted anew", counters=len(wrong)
            )
