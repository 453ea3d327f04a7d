"""What a guild's staff are asked to decide: opened once of each thing, and decided once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bot.policy.audit import note_action
from bot.queue.counters import next_number
from bot.queue.jobs import insert
from bot.queue.records import ChannelId, JobId, MessageId, TenantId, UserId
from bot.staff_refusals import AlreadyDecided, UnknownCase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction
    from bot.policy.audit import AuditAction
    from bot.policy.standing import PersonStanding
    from bot.queue.records import Job, Origin


class CaseKind(StrEnum):
    """The values stand in rows."""

    REVIEW = "review"  # a picture that is held
    REPORT = "report"  # one that hangs
    APPEAL = "appeal"  # against a refusal, a rejection, a block
    REFUSALS = "refusals"  # the provider refuses a member's prompts again and again


class CaseReason(StrEnum):
    """Why a case was opened. They stand in rows with what they are about: `rule:insults`."""

    RULE = "rule"  # the name of a word rule
    CHECK = "check"  # of the picture: how sure it is, percent
    UNCHECKED = "unchecked"  # the check gave no answer
    NEWCOMER = "newcomer"  # to the server
    ALWAYS = "always"  # every picture waits there
    REFUSED = "refused"  # by the provider, so often within an hour


def case_reason(reason: CaseReason, about: object = "") -> str:
    """As it stands in the row."""
    return f"{reason}:{about}" if about != "" else str(reason)


def read_reason(text: str) -> tuple[CaseReason | None, str]:
    """What it is, and what it is about; None: another version's."""
    name, _, about = text.partition(":")
    return (CaseReason(name), about) if name in {*CaseReason} else (None, text)


class Decision(StrEnum):
    """How a case ended. The values stand in rows."""

    APPROVED = "approved"
    TRUSTED = "trusted"  # approved, and its member is trusted from now on
    REJECTED = "rejected"
    REMOVED = "removed"
    WARNED = "warned"  # removed, and its member was warned
    TIMED_OUT = "timed out"
    BLOCKED = "blocked"
    DISMISSED = "dismissed"
    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"  # its member cancelled or deleted the picture


class CaseEnd(Struct, frozen=True, kw_only=True):
    """Who has decided what."""

    decision: Decision
    by: UserId  # 0: nobody, by a setting
    at_us: int
    reason: str = ""
    note: str = ""  # for the staff
    tells_member: bool = True

    @property
    def told_reason(self) -> str:
        """What its member reads of the reason."""
        return self.reason if self.tells_member else ""


class Case(Struct, frozen=True, kw_only=True):
    """One row."""

    id: int
    kind: CaseKind
    tenant_id: TenantId
    channel_id: ChannelId  # the place that it is about
    user_id: UserId  # whom it is about
    job_id: JobId | None  # whose picture
    about: str  # 'job:17', 'refusal:18', 'block:…', 'refusals:…'
    reasons: tuple[str, ...] = ()
    words: str = ""  # of whoever appeals
    opened_at_us: int
    end: CaseEnd | None = None  # None: open
    due_at_us: int | None = None  # its card is to be posted, or brought up to date
    attempts: int
    post_attempted_at_us: int | None = None
    card_channel_id: ChannelId | None = None  # where its card is, or where an attempt went
    card_message_id: MessageId | None = None

    @property
    def is_open(self) -> bool:
        return self.end is None


_CASE = (
    "id, kind, tenant_id, channel_id, user_id, job_id, about, reasons, words, opened_at_us,"
    " due_at_us, attempts, post_attempted_at_us, card_channel_id, card_message_id,"
    " decision, decided_by, decided_at_us, reason, note, tells_member"
)


def open_case(
    tx: Transaction,
    kind: CaseKind,
    *,
    tenant_id: TenantId,
    channel_id: ChannelId,
    user_id: UserId,
    about: str,
    job_id: JobId | None = None,
    reasons: Sequence[str] = (),
    words: str = "",
    now_us: int,
) -> Case:
    """The case of this thing; if it is new, its card is due."""
    known = find_case(tx, kind, about)
    if known is not None:
        return known
    case_id = next_number(tx)
    insert(
        tx,
        "case_file",
        id=case_id,
        kind=kind,
        tenant_id=tenant_id,
        channel_id=channel_id,
        user_id=user_id,
        job_id=job_id,
        about=about,
        reasons="\n".join(reasons),
        words=words,
        opened_at_us=now_us,
        due_at_us=now_us,
    )
    return select_case(tx, case_id)


