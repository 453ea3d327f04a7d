"""Carries jobs out: claim in fair order at the account's pace, call Z-Image, record.

    claim ─▶ generate ─▶ complete | retry | fail | mark uncertain ─▶ wake delivery

The slot is held for the API call alone; delivery works from rows. What a crash leaves behind is a
running row: at the next start a job whose call had not been marked as sent is queued again, one
that had been is uncertain, its member is notified and it is never sent again.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, assert_never

import structlog

from bot.dispatcher.call import Caller, report_uncertain
from bot.errors import StorageError
from bot.health import Pulse
from bot.storage import queue
from bot.storage.clock_steps import drop_future_instants, shift_instants
from bot.storage.queue import Claimed, Nothing, NotYet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from random import Random

    from bot.clock import Clock
    from bot.domain.job import Job
    from bot.domain.price import Price
    from bot.storage.sqlite import Database
    from bot.wake import Wakeups
    from bot.zimage import ZImageClient

LEASE_S = 30.0
POLL_S = 2.0  # finds what another process changed; within one process there is a wake-up event
STORAGE_PAUSE_S = 1.0
LEAST_STEP_US = 1_000_000  # of the system's clock; less is how clocks are kept right

log = structlog.get_logger("bot.dispatcher")


class Dispatcher:
    """One loop that claims, one task for each call that is out, one that keeps leases alive.

    The process holds the database alone (bot/storage/exclusive), so whatever runs when it starts
    was left behind by one that is no more.
    """

    def __init__(
        self,
        *,
        database: Database,
        zimage: ZImageClient,
        clock: Clock,
        randomness: Random,
        price: Price,
        wakeups: Wakeups,
        may_call: Callable[[Job], Awaitable[bool]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._wakeups = wakeups
        self._lease_token = secrets.token_hex(16)
        self._caller = Caller(
            database=database,
            zimage=zimage,
            clock=clock,
            randomness=randomness,
            price=price,
            lease_token=self._lease_token,
            may_call=may_call,
        )
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
        await self._follow_the_clock()
        now_us = self._clock.now_us()
        look_again_us = now_us + round(POLL_S * 1e6)
        try:
            claim = await self._database.write(
                queue.claim, now_us=now_us, lease_token=self._lease_token, lease_s=LEASE_S
            )
        except StorageError as error:
            log.error("no claim", error=str(error))  # noqa: TRY400 - expected, says all
            await self._pause()
            return
        self.pulse.beat()
        match claim:
            case Claimed(job):
                self._start(job)
            case NotYet(at_us):
                await self._wakeups.work.wait_until(min(at_us, look_again_us))
            case Nothing():
                await self._wakeups.work.wait_until(look_again_us)
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

    def _start(self, job: Job) -> None:
        call = asyncio.create_task(self._caller.carry_out(job), name=f"job {job.id}")
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
            await self._clock.sleep_until(now_us + round(LEASE_S / 3 * 1e6))

    def _report(self, released: Sequence[Job]) -> None:
        for job in released:
            log.warning("left behind", job=job.id, guild=job.origin.guild_id, state=job.state)
            report_uncertain(job)
        if released:
            self._wakeups.work.set()
            self._wakeups.result.set()
