"""A limit that nobody tells, and that changes: 2 → 1 → 4 → 2 requests per second, an hour each.

The operator has set a ceiling of 4. Refusals (429 with Retry-After 1 s) are the only signal. A
phase's share counts from two minutes after its beginning; the limit rises once, and how soon that
is noticed depends on where in the search's rest it falls. So the day is played with the rise at
moments spread evenly over two rests: the median and the worst are both told.
"""

from __future__ import annotations

import random
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING

from benchmarks.simulator.accounts import MemoryAccount
from benchmarks.simulator.caller import Caller, World
from benchmarks.simulator.events import Events
from benchmarks.simulator.provider import SECOND_US, StrictProvider
from benchmarks.simulator.rows import START_US
from bot.queue.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator

CEILING = 4
LIMITS = (2, 1, 4, 2)
HOUR_S = 3600
JITTER_US = 20_000
SETTLED_S = 120
RISES_WITHIN_S = 380  # two rests of the search


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """Shares, refusals and the time to use a rise."""
    count = 3 if quick else 12
    days = [_day(seed, rise_s=RISES_WITHIN_S * seed // count) for seed in range(count)]
    shares = [_shares(*day) for day in days]
    worst = [min(phase) for phase in zip(*shares, strict=True)]
    middle = [median(phase) for phase in zip(*shares, strict=True)]
    refusals = [_refusals(*day) for day in days]
    risen = sorted(_rise_s(*day) for day in days)
    beside = {
        "days": len(days),
        "phases": LIMITS,
        "share_median": [round(share, 4) for share in middle],
        "share_worst": [round(share, 4) for share in worst],
        "refusals_per_hour_mean": [round(mean(hour), 1) for hour in zip(*refusals, strict=True)],
        "refusals_per_hour_most": [max(hour) for hour in zip(*refusals, strict=True)],
        "rise_s_median": round(median(risen)),
        "rise_s_worst": round(risen[-1]),
    }
    yield _figure("unknown_limit_share", min(middle), "× attainable", 0.98, beside, at_least=True)
    yield _figure(
        "unknown_limit_refusals_per_hour",
        max(mean(hour) for hour in zip(*refusals, strict=True)),
        "refusals",
        20,
        beside,
    )
    yield _figure("unknown_limit_rise_s", median(risen), "s (median)", 120, beside)


def _day(seed: int, *, rise_s: int) -> tuple[StrictProvider, list[int]]:
    """The provider after the day, and the instants at which the limit changed."""
    randomness = random.Random(seed)
    starts_s = [0, HOUR_S, 2 * HOUR_S + rise_s, 3 * HOUR_S + RISES_WITHIN_S]
    changes = [START_US + start_s * SECOND_US for start_s in starts_s]
    provider = StrictProvider(
        lambda at_us: LIMITS[max(n for n, change in enumerate(changes) if change <= at_us)]
    )
    events = Events(START_US)
    world = World(events=events, provider=provider, random=randomness, jitter_us=JITTER_US)
    account = MemoryAccount(
        Pace(
            ceiling_mps=CEILING * 1000,
            rate_mps=CEILING * 1000,
            proved_mps=CEILING * 1000,
            held_mps=CEILING * 1000,
        )
    )
    events.at(START_US, Caller(account, world).wake)
    events.run_until(START_US + (4 * HOUR_S + 400) * SECOND_US)
    return provider, [*changes, events.now_us]


def _shares(provider: StrictProvider, changes: list[int]) -> list[float]:
    attainable = 1 / (1 + JITTER_US / SECOND_US)
    shares = []
    for limit, start_us, end_us in zip(LIMITS, changes, changes[1:], strict=False):
        since_us = start_us + SETTLED_S * SECOND_US
        used = sum(since_us < at_us <= end_us for at_us in provider.accepted_us)
        shares.append(used / (limit * attainable * (end_us - since_us) / SECOND_US))
    return shares


def _refusals(provider: StrictProvider, changes: list[int]) -> list[float]:
    return [
        sum(start_us <= at_us < end_us for at_us in provider.refused_us)
        * HOUR_S
        * SECOND_US
        / (end_us - start_us)
        for start_us, end_us in pairwise(changes)
    ]


def _rise_s(provider: StrictProvider, changes: list[int]) -> float:
    """From the rise until ten seconds begin in which 95 % of the new rate is used."""
    rise_us, end_us = changes[2], changes[3]
    after = [at_us for at_us in provider.accepted_us if rise_us <= at_us < end_us]
    wanted = round(0.95 * LIMITS[2] * 10 / (1 + JITTER_US / SECOND_US))
    for first, last in zip(after, after[wanted - 1 :], strict=False):
        if last - first <= 10 * SECOND_US:
            return (first - rise_us) / SECOND_US
    return float("inf")


def _figure(
    name: str,
    value: float,
    unit: str,
    limit: float,
    beside: dict[str, object],
    *,
    at_least: bool = False,
) -> dict[str, object]:
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "limit": limit,
        "holds": value >= limit if at_least else value <= limit,
        "beside": beside,
    }
