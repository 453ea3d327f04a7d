"""Requests that a guild's word rules have refused, against which their member may appeal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.errors import PolicyUnreadable
from bot.policy.audit import AuditAction
from bot.policy.rows import Asking, load_policy
from bot.queue.cases import CaseKind, CaseReason, case_reason, log_act, open_case
from bot.queue.counters import next_number
from bot.queue.jobs import insert
from bot.queue.records import ChannelId, TenantId, UserId

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.db import Transaction
    from bot.providers.image import ImageRequest
    from bot.queue.records import Job, Origin


class RefusedRequest(Struct, frozen=True, kw_only=True):
    """One row."""

    id: int
    tenant_id: TenantId
    channel_id: ChannelId
    user_id: UserId
    refused_at_us: int
    prompt: str
    negative: str
    rules: tuple[str, ...]  # names of those that refused
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
        rules: the names of those that refuse it, for which alone an appeal is granted.
    """
    refusal_id = next_number(tx)
    log_act(tx, AuditAction.REFUSED, origin, by=0, details="; ".join(rules), now_us=now_us)
    insert(
        tx,
        "refusal",
        id=refusal_id,
        tenant_id=origin.tenant_id,
        channel_id=origin.root_channel_id,
        user_id=origin.user_id,
        refused_at_us=now_us,
        prompt=request.prompt,
        negative=request.negative,
        rules="\n".join(rules),
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
        rules=tuple(_names(row[7])),
        allowed_at_us=row[8],
    )


def granted_rules(tx: Transaction, request: ImageRequest, origin: Origin) -> set[str]:
    """The names of the rules by which the staff have let this member use these very words."""
    rows = tx.execute(
        "SELECT rules FROM refusal WHERE tenant_id = ? AND user_id = ? AND prompt = ?"
        " AND negative = ? AND allowed_at_us IS NOT NULL",
        (origin.tenant_id, origin.user_id, request.prompt, request.negative),
    ).fetchall()
    return {name for (rules,) in rows for name in _names(rules)}


def was_appealed(tx: Transaction, refused: RefusedRequest) -> bool:
    """Whether the staff were asked about these very words and all of these rules, perhaps when they
    were refused before."""
    rows = tx.execute(
        "SELECT rules FROM refusal JOIN case_file ON kind = 'appeal'"
        " AND about = 'refusal:' || refusal.id"
        " WHERE refusal.user_id = ? AND refusal.tenant_id = ? AND prompt = ? AND negative = ?",
        (refused.user_id, refused.tenant_id, refused.prompt, refused.negative),
    ).fetchall()
    return {*refused.rules} <= {name for (rules,) in rows for name in _names(rules)}


def _names(rules: str) -> Iterator[str]:
    """As a row has them."""
    return filter(None, rules.split("\n"))


def may_appeal(tx: Transaction, refusal_id: int) -> bool:
    """Whether nobody has appealed for these words."""
    refused = find_refusal(tx, refusal_id)
    return refused is not None and not was_appealed(tx, refused)


def forget_old_refusals(tx: Transaction, *, before_us: int) -> None:
    """With what the staff have allowed then: it is refused again, and may be appealed again."""
    tx.execute("DELETE FROM refusal WHERE refused_at_us < ?", (before_us,))


# ------------------------------------------------------------------------------------------------
# By the provider: the account is at stake, so who is refused again and again waits, where the staff
# want it so, and is shown to them.


HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US


def waits_until_us(
    tx: Transaction, tenant_id: int, user_id: int, *, most: int, now_us: int
) -> int | None:
    """When fewer than so many of the member's requests were refused within the hour again; None if
    that is so now."""
    row = tx.execute(
        "SELECT finished_at_us FROM job WHERE tenant_id = ? AND user_id = ? AND state = 'refused'"
        " AND finished_at_us > ? ORDER BY finished_at_us DESC LIMIT 1 OFFSET ?",
        (tenant_id, user_id, now_us - HOUR_US, most - 1),
    ).fetchone()
    return None if row is None else int(row[0]) + HOUR_US


def note_refused_too_often(tx: Transaction, job: Job, *, now_us: int) -> None:
    """A job has just been refused: if the member waits from now on, the staff are told, once a
    day."""
    origin = job.origin
    if origin.guild_id is None:
        return
    try:
        policy = load_policy(tx, Asking(origin.guild_id, origin.root_channel_id))
    except PolicyUnreadable:
        return  # nobody knows what the staff want, and the job is at its end all the same
    most = policy.refusals_per_hour
    whose = origin.tenant_id, origin.user_id
    if not most or waits_until_us(tx, *whose, most=most, now_us=now_us) is None:
        return
    open_case(
        tx,
        CaseKind.REFUSALS,
        tenant_id=origin.tenant_id,
        channel_id=origin.root_channel_id,
        user_id=origin.user_id,
        about=f"refusals:{origin.tenant_id}:{origin.user_id}:{now_us // DAY_US}",
        reasons=(case_reason(CaseReason.REFUSED, most),),
        now_us=now_us,
    )
