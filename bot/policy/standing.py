"""What holds for one member, by a guild's staff, or by the operator everywhere."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bot.policy.rules import OPERATORS_OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.db import Transaction


class StandingKind(StrEnum):
    """The values stand in rows."""

    BLOCKED = "blocked"  # may not ask for pictures
    TRUSTED = "trusted"  # their pictures wait for nobody, unless a rule holds one
    UNHEARD = "unheard"  # what they report is not told to the staff


class PersonStanding(Struct, frozen=True, kw_only=True):
    """One thing that holds for a member."""

    tenant_id: int  # a guild; OPERATORS_OWN: everywhere
    user_id: int
    kind: StandingKind
    until_at_us: int | None = None  # None: until it is taken back
    reason: str = ""
    set_by: int  # a user; 0: the operator, or of deleted data
    set_at_us: int

    @property
    def by_operator(self) -> bool:
        return self.tenant_id == OPERATORS_OWN


_ROW = "tenant_id, user_id, kind, until_at_us, reason, set_by, set_at_us"


def standings(
    tx: Transaction, tenant_id: int, user_id: int, *, now_us: int
) -> tuple[PersonStanding, ...]:
    """What holds for them in a guild at this moment, the operator's first."""
    rows = tx.execute(
        f"SELECT {_ROW} FROM standing WHERE user_id = ? AND tenant_id IN (?, ?)"
        " AND (until_at_us IS NULL OR until_at_us > ?) ORDER BY tenant_id, kind",
        (user_id, OPERATORS_OWN, tenant_id, now_us),
    ).fetchall()
    return tuple(map(_standing_of, rows))


def all_standings(tx: Transaction, tenant_id: int, *, now_us: int) -> tuple[PersonStanding, ...]:
    """What holds for anybody by a guild's staff, or by the operator, the newest first."""
    rows = tx.execute(
        f"SELECT {_ROW} FROM standing WHERE tenant_id = ?"
        " AND (until_at_us IS NULL OR until_at_us > ?) ORDER BY set_at_us DESC, user_id, kind",
        (tenant_id, now_us),
    ).fetchall()
    return tuple(map(_standing_of, rows))


def _standing_of(row: Sequence[Any]) -> PersonStanding:
    return PersonStanding(
        tenant_id=row[0],
        user_id=row[1],
        kind=StandingKind(row[2]),
        until_at_us=row[3],
        reason=row[4],
        set_by=row[5],
        set_at_us=row[6],
    )


def holds(
    tx: Transaction, kind: StandingKind, tenant_id: int, user_id: int, *, now_us: int
) -> PersonStanding | None:
    """If that holds for them in a guild at this moment, by whom and until when."""
    return first_of(kind, standings(tx, tenant_id, user_id, now_us=now_us))


def first_of(kind: StandingKind, found: Iterable[PersonStanding]) -> PersonStanding | None:
    """As they are sorted the operator's, if there is one."""
    return next((one for one in found if one.kind is kind), None)


def put_standing(tx: Transaction, standing: PersonStanding) -> None:
    """From now on; in the place of one of the same kind."""
    tx.execute(
        f"INSERT INTO standing ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (tenant_id, user_id, kind) DO UPDATE SET until_at_us = excluded.until_at_us,"
        " reason = excluded.reason, set_by = excluded.set_by, set_at_us = excluded.set_at_us",
        (
            standing.tenant_id,
            standing.user_id,
            standing.kind,
            standing.until_at_us,
            standing.reason,
            standing.set_by,
            standing.set_at_us,
        ),
    )


def drop_standing(tx: Transaction, kind: StandingKind, tenant_id: int, user_id: int) -> bool:
    """Whether it held, perhaps until an instant that is over."""
    dropped = tx.execute(
        "DELETE FROM standing WHERE tenant_id = ? AND user_id = ? AND kind = ?",
        (tenant_id, user_id, kind),
    )
    return dropped.rowcount > 0


def forget_standings(tx: Transaction, user_id: int) -> None:
    """A member has their data deleted. What keeps them out stays: else deleting would be a way
    around it; who has set it for others is forgotten."""
    tx.execute("DELETE FROM standing WHERE user_id = ? AND kind = 'trusted'", (user_id,))
    tx.execute("UPDATE standing SET reason = '' WHERE user_id = ?", (user_id,))
    tx.execute("UPDATE standing SET set_by = 0 WHERE set_by = ?", (user_id,))


def forget_standings_in(tx: Transaction, tenant_id: int) -> None:
    """All of a guild that is forgotten."""
    tx.execute("DELETE FROM standing WHERE tenant_id = ?", (tenant_id,))
