"""What is deleted and cancelled by a button; if it is somebody else's, the audit log has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.policy.audit import AuditAction
from bot.queue import postings
from bot.queue.cancel import cancel, cancel_request
from bot.queue.cases import log_act
from bot.queue.jobs import select_job

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.records import Job, JobId, UserId


def delete_by(tx: Transaction, job_id: JobId, user_id: UserId, *, now_us: int) -> Job:
    """As `postings.mark_deleted`; who may is the caller's."""
    job = select_job(tx, job_id)
    if not job.is_deleted:
        _enter(tx, AuditAction.DELETED, job, user_id, now_us)
    return postings.mark_deleted(tx, job_id, now_us=now_us)


def cancel_by(tx: Transaction, job_id: JobId, user_id: UserId, *, now_us: int) -> Job:
    """As `cancel`, likewise."""
    _enter(tx, AuditAction.CANCELLED, select_job(tx, job_id), user_id, now_us)
    return cancel(tx, job_id, now_us=now_us)


def cancel_request_by(
    tx: Transaction, job_id: JobId, user_id: UserId, *, now_us: int
) -> tuple[Job, ...]:
    """As `cancel_request`, likewise."""
    _enter(tx, AuditAction.CANCELLED, select_job(tx, job_id), user_id, now_us)
    return cancel_request(tx, job_id, now_us=now_us)


def _enter(tx: Transaction, action: AuditAction, job: Job, user_id: UserId, now_us: int) -> None:
    """Whatever fails afterwards takes it back."""
    if user_id == job.origin.user_id:
        return
    log_act(tx, action, job.origin, by=user_id, job_id=job.id, now_us=now_us)
