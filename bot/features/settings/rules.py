"""The rules of `/settings`: what holds, from where, and for whom a value is set."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bot.policy.precedence import nearest, review_held
from bot.policy.rules import VALUES, CheckedBy, Key, Review, Scope, quota_name
from bot.refusals import Level, Period, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.policy.precedence import Held
    from bot.policy.rules import Value


class Source(StrEnum):
    """From where a value holds."""

    DEFAULT = "default"
    OPERATOR = "operator"
    OPERATOR_HERE = "operator, for this server"
    GUILD = "guild"
    CHANNEL = "channel"
    ROLE = "role"
    MEMBER = "member"


class Shown(Struct, frozen=True, kw_only=True):
    """A value that holds, and from where."""

    value: Value | None
    source: Source


def shown(held: Mapping[str, list[Held]], name: str) -> Shown:
    """Of the values of which the most specific one holds."""
    one = review_held(held) if name == "review" else nearest(held, name)
    if one is None:
        return Shown(value=VALUES[name].default, source=Source.DEFAULT)
    return Shown(value=one.value, source=_source(one))


# Of these the operator's and the staff's bind together.
_BINDING: dict[str, Callable[[list[Any]], Any]] = {
    "largest_area_px": min,
    "rewriting_allowed": all,
    "cooldown_s": max,
    "largest_batch": min,
    "refusals_per_hour": lambda ones: min(filter(None, ones), default=0),  # 0 is none
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
        case Scope.ROLE, _:
            return Source.ROLE
        case Scope.MEMBER, _:
            return Source.MEMBER
        case Scope.GUILD, True:
            return Source.GUILD
        case Scope.GUILD, False:
            return Source.OPERATOR_HERE
        case _:
            return Source.OPERATOR


class For(StrEnum):
    """Whose limits a page shows."""

    GUILD = "g"
    EACH_CHANNEL = "e"
    CHANNEL = "c"
    ROLE = "r"  # of each member who has it
    MEMBER = "m"


class Whose(Struct, frozen=True, kw_only=True):
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


def reviews_anything(own: Mapping[Key, str]) -> bool:
    """Whether any value of the staff's may have a picture wait."""
    idle = {"review": Review.OFF, "newcomer_days": "0", "picture_check": CheckedBy.NOTHING}
    return any(idle.get(key.name, value) != value for key, value in own.items())
