"""What is shown of the queue: places, a member's jobs, why one is where it is, which come next."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING

from bot.policy.rules import ONE_SHARE
from bot.queue.counters import Counters
from bot.queue.fairness import cost_of
from bot.queue.forecast import Forecast
from bot.queue.jobs import select_job, select_jobs
from bot.queue.places import AccountNow, Ahead, Explanation, Hold, QueueView, Share, Waiting
from bot.queue.records import JobState
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction
    from bot.queue.account import Account
    from bot.queue.fairness import TenantQueue
    from bot.queue.places import Place
    from bot.queue.records import Job, JobId, TenantId, UserId


MOST_SHOWN = 60  # nearest jobs whose status messages are worth keeping up
MOST_MINE = 50
HELD_UP_US = 5_000_000
MOST_UNPOSTED = 500  # with a link that lives: a day's worth


def place(tx: Transaction, job_id: JobId, *, now_us: int) -> Place:
    """Of a job that has just been submitted; who runs already has the first place.

    Raises:
        UnknownJob: it is gone.
    """
    return Forecast(tx, Counters(tx), now_us=now_us).of_job(select_job(tx, job_id))


def waiting(tx: Transaction, job_id: JobId, *, now_us: int) -> Waiting:
    """One job, as its status message tells it. Raises UnknownJob."""
    job = select_job(tx, job_id)
    forecast = Forecast(tx, Counters(tx), now_us=now_us)
    is_queued = job.state is JobState.QUEUED
    return Waiting(
        job=job,
        place=forecast.of_job(job) if is_queued else None,
        drawing=forecast.drawing(job),
    )


def open_jobs(tx: Transaction, *, now_us: int) -> tuple[Waiting, ...]:
    """Running jobs, those in a backoff, and the next ones in fair order, nearest first."""
    forecast = Forecast(tx, Counters(tx), now_us=now_us)
    running = select_jobs(tx, "job.state = 'running' ORDER BY job.id")
    delayed = select_jobs(
        tx, "job.state = 'queued' AND is_due = 0 ORDER BY not_before_us LIMIT ?", MOST_SHOWN
    )
    near = [
        Waiting(job=job, place=replace(forecast.of_job(job), position=position))
        for position, job in enumerate(upcoming(tx, MOST_SHOWN), start=1)
    ]
    return (
        *(Waiting(job=job, drawing=forecast.drawing(job)) for job in running),
        *near,
        *(Waiting(job=job, place=forecast.of_job(job)) for job in delayed),
    )


def _held(tx: Transaction) -> tuple[Job, ...]:
    return select_jobs(
        tx,
        "job.id IN (SELECT job_id FROM case_file WHERE decision IS NULL AND kind = 'review'"
        " ORDER BY opened_at_us LIMIT ?) AND picture.state = 'held' ORDER BY job.id",
        MOST_SHOWN,
    )


def followed_jobs(tx: Transaction, *, now_us: int) -> tuple[Waiting, ...]:
    """Open jobs, those whose picture nobody has tried to post for some seconds, and those at which
    the staff are to look next.

    Usually a picture hangs by then, and an edit would only stand in its way.
    """
    drawn = select_jobs(
        tx,
        "job.id IN (SELECT job_id FROM outbox WHERE due_at_us IS NOT NULL)"
        " AND picture.state = 'due' AND post_attempted_at_us IS NULL"
        " AND coalesce(released_at_us, drawn_at_us) <= ?"
        " ORDER BY job.id LIMIT ?",
        *(now_us - HELD_UP_US, MOST_SHOWN),
    )
    others = (*drawn, *_held(tx))
    return (*open_jobs(tx, now_us=now_us), *(Waiting(job=job) for job in others))


def queue_view(tx: Transaction, tenant_id: TenantId, user_id: UserId, *, now_us: int) -> QueueView:
    """A member's open jobs in the order of their turns, and the tenant's numbers."""
    forecast = Forecast(tx, Counters(tx), now_us=now_us)
    mine = [
        Waiting(
            job=job,
            place=forecast.of_job(job) if job.state is JobState.QUEUED else None,
        )
        for job in _mine(tx, tenant_id, user_id)
    ]
    row = tx.execute("SELECT waiting, running FROM tenant WHERE id = ?", (tenant_id,)).fetchone()
    waiting, running = row or (0, 0)
    return QueueView(
        mine=tuple(mine),
        undelivered=select_jobs(
            tx,
            "job.tenant_id = ? AND job.user_id = ? AND job.id IN (SELECT job_id FROM picture"
            " WHERE offered_at_us IS NOT NULL AND link IS NOT NULL"
            " AND state IN ('due', 'undeliverable')) ORDER BY job.id LIMIT ?",
            *(tenant_id, user_id, MOST_UNPOSTED),
        ),
        tenant_waiting=waiting,
        tenant_running=running,
        tenant_expected_s=_tenant_expected_s(tx, forecast, tenant_id),
    )


def _mine(tx: Transaction, tenant_id: TenantId, user_id: UserId) -> list[Job]:
    """Running first, then due ones in their order, then those in a backoff."""
    whose = (tenant_id, user_id)
    return [
        *select_jobs(
            tx,
            "job.tenant_id = ? AND job.user_id = ? AND job.state = 'running' ORDER BY job.id",
            *whose,
        ),
        *_ready_of(tx, tenant_id, user_id, MOST_MINE),
        *select_jobs(
            tx,
            "job.tenant_id = ? AND job.user_id = ? AND job.state = 'queued' AND is_due = 0"
            " ORDER BY not_before_us LIMIT ?",
            *(*whose, MOST_MINE),
        ),
    ]


def _ready_of(tx: Transaction, tenant_id: int, user_id: int, most: int) -> tuple[Job, ...]:
    """A member's jobs that are due, in the order in which they will be claimed."""
    return select_jobs(
        tx,
        "job.tenant_id = ? AND job.user_id = ? AND job.state = 'queued' AND is_due = 1"
        " ORDER BY priority DESC, job.id LIMIT ?",
        *(tenant_id, user_id, most),
    )


