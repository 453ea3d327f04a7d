"""What members have told of a picture: it belongs to the picture's case."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.errors import PolicyUnreadable
from bot.policy.audit import AuditAction
from bot.policy.rows import Asking, load_policy
from bot.policy.standing import StandingKind, holds
from bot.queue.cases import (
    CaseKind,
    about_job,
    find_case,
    log_act,
    make_case_due,
    open_case_of_picture,
)
from bot.queue.jobs import select_job, update_outbox, update_picture
from bot.queue.records import JobId, PictureState, UserId
from bot.refusals import ReportDecided

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.cases import Case
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


class Report(Struct, frozen=True, kw_only=True):
    """By one member."""

    user_id: UserId
    reported_at_us: int
    reason: str  # a ReportReason, or another version's
    words: str


class Reports(Struct, frozen=True, kw_only=True):
    """All that was told of one picture.

    Attributes:
        newest: at most `MOST_SHOWN`, the newest first.
    """

    job: Job
    count: int
    newest: tuple[Report, ...]


class ReportOutcome(StrEnum):
    """What a report has come to."""

    TAKEN = "taken"  # it is in the picture's case
    KNOWN = "known"  # the member had reported this picture before
    UNHEARD = "unheard"  # the staff do not want to hear of this member


def report(
    tx: Transaction,
    job_id: JobId,
    user_id: UserId,
    reason: ReportReason,
    words: str,
    *,
    now_us: int,
) -> ReportOutcome:
    """Unless it is taken nothing is changed. From as many as the staff have set, the picture is
    hidden until they have looked.

    Raises:
        ReportDecided: the staff have looked at the picture.
        UnknownJob.
    """
    job = select_job(tx, job_id)
    origin = job.origin
    known = check_undecided(tx, job_id)
    if holds(tx, StandingKind.UNHEARD, origin.tenant_id, user_id, now_us=now_us):
        return ReportOutcome.UNHEARD
    if has_reported(tx, job_id, user_id):
        return ReportOutcome.KNOWN
    hides = _is_hidden_by(tx, job, user_id, now_us)
    log_act(tx, AuditAction.REPORTED, origin, by=user_id, job_id=job_id, now_us=now_us)
    if hides:
        log_act(tx, AuditAction.HIDDEN, origin, by=0, job_id=job_id, now_us=now_us)
    case = open_case_of_picture(tx, CaseKind.REPORT, job, now_us=now_us)
    tx.execute(
        "INSERT INTO report (job_id, user_id, reported_at_us, reason, words)"
        " VALUES (?, ?, ?, ?, ?)",
        (job_id, user_id, now_us, reason, words),
    )
    if known is not None:
        make_case_due(tx, case.id, now_us=now_us)
    if hides:
        update_picture(tx, job_id, "hidden_at_us = ?", now_us)
        update_outbox(tx, job_id, "due_at_us = ?, attempts = 0", now_us)
    return ReportOutcome.TAKEN


def check_undecided(tx: Transaction, job_id: JobId) -> Case | None:
    """The case of its reports, if there are any. Raises ReportDecided: more come too late."""
    case = find_case(tx, CaseKind.REPORT, about_job(job_id))
    if case is not None and case.end is not None:
        raise ReportDecided(case.end.decision)
    return case


def _is_hidden_by(tx: Transaction, job: Job, user_id: UserId, now_us: int) -> bool:
    """Whether this report is the one that hides the picture. Members whose reports are ignored by
    now do not count."""
    origin, picture = job.origin, job.picture
    if picture is None or picture.state is not PictureState.SHOWN or picture.hidden_at_us:
        return False
    try:
        policy = load_policy(tx, Asking(origin.guild_id, origin.root_channel_id))
    except PolicyUnreadable:
        return False
    rows = tx.execute("SELECT user_id FROM report WHERE job_id = ?", (job.id,)).fetchall()
    reporters = {user_id, *(UserId(one) for (one,) in rows)}
    unheard = StandingKind.UNHEARD
    heard = [
        one for one in reporters if not holds(tx, unheard, origin.tenant_id, one, now_us=now_us)
    ]
    return 0 < policy.hides_after_reports <= len(heard)


def has_reported(tx: Transaction, job_id: JobId, user_id: UserId) -> bool:
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


def forget_old_reports(tx: Transaction, *, before_us: int) -> None:
    """What was said in those of cases that were decided before."""
    tx.execute(
        "UPDATE report SET words = '' WHERE words <> '' AND job_id IN (SELECT job_id FROM case_file"
        " WHERE kind = 'report' AND decided_at_us < ?)",
        (before_us,),
    )
