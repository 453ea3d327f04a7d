"""The account: the one row that every change of the counters writes first.

It holds what all tenants share: the virtual clock, the running calls, the pace and the breaker. The
log of departures (`sent`) belongs to it, as many rows as the ceiling allows calls in a minute.
Reading it locks nothing; the latch of the writing transaction does (`bot/db/__init__.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.errors import Outage
from bot.queue import breaker
from bot.queue.breaker import CLOSED, Breaker
from bot.queue.fairness import VirtualClock
from bot.queue.pace import Pace, earliest_us, longest_log
from bot.queue.records import JobId
from bot.queue.wait import Arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction


_COUNTERS = (
    "last_job_id, clock_tag, clock_turn, ready, running, max_running, running_per_person,"
    " arrivals_upm, arrived_at_us, bursts_upm, burst_at_us, counting_since_us"
)
_BREAKER = (
    "failing, unreached, outage, outage_since_us, outage_probe_at_us, outage_probes, is_checked,"
    " trial_job_id"
)
_PACE = (
    "ceiling_mps, rate_mps, proved_mps, held_mps, refused_mps, step_mps, changed_at_us, tested,"
    " struck_at_us, refusals, probe_at_us, paused_until_us, guard_us, transits, transit_low_us,"
    " transit_high_us, earlier_low_us, earlier_high_us"
)


def _assignments(columns: str) -> str:
    return ", ".join(f"{column.strip()} = ?" for column in columns.split(","))


_LOAD = f"SELECT sends, {_COUNTERS}, {_BREAKER}, {_PACE} FROM account WHERE name = 'zimage'"
_SAVE_COUNTERS = f"UPDATE account SET sends = ?, {_assignments(_COUNTERS)} WHERE name = 'zimage'"
_SAVE_BREAKER = f"UPDATE account SET {_assignments(_BREAKER)} WHERE name = 'zimage'"
_SAVE_PACE = f"UPDATE account SET {_assignments(_PACE)} WHERE name = 'zimage'"


@dataclass(slots=True)
class Account:
    """The row, to be changed and saved within one transaction."""

    sends: int
    last_job_id: int  # the highest that was given
    clock: VirtualClock
    ready: int  # jobs queued and due, over all tenants
    running: int
    max_running: int
    running_per_person: int
    arrivals: Arrivals  # submits of all
    bursts: Arrivals  # of these, by members who had nothing waiting
    counting_since_us: int
    breaker: Breaker
    pace: Pace


def load_account(tx: Transaction) -> Account:
    row = tx.execute(_LOAD).fetchone()
    sends, last_job_id, tag, turn, ready, running, max_running, per_person = row[:8]
    arrivals_upm, arrived_at_us, bursts_upm, burst_at_us, counting_since_us = row[8:13]
    return Account(
        sends=sends,
        last_job_id=last_job_id,
        clock=VirtualClock(tag, turn),
        ready=ready,
        running=running,
        max_running=max_running,
        running_per_person=per_person,
        arrivals=Arrivals(arrivals_upm, arrived_at_us),
        bursts=Arrivals(bursts_upm, burst_at_us),
        counting_since_us=counting_since_us,
        breaker=_breaker(row[13:21]),
        pace=Pace(*row[21:]),
    )


def _breaker(row: Sequence[Any]) -> Breaker:
    failing, unreached, outage, since_us, probe_at_us, probes, is_checked, trial = row
    return Breaker(
        failing=tuple(JobId(int(each)) for each in failing.split()),
        unreached=unreached,
        outage=outage and Outage(outage),
        since_us=since_us,
        probe_at_us=probe_at_us,
        probes=probes,
        is_checked=bool(is_checked),
        trial=trial,
    )


def save_account(tx: Transaction, account: Account) -> None:
    """The counters. Breaker and pace change seldom and are saved where they change."""
    tx.execute(
        _SAVE_COUNTERS,
        (
            account.sends,
            account.last_job_id,
            account.clock.tag,
            account.clock.turn,
            account.ready,
            account.running,
            account.max_running,
            account.running_per_person,
            account.arrivals.per_minute_micro,
            account.arrivals.at_us,
            account.bursts.per_minute_micro,
            account.bursts.at_us,
            account.counting_since_us,
        ),
    )


def save_breaker(tx: Transaction, breaker: Breaker) -> None:
    tx.execute(
        _SAVE_BREAKER,
        (
            " ".join(map(str, breaker.failing)),
            breaker.unreached,
            breaker.outage,
            breaker.since_us,
            breaker.probe_at_us,
            breaker.probes,
            breaker.is_checked,
            breaker.trial,
        ),
    )


def save_pace(tx: Transaction, pace: Pace) -> None:
    tx.execute(
        _SAVE_PACE,
        (
            pace.ceiling_mps,
            pace.rate_mps,
            pace.proved_mps,
            pace.held_mps,
            pace.refused_mps,
            pace.step_mps,
            pace.changed_at_us,
            pace.tested,
            pace.struck_at_us,
            pace.refusals,
            pace.probe_at_us,
            pace.paused_until_us,
            pace.guard_us,
            pace.transits,
            pace.transit_low_us,
            pace.transit_high_us,
            pace.earlier_low_us,
            pace.earlier_high_us,
        ),
    )


def may_leave_at_us(tx: Transaction, account: Account, *, unsent: int, now_us: int) -> int:
    """From when one more call may leave, by the log of those that left."""

    def sent_before(rank: int) -> int | None:
        if rank > account.sends:
            return None
        # Numbers have no gaps, so the rank-th last is found by its number. One that was dropped is
        # more than a minute old also after the ceiling rose: the old one let no more leave.
        row = tx.execute(
            "SELECT at_us FROM sent WHERE n = ?", (account.sends + 1 - rank,)
        ).fetchone()
        return None if row is None else int(row[0])

    return earliest_us(account.pace, unsent=unsent, now_us=now_us, sent_before=sent_before)


def log_send(tx: Transaction, account: Account, job_id: JobId, *, now_us: int) -> int:
    """Writes a departure down and returns its time; the log never runs back, though clocks may."""
    # Were a later entry older than an earlier one, the N-th last would not be the one that decides.
    last = tx.execute("SELECT at_us FROM sent WHERE n = ?", (account.sends,)).fetchone()
    at_us = now_us if last is None else max(now_us, int(last[0]))
    account.sends += 1
    tx.execute(
        "INSERT INTO sent (n, at_us, job_id) VALUES (?, ?, ?)", (account.sends, at_us, job_id)
    )
    tx.execute("DELETE FROM sent WHERE n <= ?", (account.sends - longest_log(account.pace),))
    return at_us


# ------------------------------------------------------------------------------------------------
# The breaker in it: what fails is noted, what succeeds closes it, and who stood back may go on.


def note_failure(
    tx: Transaction, account: Account, evidence: Outage, job_id: JobId, *, now_us: int
) -> None:
    """A call of this job failed in a way that may be everybody's."""
    account.breaker = breaker.after_failure(account.breaker, evidence, job_id, now_us=now_us)
    save_breaker(tx, account.breaker)


