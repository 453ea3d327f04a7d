"""What an operator asks on the command line, and how it is answered: in lines of plain English."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from bot.runtime.logs import CONTROL

Say: TypeAlias = Callable[[str], None]  # takes a line
_LINE_END = re.compile(r"(\r?\n)")


def say(lines: str) -> None:
    """Prints them; what would steer the terminal, in a reason or a bill, stands escaped as in JSON.

    Raises:
        BrokenPipeError: whoever read it has gone.
    """
    print(
        "".join(
            part if _LINE_END.fullmatch(part) else _plain(part) for part in _LINE_END.split(lines)
        )
    )


def _plain(text: str) -> str:
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The headings first. A cell is one line, whatever somebody has typed into it."""
    rows = [tuple(map(_plain, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def value_text(text: str | None) -> str:
    """What stands in a row, or stood."""
    return "–" if text is None else (text or "(empty)")
