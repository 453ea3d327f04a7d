"""The outbox: every job that has something to say, said until it is heard.

Rows decide what is due: drawn pictures, and ends without a picture whose member was not told yet.
What fails waits in its row and is tried again with a growing wait; what can never succeed is marked
undeliverable, and its member finds it with /queue. Nothing here is held in memory alone.
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING

import discord
import structlog

from bot.delivery.trouble import TRANSIENT, Trouble, trouble_of
from bot.domain.job import Failure, Job, JobState
from bot.domain.retrying import next_wait_s
from bot.errors import RelayError, StorageError
from bot.replies.status_card import status_card, status_texts
from bot.storage import postings

if TYPE_CHECKING:
    from random import Random

    from bot.clock import Clock
    from bot.delivery.posts import Posts
    from bot.delivery.result import ResultPoster
    from bot.domain.ids import JobId
    from bot.storage.sqlite import Database
    from bot.wake import Bell

AT_ONCE = 8  # each holds a download and an upload; memory is this many times about 2 MB
POLL_S = 2.0
FIRST_ANSWER_S = 5.0  # Discord grants three
MOST_ATTEMPTS = 12  # with waits of up to a minute: about ten minutes, then it is for /queue

log = structlog.get_logger("bot.delivery")


class Outbox:
    """Works through what is due, a few at a time, until cancelled."""

    def __init__(
        self,
        *,
        database: Database,
        posts: Posts,
        results: ResultPoster,
        clock: Clock,
        randomness: Random,
        bell: Bell,
    ) -> None:
        self._database = database
        self._posts = posts
        self._results = results
        self._clock = clock
        self._randomness = randomness
        self._bell = bell
        self._active: dict[JobId, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled; then the deliveries under way end first, where they stand in rows."""
        try:
            while True:
                await self._start_due()
                await self._bell.wait_until(self._clock.now_us() + round(POLL_S * 1e6))
        finally:
            for task in self._active.values():
                task.cancel()
            await asyncio.gather(*self._active.values(), return_exceptions=True)

    async def drain(self, grace_s: float) -> None:
        """Waits for deliveries under way and for what is due now, within the grace."""
        await self._start_due()
        if self._active:
            await asyncio.wait(self._active.values(), timeout=grace_s)

    async def _start_due(self) -> None:
        free = AT_ONCE - len(self._active)
        if free <= 0:
            return
        try:
            due = await self._database.read(
                postings.deliverable, now_us=self._clock.now_us(), limit=AT_ONCE + free
            )
        except StorageError as error:
            log.error("outbox cannot be read", error=str(error))  # noqa: TRY400 - says all
            return
        ready = [job for job in due if job.id not in self._active and self._is_answered(job)]
        for job in ready[:free]:
            task = asyncio.create_task(self._carry(job), name=f"deliver {job.id}")
            self._active[job.id] = task
            task.add_done_callback(functools.partial(self._ended, job.id))

    def _is_answered(self, job: Job) -> bool:
        """Z-Image may be quicker than the first answer; only a crash leaves a job without one."""
        age_s = (self._clock.now_us() - job.created_at_us) / 1e6
        return job.posting.status_message_id is not None or age_s > FIRST_ANSWER_S

    def _ended(self, job_id: JobId, _: asyncio.Task[None]) -> None:
        self._active.pop(job_id, None)
        self._bell.ring()

    async def _carry(self, job: Job) -> None:
        try:
            if job.state is JobState.GENERATED:
                await self._results.deliver(job)
            else:
                await self._tell(job)
        except (discord.DiscordException, RelayError, *TRANSIENT) as error:
            await self._after(job, error)
        except Exception:
            log.exception("delivery broke", job=job.id, guild=job.origin.guild_id)
            await self._later(job)

    async def _tell(self, job: Job) -> None:
        """An end without a picture: the status message says it, or a new message does."""
        posting, texts = job.posting, status_texts(job)
        card = status_card(job, None, texts)
        if posting.status_message_id is None or posting.status_channel_id is None:
            await self._posts.send(job.origin.channel_id, card, nonce=f"zx{job.id}t")
        else:
            async with self._posts.turn(posting.status_message_id):
                await self._posts.edit(posting.status_channel_id, posting.status_message_id, card)
        await self._database.write(postings.mark_told, job.id, now_us=self._clock.now_us())
        log.info("told", job=job.id, guild=job.origin.guild_id, state=job.state)

    async def _after(self, job: Job, error: BaseException) -> None:
        trouble = trouble_of(error)
        log.warning(
            "delivery failed",
            job=job.id,
            guild=job.origin.guild_id,
            attempt=job.posting.attempts,
            trouble=trouble,
            error=str(error),
        )
        try:
            if isinstance(error, RelayError) and trouble is Trouble.NEVER:
                # Lost, and drawing it again would be billed again: the member decides.
                await self._database.write(
                    postings.lose_picture,
                    job.id,
                    Failure(kind=type(error).__name__),
                    now_us=self._clock.now_us(),
                )
            elif trouble is Trouble.LATER and job.posting.attempts < MOST_ATTEMPTS:
                await self._later(job)
            else:
                await self._database.write(
                    postings.mark_undeliverable, job.id, now_us=self._clock.now_us()
                )
        except StorageError as storage_error:
            log.error("outbox cannot be written", job=job.id, error=str(storage_error))  # noqa: TRY400

    async def _later(self, job: Job) -> None:
        wait_s = next_wait_s(attempt=job.posting.attempts + 1, randomness=self._randomness)
        not_before_us = self._clock.now_us() + round(wait_s * 1e6)
        await self._database.write(postings.delay, job.id, not_before_us=not_before_us)
