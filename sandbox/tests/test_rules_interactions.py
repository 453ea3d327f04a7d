"""What an answer to an interaction, a modal and a thread may not be."""

from __future__ import annotations

import pytest

from sandbox.discord.rules import rule_problems
from sandbox.discord.rules.problems import Context
from sandbox.tests.wrong_bodies import CALLBACK, THREAD_OF_MESSAGE, label, modal, row

X = "x"
THREADS = "/channels/{channel_id}/threads"


def found(body: object, path: str = CALLBACK, method: str = "POST") -> set[tuple[str, str]]:
    """Place and code of everything that is wrong with this body."""
    judged = rule_problems(method, path, body, Context())
    return {(".".join(map(str, p.path)), p.code) for p in judged}


def in_label(**component: object) -> dict[str, object]:
    """A modal whose only label holds this component."""
    inner = {"custom_id": X, **component}
    return modal(components=[{"type": 18, "label": X, "component": inner}])


ANSWERS = {
    "message without data": ({"type": 4}, "data", "BASE_TYPE_REQUIRED"),
    "empty message": ({"type": 4, "data": {}}, "data", "EMPTY_MESSAGE"),
    "type in words": ({"type": "reply"}, "type", "NUMBER_TYPE_COERCE"),
    "no type": ({}, "type", "BASE_TYPE_REQUIRED"),
    "defer with V2": (
        {"type": 5, "data": {"flags": 1 << 15}},
        "data.flags",
        "MESSAGE_FLAGS_NOT_ALLOWED",
    ),
    "defer with text": (
        {"type": 5, "data": {"content": X}},
        "data",
        "DEFERRED_RESPONSE_CARRIES_DATA",
    ),
    "suggestion without a value": (
        {"type": 8, "data": {"choices": [{"name": X}]}},
        "data.choices.0.value",
        "BASE_TYPE_REQUIRED",
    ),
    "suggestion of 101": (
        {"type": 8, "data": {"choices": [{"name": X, "value": X * 101}]}},
        "data.choices.0.value",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "suggestion named with 101": (
        {"type": 8, "data": {"choices": [{"name": X * 101, "value": X}]}},
        "data.choices.0.name",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "suggestion out of range": (
        {"type": 8, "data": {"choices": [{"name": X, "value": 1 << 53}]}},
        "data.choices.0.value",
        "NUMBER_TYPE_MAX",
    ),
    "nonce in an answer": (
        {"type": 4, "data": {"content": X, "nonce": X}},
        "data",
        "UNKNOWN_FIELD",
    ),
    "modal without title": (modal(title=None), "data.title", "BASE_TYPE_REQUIRED"),
    "modal without components": (modal(components=[]), "data.components", "BASE_TYPE_BAD_LENGTH"),
    "one field twice": (
        modal(components=[label(1), label(1)]),
        "data.components.1.component.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "label of 46": (
        modal(components=[{**label(1), "label": X * 46}]),
        "data.components.0.label",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "label's description of 101": (
        modal(components=[{**label(1), "description": X * 101}]),
        "data.components.0.description",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "button in a modal": (
        modal(components=[row({"type": 2, "style": 1, "custom_id": X, "label": X})]),
        "data.components.0.components.0",
        "UNION_TYPE_CHOICES",
    ),
    "text input in a row without label": (
        modal(components=[row({"type": 4, "style": 1, "custom_id": X})]),
        "data.components.0.components.0.label",
        "BASE_TYPE_REQUIRED",
    ),
    "text longer than allowed": (
        in_label(type=4, style=2, max_length=4001),
        "data.components.0.component.max_length",
        "NUMBER_TYPE_MAX",
    ),
    "at least more than at most": (
        in_label(type=4, style=2, min_length=5, max_length=4),
        "data.components.0.component.min_length",
        "NUMBER_TYPE_MAX",
    ),
    "value longer than its own limit": (
        in_label(type=4, style=2, max_length=4, value="12345"),
        "data.components.0.component.value",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "placeholder of 101": (
        in_label(type=4, style=2, placeholder=X * 101),
        "data.components.0.component.placeholder",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "third style of text": (
        in_label(type=4, style=3),
        "data.components.0.component.style",
        "BASE_TYPE_CHOICES",
    ),
    "eleven files": (
        in_label(type=19, max_values=11),
        "data.components.0.component.max_values",
        "NUMBER_TYPE_MAX",
    ),
    "one radio button": (
        in_label(type=21, options=[{"label": X, "value": X}]),
        "data.components.0.component.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "required, but nothing will do": (
        in_label(type=19, min_values=0),
        "data.components.0.component",
        "COMPONENT_REQUIRED_ZERO_MIN_VALUES",
    ),
    "data in words": ({"type": 8, "data": X}, "data", "MODEL_TYPE_CONVERT"),
    "modal in words": ({"type": 9, "data": X}, "data", "MODEL_TYPE_CONVERT"),
    "disabled select": (
        in_label(type=5, disabled=True),
        "data.components.0.component.disabled",
        "DISABLED_IN_MODAL",
    ),
}


@pytest.mark.parametrize(("body", "place", "code"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_refused(body: object, place: str, code: str) -> None:
    """The rule names the place and says it in Discord's words."""
    assert (place, code) in found(body)


RIGHT = {
    "ephemeral defer": {"type": 5, "data": {"flags": 64}},
    "defer with nothing in it": {"type": 5, "data": {"flags": 0, "content": None}},
    "update that changes nothing": {"type": 7},
    "no suggestion": {"type": 8, "data": {"choices": []}},
    "ephemeral answer": {"type": 4, "data": {"content": X, "flags": 64}},
    "launch": {"type": 12},
    "upload of pictures only": in_label(type=19, file_types=["image/png"]),
    "nothing will do": in_label(type=19, min_values=0, required=False),
    "checkboxes": in_label(
        type=22, options=[{"label": v, "value": v, "default": True} for v in "abc"]
    ),
}


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_an_answer_passes(body: object) -> None:
    """What Discord allows is allowed."""
    assert found(body) == set()


THREAD_FAULTS = {
    "no name": ({}, "name", "BASE_TYPE_REQUIRED"),
    "slow mode of seven hours": (
        {"name": X, "rate_limit_per_user": 21_601},
        "rate_limit_per_user",
        "NUMBER_TYPE_MAX",
    ),
    "a text channel as a thread": ({"name": X, "type": 0}, "type", "BASE_TYPE_CHOICES"),
    "post with six tags": (
        {"name": X, "message": {"content": X}, "applied_tags": ["1"] * 6},
        "applied_tags",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "post with an empty message": ({"name": X, "message": {}}, "message", "EMPTY_MESSAGE"),
    "post with a message in words": ({"name": X, "message": X}, "message", "MODEL_TYPE_CONVERT"),
}


@pytest.mark.parametrize(("body", "place", "code"), THREAD_FAULTS.values(), ids=THREAD_FAULTS)
def test_a_thread_is_refused(body: object, place: str, code: str) -> None:
    """The rule names the place and says it in Discord's words."""
    assert (place, code) in found(body, THREADS)


def test_a_thread_of_a_message_is_public() -> None:
    """It may say so, as discord.js does, but it cannot be a private one."""
    assert found({"name": X}, THREAD_OF_MESSAGE) == set()
    assert found({"name": X, "type": 11}, THREAD_OF_MESSAGE) == set()
    assert found({"name": X, "type": 12}, THREAD_OF_MESSAGE) == {("type", "BASE_TYPE_CHOICES")}


def test_a_channel_is_changed_within_its_limits() -> None:
    """A change of a thread has the thread's limits."""
    path = "/channels/{channel_id}"
    assert found({"archived": True, "auto_archive_duration": 60}, path, "PATCH") == set()
    assert found({"name": X * 101}, path, "PATCH") == {("name", "BASE_TYPE_BAD_LENGTH")}
