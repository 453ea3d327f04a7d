"""Applies one schema of the document and turns what it says into Discord's words.

The document writes every choice between objects as `oneOf` or `anyOf`. JSON Schema then tries all
of them and says only that none fits, which takes tens of milliseconds for a tree of components and
helps nobody. Nearly all these objects name their kind in a field (`type`), so here a choice is
first narrowed down to the alternatives whose named field fits; what the remaining one says is what
the client is told. The price: where alternatives overlap, `oneOf` is taken as `anyOf`.

Nearly every value is valid, and that is found out by a compiled validator, in a hundredth of the
time. Only what it refuses is looked at as above. Discord's server does not use JSON Schema; its
words for the same limits are known from its answers.
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

from sandbox.discord.rules.kinds import bad_length, missing, not_a_choice
from sandbox.discord.rules.problems import Path, Problem

if TYPE_CHECKING:
    from sandbox.discord.rules.problems import Body

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


_TYPES = {
    "string": ("STRING_TYPE_CONVERT", "Could not interpret the value as string."),
    "integer": ("NUMBER_TYPE_COERCE", "The value is not int."),
    "number": ("NUMBER_TYPE_COERCE", "The value is not float."),
    "boolean": ("BOOLEAN_TYPE_CONVERT", "Must be either true or false."),
    "array": ("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"),
    "object": ("MODEL_TYPE_CONVERT", "Expected an object/dictionary."),
}


def problem_of(error: ValidationError, at: Path) -> Problem:
    """The problem that this error of JSON Schema is."""
    path: Path = (*at, *error.absolute_path)
    limit, schema = error.validator_value, error.schema
    match error.validator:
        case "required":
            return missing(path)
        case "maxLength" | "minLength":
            return bad_length(path, schema.get("minLength", 0), schema.get("maxLength"))
        case "maxItems" | "minItems":
            return bad_length(path, schema.get("minItems", 0), schema.get("maxItems"))
        case "enum":
            return not_a_choice(path, limit)
        case "oneOf" | "anyOf":
            return _no_alternative(path, limit, is_object=isinstance(error.instance, dict))
        case "type":
            code, said = _TYPES.get(limit[0] if isinstance(limit, list) else limit, _UNKNOWN)
            return Problem(path=path, code=code, message=said)
        case keyword:
            code, said = _LIMITS.get(keyword, ("NOT_BY_THE_DOCUMENT", f"It fails {keyword}: {{}}."))
            return Problem(path=path, code=code, message=said.format(limit))


_LIMITS = {
    "maximum": ("NUMBER_TYPE_MAX", "int value should be less than or equal to {}."),
    "minimum": ("NUMBER_TYPE_MIN", "int value should be greater than or equal to {}."),
    "pattern": ("STRING_TYPE_REGEX", "String value did not match validation regex."),
    "uniqueItems": (
        "SET_TYPE_ALREADY_CONTAINS_VALUE",
        "The set already contains this value",
    ),
}
_UNKNOWN = ("NOT_BY_THE_DOCUMENT", "The value is of the wrong type.")


def _no_alternative(path: Path, names: list[object], *, is_object: bool) -> Problem:
    if not is_object and names:
        return not_a_choice(path, names)
    if not names:
        return Problem(path=path, code="NOT_BY_THE_DOCUMENT", message="None of the choices fits.")
    said = f'Value of field "type" must be one of ({", ".join(map(str, names))}).'
    return Problem(path=path, code="UNION_TYPE_CHOICES", message=said)
