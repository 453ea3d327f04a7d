"""The first answer to an interaction: which types there are, and what each may carry.

Source: "Interaction Response Object" in the reference of Discord's API (2026-08). A deferred answer
may carry the EPHEMERAL flag and nothing else; V2 comes with the edit of the original.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING

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
    Flag,
    edit_problems,
    message_problems,
)
from sandbox.discord.rules.modals import modal_problems
from sandbox.discord.rules.problems import Body, Problem, mapping, objects, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.rules.problems import Context


class Answer(IntEnum):
    """The types of a first answer."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9
    PREMIUM_REQUIRED = 10
    LAUNCH_ACTIVITY = 12


_ENVELOPE = Fields(
    known={"type": Number(choices=tuple(Answer)), "data": Anything()}, required=frozenset({"type"})
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


def callback_problems(body: object, context: Context) -> Iterator[Problem]:
    """Everything that is wrong with a first answer."""
    yield from shape_problems(_ENVELOPE, body)
    if not isinstance(body, dict):
        return
    kind = whole(body, "type")
    match kind:
        case Answer.DEFERRED_MESSAGE | Answer.DEFERRED_UPDATE:
            yield from _deferred_problems(body)
        case Answer.MESSAGE | Answer.UPDATE | Answer.AUTOCOMPLETE | Answer.MODAL:
            yield from _answer_problems(Answer(kind), body, context)


def _answer_problems(kind: Answer, body: Body, context: Context) -> Iterator[Problem]:
    data, at = body.get("data"), ("data",)
    if data is None:
        if kind != Answer.UPDATE:
            yield missing(at)
        return
    match kind:
        case Answer.MESSAGE:
            may_set = SENDABLE | Flag.EPHEMERAL
            fresh = replace(context, before=None)
            yield from message_problems(CALLBACK, data, fresh, at=at, may_set=may_set)
        case Answer.UPDATE:
            yield from edit_problems(CALLBACK_EDIT, data, context, at=at)
        case Answer.AUTOCOMPLETE:
            yield from shape_problems(_SUGGESTIONS, data, at)
            yield from _value_problems(mapping(body, "data"))
        case Answer.MODAL:
            yield from modal_problems(data, at)


def _deferred_problems(body: Body) -> Iterator[Problem]:
    data = mapping(body, "data")
    if any(data[field] for field in data.keys() - _WITHOUT_EFFECT):
        said = "A deferred response carries the EPHEMERAL flag and nothing else."
        yield Problem(path=("data",), code="DEFERRED_RESPONSE_CARRIES_DATA", message=said)
    refused = (whole(data, "flags") or 0) & ~Flag.EPHEMERAL
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
