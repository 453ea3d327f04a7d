"""Applies one schema of the document and turns what it says into Discord's words.

The document writes every choice between objects as `oneOf` or `anyOf`. JSON Schema then tries all
of them and says only that none fits, which takes tens of milliseconds for a tree of components and
helps nobody. Nearly all these objects name their kind in a field (`type`), so here a choice is
first narrowed down to the alternatives whose named field fits; what the remaining one says is what
the client is told. The price: where alternatives overlap, `oneOf` is taken as `anyOf`.

Nearly every value is valid, and that is found out by a compiled validator, in a hundredth of the
time. Only what it refuses is looked at as above.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

import jsonschema_rs
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]  # likewise
from jsonschema.validators import extend  # type: ignore[import-untyped]  # likewise
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from sandbox.discord.document.words import problem_of

if TYPE_CHECKING:
    from sandbox.discord.rules.problems import Body, Path, Problem

_Schema: TypeAlias = Mapping[str, object]
_URI = "urn:discord"


class Schemas:
    """The schemas of one document, each compiled when it is first needed."""

    def __init__(self, content: Body) -> None:
        """Takes a document whose references are all to itself."""
        self.content = content
        self._registry = Registry().with_resource(_URI, DRAFT202012.create_resource(content))
        self._compiled_registry = jsonschema_rs.Registry([(_URI, dict(content))])
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._class = extend(
            Draft202012Validator,
            {"oneOf": self._choice, "anyOf": self._choice, "required": _required},
        )

    def problems(self, pointer: str, value: object, at: Path = ()) -> tuple[Problem, ...]:
        """Where `value` departs from the schema at this place of the document (`#/paths/…`)."""
        if self._is_valid(pointer, value):
            return ()
        validator = self._class({"$ref": f"{_URI}{pointer}"}, registry=self._registry)
        return tuple(problem_of(error, at) for error in validator.iter_errors(value))

    def _is_valid(self, pointer: str, value: object) -> bool:
        """Strictly so: what it passes, the other passes too."""
        if pointer not in self._compiled:
            schema = {"$ref": f"{_URI}#{quote(pointer[1:], safe='/~')}"}
            self._compiled[pointer] = jsonschema_rs.Draft202012Validator(
                schema, registry=self._compiled_registry
            )
        return self._compiled[pointer].is_valid(value)

    def resolved(self, schema: _Schema) -> _Schema:
        """The schema itself, or the one that it refers to."""
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        found: object = self.content
        for step in reference.removeprefix("#/").split("/"):
            found = found.get(step) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def _choice(
        self,
        validator: Draft202012Validator,
        alternatives: list[_Schema],
        value: object,
        _: _Schema,
    ) -> Iterator[ValidationError]:
        fitting = [a for a in alternatives if self._may_fit(a, value)]
        if not fitting:
            yield ValidationError("no alternative fits", validator_value=self._names(alternatives))
            return
        found = [list(validator.descend(value, alternative)) for alternative in fitting]
        if all(found):
            yield from min(found, key=len)

    def _may_fit(self, alternative: _Schema, value: object) -> bool:
        schema = self.resolved(alternative)
        if schema.get("type") == "null":
            return value is None
        if value is None and "type" in schema:
            return "null" in schema["type"] if isinstance(schema["type"], list) else False
        if "const" in schema:
            return value == schema["const"]
        if not isinstance(value, Mapping):
            return schema.get("type") != "object"
        named = self._named_fields(schema)
        return all(value.get(name) in allowed for name, allowed in named.items())

    def _named_fields(self, schema: _Schema) -> dict[str, list[object]]:
        properties, required = schema.get("properties"), schema.get("required", [])
        named: dict[str, list[object]] = {}
        if not isinstance(properties, Mapping) or not isinstance(required, list):
            return named
        for name in required:
            match properties.get(name):
                case {"enum": list(allowed)}:
                    named[name] = allowed
        return named

    def _names(self, alternatives: list[_Schema]) -> list[object]:
        """What the alternatives are called: their constants, or what their `type` may be."""
        names: list[object] = []
        for schema in map(self.resolved, alternatives):
            if "const" in schema:
                names.append(schema["const"])
            names += self._named_fields(schema).get("type", [])
        return names


def _required(
    _: Draft202012Validator, names: list[str], value: object, __: _Schema
) -> Iterator[ValidationError]:
    """Like JSON Schema's, but the missing field is the end of the path."""
    if isinstance(value, Mapping):
        for name in names:
            if name not in value:
                yield ValidationError(f"{name!r} is missing", path=[name])
