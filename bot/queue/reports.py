"""What members have told of a picture, until the staff of its guild know of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.queue.jobs import select_job
from bot.queue.records import JobId, UserId

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.records import Job

MOST_SHOWN = 10  # reports of one picture, the newest


class ReportReason(StrEnum):
    """What is wrong with a picture. The values stand in rows."""

    SEXUAL = "sexual"
    VIOLENT = "violent"
    HATEFUL = "hateful"
    PERSON = "person"  # shows somebody who may not want that
    RIGHTS = "rights"  # of whoever owns what it shows
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """By one member."""

    user_id: UserId
    reported_at_us: int
    reason: str  # a ReportReason, or another version's
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """All that was told of one picture.

    Attributes:
        newest: at most `MOST_SHOWN`, the newest first.
    """

    job: Job
    count: int
    newest: tuple[Report, ...]


def report(
    tx: Transaction,
    job_id: JobId,
    user_id: UserId,
    reason: ReportReason,
    words: str,
    *,
    is_heard: bool,
    now_us: int,
) -> bool:
    """Whether it is their first one of this picture; else nothing is changed.

    Args:
        is_heard: there is somebody whom it can be told.
    """
    taken = tx.execute(
        "INSERT INTO report (job_id, user_id, reported_at_us, reason, words, told_at_us)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (job_id, user_id) DO NOTHING",
        (job_id, user_id, now_us, reason, words, None if is_heard else now_us),
    )
    return taken.rowcount > 0


def untold(tx: Transaction, *, limit: int) -> tuple[JobId, ...]:
    """Pictures of which there is something to tell, the longest waiting first."""
    rows = tx.execute(
        "SELECT job_id FROM report WHERE told_at_us IS NULL"
        " GROUP BY job_id ORDER BY min(reported_at_us) LIMIT ?",
        (limit,),
    ).fetchall()
    return tuple(JobId(job_id) for (job_id,) in rows)


def reports_of(tx: Transaction, job_id: JobId) -> Reports:
    """Raises UnknownJob."""
    job = select_job(tx, job_id)
    (count,) = tx.execute("SELECT count(*) FROM report WHERE job_id = ?", (job_id,)).fetchone()
    rows = tx.execute(
        "SELECT user_id, reported_at_us, reason, words FROM report WHERE job_id = ?"
        " ORDER BY reported_at_us DESC, user_id LIMIT ?",
        (job_id, MOST_SHOWN),
    ).fetchall()
    newest = tuple(
        Report(user_id=UserId(user_id), reported_at_us=at_us, reason=reason, words=words)
        for user_id, at_us, reason, words in rows
    )
    return Reports(job=job, count=count, newest=newest)


def mark_told(tx: Transaction, job_id: JobId, *, until_us: int, now_us: int) -> None:
    """The staff know of what was reported until then, or will never."""
    tx.execute(
        "UPDATE report SET told_at_us = ?"
        " WHERE job_id = ? AND reported_at_us <= ? AND told_at_us IS NULL",
        (now_us, job_id, until_us),
    )
