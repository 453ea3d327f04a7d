"""A modal: a title of 45 characters, one to five components, each with an id of its own.

Source: "Modal" under "Interaction Response Object" and "Component Reference" of Discord's API
(2026-08).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.discord.rules import components as c
from sandbox.discord.rules.kinds import Fields, Text, missing, shape_problems
from sandbox.discord.rules.layout import component_problems, walk
from sandbox.discord.rules.problems import Body, Path, Problem, objects, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHOOSING = (*c.SELECTS, c.FILE_UPLOAD, c.CHECKBOX_GROUP)

MODAL = Fields(
    known={
        "custom_id": Text(shortest=1, longest=100),
        "title": Text(shortest=1, longest=45),
        "components": c.MODAL_COMPONENTS,
    },
    required=frozenset({"custom_id", "title", "components"}),
)


def modal_problems(body: object, at: Path = ()) -> Iterator[Problem]:
    """Everything that is wrong with a modal."""
    yield from shape_problems(MODAL, body, at)
    if not isinstance(body, dict):
        return
    yield from component_problems(body, at)
    for here, component in walk(body, at):
        match whole(component, "type"):
            case c.TEXT_INPUT:
                yield from _text_input_problems(component, here)
            case kind if kind in _CHOOSING:
                yield from _choice_problems(component, here)
    yield from _missing_labels(body, at)


def _text_input_problems(field: Body, here: Path) -> Iterator[Problem]:
    fewest, most = whole(field, "min_length") or 0, whole(field, "max_length") or 4000
    if fewest > most:
        said = f"int value should be less than or equal to {most}."
        yield Problem(path=(*here, "min_length"), code="NUMBER_TYPE_MAX", message=said)
    value = text(field, "value")
    if value and not fewest <= len(value) <= most:
        said = f"Must be between {fewest} and {most} in length."
        yield Problem(path=(*here, "value"), code="BASE_TYPE_BAD_LENGTH", message=said)


def _choice_problems(field: Body, here: Path) -> Iterator[Problem]:
    """In a modal a field is required unless it says otherwise, and then nothing is too little."""
    if field.get("disabled") is True:
        said = "A select in a modal cannot be disabled"
        yield Problem(path=(*here, "disabled"), code="DISABLED_IN_MODAL", message=said)
    if whole(field, "min_values") == 0 and field.get("required") is not False:
        said = "Components marked as required cannot have a min_values of 0"
        yield Problem(path=here, code="COMPONENT_REQUIRED_ZERO_MIN_VALUES", message=said)


def _missing_labels(body: Body, at: Path) -> Iterator[Problem]:
    """A text input in a row has its own label; in a Label component the label stands outside."""
    for index, row in objects(body, "components"):
        if whole(row, "type") != c.ACTION_ROW:
            continue
        for inner, field in objects(row, "components"):
            if not text(field, "label"):
                yield missing((*at, "components", index, "components", inner, "label"))
