"""A member or a moderator withdraws a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.job import JobState
from bot.errors import AlreadyFinished
from bot.storage import usage
from bot.storage.books import Books
from bot.storage.rows import select_job
from bot.storage.running import update

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.ids import JobId
    from bot.domain.job import Job


def cancel(tx: sqlite3.Connection, job_id: JobId, *, now_us: int) -> Job:
    """Queued: cancelled at once, nothing charged. Running: its end will be cancelled.

    A call that is out cannot be stopped: what it draws is paid and recorded, but not posted.

    Raises:
        UnknownJob, AlreadyFinished: nothing was changed.
    """
    books = Books(tx)
    job = select_job(tx, job_id)
    if job.state is JobState.RUNNING:
        return update(tx, job_id, "cancel_requested = 1")
    if job.state is not JobState.QUEUED:
        raise AlreadyFinished
    return _withdraw(tx, books, job, now_us)


def _withdraw(tx: sqlite3.Connection, books: Books, job: Job, now_us: int) -> Job:
    guild_id, user_id = job.origin.guild_id, job.origin.user_id
    is_due, cost = tx.execute("SELECT is_due, cost FROM job WHERE id = ?", (job.id,)).fetchone()
    if is_due:
        books.remove_ready(guild_id, user_id, cost)
    books.add_waiting(guild_id, user_id, -1)
    books.save()
    usage.release(tx, job.id)
    return update(
        tx,
        job.id,
        "state = ?, is_due = 0, finished_at_us = ?, deliver_at_us = ?",
        JobState.CANCELLED,
        now_us,
        now_us,
    )
