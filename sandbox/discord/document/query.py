"""Holds the fields of a query, which are all strings, against their schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sandbox.discord.rules.problems import Body, items

if TYPE_CHECKING:
    from sandbox.discord.document.schemas import Schemas
    from sandbox.discord.rules.problems import Problem

_WHOLE = re.compile(r"-?[0-9]{1,19}")
_TRUTHS = {"true": True, "false": False, "1": True, "0": False}


def query_problems(
    schemas: Schemas, operation: Body, pointer: str, query: Mapping[str, str]
) -> Iterator[Problem]:
    """Where the fields that the document knows depart from it."""
    for index, parameter in enumerate(items(operation, "parameters")):
        if not isinstance(parameter, Mapping) or parameter.get("in") != "query":
            continue
        name = str(parameter.get("name"))
        if name in query:
            value = _read(schemas, parameter.get("schema"), query[name])
            yield from schemas.problems(f"{pointer}/parameters/{index}/schema", value, (name,))


def _read(schemas: Schemas, schema: object, value: str) -> object:
    kinds = schemas.resolved(schema).get("type") if isinstance(schema, Mapping) else None
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "integer" in kinds and _WHOLE.fullmatch(value):
        return int(value)
    if "boolean" in kinds:
        return _TRUTHS.get(value.lower(), value)
    if "array" in kinds:
        return [value]
    return value
