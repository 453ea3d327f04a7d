"""Schedulers that serve one job at a time: ours, and the two that bots have if any."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from benchmarks.simulator.fair_queue import FairQueue
from benchmarks.simulator.rows import (
    ACCOUNT,
    NO_LIMITS,
    START_US,
    Rows,
    an_outcome,
    for_nothing,
)
from benchmarks.simulator.workload import ONE_JOB, SIDES
from bot import queue
from bot.policy.rules import ONE_SHARE
from bot.providers.image import Size
from bot.queue import Claimed
from bot.queue.fairness import Weights

if TYPE_CHECKING:
    from benchmarks.simulator.gaps import Gaps
    from benchmarks.simulator.workload import Workload

SLOT_US = 500_000


class Scheduler(Protocol):
    """Takes jobs, gives them back one by one."""

    def add(self, job: int) -> None: ...

    def next(self) -> int | None: ...


class Fifo:
    """First come, first served: whoever submits most has most."""

    def __init__(self, _: Workload) -> None:
        self._jobs: deque[int] = deque()

    def add(self, job: int) -> None:
        self._jobs.append(job)

    def next(self) -> int | None:
        return self._jobs.popleft() if self._jobs else None


class RoundRobin:
    """One job of each tenant in turn, first come first served inside."""

    def __init__(self, work: Workload) -> None:
        self._work = work
        self._queues: dict[int, deque[int]] = {}
        self._turns: deque[int] = deque()

    def add(self, job: int) -> None:
        tenant = self._work.guild[job]
        queue = self._queues.setdefault(tenant, deque())
        if not queue:
            self._turns.append(tenant)
        queue.append(job)

    def next(self) -> int | None:
        if not self._turns:
            return None
        tenant = self._turns.popleft()
        queue = self._queues[tenant]
        job = queue.popleft()
        if queue:
            self._turns.append(tenant)
        return job


class Fair:
    """The bot's rules, in memory."""

    def __init__(self, work: Workload) -> None:
        self._work = work
        self._queue = FairQueue()
        self._weights = [Weights(tenant=shares * ONE_SHARE) for shares in work.weight]

    def add(self, job: int) -> None:
        tenant = self._work.guild[job]
        user = tenant * 10_000 + self._work.user[job]
        cost = self._work.cost[job]
        self._queue.add(job, tenant, user, cost, weights=self._weights[tenant])

    def next(self) -> int | None:
        job = self._queue.claim()
        if job is not None:
            self._queue.finish(job)
        return job


class FairRows:
    """The bot's transactions on SQLite."""

    def __init__(self, work: Workload, rows: Rows) -> None:
        self._work = work
        self._rows = rows
        self._weights = [Weights(tenant=shares * ONE_SHARE) for shares in work.weight]
        self._numbers: dict[int, int] = {}  # job id: number in the workload
        self._sizes = {side * side: Size(side, side) for side in SIDES}
        self._now_us = START_US
        rows.configure(per_second=1000, limits=NO_LIMITS)  # the pace is no part of this

    def add(self, job: int) -> None:
        tenant = self._work.guild[job]
        cost = self._work.cost[job]
        receipt = self._rows.submit(
            1 + tenant,
            tenant * 10_000 + self._work.user[job],
            now_us=self._now_us,
            size=self._sizes.get(cost) or self._sizes[cost // 2],
            rewrite=cost not in self._sizes,
            weights=self._weights[tenant],
        )
        self._numbers[receipt.job.id] = job

    def next(self) -> int | None:
        self._now_us += SLOT_US
        claim = self._rows.run(
            queue.claim, ACCOUNT, now_us=self._now_us, lease_token="sim", lease_s=60.0
        )
        if not isinstance(claim, Claimed):
            return None
        job_id = claim.job.id
        self._rows.run(queue.mark_sent, job_id, "sim", now_us=self._now_us)
        outcome = an_outcome(claim.job.request.size, duration_us=SLOT_US)
        self._rows.run(
            queue.complete, job_id, "sim", outcome, price=for_nothing, now_us=self._now_us
        )
        self._rows.forget(job_id)
        return self._numbers.pop(job_id)


def delays(work: Workload, scheduler: Scheduler, gaps: Gaps | None = None) -> list[float]:
    """Slots from each job's arrival until it was served, one job a slot."""
    found = [0.0] * len(work.at)
    slot, arrived, count = 0, 0, len(work.at)
    waiting = 0
    while arrived < count or waiting:
        if not waiting and work.at[arrived] > slot:
            slot = int(work.at[arrived]) + 1
        while arrived < count and work.at[arrived] <= slot:
            scheduler.add(arrived)
            if gaps is not None:
                gaps.add(work.guild[arrived])
            arrived += 1
            waiting += 1
        job = scheduler.next()
        if job is None:
            raise RuntimeError(f"{waiting} jobs wait and none is served")
        waiting -= 1
        slot += 1
        found[job] = slot - work.at[job]
        if gaps is not None:
            gaps.serve(work.guild[job], work.cost[job] / ONE_JOB)
    return found
