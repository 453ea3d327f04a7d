"""What an operator asks on the command line, and how it is answered: in lines of plain English.

`options.py` reads the line; the functions that it names answer it, each with the exit status.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from bot.errors import NotPrinted
from bot.visible import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.runtime.clock import Clock
    from bot.settings import Settings

Say: TypeAlias = Callable[[str], None]  # takes a line
_LINE_END = re.compile(r"(\r?\n)")
_IDS = frozenset({"guild_id", "tenant_id", "channel_id", "user_id", "scope_id", "set_by"})


class Terminal(NamedTuple):
    """Where an operator sits."""

    settings: Settings
    clock: Clock
    say: Say

    @property
    def database_url(self) -> str:
        """What most commands look into."""
        return self.settings.database_url

    def say_json(self, facts: Any) -> None:
        """For programs: in ASCII, which nothing escapes again, and with ids as text."""
        import json  # not for whoever reads lines

        self.say(json.dumps(_exact(facts), indent=2))


def _exact(facts: Any) -> Any:
    """JavaScript and jq would round an id, which has up to 19 digits."""
    if isinstance(facts, dict):
        return {
            name: str(one) if name in _IDS and isinstance(one, int) else _exact(one)
            for name, one in facts.items()
        }
    return [_exact(one) for one in facts] if isinstance(facts, list | tuple) else facts


def say(lines: str) -> None:
    """Prints them; what would steer the terminal, in a reason or a bill, stands escaped.

    Raises:
        BrokenPipeError: whoever read it has gone.
        NotPrinted: such as on a full disk.
    """
    parts = _LINE_END.split(lines)
    try:
        print(
            "".join(one if _LINE_END.fullmatch(one) else escaped(one) for one in parts), flush=True
        )
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NotPrinted(f"the answer cannot be written: {error.strerror}") from error


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The headings first. A cell is one line, whatever somebody has typed into it."""
    rows = [tuple(map(escaped, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def value_text(text: str | None) -> str:
    """What stands in a row, or stood."""
    return "–" if text is None else (text or "(empty)")
