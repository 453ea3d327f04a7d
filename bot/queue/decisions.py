"""What the staff decide about reported pictures, and about whom the provider refuses too often.

    report ──remove, warn, time out, block──▶ the picture is deleted
           └──dismiss──▶ it stays, and is shown again if its reports had hidden it

Each is one transaction, and of two at the same time the first counts. Whoever has reported the
picture learns of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import UnknownCase, UnknownJob
from bot.policy.audit import AuditAction
from bot.policy.standing import PersonStanding, StandingKind, put_standing
from bot.queue.cancel import cancel_waiting
from bot.queue.cases import CaseKind, Decision, check_open, decide, log_act, select_case
from bot.queue.jobs import select_job, update_outbox, update_picture
from bot.queue.notices import NoticeKind, put_notice
from bot.queue.postings import mark_deleted
from bot.queue.records import PictureState, UserId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.db import Transaction
    from bot.queue.cases import Case, CaseEnd
    from bot.queue.records import JobId

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


def log_decision(tx: Transaction, case: Case, end: CaseEnd, details: str) -> None:
    log_act(
        tx,
        _ACTIONS[end.decision],
        case,
        by=end.by,
        job_id=case.job_id,
        case_id=case.id,
        details=details,
        now_us=end.at_us,
    )


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
    row = tx.execute(
        "SELECT id FROM case_file WHERE job_id = ? AND kind = 'report' AND decision IN"
        f" ({', '.join('?' * len(_REMOVING))})",
        (job_id, *sorted(_REMOVING)),
    ).fetchone()
    return None if row is None else select_case(tx, row[0])
