"""The rows of all that is set: read in the transaction that decides, changed with who and when.

The policy's first, by operator and staff; then a guild's styles, and members' own defaults.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import astuple

from bot.errors import PolicyUnreadable
from bot.policy.defaults import NO_DEFAULT, PersonDefault
from bot.policy.precedence import default_size, policy_of
from bot.policy.rules import (
    OPERATORS_OWN,
    PRICES,
    REWRITER_PRICES,
    VALUES,
    Kept,
    Key,
    Rewriting,
    Scope,
    read,
    read_size,
    written,
)
from bot.policy.styles import Style, name_key, nearest_names, style_key, style_row, style_written
from bot.refusals import UnknownStyle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from bot.db import Transaction
    from bot.policy.rules import Policy, Row, Value
    from bot.providers.image import Offer, Prices
    from bot.providers.rewriter import TokenPrices


SETTINGS = "settings"  # who has changed what nobody else has
_ALL = "SELECT scope, scope_id, name, tenant_id, value FROM policy"
_OF_ONE = "tenant_id = ? AND scope = ? AND scope_id = ?"


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
    return _policy_of(tuple(rows_of(tx, asking)))


# To read them takes five times as long as to find them, and nearly all find the same ones.
_policy_of = lru_cache(maxsize=256)(policy_of)


def rows_of(tx: Transaction, asking: Asking) -> list[Row]:
    """Those that concern them, as found."""
    whose = list(_whose(asking))
    query = f"{_ALL} WHERE {' OR '.join([_OF_ONE] * len(whose))}"
    return tx.execute(query, tuple(chain.from_iterable(whose))).fetchall()


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
    query = f"{_ALL} WHERE {_OF_ONE} AND name = ?"
    rows = [row for name in names for row in tx.execute(query, (*whose, name))]
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


# ------------------------------------------------------------------------------------------------
# Styles of guilds. They are changed by `bot.policy.changes` alone, which logs it.


_STYLE = "name, prompt, size, negative"


def styles_of(tx: Transaction, tenant_id: int) -> tuple[Style, ...]:
    """Of one guild, by their names."""
    rows = tx.execute(
        f"SELECT {_STYLE} FROM style WHERE tenant_id = ? ORDER BY name_key", (tenant_id,)
    )
    return tuple(_style(*row) for row in rows)


def find_style(tx: Transaction, tenant_id: int, name: str) -> Style:
    """By whatever looks like its name. Raises UnknownStyle, which names those that are near."""
    found = _found(tx, tenant_id, name_key(name))
    if found is None:
        raise UnknownStyle(name, near=nearest_names(styles_of(tx, tenant_id), name))
    return found


def style_text_of(tx: Transaction, key: Key) -> str | None:
    """As one text; None if there is no such style."""
    found = _found(tx, key.tenant_id, style_key(key.name) or "")
    return None if found is None else style_written(found)


def put_style(tx: Transaction, tenant_id: int, style: Style, *, by: str, now_us: int) -> None:
    """Makes it, or what stands there into it. `by` is as in the audit log."""
    changed_by = int(by) if by.isdecimal() else 0
    size = None if style.size is None else str(style.size)
    tx.execute(
        "INSERT INTO style (tenant_id, name_key, name, prompt, size, negative, changed_by,"
        " changed_at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (tenant_id, name_key) DO UPDATE SET name = excluded.name,"
        " prompt = excluded.prompt, size = excluded.size, negative = excluded.negative,"
        " changed_by = excluded.changed_by, changed_at_us = excluded.changed_at_us",
        (
            tenant_id,
            style.name_key,
            style.name,
            style.prompt,
            size,
            style.negative,
            changed_by,
            now_us,
        ),
    )


def drop_style(tx: Transaction, key: Key) -> None:
    tx.execute(
        "DELETE FROM style WHERE tenant_id = ? AND name_key = ?",
        (key.tenant_id, style_key(key.name)),
    )


def count_styles(tx: Transaction, tenant_id: int) -> int:
    row = tx.execute("SELECT count(*) FROM style WHERE tenant_id = ?", (tenant_id,)).fetchone()
    return int(row[0])


def rows_of_styles(tx: Transaction, tenant_id: int) -> list[Row]:
    """As those of settings."""
    return [
        (str(Scope.GUILD), tenant_id, style_row(tenant_id, one.name_key).name, tenant_id, text)
        for one in styles_of(tx, tenant_id)
        for text in (style_written(one),)
    ]


def _found(tx: Transaction, tenant_id: int, key: str) -> Style | None:
    row = tx.execute(
        f"SELECT {_STYLE} FROM style WHERE tenant_id = ? AND name_key = ?", (tenant_id, key)
    ).fetchone()
    return None if row is None else _style(*row)


def _style(name: str, prompt: str, size: str | None, negative: str) -> Style:
    try:
        drawn = None if size is None else read_size(size)
    except ValueError as error:
        raise PolicyUnreadable(f"style {name!r:.60}: no size: {size!r:.60}") from error
    return Style(name=name, prompt=prompt, size=drawn, negative=negative)


# ------------------------------------------------------------------------------------------------
# What members have set for themselves.


_DEFAULT = "size, rewriting, negative, pings, alt_words"


def load_default(tx: Transaction, user_id: int) -> PersonDefault:
    """All of it is None where the member has set nothing.

    Raises:
        PolicyUnreadable: somebody else wrote nonsense there.
    """
    row = tx.execute(
        f"SELECT {_DEFAULT} FROM person_default WHERE user_id = ?", (user_id,)
    ).fetchone()
    try:
        return NO_DEFAULT if row is None else _default(*row)
    except ValueError as error:
        size, rewriting, *_ = row  # the rest is the member's words, or always readable
        said = f"person_default: size {size!r:.20}, rewriting {rewriting!r:.20}"
        raise PolicyUnreadable(said) from error


def save_default(tx: Transaction, user_id: int, default: PersonDefault) -> None:
    """In the place of what stands there; of nothing no row is left."""
    if default == NO_DEFAULT:
        forget_default(tx, user_id)
        return
    size = None if default.size is None else str(default.size)
    values = [size, *astuple(default)[1:]]
    tx.execute(
        f"INSERT INTO person_default (user_id, {_DEFAULT}) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET size = excluded.size,"
        " rewriting = excluded.rewriting, negative = excluded.negative, pings = excluded.pings,"
        " alt_words = excluded.alt_words",
        (user_id, *values),
    )


def forget_default(tx: Transaction, user_id: int) -> None:
    tx.execute("DELETE FROM person_default WHERE user_id = ?", (user_id,))


def _default(
    size: str | None, rewriting: str | None, negative: Any, *switches: Any
) -> PersonDefault:
    pings, alt_words = (None if one is None else bool(one) for one in switches)
    return PersonDefault(
        size=None if size is None else read_size(size),
        rewriting=None if rewriting is None else Rewriting(rewriting),
        negative=negative,
        pings=pings,
        alt_words=alt_words,
    )
