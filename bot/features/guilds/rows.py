"""The rows of guilds: since when the bot is in them, and what was said to their staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.db import Transaction


class Told(NamedTuple):
    """What the staff of a guild have heard since the bot came to it."""

    is_greeted: bool
    is_refused: bool


def is_greeted(tx: Transaction, guild_id: int, joined_at_us: int) -> bool:
    """Whether nothing is left to say or to write since the bot came there."""
    found = tx.execute(
        "SELECT 1 FROM guild WHERE id = ? AND joined_at_us = ? AND greeted_at_us IS NOT NULL"
        " AND left_at_us IS NULL",
        (guild_id, joined_at_us),
    ).fetchone()
    return found is not None


def enter(tx: Transaction, guild_id: int, *, joined_at_us: int, is_old: bool, now_us: int) -> Told:
    """The bot is in it since then; if it was before and came back, nothing has been said yet.

    Args:
        is_old: its staff know the bot; they count as greeted if there is no row of it yet.
    """
    row = tx.execute(
        "SELECT joined_at_us, greeted_at_us, refused_at_us FROM guild WHERE id = ?", (guild_id,)
    ).fetchone()
    if row is None:
        is_old = is_old or _has_asked(tx, guild_id, joined_at_us)
        tx.execute(
            "INSERT INTO guild (id, joined_at_us, greeted_at_us) VALUES (?, ?, ?)",
            (guild_id, joined_at_us, now_us if is_old else None),
        )
        return Told(is_greeted=is_old, is_refused=False)
    if row[0] != joined_at_us:
        tx.execute(
            "UPDATE guild SET joined_at_us = ?, greeted_at_us = NULL, refused_at_us = NULL,"
            " left_at_us = NULL WHERE id = ?",
            (joined_at_us, guild_id),
        )
        return Told(is_greeted=False, is_refused=False)
    tx.execute("UPDATE guild SET left_at_us = NULL WHERE id = ?", (guild_id,))
    return Told(is_greeted=row[1] is not None, is_refused=row[2] is not None)


def _has_asked(tx: Transaction, guild_id: int, joined_at_us: int) -> bool:
    """Before there was a row of it."""
    asked = "SELECT 1 FROM ledger WHERE tenant_id = ? AND reserved_at_us >= ? LIMIT 1"
    return tx.execute(asked, (guild_id, joined_at_us)).fetchone() is not None


def is_set_up(tx: Transaction, guild_id: int) -> bool:
    """Whether its staff have set anything."""
    found = tx.execute("SELECT 1 FROM policy WHERE tenant_id = ? LIMIT 1", (guild_id,)).fetchone()
    return found is not None


def note_told(tx: Transaction, guild_id: int, *, is_allowed: bool, now_us: int) -> None:
    """Its staff were told what the bot is; or, if it is not allowed, that."""
    column = "greeted_at_us" if is_allowed else "refused_at_us"
    tx.execute(f"UPDATE guild SET {column} = ? WHERE id = ?", (now_us, guild_id))


def leave(tx: Transaction, guild_id: int, *, now_us: int) -> None:
    """The bot is in it no more: from now on its data waits to be deleted."""
    tx.execute(
        "INSERT INTO guild (id, joined_at_us, left_at_us) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET left_at_us = excluded.left_at_us",
        (guild_id, now_us, now_us),
    )


def leave_others(
    tx: Transaction, present: Collection[int], *, joined_before_us: int, now_us: int
) -> list[int]:
    """The bot has left all but these while it was away; returns them."""
    rows = tx.execute(
        "SELECT id FROM guild WHERE left_at_us IS NULL AND joined_at_us < ?", (joined_before_us,)
    ).fetchall()
    gone = [row[0] for row in rows if row[0] not in present]
    for guild_id in gone:
        leave(tx, guild_id, now_us=now_us)
    return gone
