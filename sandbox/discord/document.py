"""Discord's own description of its HTTP API, held against requests, answers and events.

The document is `specs/openapi.json` of discord/discord-api-spec (MIT), OpenAPI 3.1. It is optional:
`python -m sandbox --openapi FILE` turns it on, and the extra `openapi` brings what it needs.

The document calls itself a preview and lets the reference win. Here is where it is known to say
something else than Discord does; the reference, or every client library, does each of these, and
Discord takes it:

* In requests an id may be a number: the reference's own example of `attachments` has numbers.
* In requests permissions may be a string of digits, which is how the reference describes them.
* An application's description may be text, and the bot's user be changed without its name.
* A channel may be of type 16, a media channel: the reference has it, the document has not.
* In an error's tree the inner `code` is a word such as `BASE_TYPE_REQUIRED`, as in the reference's
  examples, not a number.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sandbox.discord.rules import anonymous
from sandbox.discord.rules.problems import Body, items

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sandbox.discord.document_schemas import Schemas
    from sandbox.discord.rules.problems import Problem

_EVENTS: Mapping[str, str] = {
    "CHANNEL_CREATE": "GuildChannelResponse",
    "CHANNEL_UPDATE": "GuildChannelResponse",
    "GUILD_MEMBER_ADD": "GuildMemberResponse",
    "GUILD_MEMBER_UPDATE": "GuildMemberResponse",
    "GUILD_SCHEDULED_EVENT_CREATE": "ScheduledEventResponse",
    "GUILD_SCHEDULED_EVENT_DELETE": "ScheduledEventResponse",
    "GUILD_SCHEDULED_EVENT_UPDATE": "ScheduledEventResponse",
    "MESSAGE_CREATE": "MessageResponse",
    "MESSAGE_UPDATE": "MessageResponse",
    "THREAD_CREATE": "ThreadResponse",
    "THREAD_UPDATE": "ThreadResponse",
    "USER_UPDATE": "UserPIIResponse",
}
_PARTS: Mapping[str, Mapping[str, str]] = {
    "GUILD_CREATE": {
        "channels": "GuildChannelResponse",
        "guild_scheduled_events": "ScheduledEventResponse",
        "members": "GuildMemberResponse",
        "roles": "GuildRoleResponse",
        "threads": "ThreadResponse",
    },
    "GUILD_MEMBERS_CHUNK": {"members": "GuildMemberResponse"},
    "GUILD_ROLE_CREATE": {"role": "GuildRoleResponse"},
    "GUILD_ROLE_UPDATE": {"role": "GuildRoleResponse"},
    "INTERACTION_CREATE": {
        "entitlements": "EntitlementResponse",
        "message": "MessageResponse",
        "user": "UserResponse",
    },
    "MESSAGE_REACTION_ADD": {"member": "GuildMemberResponse"},
    "TYPING_START": {"member": "GuildMemberResponse"},
    "READY": {"user": "UserPIIResponse"},
}
"""The document does not describe the gateway, but events carry objects that it describes."""


class DocumentError(Exception):
    """The file is not a description of Discord's API that can be used."""


class Document:
    """The document, ready to judge; its schemas are compiled when they are first needed."""

    def __init__(self, content: Mapping[str, object]) -> None:
        """Takes the document as it was parsed.

        Raises:
            DocumentError: It has no paths or schemas, or the extra `openapi` is not installed.
        """
        try:
            from sandbox.discord.document_schemas import Schemas
        except ImportError as error:
            raise DocumentError(f"--openapi needs the extra openapi: {error}") from error
        if not _object(content, "paths") or not _object(content, "components", "schemas"):
            raise DocumentError("the document has no paths or no components.schemas")
        self._requests: Schemas = Schemas(for_requests(content))
        self._responses: Schemas = Schemas(for_responses(content))
        self._operations = dict(_operations(content))

    @classmethod
    def load(cls, path: Path) -> Document:
        """Reads the document from a file.

        Raises:
            DocumentError: The file cannot be read, is not JSON, or describes no API.
        """
        try:
            content = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise DocumentError(f"cannot read {path}: {error}") from error
        if not isinstance(content, Mapping):
            raise DocumentError(f"{path} is not an OpenAPI document")
        return cls(content)

    def describes(self, method: str, template: str) -> bool:
        """Whether the document knows this operation."""
        return (method, anonymous(template)) in self._operations

    def check_request(
        self, method: str, template: str, body: object, query: Mapping[str, str] | None = None
    ) -> tuple[Problem, ...]:
        """Where a request departs from the document; nothing for an unknown operation.

        Args:
            method: In capitals.
            template: The path below `/api/v10`, parameters in braces under any name.
            body: The JSON body, or the `payload_json` of a multipart one; None if there is none.
            query: The query's fields, if they are to be checked too.
        """
        operation, pointer = self._operations.get((method, anonymous(template)), ({}, ""))
        found: list[Problem] = []
        if query:
            found += query_problems(self._requests, operation, pointer, query)
        content = _object(operation, "requestBody", "content", "application/json")
        if content and body is not None:
            at = f"{pointer}/requestBody/content/application~1json/schema"
            found += self._requests.problems(at, body)
        return tuple(found)

    def check_response(
        self, method: str, template: str, status: int, body: object
    ) -> tuple[Problem, ...] | None:
        """Where an answer departs from the document; None if it says nothing of such an answer."""
        operation, pointer = self._operations.get((method, anonymous(template)), ({}, ""))
        for name in (str(status), f"{status // 100}XX"):
            response = _object(operation, "responses", name)
            if not response:
                continue
            at = f"{pointer}/responses/{name}"
            if reference := response.get("$ref"):
                at = str(reference)
                response = _object(self._responses.content, *at.removeprefix("#/").split("/"))
            if not _object(response, "content", "application/json"):
                return ()
            return self._responses.problems(f"{at}/content/application~1json/schema", body)
        return None

    def check_event(self, name: str, data: object) -> tuple[Problem, ...] | None:
        """Where the objects in a gateway event depart from the document; None if it has none."""
        if name in _EVENTS:
            return self._responses.problems(f"#/components/schemas/{_EVENTS[name]}", data)
        if name not in _PARTS or not isinstance(data, Mapping):
            return None
        parts = ((field, data[field], s) for field, s in _PARTS[name].items() if field in data)
        return tuple(
            problem
            for field, part, schema in parts
            for one in (part if isinstance(part, list) else [part])
            for problem in self._responses.problems(f"#/components/schemas/{schema}", one, (field,))
        )