def _tenant_expected_s(tx: Transaction, forecast: Forecast, tenant_id: TenantId) -> float | None:
    """Until the tenant's last job is drawn. None while nothing is drawn for it, in an outage or a
    pause."""
    if forecast.outage or forecast.is_paused(tenant_id):
        return None
    whose = "job.tenant_id = ? AND job.state ="
    last = (
        *_last_ready(tx, tenant_id),
        *select_jobs(
            tx,
            f"{whose} 'queued' AND is_due = 0 ORDER BY not_before_us DESC LIMIT 1",
            tenant_id,
        ),
        *select_jobs(tx, f"{whose} 'running' ORDER BY job.id", tenant_id),
    )
    return max((forecast.of_job(job).expected_s for job in last), default=0.0)


def _last_ready(tx: Transaction, tenant_id: TenantId) -> tuple[Job, ...]:
    """Of the member whose tag is furthest; none if nobody has any."""
    row = tx.execute(
        "SELECT user_id FROM member WHERE tenant_id = ? AND ready > 0"
        " ORDER BY tag + ready_cost * 100 / weight DESC LIMIT 1",
        (tenant_id,),
    ).fetchone()
    if row is None:
        return ()
    return select_jobs(
        tx,
        "job.tenant_id = ? AND job.user_id = ? AND job.state = 'queued' AND is_due = 1"
        " ORDER BY priority, job.id DESC LIMIT 1",
        *(tenant_id, row[0]),
    )


# ------------------------------------------------------------------------------------------------
# Why a job is where it is: turns, shares, caps, and what holds the whole account.


def explain(tx: Transaction, job_id: JobId, *, now_us: int) -> Explanation:
    """Raises UnknownJob."""
    counters = Counters(tx)
    job = select_job(tx, job_id)
    is_queued = job.state is JobState.QUEUED
    forecast = Forecast(tx, counters, now_us=now_us)
    place = forecast.of_job(job) if is_queued else None
    account = account_now(forecast.accounts, forecast.serving, now_us=now_us)
    tenant, member = tenant_share(counters, job), member_share(counters, job)
    return Explanation(
        job=job,
        place=place,
        ahead=_ahead(forecast, job, place) if place else Ahead(),
        tenant=tenant,
        member=member,
        account=account,
        holds=_holds(counters, forecast.serving, job, account, now_us) if is_queued else (),
    )


def account_now(
    accounts: Sequence[Account], serving: Sequence[Account], *, now_us: int
) -> AccountNow:
    """All together, as far as they serve. A pause that is over counts as none."""
    paused_until_us = min(one.pace.paused_until_us for one in serving)
    return AccountNow(
        rate_per_s=sum(one.pace.rate_mps for one in serving) / 1000,
        ceiling_per_s=sum(one.pace.ceiling_mps for one in accounts) / 1000,
        running=sum(one.running for one in accounts),
        max_running=sum(one.max_running for one in accounts),
        outage=serving[0].breaker.outage,
        next_try_at_us=serving[0].breaker.probe_at_us or now_us,
        paused_until_us=paused_until_us if paused_until_us > now_us else 0,
    )


def tenant_share(counters: Counters, job: Job) -> Share:
    tenant = counters.tenant(job.origin.tenant_id)
    return Share(
        weight=tenant.weight,
        lead=_lead(tenant.tag - counters.queue.clock.tag, tenant.weight, job),
        running=tenant.running,
        cap=tenant.running_cap,
    )


