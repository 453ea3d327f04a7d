"""Pictures that are held: looked at by rules and checks first, then perhaps by the staff.

    complete ─▶ held, to be screened ─▶ passed ─▶ due
                                     ├▶ refused ─▶ withheld, its case decided
                                     └▶ a case ──approve──▶ due
                                               └─reject───▶ withheld

What the staff decide stands in bot/features/moderation/rows/decisions.py.
Each arrow is one transaction, so a crash leaves a picture held, with whoever looks next. The
provider's link dies within a day: what is held for longer has its file with a card of the staff,
or else here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import PolicyUnreadable
from bot.moderation.word_rule_rows import has_rules
from bot.policy.audit import AuditAction
from bot.policy.rows import Asking, load_policy
from bot.policy.rules import CheckedBy, Review
from bot.queue.cases import (
    CaseEnd,
    CaseKind,
    Decision,
    case_told,
    decide,
    log_act,
    open_case_of_picture,
)
from bot.queue.failures import APPEALED, REFUSED_BY_RULE
from bot.queue.jobs import (
    change_picture,
    select_job,
    update_outbox,
    update_picture,
)
from bot.queue.records import NOBODY, JobId, PictureState

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.cases import Case
    from bot.queue.records import Job


def is_to_be_screened(tx: Transaction, job: Job) -> bool:
    """Whether anything of the guild's may speak against its picture."""
    guild_id = job.origin.guild_id
    if guild_id is None:
        return False
    if job.review is not Review.OFF or has_rules(tx, guild_id):
        return True
    try:
        policy = load_policy(tx, Asking(guild_id, job.origin.root_channel_id))
    except PolicyUnreadable:
        return True  # nobody knows what the staff want
    return policy.picture_check is not CheckedBy.NOTHING


def due_screenings(tx: Transaction, *, now_us: int, limit: int) -> tuple[Job, ...]:
    """Held pictures at which nobody has looked, the longest waiting first."""
    rows = tx.execute(
        "SELECT job_id FROM screening WHERE due_at_us <= ? ORDER BY due_at_us, job_id LIMIT ?",
        (now_us, limit),
    ).fetchall()
    return tuple(select_job(tx, JobId(job_id)) for (job_id,) in rows)


def screening_attempts(tx: Transaction, job_id: JobId) -> int:
    row = tx.execute("SELECT attempts FROM screening WHERE job_id = ?", (job_id,)).fetchone()
    return 0 if row is None else int(row[0])


def delay_screening(tx: Transaction, job_id: JobId, *, not_before_us: int) -> None:
    """A try failed; the next one not before this instant."""
    tx.execute(
        "UPDATE screening SET due_at_us = ?, attempts = attempts + 1 WHERE job_id = ?",
        (not_before_us, job_id),
    )


def pass_screening(
    tx: Transaction, job_id: JobId, *, is_spoiler: bool = False, now_us: int
) -> bool:
    """Nothing speaks against it: due. Whether it was held and not looked at yet."""
    if not _is_to_screen(tx, job_id):
        return False
    _end_screening(tx, job_id)
    update_picture(tx, job_id, "is_spoiler = ?", is_spoiler)
    release(tx, job_id, now_us=now_us)
    return True


def refuse_screened(
    tx: Transaction, job_id: JobId, *, reasons: tuple[str, ...], now_us: int
) -> bool:
    """A rule or a check refuses it: drawn, hence paid, and not posted unless its member appeals and
    the staff let it through. Its case is decided from the start, so that no card asks for that.

    Args:
        reasons: for the staff, and in the log.
    """
    if not _is_to_screen(tx, job_id):
        return False
    case = _open_review(tx, job_id, AuditAction.REFUSED, reasons, now_us)
    decide(tx, case.id, CaseEnd(decision=Decision.REJECTED, by=NOBODY, at_us=now_us))
    case_told(tx, case.id, due_at_us=now_us)
    _end_screening(tx, job_id)
    withhold(tx, job_id, REFUSED_BY_RULE, now_us=now_us)
    return True


def hold_for_staff(
    tx: Transaction, job_id: JobId, *, reasons: tuple[str, ...], is_spoiler: bool, now_us: int
) -> Case | None:
    """Opens its case. None if it is held no more, or was looked at before."""
    if not _is_to_screen(tx, job_id):
        return None
    case = _open_review(tx, job_id, AuditAction.HELD, reasons, now_us)
    _end_screening(tx, job_id)
    update_picture(tx, job_id, "is_spoiler = ?", is_spoiler)
    update_outbox(tx, job_id, "due_at_us = ?, attempts = 0", now_us)  # its member is told
    return case


def _open_review(
    tx: Transaction, job_id: JobId, action: AuditAction, reasons: tuple[str, ...], now_us: int
) -> Case:
    """What speaks against the picture stands in the log as well."""
    job, told = select_job(tx, job_id), "; ".join(reasons)
    log_act(tx, action, job.origin, by=0, job_id=job_id, details=told, now_us=now_us)
    return open_case_of_picture(tx, CaseKind.REVIEW, job, reasons=reasons, now_us=now_us)


