"""Takes the fields that Discord ignores out of a body, so that nothing else looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.discord.rules.problem import Path, Problem


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
