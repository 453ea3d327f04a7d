"""One member as a guild's staff see them, and what is set for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.features.moderation.rows.case_views import in_place
from bot.policy.audit import AuditAction, note_action
from bot.policy.rules import OPERATORS_OWN
from bot.policy.standing import (
    PersonStanding,
    StandingKind,
    drop_standing,
    put_standing,
    standings,
)
from bot.queue.cancel import cancel_waiting
from bot.queue.cases import select_cases
from bot.queue.records import TenantId, UserId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.db import Transaction
    from bot.policy.changes import Author
    from bot.queue.cases import Case
    from bot.queue.records import ChannelId

SEEN_US = 30 * 86_400_000_000  # how far back refusals are told
MOST_CASES = 10  # the newest
MOST_RULES = 10

_SET: Mapping[StandingKind, AuditAction] = {
    StandingKind.BLOCKED: AuditAction.BLOCKED,
    StandingKind.TRUSTED: AuditAction.TRUSTED,
    StandingKind.UNHEARD: AuditAction.IGNORED,
}
_TAKEN_BACK: Mapping[StandingKind, AuditAction] = {
    StandingKind.BLOCKED: AuditAction.UNBLOCKED,
    StandingKind.TRUSTED: AuditAction.UNTRUSTED,
    StandingKind.UNHEARD: AuditAction.HEARD,
}


class Person(Struct, frozen=True, kw_only=True):
    """What there is about a member in a guild, or in one place of it.

    Attributes:
        refused_by_rules: how often each word rule of the staff has, the last 30 days.
        refused_by_provider: likewise.
        warnings: removed pictures of theirs with which they were warned.
        dismissed: of the pictures that they have reported, those that the staff have let stay.
        limits: what is set for them alone, by name.
    """

    user_id: UserId
    standings: tuple[PersonStanding, ...]
    cases: tuple[Case, ...]  # the newest first
    refused_by_rules: tuple[tuple[str, int], ...]
    refused_by_provider: int
    warnings: int
    reported: int
    dismissed: int
    limits: tuple[tuple[str, str], ...]


def person_of(
    tx: Transaction,
    tenant_id: TenantId,
    user_id: UserId,
    *,
    channel_id: ChannelId | None = None,
    now_us: int,
) -> Person:
    """Args: channel_id: a place; only cases and refusals of that one are told."""
    reported, dismissed = _reports_by(tx, tenant_id, user_id)
    return Person(
        user_id=user_id,
        standings=standings(tx, tenant_id, user_id, now_us=now_us),
        cases=_cases_about(tx, tenant_id, user_id, channel_id=channel_id, limit=MOST_CASES),
        refused_by_rules=_refused_by_rules(tx, tenant_id, user_id, channel_id, now_us),
        refused_by_provider=_refused_by_provider(tx, tenant_id, user_id, now_us),
        warnings=_warnings(tx, tenant_id, user_id),
        reported=reported,
        dismissed=dismissed,
        limits=_limits(tx, tenant_id, user_id),
    )


def _cases_about(
    tx: Transaction,
    tenant_id: TenantId,
    user_id: UserId,
    *,
    channel_id: ChannelId | None = None,
    limit: int,
) -> tuple[Case, ...]:
    """The newest first; of one place if it is named."""
    where, key = in_place(channel_id)
    return select_cases(
        tx,
        f"user_id = ? AND tenant_id = ?{where} ORDER BY opened_at_us DESC, id DESC LIMIT ?",
        *(user_id, tenant_id, *key, limit),
    )


def _refused_by_rules(
    tx: Transaction,
    tenant_id: int,
    user_id: int,
    channel_id: ChannelId | None,
    now_us: int,
) -> tuple[tuple[str, int], ...]:
    where, key = in_place(channel_id)
    rows = tx.execute(
        "SELECT rules FROM refusal WHERE user_id = ? AND tenant_id = ? AND refused_at_us > ?"
        f"{where}",
        (user_id, tenant_id, now_us - SEEN_US, *key),
    ).fetchall()
    counts: dict[str, int] = {}
    for (rules,) in rows:
        for name in filter(None, rules.split("\n")):
            counts[name] = counts.get(name, 0) + 1
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_RULES])


def _refused_by_provider(tx: Transaction, tenant_id: int, user_id: int, now_us: int) -> int:
    (count,) = tx.execute(
        "SELECT count(*) FROM job WHERE tenant_id = ? AND user_id = ? AND state = 'refused'"
        " AND finished_at_us > ?",
        (tenant_id, user_id, now_us - SEEN_US),
    ).fetchone()
    return int(count)


def _warnings(tx: Transaction, tenant_id: int, user_id: int) -> int:
    (count,) = tx.execute(
        "SELECT count(*) FROM case_file WHERE user_id = ? AND tenant_id = ?"
        " AND decision = 'warned'",
        (user_id, tenant_id),
    ).fetchone()
    return int(count)


def _reports_by(tx: Transaction, tenant_id: int, user_id: int) -> tuple[int, int]:
    (count, dismissed) = tx.execute(
        "SELECT count(*), coalesce(sum(CASE WHEN decision = 'dismissed' THEN 1 ELSE 0 END), 0)"
        " FROM report JOIN case_file ON case_file.job_id = report.job_id AND kind = 'report'"
        " WHERE report.user_id = ? AND tenant_id = ?",
        (user_id, tenant_id),
    ).fetchone()
    return int(count), int(dismissed)


def _limits(tx: Transaction, tenant_id: int, user_id: int) -> tuple[tuple[str, str], ...]:
    rows = tx.execute(
        "SELECT name, value FROM policy WHERE scope = 'member' AND scope_id = ?"
        " AND tenant_id = ? ORDER BY name",
        (user_id, tenant_id),
    ).fetchall()
    return tuple((str(name), str(value)) for name, value in rows)


def set_standing(
    tx: Transaction, standing: PersonStanding, author: Author, *, details: str = ""
) -> int:
    """From now on, and in the log. Of whoever is blocked nothing waits any more; returns how many
    of their pictures were cancelled."""
    put_standing(tx, standing)
    note_action(
        tx,
        _SET[standing.kind],
        tenant_id=standing.tenant_id,
        actor=author.actor,
        source=author.source,
        user_id=standing.user_id,
        details=details,
        now_us=standing.set_at_us,
    )
    if standing.kind is not StandingKind.BLOCKED:
        return 0
    everywhere = standing.tenant_id == OPERATORS_OWN
    tenant_id = None if everywhere else TenantId(standing.tenant_id)
    now_us = standing.set_at_us
    return cancel_waiting(tx, UserId(standing.user_id), tenant_id, now_us=now_us)


def take_back_standing(
    tx: Transaction,
    kind: StandingKind,
    tenant_id: int,
    user_id: int,
    author: Author,
    *,
    now_us: int,
) -> bool:
    """Whether it was set; then it is in the log that it holds no more."""
    if not drop_standing(tx, kind, tenant_id, user_id):
        return False
    note_action(
        tx,
        _TAKEN_BACK[kind],
        tenant_id=tenant_id,
        actor=author.actor,
        source=author.source,
        user_id=user_id,
        now_us=now_us,
    )
    return True