def note_success(tx: Transaction, account: Account, *, now_us: int) -> None:
    """The provider has served a request, so an outage is over."""
    if account.breaker == CLOSED:
        return
    was_open, account.breaker = account.breaker.is_open, CLOSED
    save_breaker(tx, CLOSED)
    if was_open:
        _end_backoffs(tx, now_us=now_us)


def note_check(tx: Transaction, evidence: Outage | None, *, now_us: int) -> Breaker:
    """What the free question told; None if it was answered well."""
    account = load_account(tx)
    told = breaker.after_check(account.breaker, evidence, now_us=now_us)
    if told.outage is Outage.FAILING and told.is_checked and _nobody_waits(tx, account):
        told = CLOSED  # all that had failed are gone, and the service is well
    if told != account.breaker:
        save_breaker(tx, told)
        if not told.is_open or (told.is_checked and account.ready == 0):
            _end_backoffs(tx, now_us=now_us)  # only who failed before is left to try
    return told


def may_try(tx: Transaction, known: Breaker, *, now_us: int) -> bool:
    """Whether a job may leave although the breaker is open: one at a time, after the question."""
    if not known.is_checked:
        return False
    if known.trial is None or (known.probe_at_us or 0) <= now_us:
        return True
    query = "SELECT 1 FROM job WHERE id = ? AND state = 'running'"
    return tx.execute(query, (known.trial,)).fetchone() is None


def _nobody_waits(tx: Transaction, account: Account) -> bool:
    delayed = "SELECT 1 FROM job WHERE state = 'queued' AND is_due = 0 LIMIT 1"
    return account.ready == 0 and tx.execute(delayed).fetchone() is None


def _end_backoffs(tx: Transaction, *, now_us: int) -> None:
    tx.execute(
        "UPDATE job SET not_before_us = ?"
        " WHERE state = 'queued' AND is_due = 0 AND not_before_us > ?",
        (now_us, now_us),
    )
