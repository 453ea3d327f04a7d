"""A limit that nobody tells, and that changes: 2 → 1 → 4 → 2 requests a second.

Each lasts twenty minutes, played by the bot's own transactions. The operator has set a ceiling of
4. Refusals (429 with Retry-After 1 s) are the only signal. A phase's share counts from two minutes
after its beginning; the limit rises once, and how soon that is noticed depends on where in the
search's rest it falls. So this day is played with the rise at moments spread evenly over two rests,
and both the median of the days and the worst are held:

    share     of a phase that was used least; nobody waits noticeably longer for one part in forty.
              The worst is a rise that is noticed last, 250 s after it: one part in eleven
    refusals  in the worst phase of a day; each costs a second, so one a minute would be noticed in
              the share: 20, and one part in a hundred, 12, in the median
    rise      if the rests of all refusals are over, the next look is due 190 s after the last, and
              climbing to what it finds may take a minute: 250 s, and 155 s where half of the rest
              had passed

Rests add up. The first phase begins at the ceiling, which costs eight refusals, so for 25 minutes
nothing is looked for: with phases of ten minutes the same rise is noticed 900 s later.
"""

from __future__ import annotations

import random
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING

from benchmarks.simulator.accounts import RowsAccount
from benchmarks.simulator.caller import Caller, World
from benchmarks.simulator.events import Events
from benchmarks.simulator.provider import SECOND_US, StrictProvider
from benchmarks.simulator.rows import NO_LIMITS, START_US, open_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

CEILING = 4
LIMITS = (2, 1, 4, 2)
PHASE_S = 1200
JITTER_US = 20_000
SETTLED_S = 120
RISES_WITHIN_S = 380  # two rests of the search
SHARE, WORST_SHARE = 0.975, 0.91
REFUSALS, WORST_REFUSALS = 12, 20
RISE_S, WORST_RISE_S = 155, 250


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """Shares, refusals and the time to use a rise."""
    count = 2 if quick else 8
    days = [_day(seed, rise_s=RISES_WITHIN_S * seed // count) for seed in range(count)]
    shares = [_shares(*day) for day in days]
    refusals = [_refusals(*day) for day in days]
    risen = sorted(round(_rise_s(*day)) for day in days)
    beside: dict[str, object] = {
        "days": len(days),
        "phases": LIMITS,
        "shares_worst": [round(min(phase), 4) for phase in zip(*shares, strict=True)],
        "refusals_mean": [round(mean(phase), 1) for phase in zip(*refusals, strict=True)],
        "rises_s": risen,
    }
    lowest = [min(day) for day in shares]
    most = [max(day) for day in refusals]
    for name, unit, values, limit, worst_limit in (
        ("share", "× attainable, at least", lowest, SHARE, WORST_SHARE),
        ("refusals", "refusals in a phase", most, REFUSALS, WORST_REFUSALS),
        ("rise_s", "s until a rise is used", risen, RISE_S, WORST_RISE_S),
    ):
        is_share = name == "share"
        worst = min(values) if is_share else max(values)
        for what, value, bound in (
            ("median", median(values), limit),
            ("worst", worst, worst_limit),
        ):
            yield {
                "name": f"unknown_limit_{name}_{what}",
                "value": round(value, 4),
                "unit": f"{unit}, {what} day",
                "limit": bound,
                "holds": value >= bound if is_share else value <= bound,
                "beside": beside,
            }


def _day(seed: int, *, rise_s: int) -> tuple[StrictProvider, list[int]]:
    """The provider after the day, and the instants at which the limit changed."""
    randomness = random.Random(seed)
    starts_s = [0, PHASE_S, 2 * PHASE_S + rise_s, 3 * PHASE_S + RISES_WITHIN_S]
    changes = [START_US + start_s * SECOND_US for start_s in starts_s]
    provider = StrictProvider(
        lambda at_us: LIMITS[max(n for n, change in enumerate(changes) if change <= at_us)]
    )
    events = Events(START_US)
    world = World(events=events, provider=provider, random=randomness, jitter_us=JITTER_US)
    with open_rows() as rows:
        rows.configure(per_second=CEILING, limits=NO_LIMITS)
        events.at(START_US, Caller(RowsAccount(rows), world).wake)
        events.run_until(START_US + (4 * PHASE_S + RISES_WITHIN_S) * SECOND_US)
    return provider, [*changes, events.now_us]


def _shares(provider: StrictProvider, changes: list[int]) -> list[float]:
    attainable = 1 / (1 + JITTER_US / SECOND_US)
    shares = []
    for limit, start_us, end_us in zip(LIMITS, changes, changes[1:], strict=False):
        since_us = start_us + SETTLED_S * SECOND_US
        used = sum(since_us < at_us <= end_us for at_us in provider.accepted_us)
        shares.append(used / (limit * attainable * (end_us - since_us) / SECOND_US))
    return shares


def _refusals(provider: StrictProvider, changes: list[int]) -> list[int]:
    return [
        sum(start_us <= at_us < end_us for at_us in provider.refused_us)
        for start_us, end_us in pairwise(changes)
    ]


def _rise_s(provider: StrictProvider, changes: list[int]) -> float:
    """From the rise until ten seconds begin in which 95 % of the new rate is used; all of the time
    that it lasts if there are none."""
    rise_us, end_us = changes[2], changes[3]
    after = [at_us for at_us in provider.accepted_us if rise_us <= at_us < end_us]
    wanted = round(0.95 * LIMITS[2] * 10 / (1 + JITTER_US / SECOND_US))
    for first, last in zip(after, after[wanted - 1 :], strict=False):
        if last - first <= 10 * SECOND_US:
            return (first - rise_us) / SECOND_US
    return (end_us - rise_us) / SECOND_US