def open_case_of_picture(
    tx: Transaction,
    kind: CaseKind,
    job: Job,
    *,
    reasons: Sequence[str] = (),
    words: str = "",
    now_us: int,
) -> Case:
    """Likewise; there is one of each kind."""
    return open_case(
        tx,
        kind,
        tenant_id=job.origin.tenant_id,
        channel_id=job.origin.root_channel_id,
        user_id=job.origin.user_id,
        about=about_job(job.id),
        job_id=job.id,
        reasons=reasons,
        words=words,
        now_us=now_us,
    )


def about_job(job_id: JobId) -> str:
    """A picture, as what a case is about."""
    return f"job:{job_id}"


def about_block(block: PersonStanding) -> str:
    """Another block of the same member is another thing."""
    return f"block:{block.tenant_id}:{block.user_id}:{block.set_at_us}"


def log_act(
    tx: Transaction,
    action: AuditAction,
    whose: Case | Origin,
    *,
    by: int,
    job_id: JobId | None = None,
    case_id: int | None = None,
    details: str = "",
    now_us: int,
) -> None:
    """What was done about a case, a picture or a request, in the log of the guild.

    Args:
        by: a member; 0: a rule or a setting.
    """
    note_action(
        tx,
        action,
        tenant_id=whose.tenant_id,
        actor=str(by) if by else "rule",
        source="discord" if by else "rule",
        user_id=whose.user_id,
        job_id=job_id,
        case_id=case_id,
        details=details,
        now_us=now_us,
    )


def select_case(tx: Transaction, case_id: int) -> Case:
    """Raises UnknownCase."""
    found = select_cases(tx, "id = ?", case_id)
    if not found:
        raise UnknownCase
    return found[0]


def find_case(tx: Transaction, kind: CaseKind, about: str) -> Case | None:
    return next(iter(select_cases(tx, "kind = ? AND about = ?", kind, about)), None)


def cases_of_job(tx: Transaction, job_id: JobId) -> tuple[Case, ...]:
    return select_cases(tx, "job_id = ? ORDER BY id", job_id)


def select_cases(tx: Transaction, which: str, *values: object) -> tuple[Case, ...]:
    """Args: which: a condition, and perhaps an order and a limit."""
    rows = tx.execute(f"SELECT {_CASE} FROM case_file WHERE {which}", values).fetchall()
    return tuple(map(_case_of, rows))


def forget_old_words(tx: Transaction, *, before_us: int) -> None:
    """Of cases that were decided before; who has decided what stays."""
    tx.execute(
        "UPDATE case_file SET words = '', reason = '', note = '' WHERE decided_at_us < ?"
        " AND (words <> '' OR reason <> '' OR note <> '')",
        (before_us,),
    )


def decide(tx: Transaction, case_id: int, end: CaseEnd) -> Case:
    """Ends it, once: of two at the same time the first counts. What follows for the picture or the
    member is the caller's.

    Raises:
        AlreadyDecided, UnknownCase: nothing was changed.
    """
    decided = tx.execute(
        "UPDATE case_file SET decision = ?, decided_by = ?, decided_at_us = ?,"
        " reason = ?, note = ?, tells_member = ?, due_at_us = ?, attempts = 0"
        " WHERE id = ? AND decision IS NULL",
        (
            *(end.decision, end.by, end.at_us, end.reason, end.note, end.tells_member),
            *(end.at_us, case_id),
        ),
    ).rowcount
    case = select_case(tx, case_id)
    if not decided:
        check_open(case)
    return case


def check_open(case: Case) -> None:
    """Before anything is written that goes with a decision. Raises AlreadyDecided."""
    if case.end is not None:
        end = case.end
        raise AlreadyDecided(decision=end.decision, by=end.by, at_us=end.at_us)


