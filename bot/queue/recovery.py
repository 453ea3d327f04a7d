"""What becomes of jobs whose lease nobody holds, and of instants when the clock was set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.queue import ledger
from bot.queue.counters import Counters
from bot.queue.finish import all_running, end, end_run_as_uncertain, expired, requeue, running
from bot.queue.records import Failure, JobState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.db import Transaction
    from bot.queue.finish import Running
    from bot.queue.records import Job, JobId


_INTERRUPTED = Failure(kind="AnswerLost")  # the call left, and its worker did not see the answer


def keep_leases(tx: Transaction, lease_token: str, *, now_us: int, lease_s: float) -> list[Job]:
    """Releases others' leases that expired and renews the worker's own; returns what it released.

    Their workers are no more: not sent → queued again, sent → uncertain.
    Own leases count as kept even if they have run out meanwhile, in a stalled process, say: as long
    as nobody has released them, the worker still has its calls in hand.
    """
    others = expired(tx, now_us=now_us, besides=lease_token)
    released = [_release(tx, run, now_us) for run in others]
    tx.execute(
        "UPDATE job SET lease_until_us = ? WHERE state = 'running' AND lease_token = ?",
        (now_us + round(lease_s * 1e6), lease_token),
    )
    return released


def release_all_leases(tx: Transaction, *, now_us: int) -> list[Job]:
    """The same for every job that runs: for a process that starts and knows that it is alone."""
    return [_release(tx, run, now_us) for run in all_running(tx)]


def release_lease(tx: Transaction, job_id: JobId, lease_token: str, *, now_us: int) -> Job:
    """The worker ends: the same, before the lease runs out."""
    return _release(tx, running(tx, job_id, lease_token), now_us)


def _release(tx: Transaction, run: Running, now_us: int) -> Job:
    counters = Counters(tx)
    if run.sent_at_us is None:
        return requeue(tx, counters, run, now_us=now_us)
    return end_run_as_uncertain(tx, counters, run, _INTERRUPTED, now_us=now_us)


def end_open_jobs(tx: Transaction, *, now_us: int) -> int:
    """Ends what waits or runs as uncertain; what is drawn is looked for before it is posted.

    For a backup that was put in the database's place: it does not know what was billed since.
    """
    ended = 0
    for run in all_running(tx):
        end_run_as_uncertain(tx, Counters(tx), run, _INTERRUPTED, now_us=now_us)
        ended += 1
    for job_id, tenant_id, user_id, is_due, cost in tx.execute(
        "SELECT id, tenant_id, user_id, is_due, cost FROM job WHERE state = 'queued'"
    ).fetchall():
        counters = Counters(tx)
        counters.leave(tenant_id, user_id, cost, is_due=bool(is_due))
        counters.save()
        ledger.mark_uncertain(tx, job_id, now_us=now_us)
        end(tx, job_id, JobState.UNCERTAIN, _INTERRUPTED, now_us=now_us)
        ended += 1
    tx.execute(
        "UPDATE picture SET post_attempted_at_us = coalesce(post_attempted_at_us, drawn_at_us)"
        " WHERE state IN ('due', 'held')"
    )
    tx.execute(
        "UPDATE case_file SET post_attempted_at_us = coalesce(post_attempted_at_us, opened_at_us)"
        " WHERE decision IS NULL"
    )
    return ended


# ------------------------------------------------------------------------------------------------
# What is stored follows the system's clock when somebody sets it.
#
# While we run, a step is known: everything that a later instant is compared with moves along, so
# that a pause goes on for as long as it would have, and the log of departures shows the same gaps.
# What happened between two processes is not known; but an instant that we wrote cannot lie in the
# future, and nothing is put off for longer than an hour.


LONGEST_WAIT_US = 3600 * 1_000_000
# Of what has ended for good, no instant is compared with anything any more.
_OPEN = {
    "job": "state IN ('queued', 'running') OR id IN"
    " (SELECT job_id FROM outbox WHERE due_at_us IS NOT NULL)",
    "outbox": "due_at_us IS NOT NULL",
    "picture": "state IN ('due', 'held') OR link IS NOT NULL",
    "case_file": "decision IS NULL OR due_at_us IS NOT NULL",
}
# When something happened, by table.
_HAPPENED = {
    "queue": ("arrived_at_us", "burst_at_us", "counting_since_us"),
    "account": ("outage_since_us", "changed_at_us", "struck_at_us"),
    "sent": ("at_us",),
    "tenant": ("arrived_at_us",),
    "member": ("arrived_at_us",),
    "job": ("created_at_us", "started_at_us", "sent_at_us", "finished_at_us"),
    "picture": ("drawn_at_us", "released_at_us"),
    "case_file": ("opened_at_us",),
}
# From when on something is to be done.
_PLANNED = {
    "account": ("outage_probe_at_us", "probe_at_us", "paused_until_us"),
    "job": ("not_before_us", "lease_until_us"),
    "outbox": ("due_at_us",),
    "screening": ("due_at_us",),
    "case_file": ("due_at_us",),
    "notice": ("due_at_us",),
}


def shift_instants(tx: Transaction, *, by_us: int) -> None:
    """The clock is about to be moved by so much, forward or back."""
    for columns_of in (_HAPPENED, _PLANNED):
        for table, columns in columns_of.items():
            for column in columns:
                where = f"{column} > 0 AND ({_OPEN.get(table, '1 = 1')})"
                tx.execute(f"UPDATE {table} SET {column} = {column} + ? WHERE {where}", (by_us,))
    # Transit times are arrivals by the provider's clock minus departures by ours.
    for column in ("transit_low_us", "transit_high_us", "earlier_low_us", "earlier_high_us"):
        tx.execute(f"UPDATE account SET {column} = {column} - ?", (by_us,))


def drop_future_instants(tx: Transaction, *, now_us: int) -> int:
    """Puts what lies in the future at this moment; returns how many instants those were."""
    return _clamp(tx, _HAPPENED, now_us, later_than_us=now_us) + _clamp(
        tx, _PLANNED, now_us, later_than_us=now_us + LONGEST_WAIT_US
    )


def _clamp(
    tx: Transaction,
    columns_of: Mapping[str, tuple[str, ...]],
    now_us: int,
    *,
    later_than_us: int,
) -> int:
    dropped = 0
    for table, columns in columns_of.items():
        for column in columns:
            where = f"{column} > ? AND ({_OPEN.get(table, '1 = 1')})"
            dropped += tx.execute(
                f"UPDATE {table} SET {column} = ? WHERE {where}", (now_us, later_than_us)
            ).rowcount
    return dropped
