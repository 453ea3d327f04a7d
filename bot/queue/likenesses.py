"""How posted pictures look, as 64 bits each, by which a copy of one is found again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.queue.jobs import JOB, JOBS, job_of
from bot.queue.records import JobId

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.records import Job, TenantId


def await_likeness(tx: Transaction, job: Job) -> None:
    """Its picture hangs, and is to be looked at. A repeat changes nothing."""
    tx.execute(
        "INSERT INTO likeness (job_id, tenant_id) VALUES (?, ?) ON CONFLICT (job_id) DO NOTHING",
        (job.id, job.origin.tenant_id),
    )


def without_likeness(tx: Transaction, *, limit: int, after: int = 0) -> tuple[Job, ...]:
    """Those behind this job that hang and are to be looked at, the oldest first."""
    rows = tx.execute(
        f"SELECT {JOB} FROM {JOBS} WHERE job.id IN (SELECT likeness.job_id FROM likeness"
        " JOIN picture ON picture.job_id = likeness.job_id"
        " WHERE likeness IS NULL AND picture.state = 'shown' AND likeness.job_id > ?"
        " ORDER BY likeness.job_id LIMIT ?) ORDER BY job.id",
        (after, limit),
    )
    return tuple(map(job_of, rows))


def record_likeness(tx: Transaction, job_id: JobId, likeness: int) -> None:
    """Nothing if the picture was deleted meanwhile."""
    tx.execute("UPDATE likeness SET likeness = ? WHERE job_id = ?", (likeness, job_id))


def forget_likeness(tx: Transaction, job_id: JobId) -> None:
    tx.execute("DELETE FROM likeness WHERE job_id = ?", (job_id,))


def likeness_of_job(tx: Transaction, job_id: JobId) -> int | None:
    """None if nobody has looked yet."""
    row = tx.execute("SELECT likeness FROM likeness WHERE job_id = ?", (job_id,)).fetchone()
    return None if row is None else row[0]


def likenesses_of(tx: Transaction, tenant_id: TenantId) -> list[int]:
    """Of all that is known of its pictures, each once: some 30 ms for 100,000 of them."""
    rows = tx.execute(
        "SELECT DISTINCT likeness FROM likeness WHERE tenant_id = ? AND likeness <> 0",
        (tenant_id,),
    )
    return [one for (one,) in rows.fetchall()]


def job_that_looks(tx: Transaction, tenant_id: TenantId, likeness: int) -> JobId:
    """The newest of those that look exactly so, of which there is one."""
    row = tx.execute(
        "SELECT max(job_id) FROM likeness WHERE tenant_id = ? AND likeness = ?",
        (tenant_id, likeness),
    ).fetchone()
    return JobId(row[0])
