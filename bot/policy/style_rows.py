"""The rows of styles. They are changed by `bot.policy.changes` alone, which logs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import PolicyUnreadable, UnknownStyle
from bot.policy.rules import VALUES, Scope
from bot.policy.styles import (
    Style,
    name_key,
    nearest_names,
    style_key,
    style_row,
    style_written,
)

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.policy.rules import Key, Row


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
        read = None if size is None else VALUES["default_size"].read(size)
    except ValueError as error:
        raise PolicyUnreadable(f"style {name!r:.60}: no size: {size!r:.60}") from error
    return Style(name=name, prompt=prompt, size=read, negative=negative)  # type: ignore[arg-type] # a size
