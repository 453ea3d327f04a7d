"""A member changes the order of their own jobs; nobody else's turn moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.job import JobState
from bot.storage.rows import select_job
from bot.storage.running import update

if TYPE_CHECKING:
    from bot.domain.ids import JobId
    from bot.domain.job import Job
    from bot.storage.transaction import Transaction


def put_first(tx: Transaction, job_id: JobId) -> Job:
    """The job comes before all others of its member in the guild that are due.

    One that waits no more is returned as it is. Raises UnknownJob.
    """
    job = select_job(tx, job_id)
    if job.state is not JobState.QUEUED:
        return job
    (highest,) = tx.execute(
        "SELECT max(priority) FROM job WHERE guild_id = ? AND user_id = ? AND state = 'queued'"
        " AND is_due = 1 AND id != ?",
        (job.origin.guild_id, job.origin.user_id, job_id),
    ).fetchone()
    if highest is None or highest < job.priority:
        return job
    return update(tx, job_id, "priority = ?", highest + 1)
