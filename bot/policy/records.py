"""What is set, as the rest of the house reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bot.providers.image import Prices, Size


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
