"""What the staff decide about pictures that are held or reported, and about whom the provider
refuses too often. Appeals stand in `appeals`.

    review ──approve──▶ the picture is due; approve and trust: its member's wait for nobody any more
           └──reject──▶ it is never posted
    report ──remove, warn, time out, block──▶ the picture is deleted
           └──dismiss──▶ it stays, and is shown again if its reports had hidden it

Each is one transaction, and of two at the same time the first counts. Whoever has reported the
picture learns of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import PolicyUnreadable
from bot.features.moderation.rows.notices import NoticeKind, put_notice
from bot.policy.audit import AuditAction
from bot.policy.rows import Asking, load_policy
from bot.policy.standing import PersonStanding, StandingKind, put_standing
from bot.queue.cancel import cancel_waiting
from bot.queue.cases import (
    CaseEnd,
    CaseKind,
    Decision,
    check_open,
    decide,
    log_act,
    select_case,
    select_cases,
)
from bot.queue.failures import REJECTED
from bot.queue.jobs import select_job, update_outbox, update_picture
from bot.queue.postings import mark_deleted
from bot.queue.records import NOBODY, PictureState, UserId
from bot.queue.review import release, withhold
from bot.refusals import UnknownJob
from bot.staff_refusals import UnknownCase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.db import Transaction
    from bot.queue.cases import Case
    from bot.queue.records import JobId

HOUR_US = 3_600_000_000
MOST_AT_ONCE = 100  # in one transaction; the next look takes the rest

_REMOVING = frozenset({Decision.REMOVED, Decision.WARNED, Decision.TIMED_OUT, Decision.BLOCKED})
_ACTIONS: Mapping[Decision, AuditAction] = {
    Decision.REMOVED: AuditAction.REMOVED,
    Decision.WARNED: AuditAction.WARNED,
    Decision.TIMED_OUT: AuditAction.TIMED_OUT,
    Decision.BLOCKED: AuditAction.BLOCKED,
    Decision.DISMISSED: AuditAction.DISMISSED,
    Decision.GRANTED: AuditAction.GRANTED,
    Decision.DENIED: AuditAction.DENIED,
}
_POSSIBLE: Mapping[CaseKind, frozenset[Decision]] = {
    CaseKind.REPORT: _REMOVING | {Decision.DISMISSED},
    CaseKind.REFUSALS: frozenset({Decision.BLOCKED, Decision.DISMISSED}),
    CaseKind.APPEAL: frozenset({Decision.GRANTED, Decision.DENIED}),
}
_TOLD: Mapping[Decision, NoticeKind] = {
    Decision.WARNED: NoticeKind.WARNED,
    Decision.TIMED_OUT: NoticeKind.WARNED,
    Decision.BLOCKED: NoticeKind.BLOCKED,
}


def open_for(tx: Transaction, case_id: int, decision: Decision) -> Case:
    """A case that may end so.

    Raises:
        AlreadyDecided.
        UnknownCase: there is none, or it is of a kind that never ends so.
    """
    case = select_case(tx, case_id)
    if decision not in _POSSIBLE.get(case.kind, ()):
        raise UnknownCase
    check_open(case)
    return case


def log_decision(tx: Transaction, case: Case, end: CaseEnd, details: str) -> None:
    """In the guild's log, before anything else is written."""
    _log(tx, _ACTIONS[end.decision], case, end.by, details, end.at_us)


def _log(
    tx: Transaction, action: AuditAction, case: Case, by: int, details: str, now_us: int
) -> None:
    log_act(
        tx,
        action,
        case,
        by=by,
        job_id=case.job_id,
        case_id=case.id,
        details=details,
        now_us=now_us,
    )


# ------------------------------------------------------------------------------------------------
# Pictures that are held, before anybody has seen them.


def approve(
    tx: Transaction,
    case_id: int,
    *,
    by: UserId,
    trusts: bool = False,
    details: str = "",
    now_us: int,
) -> Case:
    """The held picture is due.

    Args:
        trusts: its member's pictures wait for nobody from now on.
        details: for the log.

    Raises:
        AlreadyDecided, UnknownCase: nothing was changed.
    """
    case, job_id = _open_review(tx, case_id)
    decision = Decision.TRUSTED if trusts else Decision.APPROVED
    if trusts:
        put_standing(
            tx,
            PersonStanding(
                tenant_id=case.tenant_id,
                user_id=case.user_id,
                kind=StandingKind.TRUSTED,
                set_by=by,
                set_at_us=now_us,
            ),
        )
    _log(tx, AuditAction.APPROVED, case, by, details, now_us)
    if trusts:
        _log(tx, AuditAction.TRUSTED, case, by, details, now_us)
    case = decide(tx, case_id, CaseEnd(decision=decision, by=by, at_us=now_us))
    release(tx, job_id, now_us=now_us)
    return case