def member_share(counters: Counters, job: Job) -> Share:
    member = counters.member(job.origin.tenant_id, job.origin.user_id)
    tenant = counters.tenant(job.origin.tenant_id)
    return Share(
        weight=member.weight,
        lead=_lead(member.tag - tenant.clock, member.weight, job),
        running=counters.running_of(job.origin.user_id),
        cap=counters.queue.running_per_person,
    )


def _lead(distance: int, weight: int, job: Job) -> float:
    """A distance of tags in pictures such as the job's."""
    return max(0.0, distance * weight / ONE_SHARE / cost_of(job.request))


def _ahead(forecast: Forecast, job: Job, place: Place) -> Ahead:
    standing = forecast.standing(job)
    return Ahead(
        own=standing.own_ahead,
        of_members=max(0, place.ahead_in_tenant - standing.own_ahead),
        of_tenants=max(0, place.position - 1 - place.ahead_in_tenant),
        members_waiting=len(standing.members),
        tenants_waiting=len(standing.tenants),
    )


def _holds(
    counters: Counters, serving: Sequence[Account], job: Job, now: AccountNow, now_us: int
) -> tuple[Hold, ...]:
    tenant: TenantQueue = counters.tenant(job.origin.tenant_id)
    running = counters.running_of(job.origin.user_id)
    held = {
        Hold.OUTAGE: now.outage is not None,
        Hold.PAUSE: now.paused_until_us > 0,
        Hold.TENANT_PAUSED: bool(tenant.is_paused),
        Hold.BACKOFF: now.outage is None and (job.not_before_us or 0) > now_us,
        Hold.ALL_RUNNING: all(one.running >= one.max_running for one in serving),
        Hold.TENANT_CAP: tenant.running >= tenant.running_cap,
        Hold.PERSON_CAP: running >= counters.queue.running_per_person,
    }
    return tuple(hold for hold, is_so in held.items() if is_so)


# ------------------------------------------------------------------------------------------------
# Plays the fair order forward from the rows as they are: the very jobs that come next.


def upcoming(tx: Transaction, limit: int) -> list[Job]:
    """The next jobs in the order in which they would be claimed, if nothing changed.

    Caps are left out: they let the order bend only while somebody is at one.
    """
    jobs = _Jobs(tx, limit)
    tenants = [
        (tag, turn, tenant_id, weight)
        for tenant_id, tag, turn, weight in tx.execute(
            "SELECT id, tag, turn, weight FROM tenant WHERE ready_members > 0 AND is_paused = 0"
            " ORDER BY tag, turn LIMIT ?",
            (limit,),
        )
    ]
    heapq.heapify(tenants)
    found: list[Job] = []
    turns = 2**62  # after every stored turn
    while tenants and len(found) < limit:
        tag, _, tenant_id, weight = heapq.heappop(tenants)
        job = jobs.next_of(tenant_id)
        if job is None:
            continue
        found.append(job)
        turns += 1
        tag += cost_of(job.request) * ONE_SHARE // weight
        heapq.heappush(tenants, (tag, turns, tenant_id, weight))
    return found


class _Jobs:
    """Members and jobs of the tenants that are looked at, read when they are needed."""

    def __init__(self, tx: Transaction, limit: int) -> None:
        self._tx = tx
        self._limit = limit
        self._members: dict[int, list[tuple[int, int, int, int]]] = {}
        self._jobs: dict[tuple[int, int], deque[Job]] = {}
        self._turns = 2**62

    def next_of(self, tenant_id: int) -> Job | None:
        members = self._members.get(tenant_id)
        if members is None:
            members = self._members[tenant_id] = self._read_members(tenant_id)
        while members:
            tag, _, user_id, weight = heapq.heappop(members)
            jobs = self._jobs_of(tenant_id, user_id)
            if not jobs:
                continue
            job = jobs.popleft()
            self._turns += 1
            tag += cost_of(job.request) * ONE_SHARE // weight
            heapq.heappush(members, (tag, self._turns, user_id, weight))
            return job
        return None

    def _read_members(self, tenant_id: int) -> list[tuple[int, int, int, int]]:
        return [
            (tag, turn, user_id, weight)
            for user_id, tag, turn, weight in self._tx.execute(
                "SELECT user_id, tag, turn, weight FROM member"
                " WHERE tenant_id = ? AND ready > 0 ORDER BY tag, turn LIMIT ?",
                (tenant_id, self._limit),
            )
        ]

    def _jobs_of(self, tenant_id: int, user_id: int) -> deque[Job]:
        key = tenant_id, user_id
        if key not in self._jobs:
            self._jobs[key] = deque(_ready_of(self._tx, tenant_id, user_id, self._limit))
        return self._jobs[key]
