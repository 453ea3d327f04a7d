"""Request bodies: read from JSON, multipart or urlencoded form, and parsed into typed structs.

Null is absent: Discord's document lets nearly every field that need not be given be null. A shape
says `| None` where null says something of its own, as in an edit that takes the topic away;
everywhere else a field with a default may be null, and an item of a list that is null is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect

from sandbox.discord import errors

if TYPE_CHECKING:
    from aiohttp import BodyPartReader, web

BodyT = TypeVar("BodyT")

LARGEST_JSON_BYTES = 8 * 1024 * 1024
"""JSON bodies above this are refused (guessed; Discord does not say)."""

_FILE_FIELD = re.compile(r"files?\[(\d{1,9})\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file of a multipart body; `key` is what `attachments[].id` refers to."""

    key: str
    filename: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body as read: its JSON and its files."""

    payload: object = None
    uploads: tuple[Upload, ...] = ()


async def read_body(request: web.Request, *, largest_bytes: int) -> Body:
    """Reads whatever body there is.

    Raises:
        DiscordError: 50109 for broken JSON, 40005 above `largest_bytes`, 50035 for another type.
    """
    if not request.body_exists:
        return Body()
    if request.content_type == "multipart/form-data":
        return await _multipart(request, largest_bytes)
    raw = await _limited(request, LARGEST_JSON_BYTES)
    if not raw:
        return Body()
    if request.content_type == "application/x-www-form-urlencoded":
        return Body(payload=_form(dict(parse_qsl(raw.decode(errors="replace")))))
    if request.content_type != "application/json":
        raise errors.invalid_field(
            code="CONTENT_TYPE_INVALID",
            message="Expected \"Content-Type\" header to be one of {'application/json'}.",
        )
    return Body(payload=_json(raw))


def parsed(payload: object, shape: type[BodyT], *at: str) -> BodyT:
    """The payload in this shape; `at` is where it stands in the whole body.

    Raises:
        DiscordError: 50035, with the place of the field that does not fit.
    """
    try:
        return msgspec.convert(without_nulls(payload, shape), shape)
    except msgspec.ValidationError as problem:
        raise _form_error(str(problem), at) from problem


def _json(raw: bytes | str) -> object:
    try:
        decoded: object = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise errors.DiscordError(errors.INVALID_JSON) from problem
    return decoded


async def _limited(request: web.Request, largest_bytes: int) -> bytes:
    raw = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        raw += chunk
        if len(raw) > largest_bytes:
            raise errors.DiscordError(errors.TOO_LARGE)
    return bytes(raw)


async def _multipart(request: web.Request, largest_bytes: int) -> Body:
    fields: dict[str, str] = {}
    uploads: list[Upload] = []
    left_bytes = largest_bytes
    try:
        async for part in await request.multipart():
            if not isinstance(part, _part_type()):
                continue
            content = await _part(part, left_bytes)
            left_bytes -= len(content)
            name = part.name or ""
            if part.filename is None:
                fields[name] = content.decode()
                continue
            matched = _FILE_FIELD.fullmatch(name)
            key = matched[1] if matched else str(len(uploads))
            uploads.append(Upload(key=key, filename=part.filename, content=content))
    except (ValueError, AssertionError) as problem:
        raise errors.invalid_field(
            code="MULTIPART_INVALID", message="The multipart body is malformed."
        ) from problem
    return Body(payload=_form(fields), uploads=tuple(uploads))


def _part_type() -> type[BodyPartReader]:
    from aiohttp import BodyPartReader

    return BodyPartReader


async def _part(part: BodyPartReader, left_bytes: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(1 << 18):
        content += chunk
        if len(content) > left_bytes:
            raise errors.DiscordError(errors.TOO_LARGE)
    return bytes(content)


def _form(fields: dict[str, str]) -> object:
    return _json(fields["payload_json"]) if "payload_json" in fields else dict(fields)


_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$?(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_MISSING = re.compile(r"missing required field `(\w+)`")
_EXPECTED = re.compile(r"Expected `([^`]+)`")
_WORDS = (
    ("object", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"),
    ("array", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"),
    ("bool", "BOOLEAN_TYPE_CONVERT", "Must be either true or false."),
    ("int", "NUMBER_TYPE_COERCE", "Value is not int."),
    ("float", "NUMBER_TYPE_COERCE", "Value is not float."),
    ("str", "STRING_TYPE_CONVERT", "Could not interpret value as string."),
)


def _form_error(text: str, at: tuple[str, ...]) -> errors.DiscordError:
    matched = _AT.match(text)
    what, where = (matched["what"], matched["path"]) if matched else (text, None)
    steps = (name or position for name, position in _STEP.findall(where or ""))
    path = (*at, *steps)
    if missing := _MISSING.search(what):
        return errors.missing(*path, missing[1])
    expected = _EXPECTED.match(what)
    for word, code, message in _WORDS:
        if expected and word in expected[1].split(" | "):
            return errors.invalid_field(*path, code=code, message=message)
    return errors.invalid_field(*path, code="BASE_TYPE_CHOICES", message=what)


def without_nulls(value: object, shape: type) -> object:
    """The value without the nulls that the shape does not take; it may share parts with it."""
    return _without(value, _kind(shape))


@cache
def _kind(shape: type) -> inspect.Type:
    return inspect.type_info(shape)


def _without(value: object, kind: inspect.Type) -> object:
    match kind:
        case inspect.ListType(item_type=of) if isinstance(value, list):
            takes_null = _takes_null(of)
            return [_without(item, of) for item in value if takes_null or item is not None]
        case inspect.StructType() if isinstance(value, Mapping):
            return _object_without(value, kind)
        case inspect.UnionType(types=types):
            return _without(value, _alternative(value, types)) if types else value
    return value


def _object_without(value: Mapping[str, object], kind: inspect.StructType) -> dict[str, object]:
    kept = dict(value)
    for field in kind.fields:
        if field.encode_name not in kept:
            continue
        inner = kept[field.encode_name]
        if inner is None and not field.required and not _takes_null(field.type):
            del kept[field.encode_name]
        else:
            kept[field.encode_name] = _without(inner, field.type)
    return kept


def _alternative(value: object, types: tuple[inspect.Type, ...]) -> inspect.Type:
    """The one that the value is meant for; any other leaves it as it is."""
    for kind in types:
        match kind:
            case inspect.ListType() if isinstance(value, list):
                return kind
            case inspect.StructType(tag_field=None) if isinstance(value, Mapping):
                return kind
            case inspect.StructType(tag_field=str(name), tag=tag) if isinstance(value, Mapping):
                if value.get(name) == tag:
                    return kind
    return inspect.AnyType()


def _takes_null(kind: inspect.Type) -> bool:
    match kind:
        case inspect.UnionType(types=types):
            return any(map(_takes_null, types))
        case inspect.NoneType() | inspect.AnyType():
            return True
    return False