def reject(
    tx: Transaction,
    case_id: int,
    *,
    by: UserId,
    reason: str = "",
    note: str = "",
    tells_member: bool = True,
    details: str = "",
    now_us: int,
) -> Case:
    """The held picture is never posted; it was drawn, so it stays charged.

    Args:
        by: 0 if a setting does it.
        reason: for its member alone, if they are told: everybody sees the message of the picture.
        note: for the staff alone.
        details: for the log.

    Raises:
        AlreadyDecided, UnknownCase: nothing was changed.
    """
    case, job_id = _open_review(tx, case_id)
    _log(tx, AuditAction.REJECTED, case, by, details, now_us)
    end = CaseEnd(
        decision=Decision.REJECTED,
        by=by,
        at_us=now_us,
        reason=reason,
        note=note,
        tells_member=tells_member,
    )
    case = decide(tx, case_id, end)
    withhold(tx, job_id, REJECTED, now_us=now_us)
    if end.told_reason:
        put_notice(tx, case.user_id, case.id, NoticeKind.REJECTED, now_us=now_us)
    return case


def reject_overdue(tx: Transaction, *, now_us: int) -> tuple[Case, ...]:
    """What nobody has decided for as long as a guild's staff let it wait; some at once."""
    tenants = tx.execute(
        "SELECT DISTINCT tenant_id FROM case_file WHERE decision IS NULL AND kind = 'review'"
    ).fetchall()
    overdue = [
        case_id for (tenant_id,) in tenants for case_id in _overdue(tx, tenant_id, now_us=now_us)
    ]
    return tuple(
        reject(tx, case_id, by=NOBODY, now_us=now_us) for case_id in overdue[:MOST_AT_ONCE]
    )


def _overdue(tx: Transaction, tenant_id: int, *, now_us: int) -> list[int]:
    try:
        hours = load_policy(tx, Asking(tenant_id)).review_rejects_after_h
    except PolicyUnreadable:
        return []  # nobody knows what the staff want: it waits
    if not hours:
        return []
    rows = tx.execute(
        "SELECT id FROM case_file WHERE tenant_id = ? AND decision IS NULL AND kind = 'review'"
        " AND opened_at_us <= ? ORDER BY opened_at_us LIMIT ?",
        (tenant_id, now_us - hours * HOUR_US, MOST_AT_ONCE),
    ).fetchall()
    return [case_id for (case_id,) in rows]


def _open_review(tx: Transaction, case_id: int) -> tuple[Case, JobId]:
    """With the job of its picture. Raises AlreadyDecided, UnknownCase."""
    case = select_case(tx, case_id)
    if case.kind is not CaseKind.REVIEW or case.job_id is None:
        raise UnknownCase
    check_open(case)
    return case, case.job_id


# ------------------------------------------------------------------------------------------------
# Pictures that were reported, and members whom the provider refuses too often.


def decide_report(
    tx: Transaction,
    case_id: int,
    end: CaseEnd,
    *,
    until_at_us: int | None = None,
    details: str = "",
) -> Case:
    """Also a case of the provider's refusals, of which there is no picture.

    Args:
        until_at_us: of whoever is blocked; None: until it is taken back.
        details: for the log.

    Raises:
        AlreadyDecided, UnknownCase: nothing was changed.
    """
    case = open_for(tx, case_id, end.decision)
    if end.decision is Decision.BLOCKED:
        _block(tx, case, end, until_at_us)
    log_decision(tx, case, end, details)
    if end.decision is Decision.BLOCKED:
        cancel_waiting(tx, case.user_id, case.tenant_id, now_us=end.at_us)
    case = decide(tx, case_id, end)
    if case.job_id is not None:
        _treat_picture(tx, case.job_id, end)
    _tell(tx, case, end)
    return case


def _block(tx: Transaction, case: Case, end: CaseEnd, until_at_us: int | None) -> None:
    standing = PersonStanding(
        tenant_id=case.tenant_id,
        user_id=case.user_id,
        kind=StandingKind.BLOCKED,
        until_at_us=until_at_us,
        reason=end.told_reason,
        set_by=end.by,
        set_at_us=end.at_us,
    )
    put_standing(tx, standing)


def _treat_picture(tx: Transaction, job_id: JobId, end: CaseEnd) -> None:
    """Nothing is left of one whose member was forgotten meanwhile, or whose guild was."""
    try:
        if end.decision in _REMOVING:
            mark_deleted(tx, job_id, now_us=end.at_us)
        else:
            _show_again(tx, job_id, end.at_us)
    except UnknownJob:
        return


def _show_again(tx: Transaction, job_id: JobId, now_us: int) -> None:
    picture = select_job(tx, job_id).picture
    if picture is None or picture.hidden_at_us is None:
        return
    update_picture(tx, job_id, "hidden_at_us = NULL")
    if picture.state is PictureState.SHOWN:
        update_outbox(tx, job_id, "due_at_us = ?, attempts = 0", now_us)


def _tell(tx: Transaction, case: Case, end: CaseEnd) -> None:
    """Whoever reported it, and whom it hit."""
    kind = _TOLD.get(end.decision)
    if kind is not None:
        put_notice(tx, case.user_id, case.id, kind, now_us=end.at_us)
    if case.kind is not CaseKind.REPORT:
        return
    reporters = tx.execute("SELECT user_id FROM report WHERE job_id = ?", (case.job_id,))
    for (user_id,) in reporters.fetchall():
        put_notice(tx, UserId(user_id), case.id, NoticeKind.REPORTED, now_us=end.at_us)


def removal_of(tx: Transaction, job_id: JobId) -> Case | None:
    """The case by which the staff have taken the picture away."""
    which = f"job_id = ? AND kind = 'report' AND decision IN ({', '.join('?' * len(_REMOVING))})"
    return next(iter(select_cases(tx, which, job_id, *sorted(_REMOVING))), None)
