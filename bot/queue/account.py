"""Accounts at providers: the servers of the queue, each with its pace, its breaker, its calls.

A row for each, known by the name that the settings give it. Its log of departures (`sent`), as many
rows as its ceiling allows calls in a minute, and the durations of its calls (`latency`) are its own
as well. One that is in the settings no more keeps its row and what was learned, and is not used.
What all accounts share, the turns, stands in `counters`.

Reading a row locks nothing; the latch of the writing transaction does (`bot/db/__init__.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from bot.queue import breaker
from bot.queue.breaker import CLOSED, Breaker
from bot.queue.pace import Pace, earliest_us, longest_log
from bot.queue.records import JobId
from bot.refusals import Outage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.db import Transaction


_COUNTERS = "sends, running, max_running"
_BREAKER = (
    "failing, unreached, outage, outage_since_us, outage_probe_at_us, outage_probes, is_checked,"
    " trial_job_id"
)
_PACE = (
    "ceiling_mps, rate_mps, proved_mps, held_mps, refused_mps, step_mps, changed_at_us, tested,"
    " struck_at_us, refusals, probe_at_us, paused_until_us, guard_us, transits, transit_low_us,"
    " transit_high_us, earlier_low_us, earlier_high_us"
)


def assignments(columns: str) -> str:
    """For an UPDATE of all of them."""
    return columns.replace(",", " = ?,") + " = ?"


_pace_values = attrgetter(*_PACE.split(", "))
_ACCOUNT = f"name, {_COUNTERS}, {_BREAKER}, {_PACE}"
_LOAD = f"SELECT {_ACCOUNT} FROM account WHERE name = ?"
_LOAD_USED = f"SELECT {_ACCOUNT} FROM account WHERE is_used = 1 ORDER BY name"
_SAVE_COUNTERS = f"UPDATE account SET {assignments(_COUNTERS)} WHERE name = ?"
_SAVE_BREAKER = f"UPDATE account SET {assignments(_BREAKER)} WHERE name = ?"
_SAVE_PACE = f"UPDATE account SET {assignments(_PACE)} WHERE name = ?"


@dataclass(slots=True)
class Account:
    """The row, to be changed and saved within one transaction."""

    name: str
    sends: int  # the newest number in its log
    running: int
    max_running: int
    breaker: Breaker
    pace: Pace


def load_account(tx: Transaction, name: str) -> Account:
    """One that `controls.configure` knows."""
    return _account(tx.execute(_LOAD, (name,)).fetchone())


def used_accounts(tx: Transaction) -> list[Account]:
    """Those of the settings."""
    return [_account(row) for row in tx.execute(_LOAD_USED).fetchall()]


def serving(accounts: Iterable[Account]) -> list[Account]:
    """Those without an outage; if all have one, all of them, whoever tries again first before."""
    by_next_try = sorted(accounts, key=lambda one: one.breaker.probe_at_us or 0)
    return [one for one in by_next_try if not one.breaker.is_open] or by_next_try


def _account(row: Sequence[Any]) -> Account:
    name, sends, running, max_running = row[:4]
    return Account(name, sends, running, max_running, _breaker(row[4:12]), Pace(*row[12:]))


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


def use_accounts(tx: Transaction, names: Iterable[str]) -> None:
    """From now on these and no others; new ones begin as the table's defaults have it."""
    tx.execute("UPDATE account SET is_used = 0")
    for name in names:
        tx.execute(
            "INSERT INTO account (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET is_used = 1",
            (name,),
        )


def save_account(tx: Transaction, account: Account) -> None:
    """The counters. Breaker and pace change seldom and are saved where they change."""
    tx.execute(_SAVE_COUNTERS, (account.sends, account.running, account.max_running, account.name))


def save_breaker(tx: Transaction, name: str, breaker: Breaker) -> None:
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
            name,
        ),
    )


def save_pace(tx: Transaction, name: str, pace: Pace) -> None:
    tx.execute(_SAVE_PACE, (*_pace_values(pace), name))


def may_leave_at_us(tx: Transaction, account: Account, *, unsent: int, now_us: int) -> int:
    """From when one more call may leave, by the log of those that left."""

    def sent_before(rank: int) -> int | None:
        if rank > account.sends:
            return None
        # Numbers have no gaps, so the rank-th last is found by its number. One that was dropped is
        # more than a minute old also after the ceiling rose: the old one let no more leave.
        row = tx.execute(
            "SELECT at_us FROM sent WHERE account = ? AND n = ?",
            (account.name, account.sends + 1 - rank),
        ).fetchone()
        return None if row is None else int(row[0])

    return earliest_us(account.pace, unsent=unsent, now_us=now_us, sent_before=sent_before)


