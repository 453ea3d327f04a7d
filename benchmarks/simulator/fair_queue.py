"""The fair queue in memory: the rules of `bot.queue.fairness` with heaps in place of indexes.

It makes the very decisions that the rows make; a property test holds the two together. Simulations
of millions of jobs run on it.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from bot.queue import fairness
from bot.queue.fairness import Charge, MemberQueue, TenantQueue, VirtualClock, Weights

EVERYBODY = Weights()


@dataclass(slots=True)
class _Member:
    queue: MemberQueue
    jobs: list[tuple[int, int, int]] = field(default_factory=list)  # −priority, job id, cost
    shown: tuple[int, int] = (-1, -1)  # tag and turn of the newest entry in the tenant's heap


@dataclass(slots=True)
class _Tenant:
    queue: TenantQueue
    members: dict[int, _Member] = field(default_factory=dict)
    turns: list[tuple[int, int, int]] = field(default_factory=list)  # tag, turn, user id
    shown: tuple[int, int] = (-1, -1)


class FairQueue:
    """Jobs are numbers that rise; tenants and people are numbers."""

    def __init__(self, *, running_per_person: int = 32, running_cap: int = 32) -> None:
        self.clock = VirtualClock()
        self.running_per_person = running_per_person
        self.running_cap = running_cap
        self.ready = 0
        self.tenants: dict[int, _Tenant] = {}
        self._turns: list[tuple[int, int, int]] = []  # open tenants: tag, turn, tenant id
        self._running: dict[int, tuple[int, int, Charge]] = {}
        self._waiting: dict[int, tuple[int, int, int, int]] = {}  # tenant, user, cost, priority
        self._delayed: dict[int, tuple[int, int, int]] = {}
        self._people: dict[int, int] = {}
        self._homes: dict[int, set[int]] = {}  # user id: the tenants they were seen in

    def add(
        self,
        job: int,
        tenant_id: int,
        user_id: int,
        cost: int,
        *,
        priority: int = 0,
        weights: Weights = EVERYBODY,
    ) -> None:
        """A job is queued and due."""
        tenant, member = self._find(tenant_id, user_id)
        tenant.queue.weight, member.queue.weight = weights.tenant, weights.member
        tenant.queue.waiting += 1
        member.queue.waiting += 1
        self._enter(job, tenant_id, user_id, cost, priority)

    def claim(self) -> int | None:
        """Starts the next job in fair order; None if nothing is due."""
        tenant_id = self._next_tenant()
        if tenant_id is None:
            return None
        tenant = self.tenants[tenant_id]
        user_id = _next_member(tenant)
        member = tenant.members[user_id]
        while True:
            before, job, cost = heapq.heappop(member.jobs)
            if self._waiting.get(job) == (tenant_id, user_id, cost, -before):
                break
        del self._waiting[job]
        charge = fairness.dispatch(
            self.clock, tenant.queue, member.queue, cost, is_last=self.ready == 1
        )
        self.ready -= 1
        self._running[job] = tenant_id, user_id, charge
        running = self._people[user_id] = self._people.get(user_id, 0) + 1
        if running == self.running_per_person:
            self._block(user_id, is_blocked=True)
        self._show(tenant_id, user_id)
        return job

    def finish(self, job: int, actual_cost: int | None = None) -> None:
        """A running job has ended; its charge is corrected to its true cost."""
        tenant_id, user_id, charge = self._free(job)
        if actual_cost is not None:
            tenant, member = self._find(tenant_id, user_id)
            fairness.correct(tenant.queue, member.queue, charge, actual_cost)
        self._show(tenant_id, user_id)

    def requeue(self, job: int, *, priority: int = 0, is_due: bool = True) -> None:
        """A running job is queued again, its charge taken back; not due: until `make_due`."""
        tenant_id, user_id, charge = self._free(job)
        tenant, member = self._find(tenant_id, user_id)
        fairness.correct(tenant.queue, member.queue, charge, 0)
        tenant.queue.waiting += 1
        member.queue.waiting += 1
        if is_due:
            self._enter(job, tenant_id, user_id, charge.cost, priority)
            return
        self._delayed[job] = tenant_id, user_id, charge.cost
        self._show(tenant_id, user_id)

    def make_due(self, job: int, *, priority: int = 0) -> None:
        """The end of a backoff."""
        self._enter(job, *self._delayed.pop(job), priority)

    def cancel(self, job: int) -> None:
        """A job that waits is withdrawn."""
        is_due = job in self._waiting
        tenant_id, user_id, cost = (self._waiting if is_due else self._delayed).pop(job)[:3]
        tenant, member = self._find(tenant_id, user_id)
        tenant.queue.waiting -= 1
        member.queue.waiting -= 1
        if is_due:
            fairness.remove_ready(self.clock, tenant.queue, member.queue, cost)
            self.ready -= 1

    def prioritise(self, job: int, priority: int) -> None:
        """A job that is due changes its place among those of its member."""
        tenant_id, user_id, cost, _ = self._waiting[job]
        self._waiting[job] = tenant_id, user_id, cost, priority
        heapq.heappush(self.tenants[tenant_id].members[user_id].jobs, (-priority, job, cost))

    def pause(self, tenant_id: int, *, is_paused: bool) -> None:
        """Stops or resumes a tenant; what runs, runs on."""
        tenant = self.tenants[tenant_id]
        fairness.set_paused(self.clock, tenant.queue, is_paused=is_paused)
        self._show_tenant(tenant_id, tenant)

    def _find(self, tenant_id: int, user_id: int) -> tuple[_Tenant, _Member]:
        tenant = self.tenants.get(tenant_id)
        if tenant is None:
            tenant = self.tenants[tenant_id] = _Tenant(TenantQueue(running_cap=self.running_cap))
        member = tenant.members.get(user_id)
        if member is None:
            member = tenant.members[user_id] = _Member(MemberQueue())
            self._homes.setdefault(user_id, set()).add(tenant_id)
        return tenant, member

    def _enter(self, job: int, tenant_id: int, user_id: int, cost: int, priority: int) -> None:
        tenant, member = self._find(tenant_id, user_id)
        if member.queue.ready == 0:
            running = self._people.get(user_id, 0)
            member.queue.is_blocked = running >= self.running_per_person
        heapq.heappush(member.jobs, (-priority, job, cost))
        self._waiting[job] = tenant_id, user_id, cost, priority
        fairness.add_ready(self.clock, tenant.queue, member.queue, cost)
        self.ready += 1
        self._show(tenant_id, user_id)

    def _free(self, job: int) -> tuple[int, int, Charge]:
        tenant_id, user_id, charge = self._running.pop(job)
        tenant, member = self._find(tenant_id, user_id)
        fairness.free_slot(self.clock, tenant.queue, member.queue)
        running = self._people[user_id] = self._people[user_id] - 1
        if running == self.running_per_person - 1:
            self._block(user_id, is_blocked=False)
        return tenant_id, user_id, charge

    def _block(self, user_id: int, *, is_blocked: bool) -> None:
        for tenant_id in sorted(self._homes[user_id]):
            tenant = self.tenants[tenant_id]
            member = tenant.members[user_id].queue
            if member.ready > 0 and member.is_blocked != is_blocked:
                fairness.set_blocked(self.clock, tenant.queue, member, is_blocked=is_blocked)
                self._show(tenant_id, user_id)

    def _show(self, tenant_id: int, user_id: int) -> None:
        """Puts tenant and member into the heaps under their present tags; old entries are void."""
        tenant = self.tenants[tenant_id]
        member = tenant.members[user_id]
        now = member.queue.tag, member.queue.turn
        if member.shown != now and member.queue.is_open:
            member.shown = now
            heapq.heappush(tenant.turns, (*now, user_id))
        self._show_tenant(tenant_id, tenant)

    def _show_tenant(self, tenant_id: int, tenant: _Tenant) -> None:
        now = tenant.queue.tag, tenant.queue.turn
        if tenant.shown != now and tenant.queue.is_open:
            tenant.shown = now
            heapq.heappush(self._turns, (*now, tenant_id))

    def _next_tenant(self) -> int | None:
        if self.ready == 0:
            return None
        while self._turns:
            tag, turn, tenant_id = self._turns[0]
            tenant = self.tenants[tenant_id].queue
            if tenant.is_open and (tenant.tag, tenant.turn) == (tag, turn):
                return tenant_id
            heapq.heappop(self._turns)
        return self._borrower()

    def _borrower(self) -> int | None:
        """Nobody is open. Those who stand aside are few: they have as many running as they may."""
        standing_aside = [
            (tenant.queue.tag, tenant.queue.turn, tenant_id)
            for tenant_id, tenant in self.tenants.items()
            if tenant.queue.is_ready
        ]
        return min(standing_aside)[2] if standing_aside else None


def _next_member(tenant: _Tenant) -> int:
    while tenant.turns:
        tag, turn, user_id = tenant.turns[0]
        member = tenant.members[user_id].queue
        if member.is_open and (member.tag, member.turn) == (tag, turn):
            return user_id
        heapq.heappop(tenant.turns)
    return min(
        (member.queue.tag, member.queue.turn, user_id)
        for user_id, member in tenant.members.items()
        if member.queue.ready > 0
    )[2]
