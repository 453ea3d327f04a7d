"""One broken rule, and the refusal that Discord would make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sandbox.discord.errors import INVALID_FORM, DiscordError, ErrorKind, FieldError, invalid_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Path: TypeAlias = tuple[str | int, ...]
"""Steps from a body's root; an index into a list is an int."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(FieldError):
    """A field that breaks a rule.

    Attributes:
        kind: Discord's numbered error; nearly always the one that names fields.
        ignored: A field below `path` that Discord does not know and lets be; None otherwise.
    """

    kind: ErrorKind = INVALID_FORM
    ignored: str | None = None

    def __str__(self) -> str:
        steps = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in self.path)
        return f"{steps.removeprefix('.') or 'body'} ({self.code}): {self.message}"


def refusal(problems: Sequence[Problem]) -> DiscordError:
    """How Discord refuses a body with these problems, of which there is at least one.

    Where a field and something inside it are both wrong, the outer one alone is reported. An error
    without fields, such as 50006, speaks only when no field is wrong.
    """
    fields = [p for p in problems if p.kind == INVALID_FORM]
    return invalid_form(_outermost(fields)) if fields else DiscordError(problems[0].kind)


def _outermost(problems: Iterable[Problem]) -> list[Problem]:
    kept: list[Problem] = []
    wrong: set[Path] = set()
    for problem in sorted(problems, key=lambda p: len(p.path)):
        if not any(problem.path[:n] in wrong for n in range(len(problem.path))):
            kept.append(problem)
            wrong.add(problem.path)
    return kept
