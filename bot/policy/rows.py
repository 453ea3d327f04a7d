"""The rows of the policy: read in the transaction that decides, changed with who and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.policy.precedence import default_size, policy_of
from bot.policy.rules import (
    OPERATORS_OWN,
    PRICES,
    REWRITER_PRICES,
    VALUES,
    Kept,
    Key,
    Scope,
    read,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from bot.db import Transaction
    from bot.policy.rules import Policy, Row, Value
    from bot.providers.image import Offer, Prices
    from bot.providers.rewriter import TokenPrices


SETTINGS = "settings"  # who has changed what nobody else has
_ALL = "SELECT scope, scope_id, name, tenant_id, value FROM policy"
_OF_ONE = f"{_ALL} WHERE tenant_id = ? AND scope = ? AND scope_id = ?"


class Asking(NamedTuple):
    """Whose policy is asked for. In no guild: the operator's alone, and the person's."""

    guild_id: int | None = None
    channel_id: int = 0
    user_id: int = 0
    role_ids: Collection[int] = ()


EVERYBODY = Asking()


def load_policy(tx: Transaction, asking: Asking = EVERYBODY) -> Policy:
    """What holds for them; other rows are not looked at.

    Raises:
        PolicyUnreadable: a row makes no sense.
    """
    return policy_of(rows_of(tx, asking))


def rows_of(tx: Transaction, asking: Asking) -> list[Row]:
    """Those that concern them, as found."""
    return [row for whose in _whose(asking) for row in tx.execute(_OF_ONE, whose)]


def rows_of_tenant(tx: Transaction, tenant_id: int) -> list[Row]:
    """All that the staff of one guild have set, or the operator, as found."""
    query = f"{_ALL} WHERE tenant_id = ? ORDER BY scope, scope_id, name"
    return tx.execute(query, (tenant_id,)).fetchall()


def _whose(asking: Asking) -> Iterator[tuple[int, Scope, int]]:
    guild_id = asking.guild_id
    yield (OPERATORS_OWN, Scope.OPERATOR, 0)
    yield (OPERATORS_OWN, Scope.PERSON, asking.user_id)
    yield from ((OPERATORS_OWN, Scope.ROLE, role_id) for role_id in asking.role_ids)
    if guild_id is None:
        return
    yield (OPERATORS_OWN, Scope.GUILD, guild_id)
    yield (guild_id, Scope.GUILD, guild_id)
    yield (guild_id, Scope.CHANNEL, asking.channel_id)
    yield (guild_id, Scope.MEMBER, asking.user_id)
    yield from ((guild_id, Scope.ROLE, one) for one in {guild_id, *asking.role_ids})


def load_prices(tx: Transaction) -> Prices:
    """These alone, so that no other row keeps a paid picture from being recorded.

    Raises:
        PolicyUnreadable: a price makes no sense.
    """
    return _of_operator(tx, PRICES).prices


def load_rewriter_prices(tx: Transaction) -> TokenPrices:
    """The same of a paid rewriting."""
    return _of_operator(tx, REWRITER_PRICES).rewriter_prices


def _of_operator(tx: Transaction, names: Iterable[str]) -> Policy:
    """What these values alone say; of others their defaults."""
    whose = (OPERATORS_OWN, Scope.OPERATOR, 0)
    rows = [row for name in names for row in tx.execute(f"{_OF_ONE} AND name = ?", (*whose, name))]
    return policy_of(rows)


def check_policy(tx: Transaction, offer: Offer) -> None:
    """Every row there is. Raises PolicyUnreadable."""
    for row in tx.execute(_ALL):
        read(*row)
    default_size(load_policy(tx), offer)


def set_policy(tx: Transaction, key: Key, value: Value, *, by: str, now_us: int) -> bool:
    """Returns whether that changed the value; if not, the row stays as it is, version and all.

    Raises:
        PolicyUnreadable: it is no value for that; nothing was changed.
    """
    text = written(value)
    read(*key, text)
    changed = tx.execute(
        "INSERT INTO policy (scope, scope_id, name, tenant_id, value, version, changed_by,"
        " changed_at_us) VALUES (?, ?, ?, ?, ?, 1, ?, ?)"
        " ON CONFLICT (tenant_id, scope, scope_id, name) DO UPDATE SET"
        " value = excluded.value, version = policy.version + 1, changed_by = excluded.changed_by,"
        " changed_at_us = excluded.changed_at_us WHERE policy.value <> excluded.value",
        (*key, text, by, now_us),
    )
    return changed.rowcount > 0


def fill_from_settings(
    tx: Transaction, values: Mapping[Key, Value], offer: Offer, *, now_us: int
) -> tuple[Kept, ...]:
    """Puts the settings into the rows that nobody else has changed; returns those of others.

    What the settings have filled before and name no more goes back to its default; its row stays,
    since a version is never given twice.

    Raises:
        PolicyUnreadable: a row, or a setting, makes no sense; nothing was changed.
    """
    check_policy(tx, offer)
    rows = tx.execute(
        "SELECT scope, scope_id, name, tenant_id, value, changed_by FROM policy"
        f" WHERE tenant_id = {OPERATORS_OWN}"
    ).fetchall()
    known = {Key(*row[:4]): (row[4], row[5]) for row in rows}
    dropped = {key: VALUES[key.name].default for key in known.keys() - values.keys()}
    kept = []
    for key, value in {**dropped, **values}.items():
        text, changed_by = known.get(key, ("", SETTINGS))
        if changed_by == SETTINGS and value is not None:
            set_policy(tx, key, value, by=SETTINGS, now_us=now_us)
        elif key in values and value is not None and text != written(value):
            kept.append(Kept(key=key, value=text, setting=written(value), changed_by=changed_by))
    return tuple(kept)
