"""The rows of what members have set for themselves."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from bot.errors import PolicyUnreadable
from bot.policy.defaults import NO_DEFAULT, PersonDefault
from bot.policy.rules import VALUES, Rewriting

if TYPE_CHECKING:
    from bot.db import Transaction


_COLUMNS = "size, rewriting, negative, pings, alt_words"


def load_default(tx: Transaction, user_id: int) -> PersonDefault:
    """All of it is None where the member has set nothing.

    Raises:
        PolicyUnreadable: somebody else wrote nonsense there.
    """
    row = tx.execute(
        f"SELECT {_COLUMNS} FROM person_default WHERE user_id = ?", (user_id,)
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
        f"INSERT INTO person_default (user_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
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
        size=None if size is None else VALUES["default_size"].read(size),  # type: ignore[arg-type] # a size
        rewriting=None if rewriting is None else Rewriting(rewriting),
        negative=negative,
        pings=pings,
        alt_words=alt_words,
    )
