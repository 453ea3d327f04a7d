"""What is done to a job beside its turn: cancelled, withdrawn, closed with its place, put first."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING

from bot.policy.audit import AuditAction
from bot.queue import ledger, picture_words
from bot.queue.cases import log_act
from bot.queue.counters import Counters
from bot.queue.failures import MEMBER_BLOCKED, PLACE_CLOSED
from bot.queue.finish import end, requeue, running
from bot.queue.jobs import (
    change_picture,
    forget_token,
    select_job,
    select_jobs,
    select_jobs_of_request,
    update,
    update_outbox,
)
from bot.queue.postings import mark_deleted
from bot.queue.records import Failure, JobState, PictureState
from bot.queue.review import stop_holding
from bot.records import replace
from bot.refusals import AlreadyFinished, NobodyElseWaits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.db import Transaction
    from bot.queue.records import ChannelId, GuildId, Job, JobId, TenantId, UserId


def cancel(tx: Transaction, job_id: JobId, *, now_us: int) -> Job:
    """Queued: cancelled at once, nothing charged. Running: its end will be cancelled.

    A call that is out cannot be stopped: what it draws is paid and recorded, but not posted. Nor is
    a picture that is drawn, unless somebody has begun to post it.

    Raises:
        UnknownJob, AlreadyFinished: nothing was changed.
    """
    counters = Counters(tx)
    job = select_job(tx, job_id)
    if job.state is JobState.RUNNING:
        update(tx, job_id, "cancel_requested = 1")
        return select_job(tx, job_id)
    if job.state is JobState.QUEUED:
        _withdraw(tx, counters, [job], now_us)
    elif not _withhold(tx, job, now_us):
        raise AlreadyFinished
    return select_job(tx, job_id)


def cancel_request(tx: Transaction, job_id: JobId, *, now_us: int) -> tuple[Job, ...]:
    """All jobs of the job's request that are open, as `cancel`. Returns the request's jobs.

    Raises:
        UnknownJob, AlreadyFinished: nothing was changed.
    """
    counters = Counters(tx)
    request_id = select_job(tx, job_id).request_id
    jobs = select_jobs_of_request(tx, request_id)
    queued = [job for job in jobs if job.state is JobState.QUEUED]
    painting = [job for job in jobs if job.state is JobState.RUNNING]
    _withdraw(tx, counters, queued, now_us)
    withheld = [job for job in jobs if _withhold(tx, job, now_us)]
    if not (queued or painting or withheld):
        raise AlreadyFinished
    for job in painting:
        update(tx, job.id, "cancel_requested = 1")
    return select_jobs_of_request(tx, request_id)


def withdraw(tx: Transaction, job_id: JobId, *, now_us: int) -> Job | None:
    """Ends a request that another process draws: nothing is charged, and nobody is notified by us.

    A claimed job loses its lease, so that its call cannot be marked as sent. None if a call has
    left, or a job has ended: these are left as they are.

    Raises:
        UnknownJob.
    """
    jobs = select_jobs_of_request(tx, select_job(tx, job_id).request_id)
    withdrawn = [_withdraw_silently(tx, job, now_us) for job in jobs]
    return select_job(tx, job_id) if all(withdrawn) else None


def _withdraw_silently(tx: Transaction, job: Job, now_us: int) -> bool:
    counters = Counters(tx)
    if job.state is JobState.QUEUED:
        _withdraw(tx, counters, [job], now_us)
    elif job.state is JobState.RUNNING and job.sent_at_us is None:
        run = running(tx, job.id, job.lease_token or "")
        requeue(tx, counters, replace(run, cancel_requested=True), now_us=now_us)
    else:
        return False
    _say_nothing(tx, job.id)
    return True


def _say_nothing(tx: Transaction, job_id: JobId) -> None:
    """Its member hears of it in another way."""
    update_outbox(tx, job_id, "due_at_us = NULL")
    forget_token(tx, job_id)


def _withhold(tx: Transaction, job: Job, now_us: int) -> bool:
    """A picture that nobody has tried to post yet; what it cost stays.

    One statement decides, as one does in `record_post_attempt`: whichever comes second finds that
    it is too late.
    """
    is_withheld = change_picture(
        tx,
        job.id,
        PictureState.WITHHELD,
        "offered_at_us = NULL",
        only="post_attempted_at_us IS NULL",
    )
    if is_withheld:
        stop_holding(tx, job.id, now_us=now_us)
        picture_words.forget(tx, (job,))
        update_outbox(tx, job.id, "due_at_us = ?, attempts = 0", now_us)
    return is_withheld


def _withdraw(
    tx: Transaction,
    counters: Counters,
    jobs: Sequence[Job],
    now_us: int,
    failure_of: Callable[[Job], Failure | None] = lambda _: None,
) -> None:
    """Queued ones. Saves the counters."""
    for job in jobs:
        is_due, cost = tx.execute("SELECT is_due, cost FROM job WHERE id = ?", (job.id,)).fetchone()
        counters.leave(job.origin.tenant_id, job.origin.user_id, cost, is_due=bool(is_due))
    counters.save()
    for job in jobs:
        ledger.release(tx, job.id, JobState.CANCELLED, now_us=now_us)
        end(tx, job.id, JobState.CANCELLED, failure_of(job), now_us=now_us)


# ------------------------------------------------------------------------------------------------
# A place in Discord is closed: nobody can receive what waits for it there, so it is not drawn.


def close_channel(tx: Transaction, channel_id: ChannelId, *, now_us: int) -> tuple[Job, ...]:
    """The channel and its threads, or one thread. Returns the jobs that were ended."""
    return _close(
        tx, "(request.channel_id = ? OR parent_channel_id = ?)", (channel_id,) * 2, now_us
    )


def close_guild(tx: Transaction, guild_id: GuildId, *, now_us: int) -> tuple[Job, ...]:
    """All of the guild's places, likewise."""
    return _close(tx, "request.guild_id = ?", (guild_id,), now_us)


