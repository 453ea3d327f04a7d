"""Tells a guild's staff of the pictures that its members report, in the channel that they named.

What is to be told stands in rows until the staff know of it, so that a crash delays it and no more.
Between the message and its row is a gap: for some minutes Discord's nonce closes it, and before any
message the channel is searched for the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.delivery.posts import DELIVERY_ERRORS, ErrorKind, error_kind
from bot.delivery.result import CLOCKS_DIFFER_US, snowflake_at
from bot.errors import StorageError
from bot.policy.rows import Asking, load_policy
from bot.queue import reports
from bot.queue.cases import CaseKind, case_told, delay_case, due_cases
from bot.queue.records import ChannelId
from bot.texts import Texts
from bot.texts.hand_cards import report_mark, staff_card

if TYPE_CHECKING:
    from bot.db.sqlite import Database
    from bot.delivery.posts import Posts
    from bot.queue.cases import Case
    from bot.runtime.clock import Clock

POLL_S = 5.0
PAUSE_S = 60.0  # after an error of a channel
MOST_AT_ONCE = 20

log = structlog.get_logger("bot.delivery")


class StaffNotifier:
    """One for the process."""

    def __init__(self, *, database: Database, posts: Posts, clock: Clock) -> None:
        self._database = database
        self._posts = posts
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.tell_all()
            except StorageError as error:
                log.error("reports wait", error=str(error))  # noqa: TRY400 - says all
            await self._clock.sleep_until(self._clock.now_us() + round(POLL_S * 1e6))

    async def tell_all(self) -> None:
        """Whatever is to be told. Raises StorageError."""
        now_us = self._clock.now_us()
        for case in await self._database.read(due_cases, now_us=now_us, limit=MOST_AT_ONCE):
            try:
                await self._tell(case)
            except DELIVERY_ERRORS as error:
                if error_kind(error) is ErrorKind.LATER:
                    await self._rest(case, error)
                    continue
                log.error("staff not told of a case", case=case.id, error=str(error))  # noqa: TRY400 - says all
            await self._database.write(case_told, case.id, due_at_us=case.due_at_us)

    async def _rest(self, case: Case, error: BaseException) -> None:
        log.warning("staff not told of a case yet", case=case.id, error=str(error))
        not_before_us = self._clock.now_us() + round(PAUSE_S * 1e6)
        await self._database.write(delay_case, case.id, not_before_us=not_before_us)

    async def _tell(self, case: Case) -> None:
        """Nothing if the staff have taken their channel away meanwhile, or it is another guild's,
        as a file of settings may have it."""
        if case.kind is not CaseKind.REPORT or case.job_id is None:
            return
        found = await self._database.read(reports.reports_of, case.job_id)
        if not found.newest:
            return  # its member was forgotten this very moment
        job = found.job
        policy = await self._database.read(load_policy, Asking(job.origin.guild_id))
        channel_id = ChannelId(policy.staff_channel)
        if not channel_id or await self._posts.guild_of(channel_id) != job.origin.guild_id:
            log.warning("nobody to tell of a report", job=job.id, guild=job.origin.guild_id)
            return
        texts = Texts(policy.language or job.origin.guild_locale)
        since_us = found.newest[0].reported_at_us - CLOCKS_DIFFER_US
        marks = {report_mark(found, texts)}
        if await self._posts.find_own(channel_id, marks, after=snowflake_at(since_us)) is None:
            nonce = f"zx{job.id}m{found.count}"
            await self._posts.send(channel_id, staff_card(found, texts), nonce=nonce)
        log.info("staff told of a report", job=job.id, guild=job.origin.guild_id)