def release(tx: Transaction, job_id: JobId, *, now_us: int) -> None:
    """Due, since nothing speaks against it, or the staff have let it through."""
    change_picture(
        tx,
        job_id,
        PictureState.DUE,
        "failure_kind = NULL, failure_detail = NULL, released_at_us = ?",
        now_us,
    )
    update_outbox(tx, job_id, "due_at_us = ?, attempts = 0", now_us)


def withhold(tx: Transaction, job_id: JobId, kind: str, *, now_us: int) -> None:
    """Drawn, hence paid, and not posted unless an appeal is granted.

    Args:
        kind: of the failure, as its member is told.
    """
    change_picture(
        tx,
        job_id,
        PictureState.WITHHELD,
        "failure_kind = ?, failure_detail = '', offered_at_us = NULL",
        kind,
    )
    update_outbox(tx, job_id, "due_at_us = ?, attempts = 0", now_us)


def _is_to_screen(tx: Transaction, job_id: JobId) -> bool:
    """It is held, and nobody has looked at it yet."""
    row = tx.execute(
        "SELECT 1 FROM screening JOIN picture ON picture.job_id = screening.job_id"
        " WHERE screening.job_id = ? AND picture.state = 'held'",
        (job_id,),
    ).fetchone()
    return row is not None


def _end_screening(tx: Transaction, job_id: JobId) -> None:
    tx.execute("DELETE FROM screening WHERE job_id = ?", (job_id,))


def stop_holding(tx: Transaction, job_id: JobId, *, now_us: int) -> None:
    """Its member has withdrawn or deleted the picture: there is nothing left to look at. The
    picture's own state is the caller's."""
    _end_screening(tx, job_id)
    drop_file(tx, job_id)
    tx.execute(
        "UPDATE case_file SET decision = ?, decided_by = 0, decided_at_us = ?"
        " WHERE job_id = ? AND decision IS NULL AND kind = 'review'",
        (Decision.WITHDRAWN, now_us, job_id),
    )
    tx.execute(  # their cards show the picture
        "UPDATE case_file SET due_at_us = ?, attempts = 0 WHERE job_id = ?", (now_us, job_id)
    )


# ------------------------------------------------------------------------------------------------
# Files of held pictures, until they hang.


def keep_file(tx: Transaction, job_id: JobId, name: str, content: bytes) -> None:
    """Of a picture that may still be shown, or shown again; one that is kept already stays as it
    is."""
    tx.execute(
        "INSERT INTO held_file (job_id, name, bytes) SELECT job_id, ?, ? FROM picture"
        " WHERE job_id = ? AND (state IN ('held', 'due', 'withheld')"
        " OR state = 'shown' AND hidden_at_us IS NOT NULL)"
        " ON CONFLICT (job_id) DO NOTHING",
        (name, content, job_id),
    )


def kept_file(tx: Transaction, job_id: JobId) -> bytes | None:
    row = tx.execute("SELECT bytes FROM held_file WHERE job_id = ?", (job_id,)).fetchone()
    return None if row is None else bytes(row[0])


def held_job(tx: Transaction, job_id: JobId) -> Job | None:
    """None if it is held no more."""
    job = select_job(tx, job_id)
    return job if job.is_held else None


def to_be_kept(tx: Transaction, *, drawn_before_us: int, limit: int) -> tuple[Job, ...]:
    """Pictures whose link has not long to live and whose file nobody has kept: those that are held,
    and those that an appeal may bring back, of which perhaps no card has the picture."""
    rows = tx.execute(
        "SELECT job_id FROM picture WHERE link IS NOT NULL AND drawn_at_us <= ?"
        " AND (state = 'held' OR state = 'withheld' AND failure_kind IN (?, ?))"
        " AND job_id NOT IN (SELECT job_id FROM held_file) ORDER BY drawn_at_us LIMIT ?",
        (drawn_before_us, REFUSED_BY_RULE, APPEALED, limit),
    ).fetchall()
    return tuple(select_job(tx, JobId(job_id)) for (job_id,) in rows)


def drop_file(tx: Transaction, job_id: JobId) -> None:
    """The picture hangs, or never will."""
    tx.execute("DELETE FROM held_file WHERE job_id = ?", (job_id,))


def drop_old_files(tx: Transaction, *, decided_before_us: int) -> int:
    """Of pictures that were rejected, or found no place, so long ago that hardly anybody appeals;
    how many those were."""
    return tx.execute(
        "DELETE FROM held_file WHERE job_id IN (SELECT case_file.job_id FROM case_file"
        " JOIN picture ON picture.job_id = case_file.job_id WHERE kind = 'review'"
        " AND decided_at_us <= ? AND picture.state NOT IN ('held', 'due'))",
        (decided_before_us,),
    ).rowcount