def _close(tx: Transaction, where: str, key: tuple[int, ...], now_us: int) -> tuple[Job, ...]:
    """What waits is withdrawn and nothing is charged.

    A call that is out cannot be called back: its picture is paid, and told like any that finds no
    place. Each member is told once, by the first of their jobs, for all of them.
    """
    waiting = _waiting(tx, where, key)
    counts = Counter((job.origin.tenant_id, job.origin.user_id) for job in waiting)
    told: dict[JobId, Failure] = {}
    for job in waiting:
        count = counts.pop((job.origin.tenant_id, job.origin.user_id), None)  # the member's first
        told[job.id] = Failure(kind=PLACE_CLOSED, detail=str(count or ""))
    if waiting:
        _withdraw(tx, Counters(tx), waiting, now_us, lambda job: told[job.id])
    for job in waiting:
        if not told[job.id].detail:
            _say_nothing(tx, job.id)
    return tuple(select_job(tx, job.id) for job in waiting)


def cancel_waiting(
    tx: Transaction, user_id: UserId, tenant_id: TenantId | None, *, now_us: int
) -> int:
    """All that a member who was blocked has waiting, in a tenant or in all of them: nothing is
    charged, and each of their messages says so. A call that is out goes on. Returns how many."""
    where, key = "job.user_id = ?", [int(user_id)]
    if tenant_id is not None:
        where, key = f"{where} AND job.tenant_id = ?", [*key, int(tenant_id)]
    waiting = _waiting(tx, where, key)
    if waiting:
        failure = Failure(kind=MEMBER_BLOCKED)
        _withdraw(tx, Counters(tx), waiting, now_us, lambda _: failure)
    return len(waiting)


def _waiting(tx: Transaction, where: str, key: Sequence[int]) -> list[Job]:
    """Those that are due first, the oldest first.

    By `is_due` and sorted here, so that an index of what waits is read and not all jobs there were.
    """
    found: list[Job] = []
    for is_due in (1, 0):
        which = f"job.state = 'queued' AND is_due = {is_due} AND {where}"
        found += sorted(select_jobs(tx, which, *key), key=attrgetter("id"))
    return found


# ------------------------------------------------------------------------------------------------
# A member changes the order of their own jobs, or steps back; nobody else's turn moves.


def put_first(tx: Transaction, job_id: JobId) -> Job:
    """The job comes before all others of its member in the tenant that are due.

    One that waits no more is returned as it is. Raises UnknownJob.
    """
    job = select_job(tx, job_id)
    if job.state is not JobState.QUEUED:
        return job
    (highest,) = tx.execute(
        "SELECT max(priority) FROM job WHERE tenant_id = ? AND user_id = ? AND state = 'queued'"
        " AND is_due = 1 AND id != ?",
        (job.origin.tenant_id, job.origin.user_id, job_id),
    ).fetchone()
    if highest is None or highest < job.priority:
        return job
    update(tx, job_id, "priority = ?", highest + 1)
    return select_job(tx, job_id)


def let_others_first(tx: Transaction, job_id: JobId) -> Job:
    """Each other member of the tenant who has a job that is due has a picture before this one.

    Whoever is further behind, as with small pictures beside another's large ones, has more than
    one. The member's other jobs step back as well, since they stand in the same line. One that
    waits no more is returned as it is.

    Raises:
        NobodyElseWaits: nothing was changed.
        UnknownJob.
    """
    counters = Counters(tx)
    job = select_job(tx, job_id)
    if job.state is not JobState.QUEUED:
        return job
    tenant_id, user_id = job.origin.tenant_id, job.origin.user_id
    (highest_tag,) = tx.execute(
        "SELECT max(tag) FROM member WHERE tenant_id = ? AND user_id <> ? AND ready > 0",
        (tenant_id, user_id),
    ).fetchone()
    if highest_tag is None:
        raise NobodyElseWaits
    counters.let_others_first(tenant_id, user_id, highest_tag)
    counters.save()
    return job


# ------------------------------------------------------------------------------------------------
# By a button: what is somebody else's is in the audit log as well. Who may is the caller's.


def delete_by(tx: Transaction, job_id: JobId, user_id: UserId, *, now_us: int) -> Job:
    """As `mark_deleted`."""
    job = select_job(tx, job_id)
    if not job.is_deleted:
        _enter(tx, AuditAction.DELETED, job, user_id, now_us)
    return mark_deleted(tx, job_id, now_us=now_us)


def cancel_by(tx: Transaction, job_id: JobId, user_id: UserId, *, now_us: int) -> Job:
    """As `cancel`."""
    _enter(tx, AuditAction.CANCELLED, select_job(tx, job_id), user_id, now_us)
    return cancel(tx, job_id, now_us=now_us)


def cancel_request_by(
    tx: Transaction, job_id: JobId, user_id: UserId, *, now_us: int
) -> tuple[Job, ...]:
    """As `cancel_request`."""
    _enter(tx, AuditAction.CANCELLED, select_job(tx, job_id), user_id, now_us)
    return cancel_request(tx, job_id, now_us=now_us)


def _enter(tx: Transaction, action: AuditAction, job: Job, user_id: UserId, now_us: int) -> None:
    """Whatever fails afterwards takes it back."""
    if user_id == job.origin.user_id:
        return
    log_act(tx, action, job.origin, by=user_id, job_id=job.id, now_us=now_us)
