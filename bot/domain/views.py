"""What the service tells a cog: places, queues, sums. Plain records, made for reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.domain.price import Price
    from bot.domain.sizes import Size
    from bot.errors import Outage


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What holds when a member names only the prompt."""

    default_size: Size
    rewrite_by_default: bool
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a waiting job stands at this moment."""

    position: int  # 1 is the next to be claimed, or has just been; 0 needs no turn any more
    ahead_in_guild: int  # jobs of the same guild that will be claimed before it
    expected_s: float  # until the picture is there
    outage: Outage | None = None  # nothing is drawn for anybody until that ends
    is_guild_paused: bool = False  # by the operator; nobody knows for how long


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A job that is on disk."""

    job: Job
    place: Place | None  # None if it could not be read
    is_new: bool  # False when this interaction had made its job before


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An open job and its place."""

    job: Job
    place: Place | None  # None once it is claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """A member's jobs in a guild, and how much the guild has waiting."""

    mine: tuple[Waiting, ...]  # in the order in which they will be claimed
    undelivered: tuple[Job, ...]  # drawn and paid, but the picture found no place in Discord
    guild_waiting: int
    guild_running: int
    guild_expected_s: float  # until the last of the guild's jobs is drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSum:
    """What was drawn and paid in a span of time."""

    images: int = 0
    rewritten: int = 0  # of the images, those with a rewritten prompt
    pixels: int = 0
    cost_micros: int = 0  # micro-dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageView:
    """A member's usage in a guild."""

    today: UsageSum  # since midnight UTC
    week: UsageSum  # the last 7 days, today among them
    month: UsageSum  # the last 30 days
    all_time: UsageSum
