"""Who is next and whether a call may leave now: decided together, as late as possible.

The pick is three index seeks, whatever the number of jobs: the open tenant with the lowest tag, its
open member with the lowest tag, that member's first job. Tenants and people that stand aside at
their caps are not in those indexes (`tenant_open`, `member_open`); only when nobody is open does
the claim look at them. With a million jobs waiting a claim costs 1.16 times one with ten thousand
(docs/fairness.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.errors import LeaseLost
from bot.queue import rate_search
from bot.queue.account import (
    load_account,
    log_send,
    may_leave_at_us,
    may_try,
    save_account,
    save_breaker,
    save_pace,
)
from bot.queue.breaker import trying
from bot.queue.counters import MEMBER, TENANT, Counters
from bot.queue.jobs import change, select_job
from bot.queue.pace import LEAD_US
from bot.queue.records import JobState

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.account import Account
    from bot.queue.pace import Pace
    from bot.queue.records import Job, JobId, TenantId, UserId


UNSENT_COUNTS_US = 5_000_000  # a claim that has not left by then was left behind by a crash
MOST_PROMOTED = 100


class Claimed(Struct, frozen=True):
    """Carry this job out; it is leased to you."""

    job: Job


class NotYet(Struct, frozen=True):
    """Something waits, but nothing may leave before this instant."""

    at_us: int


class Nothing(Struct, frozen=True):
    """Nothing waits, or nothing may leave (the cap, an outage): ask again when that changes."""


Claim = Claimed | NotYet | Nothing


def claim(
    tx: Transaction, account_name: str, *, now_us: int, lease_token: str, lease_s: float
) -> Claim:
    """The next job in fair order, if the account's pace lets a call leave now or in a moment.

    There is one order over all accounts: whichever may send next has the next job. The job's row
    says from then on whose call it is.

    The claim comes up to 50 ms before its instant: the worker gets ready, and holds the call back
    until the job's `not_before_us` if it has one.

    If backoffs are over it makes these jobs ready and does no more, so that each transaction comes
    to the tables in one order: ask again at once.
    """
    if _promote_due(tx, now_us=now_us):
        return NotYet(now_us)
    # From here to `_start` turns are only looked at: whoever gets no call keeps the turn, and a
    # request that comes meanwhile may have a lower tag. That is why the order is decided now and
    # not at submit. First the cap and an outage, which end at no instant that could be told: an
    # answer that frees a slot wakes the dispatcher, and its poll finds the rest.
    counters = Counters(tx)
    account = counters.account(account_name)
    if account.running >= account.max_running:
        return Nothing()
    if account.breaker.is_open and not may_try(tx, account.breaker, now_us=now_us):
        return Nothing()
    # Who before when: if nobody is ready, an instant of the pace would be no reason to look again.
    pick = _pick(tx, counters) if counters.queue.ready else None
    if pick is None:
        return _next_due(tx)
    leave_at_us = _from_when(tx, account, now_us)
    if leave_at_us > now_us + LEAD_US:
        return NotYet(leave_at_us - LEAD_US)
    job = _start(
        tx,
        counters,
        account,
        pick,
        now_us=now_us,
        leave_at_us=leave_at_us,
        lease=(lease_token, round(lease_s * 1e6)),
    )
    if account.breaker.is_open:
        save_breaker(tx, account.name, trying(account.breaker, job.id, now_us=now_us))
    return Claimed(job)


def mark_sent(tx: Transaction, job_id: JobId, lease_token: str, *, now_us: int) -> None:
    """The call is about to leave: from here on a lost answer may have been billed.

    Its departure is logged as now, or as the job's `not_before_us` if that is still to come.

    Raises:
        LeaseLost: the job is somebody else's; make no call.
    """
    # `sent_at_us IS NULL`: one call for one lease, since a second would be a second bill.
    row = tx.execute(
        "SELECT account, not_before_us FROM job"
        " WHERE id = ? AND state = 'running' AND lease_token = ? AND sent_at_us IS NULL",
        (job_id, lease_token),
    ).fetchone()
    if row is None:
        raise LeaseLost(f"job {job_id} is no longer leased to this worker")
    name, not_before_us = row
    leaves_at_us = max(now_us, not_before_us or 0)
    account = load_account(tx, name)
    # Before the log has this call. Others that are claimed and unsent are left out: with them the
    # instant could only be later and this call look less late, so that more would count as a test.
    free_at_us = may_leave_at_us(tx, account, unsent=0, now_us=leaves_at_us)
    at_us = log_send(tx, account, job_id, now_us=leaves_at_us)
    save_account(tx, account)
    _save_pace_if_new(
        tx, account, rate_search.after_send(account.pace, now_us=at_us, earliest_us=free_at_us)
    )
    tx.execute(
        "UPDATE job SET sent_at_us = ?, not_before_us = NULL WHERE id = ?", (leaves_at_us, job_id)
    )


def note_departure(tx: Transaction, job_id: JobId, *, left_at_us: int) -> None:
    """Corrects the log: the call left once the mark was on disk, which may have taken a while.

    Without it the wait for the disk counts as jitter, and a call that left late is followed too
    soon by the next. Later entries move along, so that the log never runs back.
    """
    tx.execute(
        "UPDATE sent SET at_us = ? WHERE account = (SELECT account FROM job WHERE id = ?)"
        " AND n >= (SELECT max(n) FROM sent AS own"
        " WHERE own.account = sent.account AND job_id = ?) AND at_us < ?",
        (left_at_us, job_id, job_id, left_at_us),
    )
    tx.execute(
        "UPDATE job SET sent_at_us = ? WHERE id = ? AND state = 'running' AND sent_at_us < ?",
        (left_at_us, job_id, left_at_us),
    )


def _promote_due(tx: Transaction, *, now_us: int) -> bool:
    """Jobs whose backoff is over count as ready again; whether there were any."""
    due = tx.execute(
        "SELECT id, tenant_id, user_id, cost FROM job"
        " WHERE state = 'queued' AND is_due = 0 AND not_before_us <= ?"
        " ORDER BY not_before_us, id LIMIT ?",
        (now_us, MOST_PROMOTED),
    ).fetchall()
    if not due:
        return False
    counters = Counters(tx)
    for _, tenant_id, user_id, cost in due:
        counters.add_ready(tenant_id, user_id, cost)
    counters.save()
    tx.executemany(
        "UPDATE job SET is_due = 1, not_before_us = NULL WHERE id = ?",
        [(job_id,) for job_id, *_ in due],
    )
    return True


_OPEN_TENANT = (
    f"SELECT id, {TENANT} FROM tenant WHERE open_members > 0 AND running < running_cap"
    " AND is_paused = 0 ORDER BY tag, turn LIMIT 1"
)
_READY_TENANT = (
    f"SELECT id, {TENANT} FROM tenant WHERE ready_members > 0 AND is_paused = 0"
    " ORDER BY tag, turn LIMIT 1"
)
_OPEN_MEMBER = (
    f"SELECT user_id, {MEMBER} FROM member WHERE tenant_id = ? AND ready > 0 AND is_blocked = 0"
    " ORDER BY tag, turn LIMIT 1"
)
_READY_MEMBER = (
    f"SELECT user_id, {MEMBER} FROM member WHERE tenant_id = ? AND ready > 0"
    " ORDER BY tag, turn LIMIT 1"
)


def _pick(tx: Transaction, counters: Counters) -> tuple[TenantId, UserId] | None:
    """The open tenant with the lowest tag; nobody open: one that borrows beyond its cap."""
    # Caps are soft: they decide who comes first while somebody below theirs waits. Alone a tenant
    # may have the whole account, whose quota would else go unused (test_caps_are_soft).
    row = tx.execute(_OPEN_TENANT).fetchone() or tx.execute(_READY_TENANT).fetchone()
    if row is None:
        return None
    tenant_id = row[0]
    # There is one: the tenant's two counts are those of the rows that these find, as random
    # sequences of verbs are recounted to show (tests/queue/test_queue_properties.py).
    found = (
        tx.execute(_OPEN_MEMBER, (tenant_id,)).fetchone()
        or tx.execute(_READY_MEMBER, (tenant_id,)).fetchone()
    )
    user_id = found[0]
    counters.knows_tenant(tenant_id, row[1:])
    counters.knows_member(tenant_id, user_id, found[1:])
    return tenant_id, user_id


def _next_due(tx: Transaction) -> Claim:
    """Nobody is ready; perhaps a backoff ends."""
    row = tx.execute(
        "SELECT min(not_before_us) FROM job WHERE state = 'queued' AND is_due = 0"
    ).fetchone()
    return Nothing() if row[0] is None else NotYet(row[0])


def _from_when(tx: Transaction, account: Account, now_us: int) -> int:
    _save_pace_if_new(tx, account, rate_search.advanced(account.pace, now_us))
    # A claim whose worker is gone would hold its place in the window until its lease runs out;
    # after five seconds it is no longer believed to leave. One that does leave later, after a slow
    # connection say, may be one too many: a refusal now and then for a window that never sticks.
    (unsent,) = tx.execute(
        "SELECT count(*) FROM job WHERE state = 'running' AND sent_at_us IS NULL"
        " AND started_at_us > ? AND account = ?",
        (now_us - UNSENT_COUNTS_US, account.name),
    ).fetchone()
    return may_leave_at_us(tx, account, unsent=unsent, now_us=now_us)


def _save_pace_if_new(tx: Transaction, account: Account, pace: Pace) -> None:
    if pace is not account.pace:
        account.pace = pace
        save_pace(tx, account.name, pace)


_FIRST_JOB = (
    "SELECT id, cost FROM job WHERE tenant_id = ? AND user_id = ? AND state = 'queued'"
    " AND is_due = 1 ORDER BY priority DESC, id LIMIT 1"
)
_STARTED = (
    "is_due = 0, attempts = attempts + 1, account = ?, started_at_us = ?, not_before_us = ?,"
    " sent_at_us = NULL, lease_token = ?, lease_until_us = ?, tenant_charge = ?, member_charge = ?"
)


def _start(
    tx: Transaction,
    counters: Counters,
    account: Account,
    pick: tuple[TenantId, UserId],
    *,
    now_us: int,
    leave_at_us: int,
    lease: tuple[str, int],
) -> Job:
    token, length_us = lease
    job_id, cost = tx.execute(_FIRST_JOB, pick).fetchone()
    charge = counters.dispatch(account, *pick, cost)
    counters.save()
    change(
        tx,
        job_id,
        JobState.RUNNING,
        _STARTED,
        account.name,
        now_us,
        leave_at_us if leave_at_us > now_us else None,
        token,
        now_us + length_us,
        charge.tenant,
        charge.member,
    )
    return select_job(tx, job_id)