def log_send(tx: Transaction, account: Account, job_id: JobId, *, now_us: int) -> int:
    """Writes a departure down and returns its time; the log never runs back, though clocks may."""
    # Were a later entry older than an earlier one, the N-th last would not be the one that decides.
    last = tx.execute(
        "SELECT at_us FROM sent WHERE account = ? AND n = ?", (account.name, account.sends)
    ).fetchone()
    at_us = now_us if last is None else max(now_us, int(last[0]))
    account.sends += 1
    tx.execute(
        "INSERT INTO sent (account, n, at_us, job_id) VALUES (?, ?, ?, ?)",
        (account.name, account.sends, at_us, job_id),
    )
    tx.execute(
        "DELETE FROM sent WHERE account = ? AND n <= ?",
        (account.name, account.sends - longest_log(account.pace)),
    )
    return at_us


# ------------------------------------------------------------------------------------------------
# The breaker in it: what fails is noted, what succeeds closes it, and who stood back may go on.


def note_failure(
    tx: Transaction, account: Account, evidence: Outage, job_id: JobId, *, now_us: int
) -> None:
    """A call of this job failed in a way that may be everybody's."""
    account.breaker = breaker.after_failure(account.breaker, evidence, job_id, now_us=now_us)
    save_breaker(tx, account.name, account.breaker)


def note_success(tx: Transaction, account: Account, *, now_us: int) -> None:
    """The provider has served a request, so an outage is over."""
    if account.breaker == CLOSED:
        return
    was_open, account.breaker = account.breaker.is_open, CLOSED
    save_breaker(tx, account.name, CLOSED)
    if was_open:
        _end_backoffs(tx, now_us=now_us)


def note_check(
    tx: Transaction, account_name: str, evidence: Outage | None, *, now_us: int
) -> Breaker:
    """What the free question told; None if it was answered well."""
    known = load_account(tx, account_name).breaker
    told = breaker.after_check(known, evidence, now_us=now_us)
    if told.outage is Outage.FAILING and told.is_checked and not _is_any(tx, "1 = 1"):
        told = CLOSED  # all that had failed are gone, and the service is well
    if told != known:
        save_breaker(tx, account_name, told)
        if not told.is_open or (told.is_checked and not _is_any(tx, "is_due = 1")):
            _end_backoffs(tx, now_us=now_us)  # only who failed before is left to try
    return told


def _is_any(tx: Transaction, which: str) -> bool:
    """Whether one like this waits."""
    query = f"SELECT 1 FROM job WHERE state = 'queued' AND {which} LIMIT 1"
    return tx.execute(query).fetchone() is not None


def may_try(tx: Transaction, known: Breaker, *, now_us: int) -> bool:
    """Whether a job may leave although the breaker is open: one at a time, after the question."""
    if not known.is_checked:
        return False
    if known.trial is None or (known.probe_at_us or 0) <= now_us:
        return True
    query = "SELECT 1 FROM job WHERE id = ? AND state = 'running'"
    return tx.execute(query, (known.trial,)).fetchone() is None


def others_serve(tx: Transaction, account: Account) -> bool:
    """Whether another account may draw what this one failed to."""
    query = "SELECT 1 FROM account WHERE is_used = 1 AND outage IS NULL AND name != ? LIMIT 1"
    return tx.execute(query, (account.name,)).fetchone() is not None


def _end_backoffs(tx: Transaction, *, now_us: int) -> None:
    tx.execute(
        "UPDATE job SET not_before_us = ?"
        " WHERE state = 'queued' AND is_due = 0 AND not_before_us > ?",
        (now_us, now_us),
    )


# ------------------------------------------------------------------------------------------------
# How long its calls take.


PRIOR_DRAWING_US = {"plain": 6_000_000, "rewritten": 14_000_000}  # until calls were measured
MEMORY_CALLS = 50


def drawing_us(tx: Transaction, name: str, *, rewrite: bool) -> int:
    """The mean duration of the account's calls of this kind."""
    kind = _kind(rewrite=rewrite)
    row = tx.execute(
        "SELECT mean_us FROM latency WHERE account = ? AND kind = ?", (name, kind)
    ).fetchone()
    return int(row[0]) if row else PRIOR_DRAWING_US[kind]


def learn_drawing(tx: Transaction, name: str, *, rewrite: bool, duration_us: int) -> None:
    """A mean that forgets: of the first calls exactly, then over about the last fifty."""
    tx.execute(
        "INSERT INTO latency (account, kind, mean_us, count) VALUES (:account, :kind, :us, 1)"
        " ON CONFLICT (account, kind) DO UPDATE SET count = latency.count + 1,"
        " mean_us = latency.mean_us + (:us - latency.mean_us)"
        " / CASE WHEN latency.count < :memory THEN latency.count + 1 ELSE :memory END",
        {
            "account": name,
            "kind": _kind(rewrite=rewrite),
            "us": duration_us,
            "memory": MEMORY_CALLS,
        },
    )


def _kind(*, rewrite: bool) -> str:
    return "rewritten" if rewrite else "plain"
