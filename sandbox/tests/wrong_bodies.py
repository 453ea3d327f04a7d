"""Twenty-six bodies, each with one thing wrong, and who finds it.

Fourteen of them break what Discord's document says. Twelve break rules that the document does not
have: our own rules must find those.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

MESSAGES = "/channels/{channel_id}/messages"
CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
THREAD_OF_MESSAGE = "/channels/{channel_id}/messages/{message_id}/threads"
COMMANDS = "/applications/{application_id}/commands"

V2 = 1 << 15
X = "x"


@dataclass(frozen=True, kw_only=True)
class WrongBody:
    """One body with one fault.

    Attributes:
        place: The path in `errors` where Discord's answer names the fault.
        code: What stands there.
    """

    name: str
    path: str
    body: object
    place: tuple[str, ...]
    code: str
    method: str = "POST"

    def __str__(self) -> str:
        return self.name


def button(**fields: object) -> dict[str, object]:
    """A button that is right but for what the fields change."""
    return {"type": 2, "style": 1, "label": "Again", "custom_id": "again", **fields}


def row(*components: object) -> dict[str, object]:
    """A row of components."""
    return {"type": 1, "components": list(components)}


def option(name: str = "size", **fields: object) -> dict[str, object]:
    """A command's option that is right but for what the fields change."""
    return {"type": 3, "name": name, "description": "How large", **fields}


def command(**fields: object) -> dict[str, object]:
    """A command that is right but for what the fields change."""
    return {"type": 1, "name": "imagine", "description": "Paint something", **fields}


def label(number: int) -> dict[str, object]:
    """A modal's label with a text input."""
    field = {"type": 4, "custom_id": f"field{number}", "style": 1}
    return {"type": 18, "label": "Prompt", "component": field}


def modal(**fields: object) -> dict[str, object]:
    """A modal callback that is right but for what the fields change."""
    data = {"custom_id": "edit", "title": "Edit", "components": [label(0)], **fields}
    return {"type": 9, "data": data}


def choices(count: int) -> list[object]:
    """Suggestions of autocomplete."""
    return [{"name": f"c{n}", "value": f"v{n}"} for n in range(count)]


def select(count: int) -> dict[str, object]:
    """A select with so many options."""
    options = [{"label": f"o{n}", "value": f"v{n}"} for n in range(count)]
    return {"type": 3, "custom_id": "pick", "options": options}


FOUND_BY_DOCUMENT = (
    WrongBody(
        name="content of the wrong type",
        path=MESSAGES,
        body={"content": {"text": "hello"}},
        place=("content",),
        code="STRING_TYPE_CONVERT",
    ),
    WrongBody(
        name="eleven embeds",
        path=MESSAGES,
        body={"embeds": [{"title": X}] * 11},
        place=("embeds",),
        code="BASE_TYPE_MAX_LENGTH",
    ),
    WrongBody(
        name="embed title of 257",
        path=CALLBACK,
        body={"type": 4, "data": {"embeds": [{"title": X * 257}]}},
        place=("data", "embeds", "0", "title"),
        code="BASE_TYPE_MAX_LENGTH",
    ),
    WrongBody(
        name="button label of 81",
        path=MESSAGES,
        body={"components": [row(button(label=X * 81))]},
        place=("components", "0", "components", "0", "label"),
        code="BASE_TYPE_MAX_LENGTH",
    ),
    WrongBody(
        name="six buttons in a row",
        path=MESSAGES,
        body={"components": [row(*(button(custom_id=f"b{n}") for n in range(6)))]},
        place=("components", "0", "components"),
        code="BASE_TYPE_BAD_LENGTH",
    ),
    WrongBody(
        name="select of 26 options",
        path=MESSAGES,
        body={"components": [row(select(26))]},
        place=("components", "0", "components", "0", "options"),
        code="BASE_TYPE_BAD_LENGTH",
    ),
    WrongBody(
        name="callback type 99",
        path=CALLBACK,
        body={"type": 99},
        place=("type",),
        code="BASE_TYPE_CHOICES",
    ),
    WrongBody(
        name="autocomplete with 26 choices",
        path=CALLBACK,
        body={"type": 8, "data": {"choices": choices(26)}},
        place=("data", "choices"),
        code="BASE_TYPE_MAX_LENGTH",
    ),
    WrongBody(
        name="modal title of 46",
        path=CALLBACK,
        body=modal(title=X * 46),
        place=("data", "title"),
        code="BASE_TYPE_BAD_LENGTH",
    ),
    WrongBody(
        name="command with 26 options",
        path=COMMANDS,
        method="PUT",
        body=[command(options=[option(f"o{n}") for n in range(26)])],
        place=("0", "options"),
        code="BASE_TYPE_MAX_LENGTH",
    ),
    WrongBody(
        name="command description of 101",
        path=COMMANDS,
        method="PUT",
        body=[command(description=X * 101)],
        place=("0", "description"),
        code="BASE_TYPE_MAX_LENGTH",
    ),
    WrongBody(
        name="thread name of 101",
        path=THREAD_OF_MESSAGE,
        body={"name": X * 101},
        place=("name",),
        code="BASE_TYPE_BAD_LENGTH",
    ),
    WrongBody(
        name="archive after 61 minutes",
        path=THREAD_OF_MESSAGE,
        body={"name": X, "auto_archive_duration": 61},
        place=("auto_archive_duration",),
        code="BASE_TYPE_CHOICES",
    ),
    WrongBody(
        name="follow-up of 2,001",
        path=FOLLOW_UP,
        body={"content": X * 2001},
        place=("content",),
        code="BASE_TYPE_MAX_LENGTH",
    ),
)

