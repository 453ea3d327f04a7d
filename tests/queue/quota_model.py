"""What may be drawn, told anew in plain lists: the quota tests' second opinion.

Nothing of the bot is used here. The calendar is asked only what clocks show at an instant; where a
span begins and ends is searched for. What is used is added up over all jobs, each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUARTER_US = 900_000_000  # clocks change at quarters
STEPS = {"hour": 4, "day": 4 * 27, "month": 4 * 24 * 33}  # quarters, more than the span has
SPANS = {"hour": 13, "day": 10, "month": 7}  # characters of 2027-03-28T02:15 that name it
UNITS = ("pictures", "micros")
OPEN = ("queued", "running", "uncertain")  # at the most that they may cost


class Setting(NamedTuple):
    """Names a value: whose row it is (0 the operator's, else the guild's), and for whom."""

    owner: int
    scope: str
    scope_id: int
    name: str


class Place(NamedTuple):
    """From where a member asks; in no guild there are no roles."""

    guild: int | None
    channel: int
    user: int
    roles: tuple[int, ...]


@dataclass
class Asked:
    """A request that was queued."""

    place: Place
    at_us: int
    reserved: int
    state: str = "queued"
    is_sent: bool = False
    is_cancelled: bool = False  # asked for while it ran
    billed: int | None = None  # drawn, perhaps for nothing

    @property
    def pictures(self) -> int:
        return int(self.state in OPEN or self.billed is not None)

    @property
    def still_reserved(self) -> int:
        return self.reserved if self.state in OPEN else 0

    @property
    def micros(self) -> int:
        return self.still_reserved + (self.billed or 0)


class Bound(NamedTuple):
    """A limit, and how much of it is used."""

    level: str
    unit: str
    span: str
    amount: int
    by_staff: bool
    used: int
    ends_at_us: int

    def allows(self, wanted: int) -> bool:
        return self.amount > 0 and self.used + wanted <= self.amount


@dataclass
class Model:
    """All that was set, and all that was asked for."""

    amounts: dict[Setting, int] = field(default_factory=dict)
    zones: dict[int, str] = field(default_factory=dict)  # of a guild; 0: the operator's
    jobs: dict[int, Asked] = field(default_factory=dict)
    plain_micros: int = 15_000
    rewritten_micros: int = 30_000

    def price(self, *, rewrite: bool) -> int:
        return self.rewritten_micros if rewrite else self.plain_micros

    def bounds(self, place: Place, now_us: int) -> list[Bound]:
        """Every limit that binds somebody who asks from there."""
        found = []
        for level, by_staff, settings in self._levels(place):
            for unit in UNITS:
                for span in SPANS:
                    name = f"{level}_{unit}_per_{span}"
                    said = [self.amounts.get(one._replace(name=name)) for one in settings]
                    amount = _generous(said) if level == "role" else _first(said)
                    if amount != -1:
                        begins, ends = span_of(span, self._zone(by_staff, place), now_us)
                        used = self._used(level, place, unit, begins, ends)
                        found.append(Bound(level, unit, span, amount, by_staff, used, ends))
        return found

    def _levels(self, place: Place) -> Iterator[tuple[str, bool, list[Setting]]]:
        """Whose rows limit each level; what comes first replaces what comes after."""
        guild, channel, user, roles = place

        def rows(owner: int, *whose: tuple[str, int]) -> list[Setting]:
            return [Setting(owner, scope, number, "") for scope, number in whose]

        yield "account", False, rows(0, ("operator", 0))
        yield "person", False, rows(0, ("person", user), ("operator", 0))
        if guild is None:
            yield "member", False, rows(0, ("operator", 0))
            return
        yield "guild", False, rows(0, ("guild", guild), ("operator", 0))
        yield "guild", True, rows(guild, ("guild", guild))
        yield "channel", True, rows(guild, ("channel", channel), ("guild", guild))
        yield "role", True, rows(guild, *(("role", role) for role in (guild, *roles)))
        yield "member", False, rows(0, ("guild", guild), ("operator", 0))
        yield "member", True, rows(guild, ("member", user))

    def _zone(self, by_staff: bool, place: Place) -> str:
        """Whoever has set the limit sets its clock."""
        of_all = self.zones.get(0, "UTC")
        return self.zones.get(place.guild or 0, of_all) if by_staff else of_all

    def _used(self, level: str, place: Place, unit: str, begins: int, ends: int) -> int:
        kind, ids = {
            "account": ("account", (0, 0)),
            "person": ("person", (place.user, 0)),
            "guild": ("guild", (place.guild or place.user, 0)),
            "channel": ("channel", (place.channel, 0)),
        }.get(level, ("member", (place.guild or place.user, place.user)))
        pictures, micros = self.sums(kind, *ids, begins, ends)
        return pictures if unit == "pictures" else micros

    def sums(self, kind: str, whose: int, user: int, begins: int, ends: int) -> tuple[int, int]:
        """Pictures and micro-dollars of what was asked for in that time."""
        is_theirs: dict[str, Callable[[Place], bool]] = {
            "account": lambda _: True,
            "person": lambda place: place.user == whose,
            "guild": lambda place: (place.guild or place.user) == whose,
            "channel": lambda place: place.channel == whose,
            "member": lambda place: (place.guild or place.user, place.user) == (whose, user),
        }
        theirs = [
            job
            for job in self.jobs.values()
            if begins <= job.at_us < ends and is_theirs[kind](job.place)
        ]
        return sum(job.pictures for job in theirs), sum(job.micros for job in theirs)


def _first(said: list[int | None]) -> int:
    return next((amount for amount in said if amount is not None), -1)


def _generous(said: list[int | None]) -> int:
    amounts = [amount for amount in said if amount is not None]
    return -1 if -1 in amounts or not amounts else max(amounts)


@lru_cache(maxsize=100_000)
def clock_shows(zone: str, at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, ZoneInfo(zone)).isoformat()


@lru_cache(maxsize=100_000)
def span_of(span: str, zone: str, now_us: int) -> tuple[int, int]:
    """Of all quarters around the instant, those in which clocks there show the same as now.

    An hour that comes twice, as one night in autumn, is two: clocks show another distance to UTC.
    """

    def label(at_us: int) -> str:
        shown = clock_shows(zone, at_us)
        return shown[: SPANS[span]] + (shown[-6:] if span == "hour" else "")

    now_us = now_us // QUARTER_US * QUARTER_US
    here = label(now_us)

    def farthest(direction: int) -> int:
        """How many quarters off clocks show the same; halved, since they do so without a gap."""
        low, high = 0, STEPS[span]
        while high - low > 1:
            middle = (low + high) // 2
            is_here = label(now_us + direction * middle * QUARTER_US) == here
            low, high = (middle, high) if is_here else (low, middle)
        return low

    return now_us - farthest(-1) * QUARTER_US, now_us + (farthest(1) + 1) * QUARTER_US
