"""What members have told of a picture: it belongs to the picture's case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.queue.cases import CaseKind, about_job, make_case_due, open_case
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
    now_us: int,
) -> bool:
    """Whether it is their first one of this picture, and so in its case; else nothing is changed.

    Raises:
        UnknownJob.
    """
    if _has_reported(tx, job_id, user_id):
        return False
    origin = select_job(tx, job_id).origin
    case, is_new = open_case(
        tx,
        CaseKind.REPORT,
        tenant_id=origin.tenant_id,
        channel_id=origin.root_channel_id,
        user_id=origin.user_id,
        job_id=job_id,
        about=about_job(job_id),
        now_us=now_us,
    )
    tx.execute(
        "INSERT INTO report (job_id, user_id, reported_at_us, reason, words)"
        " VALUES (?, ?, ?, ?, ?)",
        (job_id, user_id, now_us, reason, words),
    )
    if not is_new and case.is_open:
        make_case_due(tx, case.id, now_us=now_us)
    return True


def _has_reported(tx: Transaction, job_id: JobId, user_id: UserId) -> bool:
    row = tx.execute(
        "SELECT 1 FROM report WHERE job_id = ? AND user_id = ?", (job_id, user_id)
    ).fetchone()
    return row is not None


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
