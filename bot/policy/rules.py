"""What is set, as the rest of the house reads it; and of every value its name, unit, range and
default, and how a row is read."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from bot.errors import PolicyUnreadable, Refusal
from bot.providers.image import Prices, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.providers.image import Offer


Value: TypeAlias = int | float | Size  # a switch is an int as well
Row: TypeAlias = tuple[object, object, object, object]  # scope, scope_id, name, value: as found

MOST = 10**9
ONE_SHARE = 100  # percent: the weight of whoever has no other
HIGHEST_WEIGHT = 10_000


class Scope(StrEnum):
    """For whom a value holds."""

    OPERATOR = "operator"  # for all; its id is 0
    GUILD = "guild"
    ROLE = "role"


class Key(NamedTuple):
    """Names one row."""

    scope: Scope
    scope_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Counts of jobs; see `.env.example` for their meaning."""

    waiting_per_member: int = 500
    waiting_per_guild: int = 2000
    running: int = 64
    running_per_guild: int = 32
    running_per_person: int = 32
    expected_wait_s: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What holds for one request.

    Attributes:
        default_size: None is the provider's own.
        guild_weight: percent, against other guilds.
        member_weight: percent, against others of the guild; of several roles the highest.
    """

    limits: Limits
    default_size: Size | None
    rewrite_by_default: bool
    prices: Prices
    guild_weight: int
    member_weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A row that somebody has changed, so that the setting has no effect."""

    key: Key
    value: str
    setting: str
    changed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Of one value. `read` raises ValueError for what is not `expected`."""

    expected: str
    read: Callable[[str], Value]
    default: Value | None
    scopes: frozenset[Scope] = frozenset({Scope.OPERATOR})


def _whole(
    unit: str, least: int, most: int, default: int, scopes: Iterable[Scope] = (Scope.OPERATOR,)
) -> Rule:
    return Rule(
        expected=f"a whole number of {unit} from {least} to {most}",
        read=lambda text: _within(least, int(text), most),
        default=default,
        scopes=frozenset(scopes),
    )


def _seconds(most: int, default: float) -> Rule:
    return Rule(
        expected=f"a number of seconds from 0 to {most}",
        read=lambda text: _within(0, float(text), most),
        default=default,
    )


def _within(least: int, value: Any, most: int) -> Any:
    if not least <= value <= most:  # nor is NaN
        raise ValueError("out of range")
    return value


def _size(text: str) -> Size:
    sides = re.fullmatch(r"([1-9][0-9]{1,4})\*([1-9][0-9]{1,4})", text)
    if sides is None:
        raise ValueError("no size")
    return Size(int(sides[1]), int(sides[2]))


def _switch(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("neither")
    return text == "true"


DRAWABLE = "a size in pixels that the provider draws, such as 1024*1024"
_LIMITS = Limits()

# All names are here and nowhere else; what is not in its row's range is refused.
VALUES: dict[str, Rule] = {
    "waiting_per_member": _whole("jobs", 1, MOST, _LIMITS.waiting_per_member),
    "waiting_per_guild": _whole("jobs", 1, MOST, _LIMITS.waiting_per_guild),
    "running": _whole("jobs", 1, MOST, _LIMITS.running),  # by account, from the next start on
    "running_per_guild": _whole("jobs", 1, MOST, _LIMITS.running_per_guild),
    "running_per_person": _whole("jobs", 1, MOST, _LIMITS.running_per_person),  # likewise
    "expected_wait_s": _seconds(10**12, _LIMITS.expected_wait_s),
    "default_size": Rule(expected=DRAWABLE, read=_size, default=None),
    "rewrite_by_default": Rule(expected="true or false", read=_switch, default=True),
    "price_plain_micros": _whole("micro-dollars", 0, MOST, 15_000),
    "price_rewritten_micros": _whole("micro-dollars", 0, MOST, 30_000),
    "weight": _whole("percent", 1, HIGHEST_WEIGHT, ONE_SHARE, scopes=(Scope.GUILD, Scope.ROLE)),
}
PRICES = tuple(name for name in VALUES if name.startswith("price_"))


def written(value: Value) -> str:
    """As it stands in its row; `read` reads it back."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def read(scope: object, scope_id: object, name: object, text: object) -> Any:
    """The value of a row that anybody may have written.

    Raises:
        PolicyUnreadable: names the row, what stands there and what was expected.
    """
    named = ascii(f"{scope} {scope_id} {name}")[1:-1]
    row = f"policy row {named:.80}"
    rule = VALUES.get(name) if isinstance(name, str) else None
    if rule is None:
        raise PolicyUnreadable(f"{row}: expected one of the names {', '.join(VALUES)}")
    if scope not in rule.scopes:
        raise PolicyUnreadable(f"{row}: expected scope {' or '.join(sorted(rule.scopes))}")
    if not isinstance(scope_id, int) or (scope_id == 0) != (scope == Scope.OPERATOR):
        raise PolicyUnreadable(f"{row}: expected scope_id 0 for the operator, else whose it is")
    try:
        if isinstance(text, str):
            return rule.read(text)
    except ValueError:
        pass  # said below
    raise PolicyUnreadable(f"{row}: expected {rule.expected}, got {text!r:.60}")


def policy_of(rows: Iterable[Row]) -> Policy:
    """What these rows say together. Raises PolicyUnreadable."""
    values: dict[Any, Any] = {name: rule.default for name, rule in VALUES.items()}
    of_roles: list[int] = []
    for scope, scope_id, name, text in rows:
        value = read(scope, scope_id, name, text)
        if scope == Scope.ROLE:
            of_roles.append(value)
        else:
            values[name] = value
    return Policy(
        limits=Limits(**{field.name: values[field.name] for field in fields(Limits)}),
        default_size=values["default_size"],
        rewrite_by_default=values["rewrite_by_default"],
        prices=Prices(
            plain_micros=values["price_plain_micros"],
            rewritten_micros=values["price_rewritten_micros"],
        ),
        guild_weight=values["weight"],
        member_weight=max(of_roles, default=ONE_SHARE),
    )


def default_size(policy: Policy, offer: Offer) -> Size:
    """Raises PolicyUnreadable if the provider does not draw it."""
    size = policy.default_size or offer.default_size
    try:
        if offer.parse_size(str(size)).size == size:
            return size
    except Refusal:
        pass  # said below
    raise PolicyUnreadable(
        f"policy row {Scope.OPERATOR} 0 default_size: expected {DRAWABLE}, got {str(size)!r}"
    )
