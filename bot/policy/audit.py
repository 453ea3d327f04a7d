"""The log of all that operator, staff and rules have done beside what they have set."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.db import Transaction


class AuditAction(StrEnum):
    """What was done. The values stand in rows."""

    SET = "set"  # a value, a style: what stood there before and after is in the entry
    RULE = "rule"  # a word rule was changed or dropped
    REFUSED = "refused"  # a word rule refused a request
    HELD = "held"  # a picture waits for the staff
    APPROVED = "approved"
    REJECTED = "rejected"
    REPORTED = "reported"
    REMOVED = "removed"  # a picture, by the staff
    WARNED = "warned"
    TIMED_OUT = "timed out"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    IGNORED = "ignored"  # a member's reports are, from now on
    HEARD = "heard"  # again
    DISMISSED = "dismissed"
    APPEALED = "appealed"
    GRANTED = "granted"  # an appeal
    DENIED = "denied"  # likewise
    HIDDEN = "hidden"  # a picture, until the staff have looked at its reports
    DELETED = "deleted"  # a picture, by a moderator's hand


def note_action(
    tx: Transaction,
    action: AuditAction,
    *,
    tenant_id: int,
    actor: str,
    source: str,
    now_us: int,
    user_id: int | None = None,
    job_id: int | None = None,
    case_id: int | None = None,
    details: str = "",
) -> int:
    """Enters it in the log of the guild, and returns the entry's id.

    Args:
        actor: the id of a user, 'operator', or 'rule'.
        source: 'discord', 'command line' or 'rule'.
        user_id: whom it is about.
        details: what a reader is to know beside, in English; no words of members.
    """
    (entry_id,) = tx.execute("SELECT coalesce(max(id), 0) + 1 FROM audit").fetchone()
    tx.execute(
        "INSERT INTO audit (id, at_us, tenant_id, actor, source, batch, scope, scope_id, name,"
        " action, user_id, job_id, case_id, details)"
        " VALUES (?, ?, ?, ?, ?, ?, '', 0, '', ?, ?, ?, ?, ?)",
        (
            *(entry_id, now_us, tenant_id, actor, source, entry_id),
            *(action, user_id, job_id, case_id, details),
        ),
    )
    return int(entry_id)
