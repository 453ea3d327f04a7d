"""Requests that went wrong on their way: right ones, changed in one or several places by a seed."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.tests import scenes
from sandbox.tests.wrong_bodies import FOUND_BY_DOCUMENT, FOUND_BY_RULES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sandbox.discord.routing import Route

SEEDS: list[object] = [
    {"content": "hello", "embeds": [scenes.EMBED]},
    {"flags": 1 << 15, "components": scenes.CARD},
    {"type": 4, "data": {"content": "x", "flags": 64}},
    {"type": 5},
    {"type": 9, "data": {"custom_id": "form", "title": "Form", "components": scenes.FIELDS}},
    [scenes.COMMAND, scenes.MENU],
    scenes.COMMAND,
    {"name": "A thread", "auto_archive_duration": 60, "type": 11, "message": {"content": "x"}},
    {"recipient_id": "1"},
    {"messages": ["1", "2"]},
    {"topic": "t", "permission_overwrites": [{"id": "1", "type": 0, "allow": "0"}]},
    {"sku_id": "1", "owner_id": "2", "owner_type": 1},
    {"name": "grapes", "image": "data:image/png;base64,AAAA"},
    *(wrong.body for wrong in (*FOUND_BY_DOCUMENT, *FOUND_BY_RULES)),
]
ODD: list[object] = [
    None,
    True,
    False,
    0,
    -1,
    1 << 70,
    1.5,
    1e308,
    "",
    "x" * 5000,
    "\ud800",
    "\x00",
    "🎨",
    "../../etc/passwd",
    "attachment://",
    [],
    {},
    [[]],
    [None],
    {"type": 99},
    {"_errors": []},
]
ODD_WORDS = ["0", "-1", "abc", "9" * 30, "%00", "@me", "@original", "..", "ä", "1 2", "null", "[]"]
ODD_TEXT = [b"", b"{", b"[", b'"', b"nul", b"\xff\xfe", b'{"content": 1e999}', b"[" * 3000, b"{}x"]
TYPES = ["application/json", "text/plain", "multipart/form-data; boundary=x", "a/b", ""]
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Fuzzed:
    """One request as it is sent."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes | None
    content_type: str


def fuzzed(random: Random, routes: Sequence[Route], places: dict[str, str]) -> Fuzzed:
    """A request to one of the routes; half of the names in its path lead somewhere."""
    route = random.choice(routes)
    path = _NAME.sub(lambda name: _place(random, places, name[1]), route.path)
    has_body = route.method in ("POST", "PUT", "PATCH") and random.random() < 0.95
    return Fuzzed(
        method=route.method if random.random() < 0.97 else random.choice(["PUT", "TRACE", "HEAD"]),
        path=path,
        query={random.choice(_QUERIES): random.choice(ODD_WORDS)} if random.random() < 0.3 else {},
        body=_body(random) if has_body else None,
        content_type=TYPES[0] if random.random() < 0.9 else random.choice(TYPES),
    )


_QUERIES = ["limit", "before", "after", "around", "with_response", "wait", "query", "thread_id"]


def _place(random: Random, places: dict[str, str], name: str) -> str:
    if random.random() < 0.85:
        return places.get(name, "7")
    return random.choice([*ODD_WORDS, *places.values()]).replace("%", "%25")


def _body(random: Random) -> bytes:
    if random.random() < 0.05:
        return random.choice(ODD_TEXT)
    body = copy.deepcopy(random.choice(SEEDS))
    for _ in range(random.choice([0, 1, 1, 1, 2, 5])):
        body = _changed(random, body)
    return json.dumps(body).encode()


def _changed(random: Random, value: object) -> object:
    """The value with one place of it, however deep, changed."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        name = random.choice(list(value))
        return _changed_field(random, value, name)
    if isinstance(value, list) and value and random.random() < 0.85:
        index = random.randrange(len(value))
        return _changed_item(random, value, index)
    return copy.deepcopy(random.choice(ODD))


def _changed_field(random: Random, value: dict[str, object], name: str) -> dict[str, object]:
    match random.randrange(6):
        case 0:
            return {k: v for k, v in value.items() if k != name}
        case 1:
            return {**value, random.choice(["", "_errors", "id", "type", "ä"]): random.choice(ODD)}
        case _:
            return {**value, name: _changed(random, value[name])}


def _changed_item(random: Random, value: list[object], index: int) -> list[object]:
    match random.randrange(6):
        case 0:
            return value[:index] + value[index + 1 :]
        case 1:
            return value * random.choice([2, 30])
        case _:
            return [*value[:index], _changed(random, value[index]), *value[index + 1 :]]