def _object(body: object, *names: str) -> Body:
    for name in names:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body if isinstance(body, Mapping) else {}


def _operations(content: Body) -> Iterable[tuple[tuple[str, str], tuple[Body, str]]]:
    for path in _object(content, "paths"):
        for method, operation in _object(content, "paths", path).items():
            if isinstance(operation, Mapping) and method != "parameters":
                escaped = path.replace("~", "~0").replace("/", "~1")
                yield (method.upper(), anonymous(path)), (operation, f"#/paths/{escaped}/{method}")


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


_DIGITS = {"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}
_PERMISSIONS = frozenset({"default_member_permissions", "permissions", "allow", "deny"})
_FORUM, _MEDIA = 15, 16
_ERROR_WORD = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
    "required": ["code", "message"],
}


def for_requests(content: Body) -> dict[str, object]:
    """The document as it is held against requests."""
    mine, schemas = _copy(content)
    if "SnowflakeType" in schemas:
        schemas["SnowflakeType"] = {"oneOf": [_DIGITS, {"type": "integer", "minimum": 0}]}
    _take_digits(mine)
    _take_media_channels(mine)
    match schemas.get("ApplicationFormPartial"):
        case {"properties": {"description": dict(localized)} as properties}:
            properties["description"] = {"anyOf": [localized, {"type": "string"}]}
    match schemas.get("BotAccountPatchRequest"):
        case {"required": list(required)}:
            required.clear()
    return mine


def for_responses(content: Body) -> dict[str, object]:
    """The document as it is held against responses and events."""
    mine, schemas = _copy(content)
    match schemas.get("InnerErrors"):
        case {"properties": {"_errors": dict(errors)}}:
            errors["items"] = _ERROR_WORD
    _take_media_channels(mine)
    return mine


def _take_media_channels(part: object) -> None:
    """Lets a channel's type be 16 wherever it may be that of a forum."""
    if isinstance(part, list):
        for inner in part:
            _take_media_channels(inner)
    if not isinstance(part, dict):
        return
    for inner in part.values():
        _take_media_channels(inner)
    match part:
        case {"enum": list(numbers), "allOf": [{"$ref": "#/components/schemas/ChannelTypes"}]}:
            if _FORUM in numbers:
                numbers.append(_MEDIA)
        case {"oneOf": [{"title": "DM", "const": 1}, *_]}:
            part["oneOf"].append({"const": _MEDIA})


def _take_digits(part: object) -> None:
    """Lets permissions be digits, wherever in this part of the document they stand."""
    if isinstance(part, list):
        for inner in part:
            _take_digits(inner)
    if not isinstance(part, dict):
        return
    for inner in part.values():
        _take_digits(inner)
    properties = part.get("properties")
    if isinstance(properties, dict):
        for name in _PERMISSIONS & properties.keys():
            properties[name] = {"anyOf": [properties[name], _DIGITS]}


def _copy(content: Body) -> tuple[dict[str, object], dict[str, object]]:
    mine = copy.deepcopy(dict(content))
    match mine:
        case {"components": {"schemas": dict(schemas)}}:
            return mine, schemas
    return mine, {}
