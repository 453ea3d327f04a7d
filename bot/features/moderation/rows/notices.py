"""What members are told alone, in their direct messages, of a case."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.queue.cases import select_case
from bot.queue.records import NOBODY, UserId

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.cases import Case


class NoticeKind(StrEnum):
    """The values stand in rows."""

    REPORTED = "reported"  # what became of the picture that they reported
    WARNED = "warned"  # their picture was removed, and they are warned
    BLOCKED = "blocked"  # from painting
    REJECTED = "rejected"  # why their picture is not shown
    APPEALED = "appealed"  # what became of their appeal


class Notice(Struct, frozen=True, kw_only=True):
    """One row that is due, and the case that it tells of."""

    id: int
    user_id: UserId
    kind: str  # a NoticeKind, or another version's
    case: Case
    attempts: int


def put_notice(
    tx: Transaction, user_id: UserId, case_id: int, kind: NoticeKind, *, now_us: int
) -> None:
    """Due at once. A repeat changes nothing, and nobody is told nothing."""
    if user_id == NOBODY:
        return
    tx.execute(
        "INSERT INTO notice (user_id, case_id, kind, due_at_us) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (case_id, user_id, kind) DO NOTHING",
        (user_id, case_id, kind, now_us),
    )


def due_notices(tx: Transaction, *, now_us: int, limit: int) -> tuple[Notice, ...]:
    """The longest due first."""
    rows = tx.execute(
        "SELECT id, user_id, kind, case_id, attempts FROM notice WHERE due_at_us <= ?"
        " ORDER BY due_at_us, id LIMIT ?",
        (now_us, limit),
    ).fetchall()
    return tuple(
        Notice(
            id=notice_id,
            user_id=UserId(user_id),
            kind=kind,
            case=select_case(tx, case_id),
            attempts=attempts,
        )
        for notice_id, user_id, kind, case_id, attempts in rows
    )


def begin_notice(tx: Transaction, notice_id: int, *, not_before_us: int) -> bool:
    """It is about to be sent: from here on it may be there without our knowing, and if nothing is
    heard of it the next try is not before the instant. False if its member was forgotten."""
    begun = tx.execute(
        "UPDATE notice SET attempts = attempts + 1, due_at_us = ? WHERE id = ?",
        (not_before_us, notice_id),
    )
    return begun.rowcount > 0


def end_notice(tx: Transaction, notice_id: int) -> None:
    """The member knows, or there is no way to tell them."""
    tx.execute("UPDATE notice SET due_at_us = NULL WHERE id = ?", (notice_id,))


def forget_told_notices(tx: Transaction, *, before_us: int) -> None:
    """Of cases that were decided before."""
    tx.execute(
        "DELETE FROM notice WHERE due_at_us IS NULL AND case_id IN"
        " (SELECT id FROM case_file WHERE decided_at_us < ?)",
        (before_us,),
    )
