"""Reads the fields of a body whose types nobody has promised.

The rules look at bodies as clients sent them. Each function here gives the field if it has the
type that was asked for, and otherwise what an absent field would give, so no rule can fail on a
wrong type (the shapes report that).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
