"""The audit log, read: with filters, the newest entries first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.policy.audit import AuditAction

if TYPE_CHECKING:
    from bot.db import Transaction


class LogEntry(Struct, frozen=True, kw_only=True):
    """One row, without what seals it; see `Deed`."""

    id: int
    number: int | None  # None: from before the chain
    at_us: int
    tenant_id: int
    action: str
    actor: str
    source: str
    undoes: int | None
    scope: str
    scope_id: int
    name: str
    was: str | None
    became: str | None
    user_id: int | None
    job_id: int | None
    case_id: int | None
    details: str
    chain: bytes | None


class LogFilter(Struct, frozen=True, kw_only=True):
    """Which entries are wanted: those to which all of it applies.

    Attributes:
        place_id: acts about this channel with its public threads.
        acts_alone: without settings and word rules.
    """

    tenant_id: int | None = None
    action: str | None = None
    actor: str | None = None
    user_id: int | None = None
    since_us: int = 0
    place_id: int | None = None
    acts_alone: bool = False


SETTINGS = (AuditAction.SET, AuditAction.RULE)
_ROW = (
    "id, number, at_us, tenant_id, action, actor, source, undoes, scope, scope_id, name, was,"
    " became, user_id, job_id, case_id, details, chain"
)
_IN_PLACE = (
    "(EXISTS (SELECT 1 FROM case_file WHERE case_file.id = audit.case_id AND channel_id = ?)"
    " OR EXISTS (SELECT 1 FROM job JOIN request ON request.id = job.request_id"
    " WHERE job.id = audit.job_id AND coalesce(parent_channel_id, channel_id) = ?))"
)


def log_entries(
    tx: Transaction, wanted: LogFilter, *, before: int | None = None, limit: int
) -> tuple[LogEntry, ...]:
    """`before` is the last id of the page before."""
    place_id = wanted.place_id
    conditions: list[tuple[str, tuple[object, ...], bool]] = [
        ("at_us >= ?", (wanted.since_us,), True),
        ("tenant_id = ?", (wanted.tenant_id,), wanted.tenant_id is not None),
        ("action = ?", (wanted.action,), wanted.action is not None),
        ("actor = ?", (wanted.actor,), wanted.actor is not None),
        ("user_id = ?", (wanted.user_id,), wanted.user_id is not None),
        ("id < ?", (before,), before is not None),
        ("action NOT IN (?, ?)", tuple(map(str, SETTINGS)), wanted.acts_alone),
        (_IN_PLACE, (place_id, place_id), place_id is not None),
    ]
    where = " AND ".join(text for text, _, holds in conditions if holds)
    values = [one for _, given, holds in conditions if holds for one in given]
    rows = tx.execute(
        f"SELECT {_ROW} FROM audit WHERE {where} ORDER BY id DESC LIMIT ?", (*values, limit)
    )
    names = _ROW.split(", ")
    return tuple(LogEntry(**dict(zip(names, row, strict=True))) for row in rows)
