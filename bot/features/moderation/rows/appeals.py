"""Appeals: against a refusal by word rules, a rejected picture, a block. Once against each."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from bot.features.moderation.rows.decisions import log_decision, open_for
from bot.features.moderation.rows.notices import NoticeKind, put_notice
from bot.policy.audit import AuditAction, note_action
from bot.policy.standing import StandingKind, drop_standing, standings
from bot.queue.cases import (
    CaseKind,
    Decision,
    about_block,
    about_job,
    decide,
    find_case,
    open_case,
    select_case,
)
from bot.queue.failures import APPEALABLE, APPEALED, DENIED
from bot.queue.jobs import select_job, select_jobs, update_outbox, update_picture
from bot.queue.records import ChannelId, JobId, PictureState, TenantId, UserId
from bot.queue.refusals import find_refusal, was_appealed
from bot.queue.review import release
from bot.staff_refusals import AppealBar, AppealRefused

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.policy.standing import PersonStanding
    from bot.queue.cases import Case, CaseEnd

MOST_WAITING = 3  # appeals of one member in one guild


class AppealKind(StrEnum):
    """Against what. The values stand in the ids of buttons."""

    REFUSAL = "refusal"  # by the refusal's number
    REVIEW = "review"  # by the case in which the picture was rejected
    BLOCK = "block"  # by the guild


def open_appeal(
    tx: Transaction,
    against: AppealKind,
    number: int,
    *,
    user_id: UserId,
    tenant_id: TenantId,
    words: str,
    now_us: int,
) -> Case:
    """A case for the guild's staff.

    Raises:
        AppealRefused: nothing was changed.
    """
    about, channel_id, job_id = check_appeal(
        tx, against, number, user_id=user_id, tenant_id=tenant_id, now_us=now_us
    )
    note_action(
        tx,
        AuditAction.APPEALED,
        tenant_id=tenant_id,
        actor=str(user_id),
        source="discord",
        user_id=user_id,
        job_id=job_id,
        details=against,
        now_us=now_us,
    )
    case = open_case(
        tx,
        CaseKind.APPEAL,
        tenant_id=tenant_id,
        channel_id=channel_id,
        user_id=user_id,
        job_id=job_id,
        about=about,
        words=words,
        now_us=now_us,
    )
    if job_id is not None:
        update_picture(tx, job_id, "failure_kind = ?, failure_detail = failure_kind", APPEALED)
        update_outbox(tx, job_id, "due_at_us = ?, attempts = 0", now_us)
    return case


def check_appeal(
    tx: Transaction,
    against: AppealKind,
    number: int,
    *,
    user_id: UserId,
    tenant_id: TenantId,
    now_us: int,
) -> tuple[str, ChannelId, JobId | None]:
    """What the case would be about, of which place and of whose picture. Writes nothing.

    Raises:
        AppealRefused.
    """
    found: tuple[str, ChannelId, JobId | None]
    match against:
        case AppealKind.REFUSAL:
            found = _of_refusal(tx, number, user_id, tenant_id)
        case AppealKind.REVIEW:
            found = _of_review(tx, number, user_id, tenant_id)
        case AppealKind.BLOCK:
            found = _of_block(tx, TenantId(number), user_id, tenant_id, now_us)
        case _:
            assert_never(against)
    if find_case(tx, CaseKind.APPEAL, found[0]) is not None:
        raise AppealRefused(AppealBar.AGAIN)
    (waiting,) = tx.execute(
        "SELECT count(*) FROM case_file WHERE user_id = ? AND tenant_id = ? AND kind = 'appeal'"
        " AND decision IS NULL",
        (user_id, tenant_id),
    ).fetchone()
    if waiting >= MOST_WAITING:
        raise AppealRefused(AppealBar.MANY)
    return found


def told_reason(tx: Transaction, against: AppealKind, number: int) -> str:
    """What the staff have said to whoever may appeal, who perhaps takes no direct messages."""
    if against is not AppealKind.REVIEW:
        return ""
    end = select_case(tx, number).end
    return "" if end is None else end.told_reason


def _of_refusal(
    tx: Transaction, refusal_id: int, user_id: UserId, tenant_id: TenantId
) -> tuple[str, ChannelId, None]:
    refused = find_refusal(tx, refusal_id)
    if refused is None or (refused.user_id, refused.tenant_id) != (user_id, tenant_id):
        raise AppealRefused(AppealBar.GONE)
    if was_appealed(tx, refused):
        raise AppealRefused(AppealBar.AGAIN)
    return f"refusal:{refused.id}", refused.channel_id, None


def _of_review(
    tx: Transaction, case_id: int, user_id: UserId, tenant_id: TenantId
) -> tuple[str, ChannelId, JobId]:
    of_case = "job.id = (SELECT job_id FROM case_file WHERE id = ?)"
    job = next(iter(select_jobs(tx, of_case, case_id)), None)
    if job is None or (job.origin.user_id, job.origin.tenant_id) != (user_id, tenant_id):
        raise AppealRefused(AppealBar.GONE)
    if find_case(tx, CaseKind.APPEAL, about_job(job.id)) is not None:
        raise AppealRefused(AppealBar.AGAIN)
    is_withheld = job.picture is not None and job.picture.state is PictureState.WITHHELD
    if not is_withheld or job.failure is None or job.failure.kind not in APPEALABLE:
        raise AppealRefused(AppealBar.GONE)
    return about_job(job.id), job.origin.root_channel_id, job.id


def _of_block(
    tx: Transaction, guild_id: TenantId, user_id: UserId, tenant_id: TenantId, now_us: int
) -> tuple[str, ChannelId, None]:
    block = _block_of(tx, tenant_id, user_id, now_us)
    if block is None or guild_id != tenant_id:
        raise AppealRefused(AppealBar.GONE)
    return about_block(block), ChannelId(0), None


def _block_of(
    tx: Transaction, tenant_id: int, user_id: UserId, now_us: int
) -> PersonStanding | None:
    """By the guild's staff; the operator's is none of theirs."""
    found = standings(tx, tenant_id, user_id, now_us=now_us)
    blocks = (one for one in found if one.kind is StandingKind.BLOCKED and not one.by_operator)
    return next(blocks, None)


def decide_appeal(tx: Transaction, case_id: int, end: CaseEnd, *, details: str = "") -> Case:
    """Granted: the same words pass those rules, the picture is posted, the block is over.

    Raises:
        AlreadyDecided, UnknownCase: nothing was changed.
    """
    case = open_for(tx, case_id, end.decision)
    is_granted = end.decision is Decision.GRANTED
    if is_granted and case.about.startswith(f"{AppealKind.BLOCK}:"):
        _unblock(tx, case, end.at_us)
    log_decision(tx, case, end, details)
    case = decide(tx, case_id, end)
    if case.about.startswith(f"{AppealKind.REFUSAL}:") and is_granted:
        refusal_id = int(case.about.rpartition(":")[2])
        tx.execute("UPDATE refusal SET allowed_at_us = ? WHERE id = ?", (end.at_us, refusal_id))
    if case.job_id is not None:
        _treat_rejected(tx, case.job_id, end, is_granted=is_granted)
    put_notice(tx, case.user_id, case.id, NoticeKind.APPEALED, now_us=end.at_us)
    return case


def _unblock(tx: Transaction, case: Case, now_us: int) -> None:
    """That very block; one that was set since stands."""
    block = _block_of(tx, case.tenant_id, case.user_id, now_us)
    if block is not None and about_block(block) == case.about:
        drop_standing(tx, StandingKind.BLOCKED, case.tenant_id, case.user_id)


def _treat_rejected(tx: Transaction, job_id: JobId, end: CaseEnd, *, is_granted: bool) -> None:
    """Its link may be dead: what was saved when it was held is posted then. One that was deleted
    meanwhile stays so."""
    job = select_job(tx, job_id)
    if job.picture is None or job.picture.state is not PictureState.WITHHELD:
        return
    if is_granted:
        release(tx, job_id, now_us=end.at_us)
        return
    update_picture(tx, job_id, "failure_kind = ?, failure_detail = ''", DENIED)
    update_outbox(tx, job_id, "due_at_us = ?, attempts = 0", end.at_us)
