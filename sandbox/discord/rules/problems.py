"""What every rule works with: the fields of a body, what stands around it, and the problems it has.

The rules look at bodies as clients sent them, whose types nobody has promised. `mapping`, `items`,
`objects`, `text` and `whole` give a field if it has the type that was asked for, and otherwise what
an absent field would give, so no rule can fail on a wrong type (the kinds report that).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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


Body = Mapping[str, object]


def mapping(body: Body, name: str) -> Body:
    """The object in this field, or an empty one."""
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}


def items(body: Body, name: str) -> list[object]:
    """The list in this field, or an empty one."""
    value = body.get(name)
    return value if isinstance(value, list) else []


def objects(body: Body, name: str) -> Iterator[tuple[int, Body]]:
    """The objects of the list in this field, each with its index."""
    return ((i, v) for i, v in enumerate(items(body, name)) if isinstance(v, Mapping))


def text(body: Body, name: str) -> str:
    """The string in this field, or an empty one."""
    value = body.get(name)
    return value if isinstance(value, str) else ""


def whole(body: Body, name: str) -> int | None:
    """The whole number in this field; a truth value is none."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value // 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The surroundings of one request.

    Attributes:
        files: The uploads of the request: the `n` of each part `files[n]`, and its file name.
        before: The message that the request edits, or whose component led to it, as its author
            sees it and with every attachment that it has; None if there is none.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    before: Body | None = None


def without_ignored(body: object, problems: Iterable[Problem]) -> object:
    """The body without the field that each of these problems is about; it may share parts."""
    for problem in problems:
        if problem.ignored is not None:
            body = _without(body, problem.path, problem.ignored)
    return body


def _without(value: object, path: Path, name: str) -> object:
    if isinstance(value, Mapping):
        if not path:
            return {key: inner for key, inner in value.items() if key != name}
        return {**value, path[0]: _without(value.get(path[0]), path[1:], name)}
    if isinstance(value, list) and path and isinstance(path[0], int):
        index = path[0]
        return [*value[:index], _without(value[index], path[1:], name), *value[index + 1 :]]
    return value
