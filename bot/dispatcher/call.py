"""One claimed job: the call, and what it came to, on disk.

    claimed ─▶ marked as sent ─▶ POST ─▶ complete | retry | fail | mark uncertain

What a call brought is known nowhere else, so its record is tried until it is on disk, also through
minutes of a full disk. Whatever breaks, the job does not stay behind as running: its lease is
released: queued again if nothing had been sent, else uncertain and reported to the operator.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec

import structlog

from bot.domain.failures import evidence_of, failure_of, is_own_fault, state_after
from bot.domain.job import JobState
from bot.domain.retrying import may_try_again, next_wait_s
from bot.errors import LeaseLost, ProviderError, Retry, StorageError
from bot.storage import queue

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from random import Random

    from bot.clock import Clock
    from bot.domain.ids import JobId
    from bot.domain.job import Job
    from bot.domain.price import Price
    from bot.storage.sqlite import Database
    from bot.storage.transaction import Transaction
    from bot.zimage import ZImageClient

P = ParamSpec("P")

RECORD_PAUSE_S = 1.0
LAST_RECORD_S = 6.0  # when the process ends: just over SQLite's wait for a lock

log = structlog.get_logger("bot.dispatcher")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Carries out jobs that are leased to `lease_token`.

    `may_call` returns once it is known whether the job is still wanted.
    """

    database: Database
    zimage: ZImageClient
    clock: Clock
    randomness: Random
    price: Price
    lease_token: str
    may_call: Callable[[Job], Awaitable[bool]]

    async def carry_out(self, job: Job) -> None:
        """Returns once the job's end, or its next attempt, is on disk.

        Cancelled, it releases the lease first: the process ends.
        """
        context = {"job": job.id, "guild": job.origin.guild_id, "attempt": job.attempts}
        with structlog.contextvars.bound_contextvars(**context):
            log.info("claimed")
            try:
                await self._call(job)
            except LeaseLost:
                log.warning("lease lost, result dropped")
            except StorageError as error:
                log.error("not marked as sent, lease released", error=str(error))  # noqa: TRY400 - says all
                await self._release_lease(job)
            except Exception:
                log.exception("call broke")
                await self._release_lease(job)

    async def _call(self, job: Job) -> None:
        notes: list[asyncio.Task[None]] = []

        async def on_send() -> None:
            await self.database.write(
                queue.mark_sent, job.id, self.lease_token, now_us=self.clock.now_us()
            )
            if job.not_before_us is not None:
                await self.clock.sleep_until(job.not_before_us)  # claimed a moment early
            # The mark may have taken its time to reach the disk; the call leaves only now.
            left = self._note_departure(job.id, self.clock.now_us())
            notes.append(asyncio.create_task(left))

        try:
            await self._generate(job, on_send)
        finally:
            await asyncio.gather(*notes)

    async def _note_departure(self, job_id: JobId, left_at_us: int) -> None:
        try:
            await self.database.write(queue.note_departure, job_id, left_at_us=left_at_us)
        except StorageError as error:
            log.info("departure not noted", error=str(error))  # the pace is a little less exact

    async def _generate(self, job: Job, on_send: Callable[[], Awaitable[None]]) -> None:
        try:
            if not await self.may_call(job):
                log.info("withdrawn before its call")
                return
            outcome = await self.zimage.generate(job.request, on_send=on_send)
        except ProviderError as error:
            await _finish(self._record_error(job, error))
            return
        except asyncio.CancelledError:
            await _finish(self._release_lease(job))
            raise
        cost_micros = self.price.of(rewrite=job.request.rewrite)
        now_us = self.clock.now_us()
        await _finish(
            self._record(queue.complete, job, outcome, cost_micros=cost_micros, now_us=now_us)
        )
        log.info("generated", duration_s=outcome.duration_us / 1e6)

    async def _record_error(self, job: Job, error: ProviderError) -> None:
        """Decides by the kind of error; see `bot.errors` for what each kind allows."""
        now_us = self.clock.now_us()
        log.warning("no picture", error=type(error).__name__, says=str(error))
        state = state_after(error)
        if state is JobState.UNCERTAIN:
            ended = await self._record(queue.mark_uncertain, job, failure_of(error), now_us=now_us)
            report_uncertain(ended)
        elif _may_try_again(job, error):
            await self._retry(job, error, now_us)
        else:
            failure, evidence = failure_of(error), evidence_of(error)
            await self._record(
                queue.fail, job, failure, state=state, evidence=evidence, now_us=now_us
            )

    async def _retry(self, job: Job, error: ProviderError, now_us: int) -> None:
        asked_s: float | None = getattr(error, "retry_after_s", None)
        wait_s = next_wait_s(attempt=job.attempts, randomness=self.randomness, asked_s=asked_s)
        await self._record(
            queue.retry,
            job,
            not_before_us=now_us + round(wait_s * 1e6),
            throttled=error.retry is Retry.SLOWER,
            retry_after_s=asked_s,
            evidence=evidence_of(error),
            is_own_fault=is_own_fault(error),
            now_us=now_us,
        )

    async def _release_lease(self, job: Job) -> None:
        """Not sent → queued again; sent → uncertain."""
        try:
            left = await self._record(queue.release_lease, job, now_us=self.clock.now_us())
        except LeaseLost:
            log.warning("lease lost before it was released")
            return
        log.warning("lease released", state=left.state)
        report_uncertain(left)

    async def _record(
        self,
        verb: Callable[Concatenate[Transaction, JobId, str, P], Job],
        job: Job,
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Job:
        """Returns once it is on disk, however long that takes. Raises LeaseLost."""
        while True:
            try:
                return await self.database.write(verb, job.id, self.lease_token, *args, **kwargs)
            except LeaseLost:
                raise
            except StorageError as error:
                log.error("not recorded yet, kept in memory", error=str(error))  # noqa: TRY400 - says all
            await self.clock.sleep_until(self.clock.now_us() + round(RECORD_PAUSE_S * 1e6))


def _may_try_again(job: Job, error: ProviderError) -> bool:
    """What would stop any other job as well is waited for, however long it takes."""
    if not is_own_fault(error):
        return True
    return error.retry is not Retry.NO and may_try_again(attempt=job.attempts)


def report_uncertain(job: Job) -> None:
    """For the operator, who alone can look for the picture in the provider's bill."""
    if job.state is not JobState.UNCERTAIN:
        return
    failure = job.failure
    log.error(
        "uncertain: perhaps drawn and billed, never sent again",
        job=job.id,
        guild=job.origin.guild_id,
        attempt=job.attempts,
        sent_at_us=job.sent_at_us,
        why=failure.kind if failure else None,
        request_id=failure.provider_request_id if failure else None,
    )


async def _finish(recording: Coroutine[None, None, object]) -> None:
    """Is not cut short by a cancellation, for a while."""
    task = asyncio.ensure_future(recording)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=LAST_RECORD_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
