"""Requests that a guild's word rules have refused, against which their member may appeal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.policy.audit import AuditAction, note_action
from bot.queue.counters import Counters
from bot.queue.records import ChannelId, TenantId, UserId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction
    from bot.providers.image import ImageRequest
    from bot.queue.records import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRequest:
    """One row."""

    id: int
    tenant_id: TenantId
    channel_id: ChannelId
    user_id: UserId
    refused_at_us: int
    prompt: str
    negative: str
    rules: tuple[str, ...]  # names
    allowed_at_us: int | None = None  # by the staff, after all


_ROW = "id, tenant_id, channel_id, user_id, refused_at_us, prompt, negative, rules, allowed_at_us"


def record_refusal(
    tx: Transaction,
    request: ImageRequest,
    origin: Origin,
    *,
    rules: Sequence[str],
    now_us: int,
) -> int:
    """Returns its id. Nothing was queued, and nothing is charged.

    Args:
        rules: the names of those that found something.
    """
    counters = Counters(tx)
    counters.queue.last_job_id += 1
    counters.save()
    refusal_id = counters.queue.last_job_id
    note_action(
        tx,
        AuditAction.REFUSED,
        tenant_id=origin.tenant_id,
        actor="rule",
        source="rule",
        user_id=origin.user_id,
        details="; ".join(rules),
        now_us=now_us,
    )
    tx.execute(
        f"INSERT INTO refusal ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            *(refusal_id, origin.tenant_id, origin.root_channel_id, origin.user_id, now_us),
            *(request.prompt, request.negative, "\n".join(rules)),
        ),
    )
    return refusal_id


def find_refusal(tx: Transaction, refusal_id: int) -> RefusedRequest | None:
    row = tx.execute(f"SELECT {_ROW} FROM refusal WHERE id = ?", (refusal_id,)).fetchone()
    if row is None:
        return None
    return RefusedRequest(
        id=row[0],
        tenant_id=TenantId(row[1]),
        channel_id=ChannelId(row[2]),
        user_id=UserId(row[3]),
        refused_at_us=row[4],
        prompt=row[5],
        negative=row[6],
        rules=tuple(filter(None, row[7].split("\n"))),
        allowed_at_us=row[8],
    )


def is_allowed_after_all(tx: Transaction, request: ImageRequest, origin: Origin) -> bool:
    """Whether the staff have granted this member's appeal for these very words."""
    row = tx.execute(
        "SELECT 1 FROM refusal WHERE tenant_id = ? AND user_id = ? AND prompt = ? AND negative = ?"
        " AND allowed_at_us IS NOT NULL LIMIT 1",
        (origin.tenant_id, origin.user_id, request.prompt, request.negative),
    ).fetchone()
    return row is not None
