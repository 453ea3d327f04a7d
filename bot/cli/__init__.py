"""What an operator asks on the command line, and how it is answered: in lines of plain English."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

Say: TypeAlias = Callable[[str], None]  # takes a line


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The headings first."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def value_text(text: str | None) -> str:
    """What stands in a row, or stood."""
    return "–" if text is None else (text or "(empty)")
