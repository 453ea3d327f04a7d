"""Carries jobs out: claim in fair order at an account's pace, have it drawn, record.

    claim ─▶ mark sent ─▶ draw ─▶ complete | retry | fail | mark uncertain ─▶ wake delivery

Each account claims for itself, from the one queue: whichever may send next has the next job.

The slot is held for the API call alone; delivery works from rows. What a crash leaves behind is a
running row: at the next start a job whose call had not been marked as sent is queued again, one
that had been is uncertain, its member is notified and it is never sent again.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Concatenate, ParamSpec, assert_never

import structlog
from msgspec import Struct

from bot import queue
from bot.errors import LeaseLost, ProviderError, Retry, StorageError
from bot.queue import Claimed, Nothing, NotYet
from bot.queue.failures import (
    evidence_of,
    failure_of,
    is_own_fault,
    may_try_again,
    next_wait_s,
    state_after,
)
from bot.queue.records import JobState
from bot.queue.recovery import drop_future_instants, shift_instants
from bot.runtime.health import Pulse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
    from random import Random

    from bot.db import Transaction
    from bot.db.sqlite import Database
    from bot.providers import Provider
    from bot.queue.records import Job, JobId
    from bot.runtime.clock import Clock, Wakeups


LEASE_S = 30.0
POLL_S = 2.0  # finds what another process changed; within one process there is a wake-up event
STORAGE_PAUSE_S = 1.0
LEAST_STEP_US = 1_000_000  # of the system's clock; less is how clocks are kept right

log = structlog.get_logger("bot.dispatcher")


class Dispatcher:
    """One loop that claims, one task for each call that is out, one that keeps leases alive.

    The process holds the database alone (bot/db/file), so whatever runs when it starts
    was left behind by one that is no more.
    """

    def __init__(
        self,
        *,
        database: Database,
        providers: Mapping[str, Provider],
        clock: Clock,
        randomness: Random,
        wakeups: Wakeups,
        may_call: Callable[[Job], Awaitable[bool]],
    ) -> None:
        """Calls go by the account's provider, which `providers` names."""
        self._database = database
        self._clock = clock
        self._wakeups = wakeups
        self._lease_token = secrets.token_hex(16)
        self._callers = {
            account: Caller(
                database=database,
                provider=provider,
                clock=clock,
                randomness=randomness,
                lease_token=self._lease_token,
                may_call=may_call,
            )
            for account, provider in providers.items()
        }
        self._calls: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self._grace_s = 0.0
        self.pulse = Pulse()  # beats with each claim that the database has answered

    async def run(self) -> None:
        """Until `stop`; returns once no call is out. Cancelled, it releases its leases."""
        self.pulse.beat()
        keeper = asyncio.create_task(self._keep_leases())
        try:
            await self._recover()
            while not self._is_stopping:
                await self._claim_or_wait()
            if self._calls:
                log.info("draining", calls=len(self._calls), grace_s=self._grace_s)
                await asyncio.wait(self._calls, timeout=self._grace_s)
        finally:
            keeper.cancel()
            for call in self._calls:
                call.cancel()
            await asyncio.gather(keeper, *self._calls, return_exceptions=True)

    def stop(self, grace_s: float) -> None:
        """Has `run` claim no more and give calls that are out the grace; then they are lost."""
        self._grace_s = grace_s
        self._is_stopping = True
        self._wakeups.work.set()

    async def _recover(self) -> None:
        """Ends what a predecessor left running, before anything is claimed."""
        while not self._is_stopping:
            now_us = self._clock.now_us()
            try:
                dropped = await self._database.write(drop_future_instants, now_us=now_us)
                left = await self._database.write(queue.release_all_leases, now_us=now_us)
            except StorageError as error:
                log.error("not recovered", error=str(error))  # noqa: TRY400 - expected, says all
                await self._pause()
                continue
            if dropped:
                log.warning("instants in the future: was the system's clock set?", dropped=dropped)
            self._report(left)
            return

    async def _claim_or_wait(self) -> None:
        """One claim for each account; waits if none of them may send now."""
        await self._follow_the_clock()
        asks_again_us = []
        try:
            for account in self._callers:
                if self._is_stopping:
                    return
                asks_again_us.append(await self._claim(account))
        except StorageError as error:
            log.error("no claim", error=str(error))  # noqa: TRY400 - expected, says all
            await self._pause()
            return
        await self._wakeups.work.wait_until(min(asks_again_us))

    async def _claim(self, account: str) -> int:
        """Starts what it claims. Returns when to ask again."""
        now_us = self._clock.now_us()
        look_again_us = now_us + round(POLL_S * 1e6)
        claim = await self._database.write(
            queue.claim, account, now_us=now_us, lease_token=self._lease_token, lease_s=LEASE_S
        )
        self.pulse.beat()
        match claim:
            case Claimed(job):
                self._start(account, job)
                return now_us
            case NotYet(at_us):
                return min(at_us, look_again_us)
            case Nothing():
                return look_again_us
            case _:
                assert_never(claim)

    async def _follow_the_clock(self) -> None:
        """Rows first: until they have moved, the time goes on as before."""
        step_us = self._clock.step_us()
        if abs(step_us) < LEAST_STEP_US:
            return
        try:
            await self._database.write(shift_instants, by_us=step_us)
        except StorageError as error:
            log.error("clock not followed yet", error=str(error))  # noqa: TRY400 - says all
            return
        self._clock.adopt(step_us)
        log.warning("the system's clock was set, what is stored moves along", by_s=step_us / 1e6)

    async def _pause(self) -> None:
        await self._clock.sleep_until(self._clock.now_us() + round(STORAGE_PAUSE_S * 1e6))

    def _start(self, account: str, job: Job) -> None:
        carrying_out = self._callers[account].carry_out(job)
        call = asyncio.create_task(carrying_out, name=f"job {job.id}")
        self._calls.add(call)
        call.add_done_callback(self._ended)

    def _ended(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._wakeups.work.set()
        self._wakeups.result.set()

    async def _keep_leases(self) -> None:
        """Renews ours, and ends those that nobody renews."""
        while True:
            now_us = self._clock.now_us()
            try:
                released = await self._database.write(
                    queue.keep_leases, self._lease_token, now_us=now_us, lease_s=LEASE_S
                )
            except StorageError as error:
                log.error("leases not renewed", error=str(error))  # noqa: TRY400 - says all
            else:
                self._report(released)
            await self._clock.sleep_until(self._clock.now_us() + round(LEASE_S / 3 * 1e6))

    def _report(self, released: Sequence[Job]) -> None:
        for job in released:
            log.warning("left behind", job=job.id, guild=job.origin.guild_id, state=job.state)
            report_uncertain(job)
        if released:
            self._wakeups.work.set()
            self._wakeups.result.set()


# ------------------------------------------------------------------------------------------------
# One claimed job: the call, and what it came to, on disk.
#
# What a call brought is known nowhere else, so its record is tried until it is on disk, also
# through minutes of a full disk. Whatever breaks, the job does not stay behind as running: its
# lease is released, so it is queued again if nothing had been sent, else uncertain and reported to
# the operator.


P = ParamSpec("P")

RECORD_PAUSE_S = 1.0
LAST_RECORD_S = 6.0  # when the process ends: just over SQLite's wait for a lock


class Caller(Struct, frozen=True, kw_only=True):
    """Carries out jobs that are leased to `lease_token`.

    `may_call` returns once it is known whether the job is still wanted.
    """

    database: Database
    provider: Provider
    clock: Clock
    randomness: Random
    lease_token: str
    may_call: Callable[[Job], Awaitable[bool]]

    async def carry_out(self, job: Job) -> None:
        """Returns once the job's end, or its next attempt, is on disk.

        Cancelled, it releases the lease first: the process ends.
        """
        context = {
            "job": job.id,
            "guild": job.origin.guild_id,
            "account": job.account,
            "attempt": job.attempts,
        }
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
            await self._draw(job, on_send)
        finally:
            await asyncio.gather(*notes)

    async def _note_departure(self, job_id: JobId, left_at_us: int) -> None:
        try:
            await self.database.write(queue.note_departure, job_id, left_at_us=left_at_us)
        except StorageError as error:
            log.info("departure not noted", error=str(error))  # the pace is a little less exact

    async def _draw(self, job: Job, on_send: Callable[[], Awaitable[None]]) -> None:
        try:
            if not await self.may_call(job):
                log.info("withdrawn before its call")
                return
            outcome = await self.provider.draw(job.request, on_send=on_send)
        except ProviderError as error:
            await _finish(self._record_error(job, error))
            return
        except asyncio.CancelledError:
            await _finish(self._release_lease(job))
            raise
        price, now_us = self.provider.price, self.clock.now_us()
        await _finish(self._record(queue.complete, job, outcome, price=price, now_us=now_us))
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
        wait_s = next_wait_s(attempt=job.attempts, randomness=self.randomness)
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
        account=job.account,
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
