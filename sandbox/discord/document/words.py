"""Says a violation of JSON Schema in Discord's words.

Discord's server does not use JSON Schema; its words for the same limits are known from its answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.rules.kinds import bad_length, missing, not_a_choice
from sandbox.discord.rules.problems import Path, Problem

if TYPE_CHECKING:
    from jsonschema.exceptions import (  # type: ignore[import-untyped]  # it ships no types
        ValidationError,
    )

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
