"""The rules of `/settings`: what may be typed for a value, and the file of export and import.

The file is JSON, so that staff can read and keep it:

    {"zeuxis settings": 1, "guild": "5", "values": [{"scope": "guild", "id": "5",
     "name": "cooldown_s", "value": "60"}, …]}

Ids are texts, since JavaScript rounds numbers of that size.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from math import isqrt
from typing import TYPE_CHECKING, Any

from bot.errors import (
    ImportFault,
    ImportRefused,
    Level,
    Period,
    SettingRefused,
    Unit,
)
from bot.policy.changes import Change, change_of, expected_of
from bot.policy.rules import (
    VALUES,
    Key,
    Scope,
    nearest,
    quota_name,
    zones_by_name,
)
from bot.visible import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bot.policy.rules import Held, Row, Value
    from bot.providers.image import Offer


VERSION = 1
LARGEST_FILE_BYTES = 256 * 1024
MOST_VALUES = 5_000
_FORMAT = "zeuxis settings"
_ID_DIGITS = 19  # at most


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


# Of these the operator's and the staff's bind together.
_BINDING: dict[str, Callable[[list[Any]], Any]] = {
    "largest_area_px": min,
    "rewriting_allowed": all,
    "cooldown_s": max,
}


def in_force(held: Mapping[str, list[Held]], name: str) -> Shown:
    """What holds, and by whom."""
    if name not in _BINDING:
        return shown(held, name)
    by_whom = (
        [one for one in held.get(name, ()) if one.by_staff is is_staff]
        for is_staff in (True, False)
    )
    found = [shown({name: ones}, name) for ones in by_whom if ones]
    if not found:
        return shown(held, name)
    value = _BINDING[name]([one.value for one in found])
    return next(one for one in found if one.value == value)


def is_bound(now: Shown, name: str) -> bool:
    """Whether the operator's value holds however staff set theirs."""
    return name in _BINDING and now.source in (Source.OPERATOR, Source.OPERATOR_HERE)


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
    return change_of(key, text)


# ------------------------------------------------------------------------------------------------
# For whom staff set limits, and what they type into the panel's forms.


MOST_TYPED = 1_000_000  # pictures or dollars: who types more has slipped
_LONGEST_SIDE_PX = 10_000  # a larger number is an area
_MONEY = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,6}))?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")  # 1,000 is 1 to some and 1000 to others
_MINUS = str.maketrans("−–—", "---")


class For(StrEnum):
    """Whose limits a page shows."""

    GUILD = "g"
    EACH_CHANNEL = "e"
    CHANNEL = "c"
    ROLE = "r"  # of each member who has it
    MEMBER = "m"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """For whom a value is set."""

    who: For = For.GUILD
    id: int = 0  # of the channel, role or member; 0 while it is not chosen yet

    @property
    def is_chosen(self) -> bool:
        return self.id > 0 or self.who in (For.GUILD, For.EACH_CHANNEL)

    @property
    def level(self) -> Level:
        match self.who:
            case For.GUILD:
                return Level.GUILD
            case For.EACH_CHANNEL | For.CHANNEL:
                return Level.CHANNEL
            case For.ROLE:
                return Level.ROLE
            case For.MEMBER:
                return Level.MEMBER

    def key(self, name: str, guild_id: int) -> Key:
        match self.who:
            case For.GUILD | For.EACH_CHANNEL:
                return Key(Scope.GUILD, guild_id, name, guild_id)
            case For.CHANNEL:
                return Key(Scope.CHANNEL, self.id, name, guild_id)
            case For.ROLE:
                return Key(Scope.ROLE, self.id, name, guild_id)
            case For.MEMBER:
                return Key(Scope.MEMBER, self.id, name, guild_id)

    def quotas(self, unit: Unit) -> tuple[str, ...]:
        """The values of an hour, a day and a month."""
        return tuple(quota_name(self.level, unit, period) for period in Period)


def whose_is(key: Key) -> Whose:
    """For whom a row of staff's is."""
    match key.scope:
        case Scope.ROLE:
            return Whose(who=For.ROLE, id=key.scope_id)
        case Scope.CHANNEL:
            return Whose(who=For.CHANNEL, id=key.scope_id)
        case Scope.MEMBER:
            return Whose(who=For.MEMBER, id=key.scope_id)
        case _ if unit_of(key.name) and key.name.startswith(Level.CHANNEL):
            return Whose(who=For.EACH_CHANNEL)
        case _:
            return Whose()


def unit_of(name: str) -> Unit | None:
    """Of a limit; None of any other value."""
    found = (unit for unit in Unit if f"_{unit}_per_" in name)
    return next(found, None)


