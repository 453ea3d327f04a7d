"""Looking at a picture's words, keeping it, describing it, and telling the staff of it.

Everything it acknowledges is on disk. `StorageError` means that nothing was changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import structlog
from msgspec import Struct

from bot.moderation.word_rules import Part, RuleOutcome, is_refused
from bot.policy.rows import Asking, load_default, load_policy
from bot.queue import reports, shown
from bot.queue.authority import Act, check
from bot.queue.jobs import select_job, update_picture
from bot.queue.reports import ReportOutcome
from bot.refusals import AlreadyReported, AltTextRefused
from bot.visible import trimmed

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.moderation.word_check import WordCheck
    from bot.queue.authority import Asker
    from bot.queue.records import Job, JobId, RoleId, UserId
    from bot.queue.reports import ReportReason
    from bot.runtime.clock import Clock

log = structlog.get_logger("bot.hands")


class HeldPicture(Struct, frozen=True, kw_only=True):
    """A picture, as whoever asks has it."""

    job: Job
    is_kept: bool


class HangingPictures(Protocol):
    """The messages that show them, in Discord."""

    async def redescribe(self, job: Job, /) -> bool:
        """Whether all that show the job's picture tell its alternative text now."""


class HandsService:
    """One for the process."""

    def __init__(
        self, *, database: Database, clock: Clock, hanging: HangingPictures, words: WordCheck
    ) -> None:
        self._database = database
        self._words = words
        self._clock = clock
        self._hanging = hanging

    async def look(self, job_id: JobId, asker: Asker, act: Act = Act.LOOK) -> Job:
        """For whoever may do that to it.

        Raises:
            UnknownJob, NotYours, MadeRestricted, PictureDeleted.
        """
        job = await self._database.read(select_job, job_id)
        check(act, asker, job)
        return job

    async def hold(self, job_id: JobId, asker: Asker) -> HeldPicture:
        """Raises as `look` does."""
        job = await self.look(job_id, asker)
        is_kept = await self._database.read(shown.is_kept, job_id, asker.user_id)
        return HeldPicture(job=job, is_kept=is_kept)

    async def toggle_kept(self, job_id: JobId, asker: Asker) -> bool:
        """Whether they keep it from now on. Raises as `look` does."""
        await self.look(job_id, asker, Act.KEEP)
        now_us = self._clock.now_us()
        return await self._database.write(shown.toggle_kept, job_id, asker.user_id, now_us=now_us)

    async def describe(
        self, job_id: JobId, asker: Asker, text: str, role_ids: Collection[RoleId] = ()
    ) -> bool:
        """From now on this is the alternative text; made from the prompt again if it is empty.

        Returns whether all messages with the picture tell it already.

        Raises:
            UnknownJob, NotYours, PictureDeleted, AltTextRefused: nothing was changed.
        """
        job = await self.look(job_id, asker, Act.DESCRIBE)
        await self._check_words(job, text, role_ids)
        job = await self._database.write(_describe, job_id, trimmed(text) or None)
        log.info("described", job=job_id, guild=job.origin.guild_id)
        return await self._hanging.redescribe(job)

    async def _check_words(self, job: Job, text: str, role_ids: Collection[RoleId]) -> None:
        """What a rule holds would be looked at by nobody: everybody reads it at once."""
        origin = job.origin
        verdict = await self._words.check(
            origin.tenant_id,
            {Part.PROMPT: text},
            role_ids=role_ids,
            channel_ids=(origin.channel_id, origin.root_channel_id),
        )
        is_held = RuleOutcome.HOLD in verdict.outcomes
        if is_held or is_refused(verdict, is_restricted=origin.is_restricted):
            raise AltTextRefused

    async def tells_words(self, job: Job) -> bool:
        """Whether its member lets the alternative text tell the prompt. Raises StorageError."""
        default = await self._database.read(load_default, job.origin.user_id)
        return default.alt_words is not False

    async def look_to_report(self, job_id: JobId, asker: Asker) -> Job:
        """Raises as `look` does, and AlreadyReported or ReportDecided."""
        job = await self.look(job_id, asker, Act.REPORT)
        await self._database.read(_check_reportable, job_id, asker.user_id)
        return job

    async def report(self, job_id: JobId, asker: Asker, reason: ReportReason, words: str) -> bool:
        """Whether there is a channel in which its guild's staff are told.

        Raises:
            AlreadyReported, ReportDecided, UnknownJob, PictureDeleted: nothing was changed.
        """
        job = await self.look(job_id, asker, Act.REPORT)
        is_heard = await self._database.write(
            _report, job_id, asker.user_id, reason, trimmed(words), now_us=self._clock.now_us()
        )
        log.warning("picture reported", job=job_id, guild=job.origin.guild_id, reason=reason)
        return is_heard


def _describe(tx: Transaction, job_id: JobId, text: str | None) -> Job:
    update_picture(tx, job_id, "alt_text = ?", text)
    return select_job(tx, job_id)


def _check_reportable(tx: Transaction, job_id: JobId, user_id: UserId) -> None:
    """Before a form is filled in for nothing."""
    reports.check_undecided(tx, job_id)
    if reports.has_reported(tx, job_id, user_id):
        raise AlreadyReported


def _report(
    tx: Transaction,
    job_id: JobId,
    user_id: UserId,
    reason: ReportReason,
    words: str,
    *,
    now_us: int,
) -> bool:
    guild_id = select_job(tx, job_id).origin.guild_id
    is_heard = load_policy(tx, Asking(guild_id)).staff_channel != 0
    if reports.report(tx, job_id, user_id, reason, words, now_us=now_us) is ReportOutcome.KNOWN:
        raise AlreadyReported
    return is_heard