EMPTY = WrongBody(
    name="an empty message", path=MESSAGES, body={"content": " "}, place=(), code="EMPTY_MESSAGE"
)
"""The one that is not a matter of fields: Discord answers it with 50006."""

FOUND_BY_RULES = (
    WrongBody(
        name="content of 2,001 in a channel",
        path=MESSAGES,
        body={"content": X * 2001},
        place=("content",),
        code="BASE_TYPE_MAX_LENGTH",
    ),
    WrongBody(
        name="button without custom_id",
        path=MESSAGES,
        body={"components": [row({"type": 2, "style": 1, "label": "Again"})]},
        place=("components", "0", "components", "0", "custom_id"),
        code="BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
    ),
    WrongBody(
        name="six rows",
        path=MESSAGES,
        body={"components": [row(button(custom_id=f"b{n}")) for n in range(6)]},
        place=("components",),
        code="BASE_TYPE_MAX_LENGTH",
    ),
    WrongBody(
        name="a field that does not exist",
        path=MESSAGES,
        body={"content": X, "ephemeral": True},
        place=(),
        code="UNKNOWN_FIELD",
    ),
    EMPTY,
    WrongBody(
        name="V2 mixed with content",
        path=MESSAGES,
        body={"content": X, "flags": V2, "components": [{"type": 10, "content": X}]},
        place=("content",),
        code="MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    WrongBody(
        name="a V2 component without the flag",
        path=MESSAGES,
        body={"components": [{"type": 10, "content": X}]},
        place=("components", "0"),
        code="UNION_TYPE_CHOICES",
    ),
    WrongBody(
        name="two buttons with one custom_id",
        path=MESSAGES,
        body={"components": [row(button(), button())]},
        place=("components", "0", "components", "1", "custom_id"),
        code="COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    WrongBody(
        name="a modal with six items",
        path=CALLBACK,
        body=modal(components=[label(n) for n in range(6)]),
        place=("data", "components"),
        code="BASE_TYPE_BAD_LENGTH",
    ),
    WrongBody(
        name="a command name in capitals",
        path=COMMANDS,
        method="PUT",
        body=[command(name="Imagine")],
        place=("0", "name"),
        code="APPLICATION_COMMAND_INVALID_NAME",
    ),
    WrongBody(
        name="a required option after an optional one",
        path=COMMANDS,
        method="PUT",
        body=[command(options=[option("seed"), option("prompt", required=True)])],
        place=("0", "options", "1"),
        code="APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    WrongBody(
        name="a locale that does not exist",
        path=COMMANDS,
        method="PUT",
        body=[command(name_localizations={"de-AT": "male"})],
        place=("0", "name_localizations"),
        code="UNKNOWN_LOCALE",
    ),
)

WITH_FIELDS = tuple(w for w in (*FOUND_BY_DOCUMENT, *FOUND_BY_RULES) if w is not EMPTY)
"""Those that are answered with 50035."""


def codes_at(answer: object, place: tuple[str, ...]) -> list[str]:
    """The codes that an error body of Discord has at this place of its tree."""
    node = msgspec.convert(answer, ErrorBody).errors
    for step in place:
        node = msgspec.convert(node[step], dict[str, object])
    return [each["code"] for each in msgspec.convert(node["_errors"], list[dict[str, str]])]


class ErrorBody(msgspec.Struct):
    """An error body of Discord."""

    code: int
    message: str
    errors: dict[str, object] = {}
