"""Null is absent: takes the nulls out of a body where its shape has no use for them.

Discord's document lets nearly every field that need not be given be null. A shape says `| None`
where null says something of its own, as in an edit that takes the topic away; everywhere else a
field with a default may be null, and an item of a list that is null is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from msgspec import inspect


def without_nulls(value: object, shape: type) -> object:
    """The value without the nulls that the shape does not take; it may share parts with it."""
    return _without(value, _kind(shape))


@cache
def _kind(shape: type) -> inspect.Type:
    return inspect.type_info(shape)


def _without(value: object, kind: inspect.Type) -> object:
    match kind:
        case inspect.ListType(item_type=of) if isinstance(value, list):
            takes_null = _takes_null(of)
            return [_without(item, of) for item in value if takes_null or item is not None]
        case inspect.StructType() if isinstance(value, Mapping):
            return _object_without(value, kind)
        case inspect.UnionType(types=types):
            return _without(value, _alternative(value, types)) if types else value
    return value


def _object_without(value: Mapping[str, object], kind: inspect.StructType) -> dict[str, object]:
    kept = dict(value)
    for field in kind.fields:
        if field.encode_name not in kept:
            continue
        inner = kept[field.encode_name]
        if inner is None and not field.required and not _takes_null(field.type):
            del kept[field.encode_name]
        else:
            kept[field.encode_name] = _without(inner, field.type)
    return kept


def _alternative(value: object, types: tuple[inspect.Type, ...]) -> inspect.Type:
    """The one that the value is meant for; any other leaves it as it is."""
    for kind in types:
        match kind:
            case inspect.ListType() if isinstance(value, list):
                return kind
            case inspect.StructType(tag_field=None) if isinstance(value, Mapping):
                return kind
            case inspect.StructType(tag_field=str(name), tag=tag) if isinstance(value, Mapping):
                if value.get(name) == tag:
                    return kind
    return inspect.AnyType()


def _takes_null(kind: inspect.Type) -> bool:
    match kind:
        case inspect.UnionType(types=types):
            return any(map(_takes_null, types))
        case inspect.NoneType() | inspect.AnyType():
            return True
    return False
