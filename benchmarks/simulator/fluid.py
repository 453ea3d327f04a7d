"""The ideal that nobody can build: all guilds served at the same time, in proportion (GPS).

Generalised processor sharing (Parekh, Gallager 1993), here in two levels: the account is divided
among the guilds that have work, by weight, and each guild's part among its members that have work.
Jobs are fluid. Its delays are the yardstick for schedulers that must serve one job at a time.

An account counts calls, so that a scheduler serves one job a slot, whatever it costs, while
fairness is in cost. Where costs differ, the ideal gives in each slot as much as a scheduler did
whose `ends` are told: the same account, shared without being cut into jobs.

Computed exactly, in two passes. First the guilds: the virtual time V grows by 1 ÷ (sum of active
weights) per slot, and a guild with backlog B empties when V has grown by B ÷ weight. Then each
guild by itself, with the service it has had in place of time. Last, service → V → slots.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from benchmarks.simulator.workload import ONE_JOB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.simulator.workload import Workload


@dataclass(slots=True)
class _Guild:
    """Its jobs, and the virtual time at which each arrived."""

    jobs: list[int] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)  # V
    began: list[float] = field(default_factory=list)  # V at the start of the busy period
    first: list[int] = field(default_factory=list)  # the period's first of the guild's jobs
    served: list[float] = field(default_factory=list)  # what the guild had had before that period
    asked: float = 0.0  # what all its jobs so far cost
    empties: float = -1.0  # V


@dataclass(frozen=True, slots=True)
class Fluid:
    """What the ideal did with a workload."""

    delays: list[float]  # slots from each job's arrival until its last drop is served
    is_lone: list[bool]  # the guild had nothing waiting when the job arrived


def fluid(work: Workload, ends: Sequence[float] | None = None) -> Fluid:
    """`ends`: the slot at whose end each job was served; None: one job of equal cost a slot."""
    given = _Given(work, ends) if ends is not None else None
    guilds = _Guilds(work.weight)
    costs = [cost / ONE_JOB for cost in work.cost]
    for job, (at, number) in enumerate(zip(work.at, work.guild, strict=True)):
        guilds.add(job, given.by(at) if given else at, number, costs[job])
    guilds.advance(float("inf"))
    delays = [0.0] * len(work.at)
    is_lone = [False] * len(work.at)
    for number, guild in guilds.found.items():
        weight = work.weight[number]
        users = [work.user[job] for job in guild.jobs]
        finished = _second_pass(guild, users, [costs[job] for job in guild.jobs], weight)
        for index, job in enumerate(guild.jobs):
            end = _slot(guilds.times, guilds.virtuals, finished[index])
            delays[job] = (given.when(end) if given else end) - work.at[job]
            is_lone[job] = guild.first[index] == index
    return Fluid(delays, is_lone)


class _Given:
    """What an account has given in all by an instant, and when it had given so much."""

    def __init__(self, work: Workload, ends: Sequence[float]) -> None:
        in_slot = [0.0] * (round(max(ends)) + 1)
        for job, end in enumerate(ends):
            in_slot[round(end)] = work.cost[job] / ONE_JOB
        self._sums = list(accumulate(in_slot))

    def by(self, at: float) -> float:
        slot = min(int(at), len(self._sums) - 2)
        return self._sums[slot] + (at - slot) * (self._sums[slot + 1] - self._sums[slot])

    def when(self, given: float) -> float:
        after = bisect_left(self._sums, given - 1e-6)
        if after >= len(self._sums) or after == 0:
            return float(min(after, len(self._sums) - 1))
        before = self._sums[after - 1]
        return after - 1 + (given - before) / (self._sums[after] - before)


class _Guilds:
    """The first pass: virtual time over all guilds."""

    def __init__(self, weight: list[int]) -> None:
        self.found: dict[int, _Guild] = {}
        self.times, self.virtuals = [0.0], [0.0]  # where V bends
        self._weight = weight
        self._now = self._virtual = 0.0
        self._shares = 0  # of the guilds that have work
        self._ends: list[tuple[float, int]] = []  # V at which one empties; outdated ones skipped

    def add(self, job: int, at: float, number: int, cost: float) -> None:
        self.advance(at)
        guild = self.found.setdefault(number, _Guild())
        if guild.empties < 0:
            guild.empties = self._virtual
            began, first, served = self._virtual, len(guild.jobs), guild.asked
            self._shares += self._weight[number]
            self._bend()
        else:
            began, first, served = guild.began[-1], guild.first[-1], guild.served[-1]
        guild.empties += cost / self._weight[number]
        guild.asked += cost
        heapq.heappush(self._ends, (guild.empties, number))
        guild.jobs.append(job)
        guild.arrived.append(self._virtual)
        guild.began.append(began)
        guild.first.append(first)
        guild.served.append(served)

    def advance(self, until: float) -> None:
        while self._ends:
            end, number = self._ends[0]
            if self.found[number].empties == end:
                at = self._now + (end - self._virtual) * self._shares
                if at > until:
                    break
                self._now, self._virtual = at, end
                self._shares -= self._weight[number]
                self.found[number].empties = -1.0
                self._bend()
            heapq.heappop(self._ends)
        if self._shares and until > self._now:
            self._virtual += (until - self._now) / self._shares
        self._now = max(self._now, until)

    def _bend(self) -> None:
        self.times.append(self._now)
        self.virtuals.append(self._virtual)


def _second_pass(guild: _Guild, users: list[int], costs: list[float], weight: int) -> list[float]:
    """V at which each job of the guild is finished, its members sharing equally."""
    finished = [0.0] * len(users)
    last: dict[int, float] = {}  # of each user, the inner virtual time of the last job's end
    pending: list[tuple[float, int]] = []
    service = inner = 0.0
    active = 0

    def advance(until: float) -> None:
        nonlocal service, inner, active
        while pending and active:
            end, index = pending[0]
            at = service + (end - inner) * active
            if at > until + 1e-9:
                break
            heapq.heappop(pending)
            service, inner = at, end
            began, served = guild.began[index], guild.served[index]
            finished[index] = began + (at - served) / weight
            if last[users[index]] == end:
                active -= 1
        if active:
            inner += max(0.0, until - service) / active
        service = max(service, until)

    for index, user in enumerate(users):
        began, served = guild.began[index], guild.served[index]
        advance(served + (guild.arrived[index] - began) * weight)
        if last.get(user, -1.0) <= inner:
            last[user] = inner
            active += 1
        last[user] += costs[index]
        heapq.heappush(pending, (last[user], index))
    advance(guild.asked)
    advance(float("inf"))
    return finished


def _slot(times: list[float], virtuals: list[float], virtual: float) -> float:
    after = bisect_left(virtuals, virtual)
    if after >= len(virtuals):
        return times[-1]
    if after == 0 or virtuals[after] == virtuals[after - 1]:
        return times[after]
    share = (virtual - virtuals[after - 1]) / (virtuals[after] - virtuals[after - 1])
    return times[after - 1] + share * (times[after] - times[after - 1])
