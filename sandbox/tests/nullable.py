"""Every place where Discord's document allows null in a request, each in a body that else is right.

The bodies are made from the document: required fields alone, and on the way to each nullable place
one alternative of each choice. `_BASES` has what the rules ask beyond the document, such as a
button's label.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sandbox.discord.rules import anonymous
from sandbox.tests.discord_document import COPY

if TYPE_CHECKING:
    from sandbox.discord.routing import Route

Wrap: TypeAlias = Callable[[object], object]
Schema: TypeAlias = dict[str, Any]

V2 = 1 << 15
_ADDRESS = "https://example.org/a.png"
_BUTTON = {"type": 2, "style": 1}
_LEGACY = frozenset({"content", "embeds"})
_MESSAGE: list[Schema] = [{"content": "x"}, {"embeds": [{"title": "x"}]}]
_OPTIONS = [{"label": v, "value": v} for v in ("a", "b")]
_EVENT = {"name": "x", "privacy_level": 2, "scheduled_start_time": "2090-01-01T20:00:00Z"}
_ELSEWHERE = {"entity_type": 3, "entity_metadata": {"location": "x"}}
_SLASH = {"name": "a", "description": "b"}

_BASES: dict[str, list[Schema]] = {
    "ApplicationCommandCreateRequest": [_SLASH, {"name": "a", "type": 3}],
    "ApplicationCommandUpdateRequest": [_SLASH, {"name": "a", "type": 3}],
    "BaseCreateMessageCreateRequest": _MESSAGE,
    "IncomingWebhookInteractionRequest": _MESSAGE,
    "IncomingWebhookRequestPartial": _MESSAGE,
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial": _MESSAGE,
    "IncomingWebhookUpdateRequestPartial": _MESSAGE,
    "MessageCreateRequest": _MESSAGE,
    "MessageEditRequestPartial": _MESSAGE,
    "CreateMessageInteractionCallbackRequest": [
        {"type": 4, "data": {"content": "x"}},
        {"type": 5},
    ],
    "UpdateMessageInteractionCallbackRequest": [
        {"type": 7, "data": {"content": "x"}},
        {"type": 6},
    ],
    "CreatePrivateChannelRequest": [{"recipient_id": "{user_id}"}],
    "ExternalScheduledEventCreateRequest": [
        {**_EVENT, **_ELSEWHERE, "scheduled_end_time": "2090-01-01T21:00:00Z"},
    ],
    "VoiceScheduledEventCreateRequest": [
        {**_EVENT, "entity_type": 2, "channel_id": "{voice_id}"},
    ],
    "MessageReferenceRequest": [{"message_id": "{message_id}"}],
    "MessageAttachmentRequest": [{"id": "0"}],
    "RichEmbed": [{"title": "x"}, {"description": "x"}],
    "RichEmbedAuthor": [{"name": "x"}],
    "RichEmbedFooter": [{"text": "x"}],
    "RichEmbedImage": [{"url": _ADDRESS}],
    "RichEmbedThumbnail": [{"url": _ADDRESS}],
    "PollMedia": [{"text": "x"}],
    "PollMediaCreateRequest": [{"text": "x"}],
    "PollEmojiCreateRequest": [{"name": "🎨"}],
    "PollEmoji": [{"name": "🎨"}],
    "ApplicationCommandOptionNumberChoice": [{"name": "x", "value": 1}],
    "RichEmbedField": [{"name": "x", "value": "x"}],
    "ComponentEmojiForRequest": [{"name": "🎨"}],
    "ButtonComponentForMessageRequest": [
        {**_BUTTON, "custom_id": "a", "label": "x"},
        {**_BUTTON, "custom_id": "a", "emoji": {"name": "🎨"}},
        {"type": 2, "style": 5, "url": _ADDRESS, "label": "x"},
    ],
    "StringSelectComponentForMessageRequest": [{"type": 3, "custom_id": "a", "options": _OPTIONS}],
    "StringSelectComponentForModalRequest": [{"type": 3, "custom_id": "a", "options": _OPTIONS}],
    "CheckboxGroupComponentForModalRequest": [{"type": 22, "custom_id": "a", "options": _OPTIONS}],
    "RadioGroupComponentForModalRequest": [{"type": 21, "custom_id": "a", "options": _OPTIONS}],
    "TextInputComponentForModalRequest": [{"type": 4, "custom_id": "a", "style": 1, "label": "x"}],
    "UnfurledMediaRequest": [{"url": _ADDRESS}],
    "UnfurledMediaRequestWithAttachmentReferenceRequired": [{"url": "attachment://a.png"}],
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Nulled:
    """A body with null in one place.

    Attributes:
        schema: The document's name of the object that has the place.
        field: The field in it; with `[]` it is an item of the list there.
    """

    route: Route
    schema: str
    field: str
    body: object

    def __str__(self) -> str:
        return f"{self.route.key} {self.schema}.{self.field}"


class Nullable:
    """Finds the places in the document; those of each object only once."""

    def __init__(self) -> None:
        """Reads the tests' own copy."""
        self._document: Schema = json.loads(gzip.decompress(COPY.read_bytes()))
        self._seen: set[str] = set()
        self._paths = {
            anonymous(path): operations for path, operations in self._document["paths"].items()
        }

    def of(self, route: Route) -> Iterator[Nulled]:
        """The nullable places in the body of this route."""
        operation = self._paths.get(anonymous(route.path), {}).get(route.method.lower(), {})
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema:
            yield from self._in(route, schema, route.key, lambda body: body)

    def _in(self, route: Route, schema: Schema, name: str, wrap: Wrap) -> Iterator[Nulled]:
        name = _name(schema) or name
        schema = self._resolved(schema)
        # Last first: in a label, which comes after the row, a text input needs no label of its own.
        for number, other in reversed([*enumerate(_alternatives(schema))]):
            yield from self._in(route, other, f"{name}|{number}", wrap)
        if "items" in schema:
            yield from self._in(route, schema["items"], f"{name}[]", lambda it: wrap([it]))
        if "properties" not in schema or name in self._seen:
            return
        self._seen.add(name)
        for field, inner in schema["properties"].items():
            yield from self._field(route, name, schema, field, inner, wrap)

    def _field(
        self, route: Route, name: str, schema: Schema, field: str, inner: Schema, wrap: Wrap
    ) -> Iterator[Nulled]:
        without = self._least(schema, name, without=field)
        for label, place, value in self._places(field, inner):
            body = {**without, place: value}
            yield Nulled(
                route=route,
                schema=name,
                field=label,
                body=_settled(wrap(body)),
            )
        others = self._least(schema, name)
        rest = others[field][1:] if isinstance(others.get(field), list) else []

        def around(value: object) -> object:
            filled = [*value, *rest] if isinstance(value, list) else value
            return wrap({**others, field: filled})

        yield from self._in(route, inner, f"{name}.{field}", around)

    def _places(self, field: str, inner: Schema) -> Iterator[tuple[str, str, object]]:
        if self._allows_null(inner):
            yield field, field, None
        items = self._resolved(inner).get("items")
        if items and self._allows_null(items):
            yield f"{field}[]", field, [None]

    def _allows_null(self, schema: Schema) -> bool:
        schema = self._resolved(schema)
        types = schema.get("type")
        said = types == "null" or (isinstance(types, list) and "null" in types)
        return said or any(self._allows_null(other) for other in _alternatives(schema))

    def _least(self, schema: Schema, name: str, without: str = "") -> dict[str, Any]:
        """The least right object of this schema, if it can be had without that field."""
        for base in _BASES.get(name, []):
            if without not in base:
                return base
        required = schema.get("required", [])
        return {field: self._value(schema["properties"][field]) for field in required} | {
            field: value for field, value in _BASES.get(name, [{}])[0].items() if field != without
        }

    def _value(self, schema: Schema) -> object:
        name, schema = _name(schema), self._resolved(schema)
        if name == "SnowflakeType":
            return "1"
        if name in _BASES:
            return _BASES[name][0]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for other in _alternatives(schema):
            return self._value(other)
        match schema.get("type"):
            case "object":
                return self._least(schema, name)
            case "array":
                return [self._value(schema["items"])] * schema.get("minItems", 0)
            case "integer":
                return max(1, schema.get("minimum", 1))
            case "boolean":
                return True
            case _:
                return "x" * max(1, schema.get("minLength", 1))

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][_name(schema)]
        return schema


def least(name: str) -> Schema:
    """The least right object of this name."""
    return _BASES[name][0]


def _name(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _alternatives(schema: Schema) -> list[Schema]:
    found: list[Schema] = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
    return found


def _settled(body: object) -> object:
    """The body, with the flag where a message's components need it."""
    if isinstance(body, list):
        return [_settled(each) for each in body]
    if not isinstance(body, dict):
        return body
    body = {name: _settled(value) for name, value in body.items()}
    components = body.get("components")
    if "type" in body or "title" in body or not isinstance(components, list):
        return body
    if any(each["type"] != 1 for each in components):
        return {n: v for n, v in body.items() if n not in _LEGACY} | {"flags": V2, "content": None}
    return body
