"""Where Discord's document is known to say something else than Discord does.

The document calls itself a preview and lets the reference win. Each departure below is something
that the reference, or every client library, does and that Discord takes:

* In requests an id may be a number: the reference's own example of `attachments` has numbers.
* In requests permissions may be a string of digits, which is how the reference describes them.
* An application's description may be text, and the bot's user be changed without its name.
* A channel may be of type 16, a media channel: the reference has it, the document has not.
* In an error's tree the inner `code` is a word such as `BASE_TYPE_REQUIRED`, as in the reference's
  examples, not a number.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.rules.problems import Body

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
