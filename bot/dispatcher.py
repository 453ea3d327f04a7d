"""Carries jobs out: claim in fair order at the account's pace, call Z-Image, record.

    claim ─▶ generate ─▶ complete | retry | give up | lose ─▶ ring for delivery

The slot is held for the API call alone; delivery works from rows. What a crash leaves behind is a
lease that expires: a job whose call had not been marked as sent is queued again, one that had been
is uncertain, told to its member and never sent again.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, assert_never

import structlog

from bot.domain.failures import failure_of, outage_of, state_after
from bot.domain.job import JobState
from bot.domain.retrying import may_try_again, next_wait_s
from bot.errors import LeaseLost, ProviderError, Retry, StorageError
from bot.storage import queue
from bot.storage.queue import Claimed, Nothing, NotYet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from bot.clock import Clock
    from bot.domain.job import Job
    from bot.domain.price import Price
    from bot.storage.sqlite import Database
    from bot.wake import Bells
    from bot.zimage import ZImageClient

LEASE_S = 30.0
POLL_S = 2.0  # finds what another process left; within one process the bell rings
STORAGE_PAUSE_S = 1.0

log = structlog.get_logger("bot.dispatcher")


class Dispatcher:
    """One loop that claims, one task for each call that is out, one that keeps leases alive."""

    def __init__(
        self,
        *,
        database: Database,
        zimage: ZImageClient,
        clock: Clock,
        randomness: Random,
        price: Price,
        bells: Bells,
    ) -> None:
        self._database = database
        self._zimage = zimage
        self._clock = clock
        self._randomness = randomness
        self._price = price
        self._bells = bells
        self._lease_token = secrets.token_hex(16)
        self._calls: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self.looked_at_us = 0

    async def run(self) -> None:
        """Until `stop`. Returns once no call is out."""
        keeper = asyncio.create_task(self._keep_leases())
        try:
            while not self._is_stopping:
                await self._claim_or_wait()
        finally:
            keeper.cancel()
            for call in self._calls:
                call.cancel()
            await asyncio.gather(keeper, *self._calls, return_exceptions=True)

    async def stop(self, grace_s: float) -> None:
        """Claims no more and gives calls that are out the grace; then they are lost, and say so."""
        self._is_stopping = True
        self._bells.work.ring()
        if self._calls:
            log.info("draining", calls=len(self._calls))
            await asyncio.wait(self._calls, timeout=grace_s)

    async def _claim_or_wait(self) -> None:
        now_us = self._clock.now_us()
        self.looked_at_us = now_us
        try:
            claim = await self._database.write(
                queue.claim, now_us=now_us, lease_token=self._lease_token, lease_s=LEASE_S
            )
        except StorageError as error:
            log.error("no claim", error=str(error))  # noqa: TRY400 - expected, says all
            await self._clock.sleep_until(now_us + round(STORAGE_PAUSE_S * 1e6))
            return
        match claim:
            case Claimed(job):
                self._start(job)
            case NotYet(at_us):
                await self._bells.work.wait_until(at_us)
            case Nothing():
                await self._bells.work.wait_until(now_us + round(POLL_S * 1e6))
            case _:
                assert_never(claim)

    def _start(self, job: Job) -> None:
        call = asyncio.create_task(self._carry_out(job), name=f"job {job.id}")
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _carry_out(self, job: Job) -> None:
        context = {"job": job.id, "guild": job.origin.guild_id, "attempt": job.attempts}
        log.info("claimed", **context)
        try:
            with structlog.contextvars.bound_contextvars(**context):
                await self._call(job)
        except LeaseLost:
            log.warning("lease lost, result dropped", **context)
        except StorageError as error:
            log.error("not recorded", error=str(error), **context)  # noqa: TRY400 - says all
        except Exception:
            log.exception("call broke", **context)
        finally:
            self._bells.work.ring()
            self._bells.result.ring()

    async def _call(self, job: Job) -> None:
        async def on_send() -> None:
            await self._database.write(
                queue.mark_sent, job.id, self._lease_token, now_us=self._clock.now_us()
            )

        try:
            outcome = await self._zimage.generate(job.request, on_send=on_send)
        except ProviderError as error:
            await asyncio.shield(self._record_error(job, error))
            return
        except asyncio.CancelledError:
            await asyncio.shield(self._hand_back(job))
            raise
        await asyncio.shield(
            self._database.write(
                queue.complete,
                job.id,
                self._lease_token,
                outcome,
                cost_micros=self._price.of(rewrite=job.request.rewrite),
                now_us=self._clock.now_us(),
            )
        )
        log.info("generated", duration_s=outcome.duration_us / 1e6)

    async def _record_error(self, job: Job, error: ProviderError) -> None:
        """Decides by the kind of error; see `bot.errors` for what each kind allows."""
        now_us = self._clock.now_us()
        log.warning("no picture", error=type(error).__name__, says=str(error))
        outage = outage_of(error)
        if outage is not None:
            log.critical("provider refuses the account; the operator must act", outage=outage)
            await self._database.write(
                queue.open_breaker, job.id, self._lease_token, outage, now_us=now_us
            )
        elif error.retry is not Retry.NO and self._may_retry(job, now_us):
            await self._database.write(
                queue.retry,
                job.id,
                self._lease_token,
                not_before_us=now_us + round(self._wait_s(job, error) * 1e6),
                throttled=error.retry is Retry.SLOWER,
                now_us=now_us,
            )
        elif state_after(error) is JobState.UNCERTAIN:
            await self._database.write(
                queue.lose, job.id, self._lease_token, failure_of(error), now_us=now_us
            )
        else:
            await self._database.write(
                queue.give_up,
                job.id,
                self._lease_token,
                failure_of(error),
                state=state_after(error),
                now_us=now_us,
            )

    def _may_retry(self, job: Job, now_us: int) -> bool:
        since_first_s = (now_us - job.created_at_us) / 1e6
        return may_try_again(attempt=job.attempts, since_first_s=since_first_s)

    def _wait_s(self, job: Job, error: ProviderError) -> float:
        asked_s: float | None = getattr(error, "retry_after_s", None)
        return next_wait_s(attempt=job.attempts, randomness=self._randomness, asked_s=asked_s)

    async def _hand_back(self, job: Job) -> None:
        """The process ends: not sent → queued again; sent → uncertain."""
        await self._database.write(
            queue.hand_back, job.id, self._lease_token, now_us=self._clock.now_us()
        )
        log.warning("handed back")

    async def _keep_leases(self) -> None:
        """Renews ours, and ends those of a process that is no more."""
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
            await self._clock.sleep_until(now_us + round(LEASE_S / 3 * 1e6))

    def _report(self, released: Sequence[Job]) -> None:
        for job in released:
            log.warning("lease expired", job=job.id, guild=job.origin.guild_id, state=job.state)
        if released:
            self._bells.work.ring()
            self._bells.result.ring()
