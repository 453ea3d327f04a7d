"""Leases: who carries a running job out, and what becomes of it when nobody does any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.job import Failure
from bot.storage import usage
from bot.storage.books import Counters
from bot.storage.ending import end_as_uncertain, end_run_as_uncertain
from bot.storage.requeueing import requeue
from bot.storage.running import all_running, expired, running

if TYPE_CHECKING:
    from bot.domain.ids import JobId
    from bot.domain.job import Job
    from bot.storage.running import Running
    from bot.storage.transaction import Transaction

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
    for job_id, guild_id, user_id, is_due, cost in tx.execute(
        "SELECT id, guild_id, user_id, is_due, cost FROM job WHERE state = 'queued'"
    ).fetchall():
        counters = Counters(tx)
        if is_due:
            counters.remove_ready(guild_id, user_id, cost)
        counters.add_waiting(guild_id, user_id, -1)
        counters.save()
        usage.mark_uncertain(tx, job_id)
        end_as_uncertain(tx, job_id, _INTERRUPTED, now_us=now_us)
        ended += 1
    tx.execute(
        "UPDATE job SET post_attempted_at_us = coalesce(post_attempted_at_us, finished_at_us)"
        " WHERE state = 'generated'"
    )
    return ended
