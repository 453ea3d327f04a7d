"""An attempt that certainly drew nothing: back into the queue, its charge taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import rate_search
from bot.domain.job import JobState
from bot.storage import usage
from bot.storage.books import Counters
from bot.storage.breaking import note_failure
from bot.storage.gate import save_pace
from bot.storage.running import running, update

if TYPE_CHECKING:
    from bot.domain.ids import JobId
    from bot.domain.job import Job
    from bot.errors import Outage
    from bot.storage.running import Running
    from bot.storage.transaction import Transaction


def retry(
    tx: Transaction,
    job_id: JobId,
    lease_token: str,
    *,
    not_before_us: int,
    throttled: bool,
    now_us: int,
    retry_after_s: float | None = None,
    evidence: Outage | None = None,
    is_own_fault: bool = True,
) -> Job:
    """Queued again, not before the instant; cancelled instead if that was asked for meanwhile.

    Args:
        throttled: the provider refused the pace (429): pause, and slow down for everybody.
        retry_after_s: the pause that it asked for.
        evidence: what may stand in everybody's way. If that opens the breaker, or it is open, the
            job stands back until another had its try.
        is_own_fault: whether the attempt counts among the few that a job has.
    """
    counters = Counters(tx)
    run = running(tx, job_id, lease_token)
    account = counters.account
    if throttled and run.sent_at_us is not None:
        pace = rate_search.after_refusal(
            account.pace,
            sent_at_us=run.sent_at_us,
            now_us=now_us,
            retry_after_us=None if retry_after_s is None else round(retry_after_s * 1e6),
        )
        save_pace(tx, pace)
    if evidence is not None:
        note_failure(tx, account, evidence, job_id, now_us=now_us)
        not_before_us = max(not_before_us, account.breaker.rests_until_us)
    job = requeue(tx, counters, run, now_us=now_us, not_before_us=not_before_us)
    return job if is_own_fault else update(tx, job_id, "attempts = attempts - 1")


def requeue(
    tx: Transaction,
    counters: Counters,
    run: Running,
    *,
    now_us: int,
    not_before_us: int | None = None,
) -> Job:
    """Ends the attempt as if it had not been. Saves the counters."""
    run.free_slot(counters)
    run.recharge(counters, 0)
    if run.cancel_requested:
        counters.save()
        usage.release(tx, run.id)
        return update(
            tx,
            run.id,
            "state = ?, lease_until_us = NULL, finished_at_us = ?, deliver_at_us = ?",
            JobState.CANCELLED,
            now_us,
            now_us,
        )
    is_due = not_before_us is None or not_before_us <= now_us
    counters.add_waiting(run.guild_id, run.user_id, +1)
    if is_due:
        counters.add_ready(run.guild_id, run.user_id, run.charge.cost)
    counters.save()
    return update(
        tx,
        run.id,
        "state = ?, is_due = ?, not_before_us = ?, lease_until_us = NULL, lease_token = NULL",
        JobState.QUEUED,
        is_due,
        None if is_due else not_before_us,
    )
