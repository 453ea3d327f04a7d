"""A member or a moderator cancels a job, or the process that made it withdraws it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.job import JobState
from bot.errors import AlreadyFinished
from bot.storage import usage
from bot.storage.books import Counters
from bot.storage.requeueing import requeue
from bot.storage.rows import select_job
from bot.storage.running import running, update

if TYPE_CHECKING:
    from bot.domain.ids import JobId
    from bot.domain.job import Job
    from bot.storage.transaction import Transaction


def cancel(tx: Transaction, job_id: JobId, *, now_us: int) -> Job:
    """Queued: cancelled at once, nothing charged. Running: its end will be cancelled.

    A call that is out cannot be stopped: what it draws is paid and recorded, but not posted.

    Raises:
        UnknownJob, AlreadyFinished: nothing was changed.
    """
    counters = Counters(tx)
    job = select_job(tx, job_id)
    if job.state is JobState.RUNNING:
        return update(tx, job_id, "cancel_requested = 1")
    if job.state is not JobState.QUEUED:
        raise AlreadyFinished
    return _withdraw(tx, counters, job, now_us)


def withdraw(tx: Transaction, job_id: JobId, *, now_us: int) -> Job | None:
    """Ends a job that another process draws: nothing is charged, and nobody is notified by us.

    A claimed job loses its lease, so that its call cannot be marked as sent. None if the call has
    left, or the job has ended: nothing was changed.

    Raises:
        UnknownJob.
    """
    counters = Counters(tx)
    job = select_job(tx, job_id)
    if job.state is JobState.QUEUED:
        _withdraw(tx, counters, job, now_us)
    elif job.state is JobState.RUNNING and job.sent_at_us is None:
        run = running(tx, job_id, job.lease_token or "")
        requeue(tx, counters, replace(run, cancel_requested=True), now_us=now_us)
    else:
        return None
    return update(tx, job_id, "deliver_at_us = NULL, interaction_token = NULL")


def _withdraw(tx: Transaction, counters: Counters, job: Job, now_us: int) -> Job:
    guild_id, user_id = job.origin.guild_id, job.origin.user_id
    is_due, cost = tx.execute("SELECT is_due, cost FROM job WHERE id = ?", (job.id,)).fetchone()
    if is_due:
        counters.remove_ready(guild_id, user_id, cost)
    counters.add_waiting(guild_id, user_id, -1)
    counters.save()
    usage.release(tx, job.id)
    return update(
        tx,
        job.id,
        "state = ?, is_due = 0, finished_at_us = ?, deliver_at_us = ?",
        JobState.CANCELLED,
        now_us,
        now_us,
    )
