"""Reads from the counters what the place and the expected wait of a job are made of."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

from bot.queue import wait
from bot.queue.account import drawing_us, may_leave_at_us, serving, used_accounts
from bot.queue.fairness import cost_of
from bot.queue.pace import windows
from bot.queue.places import Drawing, Place
from bot.queue.records import JobState
from bot.queue.wait import Arrivals, Flow, Lane, Speed, Standing
from bot.records import replace

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.account import Account
    from bot.queue.counters import Counters
    from bot.queue.fairness import MemberQueue, TenantQueue
    from bot.queue.records import Job, TenantId, UserId
    from bot.refusals import Outage


MOST_FLOWS = 2000  # of thousands of waiting tenants, those with the lowest tags
_BEFORE_ALL = -1  # turns of who was lifted are lower still: they came earlier
_AFTER_ALL = 2**63 - 1


class Forecast:
    """Places and waits as of one moment; what several jobs have in common is read once."""

    def __init__(self, tx: Transaction, counters: Counters, *, now_us: int) -> None:
        self._tx = tx
        self._counters = counters
        self._queue = counters.queue
        self._now_us = now_us
        self.accounts = used_accounts(tx)
        self.serving = serving(self.accounts)  # who is out does not count, unless all are
        self._all_tenants: dict[TenantId, Flow] | None = None
        self._all_members: dict[TenantId, dict[UserId, Flow]] = {}
        self._drawing_us: dict[tuple[str, bool], int] = {}
        self._lanes: list[Lane] | None = None

    def of_job(self, job: Job) -> Place:
        """Of one that waits or runs; in a backoff as if it were due, but not begun before its
        end."""
        if job.state not in {JobState.QUEUED, JobState.RUNNING}:
            return Place(position=0, ahead_in_tenant=0, expected_s=0.0)
        if job.state is JobState.RUNNING:
            drawing_us = self._drawing(job.account or "", rewrite=job.request.rewrite)
            ends_at_us = (job.sent_at_us or self._now_us) + drawing_us
            left_s = max(0, ends_at_us - self._now_us) / 1e6
            return Place(position=1, ahead_in_tenant=0, expected_s=left_s)
        found = self._place(job, self.standing(job))
        if job.not_before_us is None:
            return found
        backoff_s = max(0, job.not_before_us - self._now_us) / 1e6
        drawing_s = self.speed(rewrite=job.request.rewrite).drawing_s
        return replace(found, expected_s=max(found.expected_s, backoff_s + drawing_s))

    def drawing(self, job: Job) -> Drawing | None:
        """Of one whose call is out."""
        if job.state is not JobState.RUNNING or job.sent_at_us is None:
            return None
        return Drawing(
            since_us=job.sent_at_us,
            elapsed_s=max(0, self._now_us - job.sent_at_us) / 1e6,
            usual_s=self._drawing(job.account or "", rewrite=job.request.rewrite) / 1e6,
        )

    @property
    def outage(self) -> Outage | None:
        """Of all accounts."""
        return self.serving[0].breaker.outage

    def is_paused(self, tenant_id: TenantId) -> bool:
        return bool(self._counters.tenant(tenant_id).is_paused)

    @property
    def next_try_at_us(self) -> int:
        """While there is an outage."""
        return self.serving[0].breaker.probe_at_us or self._now_us

    def of_newcomer(self, job: Job) -> Place:
        """Of one that is not in the queue yet; its number is above all that are."""
        return self._place(job, self._standing(job, is_counted=False))

    def speed(self, *, rewrite: bool) -> Speed:
        """How fast jobs of all tenants start, and how long one of this kind is drawn."""
        if self._lanes is None:
            self._lanes = [self._lane(one) for one in self.serving]
        drawn = [self._drawing(one.name, rewrite=rewrite) for one in self.serving]
        per_s = [lane.per_s for lane in self._lanes]
        return Speed(
            lanes=self._lanes,
            at_once=sum(windows(one.pace)[0].count for one in self.serving),
            drawing_s=sum(map(mul, drawn, per_s)) / sum(per_s) / 1e6,
        )

    def _lane(self, account: Account) -> Lane:
        free_at_us = may_leave_at_us(self._tx, account, unsent=0, now_us=self._now_us)
        held_until_us = max(free_at_us, account.breaker.probe_at_us or 0)
        both_us = [self._drawing(account.name, rewrite=rewrite) for rewrite in (False, True)]
        return Lane(
            per_s=wait.starts_per_s(
                rate_mps=account.pace.rate_mps,
                guard_us=account.pace.guard_us,
                max_running=account.max_running,
                mean_drawing_s=sum(both_us) / 2e6,
            ),
            delay_s=max(0, held_until_us - self._now_us) / 1e6,
        )

    def standing(self, job: Job) -> Standing:
        """Of one that waits."""
        return self._standing(job, is_counted=job.not_before_us is None)

    def _standing(self, job: Job, *, is_counted: bool) -> Standing:
        """Args: is_counted: among the ready jobs of its tenant, since it waits and is due."""
        tenant_id, user_id = job.origin.tenant_id, job.origin.user_id
        tenant = self._counters.tenant(tenant_id)
        member = self._counters.member(tenant_id, user_id)
        tenant_per_s = self._per_s(self._counters.tenant_arrivals(tenant_id))
        member_per_s = self._per_s(self._counters.member_arrivals(tenant_id, user_id))
        members = [
            flow for other_id, flow in self._members(tenant_id).items() if other_id != user_id
        ]
        tenants = [flow for other_id, flow in self._tenants().items() if other_id != tenant_id]
        # A newcomer, or a job in a backoff, is not among the ready ones of its tenant and is added:
        # the tenant may have no other whose cost says how far its tag moves. To the member it is
        # not added, since there only what comes before it counts.
        extra = () if is_counted else (cost_of(job.request),)
        return Standing(
            own_ahead=self._own_ahead(job) if member.ready else 0,
            member=_own_flow(member, tenant.clock, member_per_s),
            member_clock=tenant.clock,
            members=members,
            idle_members_per_s=_rest(tenant_per_s, member_per_s, members),
            tenant=_own_flow(tenant, self._queue.clock.tag, tenant_per_s, *extra),
            tenant_clock=self._queue.clock.tag,
            tenants=tenants,
            idle_tenants_per_s=_rest(self._all_per_s(), tenant_per_s, tenants),
            burst=self._burst(),
        )

    def _place(self, job: Job, standing: Standing) -> Place:
        position, ahead_in_tenant = wait.place(standing)
        return Place(
            position=position,
            ahead_in_tenant=ahead_in_tenant,
            expected_s=wait.expected_s(standing, self.speed(rewrite=job.request.rewrite)),
            outage=self.outage,
            is_tenant_paused=self.is_paused(job.origin.tenant_id),
        )

    def _all_per_s(self) -> float:
        queue = self._queue
        return queue.arrivals.per_s(
            self._now_us, wait.ALL_MEMORY_S, since_us=queue.counting_since_us
        )

    def _burst(self) -> float:
        bursts_per_s = self._queue.bursts.per_s(
            self._now_us, wait.ALL_MEMORY_S, since_us=self._queue.counting_since_us
        )
        return max(1.0, self._all_per_s() / bursts_per_s) if bursts_per_s else 1.0

    def _own_ahead(self, job: Job) -> int:
        row = self._tx.execute(
            "SELECT count(*) FROM job WHERE tenant_id = :tenant AND user_id = :user"
            " AND state = 'queued' AND is_due = 1"
            " AND (priority > :priority OR (priority = :priority AND id < :id))",
            {
                "tenant": job.origin.tenant_id,
                "user": job.origin.user_id,
                "priority": job.priority,
                "id": job.id,
            },
        ).fetchone()
        return int(row[0])

    def _drawing(self, name: str, *, rewrite: bool) -> int:
        key = name, rewrite
        if key not in self._drawing_us:
            self._drawing_us[key] = drawing_us(self._tx, name, rewrite=rewrite)
        return self._drawing_us[key]

    def _tenants(self) -> dict[TenantId, Flow]:
        """All that wait, or as many as matter."""
        if self._all_tenants is None:
            rows = self._tx.execute(
                f"SELECT id, {_FLOW} FROM tenant WHERE ready_members > 0 AND is_paused = 0"
                " ORDER BY tag, turn LIMIT ?",
                (MOST_FLOWS,),
            )
            # Those beyond have higher tags: before a job near the front they do not come at all. To
            # one far back a wait is told that is too short, and still a long one.
            self._all_tenants = {row[0]: self._flow(row[1:]) for row in rows}
        return self._all_tenants

    def _members(self, tenant_id: TenantId) -> dict[UserId, Flow]:
        """Likewise, of one tenant."""
        if tenant_id not in self._all_members:
            rows = self._tx.execute(
                f"SELECT user_id, {_FLOW} FROM member WHERE tenant_id = ? AND ready > 0"
                " ORDER BY tag, turn LIMIT ?",
                (tenant_id, MOST_FLOWS),
            )
            self._all_members[tenant_id] = {row[0]: self._flow(row[1:]) for row in rows}
        return self._all_members[tenant_id]

    def _flow(self, row: tuple[int, ...]) -> Flow:
        tag, turn, weight, ready, ready_cost, upm, arrived_at_us = row
        per_s = self._per_s(Arrivals(upm, arrived_at_us))
        return Flow(tag, turn, weight, ready, ready_cost, per_s)

    def _per_s(self, arrivals: Arrivals) -> float:
        return arrivals.per_s(self._now_us, since_us=self._queue.counting_since_us)


_FLOW = "tag, turn, weight, ready, ready_cost, arrivals_upm, arrived_at_us"


def _own_flow(
    own: MemberQueue | TenantQueue, clock_tag: int, arrivals_per_s: float, *extra: int
) -> Flow:
    """The job's own member or tenant, with the costs of jobs that are not counted there."""
    tag, turn = own.tag, own.turn
    if not own.is_open:  # is lifted when that changes, so for this sum they stand there
        tag, turn = max(tag, clock_tag), _turn_on_return(tag, clock_tag)
    ready, ready_cost = own.ready + len(extra), own.ready_cost + sum(extra)
    return Flow(tag, turn, own.weight, ready, ready_cost, arrivals_per_s)


def _turn_on_return(tag: int, served_tag: int) -> int:
    """As bot/queue/fairness gives it: who is lifted comes before all who stand at the tag."""
    return _BEFORE_ALL if tag < served_tag else _AFTER_ALL


def _rest(all_per_s: float, own_per_s: float, flows: list[Flow]) -> float:
    """Arrivals from whoever has nothing waiting: those of all, less those that are flows."""
    return max(0.0, all_per_s - own_per_s - sum(flow.arrivals_per_s for flow in flows))