# ------------------------------------------------------------------------------------------------
# Its card in the channel of the staff: as with the outbox, each step is stored once it is known.


def due_cases(tx: Transaction, *, now_us: int, limit: int) -> tuple[Case, ...]:
    """Whose card is to be posted or brought up to date, the longest due first."""
    return select_cases(tx, "due_at_us <= ? ORDER BY due_at_us, id LIMIT ?", now_us, limit)


def make_case_due(tx: Transaction, case_id: int, *, now_us: int) -> None:
    """There is more to say on its card."""
    tx.execute("UPDATE case_file SET due_at_us = ?, attempts = 0 WHERE id = ?", (now_us, case_id))


def make_cases_due(tx: Transaction, tenant_id: TenantId, *, now_us: int) -> None:
    """All of a guild whose cards wait, since its staff have named another channel."""
    tx.execute(
        "UPDATE case_file SET due_at_us = ?, attempts = 0"
        " WHERE tenant_id = ? AND due_at_us IS NOT NULL",
        (now_us, tenant_id),
    )


def note_card_attempt(tx: Transaction, case_id: int, channel_id: ChannelId, *, now_us: int) -> None:
    """Its card is about to be posted: from here on it may stand there without our knowing."""
    tx.execute(
        "UPDATE case_file SET post_attempted_at_us = coalesce(post_attempted_at_us, ?),"
        " card_channel_id = ? WHERE id = ?",
        (now_us, channel_id, case_id),
    )


def record_card(
    tx: Transaction, case_id: int, channel_id: ChannelId, message_id: MessageId
) -> None:
    tx.execute(
        "UPDATE case_file SET card_channel_id = ?, card_message_id = ? WHERE id = ?",
        (channel_id, message_id, case_id),
    )


def forget_card(tx: Transaction, case_id: int) -> None:
    """It is gone, with its channel or without; another one may be posted."""
    tx.execute(
        "UPDATE case_file SET card_channel_id = NULL, card_message_id = NULL,"
        " post_attempted_at_us = NULL WHERE id = ?",
        (case_id,),
    )


def case_told(tx: Transaction, case_id: int, *, due_at_us: int | None) -> None:
    """Its card says what it said when it was due then; anything newer is due still."""
    tx.execute(
        "UPDATE case_file SET due_at_us = NULL, attempts = 0 WHERE id = ? AND due_at_us = ?",
        (case_id, due_at_us),
    )


def delay_case(tx: Transaction, case_id: int, *, not_before_us: int) -> None:
    """A try failed; the next one not before this instant."""
    tx.execute(
        "UPDATE case_file SET due_at_us = ?, attempts = attempts + 1 WHERE id = ?",
        (not_before_us, case_id),
    )


def _case_of(row: Sequence[Any]) -> Case:
    (case_id, kind, tenant_id, channel_id, user_id, job_id, about, reasons, words, opened_at_us,
     due_at_us, attempts, attempted_at_us, card_channel_id, card_message_id) = row[:15]  # fmt: skip
    return Case(
        id=case_id,
        kind=CaseKind(kind),
        tenant_id=TenantId(tenant_id),
        channel_id=ChannelId(channel_id),
        user_id=UserId(user_id),
        job_id=None if job_id is None else JobId(job_id),
        about=about,
        reasons=tuple(filter(None, reasons.split("\n"))),
        words=words,
        opened_at_us=opened_at_us,
        end=_end_of(*row[15:]),
        due_at_us=due_at_us,
        attempts=attempts,
        post_attempted_at_us=attempted_at_us,
        card_channel_id=None if card_channel_id is None else ChannelId(card_channel_id),
        card_message_id=None if card_message_id is None else MessageId(card_message_id),
    )


def _end_of(*row: Any) -> CaseEnd | None:
    decision, by, at_us, reason, note, tells_member = row
    if decision is None:
        return None
    return CaseEnd(
        decision=Decision(decision),
        by=UserId(by or 0),
        at_us=at_us,
        reason=reason,
        note=note,
        tells_member=bool(tells_member),
    )
