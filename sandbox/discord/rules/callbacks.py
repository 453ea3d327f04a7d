"""The first answer to an interaction: which types there are, and what each may carry; modals.

A deferred answer may carry the EPHEMERAL flag and nothing else; V2 comes with the edit of the
original. A modal has a title of 45 characters and one to five components, each with an id of its
own. Source: "Interaction Response Object" and "Component Reference" in the reference of Discord's
API (2026-08).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.discord.interactions import CallbackType
from sandbox.discord.records import MessageFlag
from sandbox.discord.rules.components import (
    MODAL_COMPONENTS,
    SELECTS,
    ComponentType,
    component_problems,
    walk,
)
from sandbox.discord.rules.kinds import (
    Anything,
    Fields,
    Items,
    Localized,
    Number,
    Text,
    missing,
    shape_problems,
)
from sandbox.discord.rules.messages import (
    CALLBACK,
    CALLBACK_EDIT,
    SENDABLE,
    edit_problems,
    message_problems,
)
from sandbox.discord.rules.problems import Body, Path, Problem, mapping, objects, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.rules.problems import Context

_ENVELOPE = Fields(
    known={"type": Number(choices=tuple(CallbackType)), "data": Anything()},
    required=frozenset({"type"}),
)
_NUMERIC = Number(lowest=-(2**53 - 1), highest=2**53 - 1, fraction=True)
_CHOICE = Fields(
    known={
        "name": Text(shortest=1, longest=100),
        "name_localizations": Localized(of=Text(shortest=1, longest=100)),
        "value": Anything(),
    },
    required=frozenset({"name", "value"}),
)
_WITHOUT_EFFECT = frozenset({"flags", "tts", "allowed_mentions"})
"""hikari sends whom a message may ping with every answer, deferred ones too."""

_SUGGESTIONS = Fields(known={"choices": Items(of=_CHOICE, most=25, nullable=True)})

_CHOOSING = (*SELECTS, ComponentType.FILE_UPLOAD, ComponentType.CHECKBOX_GROUP)
MODAL = Fields(
    known={
        "custom_id": Text(shortest=1, longest=100),
        "title": Text(shortest=1, longest=45),
        "components": MODAL_COMPONENTS,
    },
    required=frozenset({"custom_id", "title", "components"}),
)


def callback_problems(body: object, context: Context) -> Iterator[Problem]:
    """Everything that is wrong with a first answer."""
    yield from shape_problems(_ENVELOPE, body)
    if not isinstance(body, dict):
        return
    kind = whole(body, "type")
    match kind:
        case CallbackType.DEFERRED_MESSAGE | CallbackType.DEFERRED_UPDATE:
            yield from _deferred_problems(body)
        case (
            CallbackType.MESSAGE
            | CallbackType.UPDATE
            | CallbackType.AUTOCOMPLETE
            | CallbackType.MODAL
        ):
            yield from _answer_problems(CallbackType(kind), body, context)


def _answer_problems(kind: CallbackType, body: Body, context: Context) -> Iterator[Problem]:
    data, at = body.get("data"), ("data",)
    if data is None:
        if kind != CallbackType.UPDATE:
            yield missing(at)
        return
    match kind:
        case CallbackType.MESSAGE:
            may_set = SENDABLE | MessageFlag.EPHEMERAL
            fresh = replace(context, before=None)
            yield from message_problems(CALLBACK, data, fresh, at=at, may_set=may_set)
        case CallbackType.UPDATE:
            yield from edit_problems(CALLBACK_EDIT, data, context, at=at)
        case CallbackType.AUTOCOMPLETE:
            yield from shape_problems(_SUGGESTIONS, data, at)
            yield from _value_problems(mapping(body, "data"))
        case CallbackType.MODAL:
            yield from modal_problems(data, at)


def _deferred_problems(body: Body) -> Iterator[Problem]:
    data = mapping(body, "data")
    if any(data[field] for field in data.keys() - _WITHOUT_EFFECT):
        said = "A deferred response carries the EPHEMERAL flag and nothing else."
        yield Problem(path=("data",), code="DEFERRED_RESPONSE_CARRIES_DATA", message=said)
    refused = (whole(data, "flags") or 0) & ~MessageFlag.EPHEMERAL
    if refused:
        said = f"The flags {refused} cannot be set here."
        yield Problem(path=("data", "flags"), code="MESSAGE_FLAGS_NOT_ALLOWED", message=said)


def _value_problems(data: Body) -> Iterator[Problem]:
    for index, choice in objects(data, "choices"):
        value = choice.get("value")
        path = ("data", "choices", index, "value")
        if isinstance(value, str):
            yield from shape_problems(Text(shortest=1, longest=100), value, path)
        elif value is not None:
            yield from shape_problems(_NUMERIC, value, path)


def modal_problems(body: object, at: Path = ()) -> Iterator[Problem]:
    """Everything that is wrong with a modal."""
    yield from shape_problems(MODAL, body, at)
    if not isinstance(body, dict):
        return
    yield from component_problems(body, at)
    for here, component in walk(body, at):
        match whole(component, "type"):
            case ComponentType.TEXT_INPUT:
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
        if whole(row, "type") != ComponentType.ACTION_ROW:
            continue
        for inner, field in objects(row, "components"):
            if not text(field, "label"):
                yield missing((*at, "components", index, "components", inner, "label"))
