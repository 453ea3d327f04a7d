"""The rules of `/settings`: what may be typed for a value, and the file of export and import.

The file is JSON, so that staff can read and keep it:

    {"zeuxis settings": 1, "guild": "5", "values": [{"scope": "guild", "id": "5",
     "name": "cooldown_s", "value": "60"}, …]}

Ids are texts, since JavaScript rounds numbers of that size.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.errors import ImportRefused, PolicyUnreadable, SettingRefused
from bot.policy.changes import Change
from bot.policy.rules import OPERATORS_OWN, VALUES, Key, Scope, nearest, read
from bot.visible import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.policy.rules import Held, Row, Value


VERSION = 1
LARGEST_FILE_BYTES = 256 * 1024
MOST_VALUES = 5_000
_FORMAT = "zeuxis settings"


class Source(StrEnum):
    """From where a value holds."""

    DEFAULT = "default"
    OPERATOR = "operator"
    OPERATOR_HERE = "operator, for this server"
    GUILD = "guild"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A value that holds, and from where."""

    value: Value | None
    source: Source


def shown(held: Mapping[str, list[Held]], name: str) -> Shown:
    """Of the values of which the most specific one holds."""
    one = nearest(held, name)
    if one is None:
        return Shown(value=VALUES[name].default, source=Source.DEFAULT)
    return Shown(value=one.value, source=_source(one))


def _source(one: Held) -> Source:
    match one.scope, one.by_staff:
        case Scope.CHANNEL, _:
            return Source.CHANNEL
        case Scope.GUILD, True:
            return Source.GUILD
        case Scope.GUILD, False:
            return Source.OPERATOR_HERE
        case _:
            return Source.OPERATOR


def typed(key: Key, text: str) -> Change:
    """What somebody has typed for a row; nothing at all takes the row away.

    Raises:
        SettingRefused: it is no value for that.
    """
    text = normalised(text).strip()
    if not text:
        return Change(key=key, value=None)
    try:
        return Change(key=key, value=read(*key, text))
    except PolicyUnreadable as error:
        raise SettingRefused(name=key.name, expected=expected_of(key.name)) from error


def expected_of(name: str) -> str:
    return VALUES[name].expected if name in VALUES else "a known name"


# ------------------------------------------------------------------------------------------------
# Export and import


def exported(guild_id: int, rows: Iterable[Row]) -> bytes:
    """The rows that the guild's staff have set."""
    values = [
        {"scope": scope, "id": str(scope_id), "name": name, "value": value}
        for scope, scope_id, name, tenant_id, value in rows
        if tenant_id == guild_id
    ]
    file = {_FORMAT: VERSION, "guild": str(guild_id), "values": values}
    return json.dumps(file, ensure_ascii=False, indent=1).encode()


def imported(content: bytes, guild_id: int, present: Sequence[Key]) -> list[Change]:
    """What makes the guild's rows those of the file; rows that it does not name go.

    Raises:
        ImportRefused: broken, of another guild, or of a newer version.
        SettingRefused: one of its values.
    """
    if len(content) > LARGEST_FILE_BYTES:
        raise ImportRefused("too large")
    file = _parsed(content)
    if file.get("guild") != str(guild_id):
        raise ImportRefused("another guild's")
    changes = {change.key: change for change in _changes(file.get("values"), guild_id)}
    gone = [Change(key=key, value=None) for key in present if key not in changes]
    return [*gone, *changes.values()]


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        file = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImportRefused("no JSON") from error
    version = file.get(_FORMAT) if isinstance(file, dict) else None
    if not isinstance(version, int) or version < 1:
        raise ImportRefused("no settings of Zeuxis")
    if version > VERSION:
        raise ImportRefused("a newer version's")
    return dict(file)


def _changes(values: object, guild_id: int) -> Iterable[Change]:
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise ImportRefused("no list of values")
    for one in values:
        match one:
            case {"scope": str(scope), "id": str(scope_id), "name": str(name), "value": str(value)}:
                yield _change(scope, scope_id, name, value, guild_id)
            case _:
                raise ImportRefused("a value without its parts")


def _change(scope: str, scope_id: str, name: str, value: str, guild_id: int) -> Change:
    if scope not in list(Scope) or not (scope_id.isascii() and scope_id.isdigit()):
        raise ImportRefused("a value of nobody")
    key = Key(Scope(scope), int(scope_id), name, guild_id)
    try:
        return Change(key=key, value=read(*key, value))
    except PolicyUnreadable as error:
        raise SettingRefused(name=name, expected=expected_of(name)) from error


def may_set(key: Key, guild_id: int) -> bool:
    """Whether it is a row of this guild's staff."""
    rule = VALUES.get(key.name)
    return (
        rule is not None and key.tenant_id == guild_id != OPERATORS_OWN and key.scope in rule.staff
    )