def form_read(key: Key, text: str, offer: Offer) -> Change:
    """What staff have typed into a form; nothing at all takes the row away.

    Raises:
        SettingRefused: it is no value for that.
    """
    line = normalised(text).translate(_MINUS)
    try:
        return typed(key, _written_as_row(key.name, line, offer) if line else "")
    except ValueError as error:
        raise SettingRefused(name=key.name, expected=expected_of(key.name)) from error


def _written_as_row(name: str, line: str, offer: Offer) -> str:
    """Raises ValueError."""
    if unit_of(name) is Unit.PICTURES:
        return str(_at_most(MOST_TYPED, int(line)))
    if unit_of(name) is Unit.MICROS:
        return str(_micros(line))
    return str(_area_px(line, offer)) if name == "largest_area_px" else line


def _area_px(line: str, offer: Offer) -> int:
    """Of two sides, of a square's side, or told as such."""
    size = offer.typed_size(line)
    if line.isdecimal():
        area_px = int(line) if int(line) > _LONGEST_SIDE_PX else int(line) ** 2
    elif size is not None:
        area_px = size.area_px
    else:
        raise ValueError("no size")
    return _at_most(offer.max_area_px, area_px)


def _micros(line: str) -> int:
    """Of dollars, with a point or a comma before the cents."""
    line = line.replace("us$", "").replace("usd", "").replace("$", "").replace(" ", "")
    if line == "-1":
        return -1
    found = _MONEY.fullmatch(line)
    if found is None or _THOUSANDS.fullmatch(line):
        raise ValueError("no sum of money")
    micros = int(found[1]) * 1_000_000 + int((found[2] or "").ljust(6, "0"))
    return _at_most(MOST_TYPED * 1_000_000, micros)


def _at_most(most: int, value: int) -> int:
    if value > most:
        raise ValueError("absurdly much")
    return value


def form_written(name: str, text: str) -> str:
    """A row's value as it would be typed."""
    if unit_of(name) is Unit.MICROS and text != "-1":
        whole, part = divmod(int(text), 1_000_000)
        cents = f"{part:06d}".rstrip("0").ljust(2, "0")
        return f"{whole}.{cents}0" if len(cents) == 3 else f"{whole}.{cents}"  # see _THOUSANDS
    if name == "largest_area_px":
        side_px = isqrt(int(text))
        return f"{side_px}*{side_px}" if side_px * side_px == int(text) else text
    return text


def near_zones(text: str) -> list[str]:
    """Names of time zones like what was typed; a city is enough."""
    line = normalised(text).replace(" ", "_")
    by_name = zones_by_name()
    cities = {name.rpartition("/")[2]: name for name in by_name}
    found = [
        *(name for name in by_name if line and line in name),
        *get_close_matches(line, by_name, n=3),
        *(cities[one] for one in get_close_matches(line, cities, n=3)),
    ]
    return [by_name[name] for name in dict.fromkeys(sorted(found, key=len))][:3]


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
        raise ImportRefused(ImportFault.TOO_LARGE)
    file = _parsed(content)
    if file.get("guild") != str(guild_id):
        raise ImportRefused(ImportFault.ANOTHER_GUILDS)
    changes = {change.key: change for change in _changes(file.get("values"), guild_id)}
    gone = [Change(key=key, value=None) for key in present if key not in changes]
    return [*gone, *changes.values()]


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        file = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImportRefused(ImportFault.BROKEN) from error
    version = file.get(_FORMAT) if isinstance(file, dict) else None
    if not isinstance(version, int) or version < 1:
        raise ImportRefused(ImportFault.BROKEN)
    if version > VERSION:
        raise ImportRefused(ImportFault.NEWER)
    return dict(file)


def _changes(values: object, guild_id: int) -> Iterable[Change]:
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise ImportRefused(ImportFault.BROKEN)
    for one in values:
        match one:
            case {"scope": str(scope), "id": str(scope_id), "name": str(name), "value": str(value)}:
                yield _change(scope, scope_id, name, value, guild_id)
            case _:
                raise ImportRefused(ImportFault.BROKEN)


def _change(scope: str, scope_id: str, name: str, value: str, guild_id: int) -> Change:
    is_number = scope_id.isascii() and scope_id.isdigit() and len(scope_id) <= _ID_DIGITS
    if scope not in list(Scope) or not is_number:
        raise ImportRefused(ImportFault.BROKEN)
    return change_of(Key(Scope(scope), int(scope_id), name, guild_id), value)
