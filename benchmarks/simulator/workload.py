"""Demand as it is: few large guilds, many small ones, and requests that come in bursts.

Time is in slots: one slot is one call of the account, half a second at 2 per second. Guilds are of
Zipf size, which is to say that they have so many members; within a guild members are of Zipf size
too. A member submits a batch at once; batches are heavy-tailed, up to 60 (k^-1.5). One guild in
twenty has four shares.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_BATCH = 60
ONE_IN = 20
SHARES = 4
LARGEST_GUILD_MEMBERS = 1000


@dataclass(frozen=True, slots=True)
class Workload:
    """Jobs in the order of their arrival."""

    at: list[float]  # slots
    guild: list[int]
    user: list[int]  # a number within the guild
    weight: list[int]  # of each guild, in shares
    load: float
    until: float  # the last arrival

    def demand(self) -> list[float]:
        """Jobs per slot of each guild."""
        counts = [0] * len(self.weight)
        for guild in self.guild:
            counts[guild] += 1
        return [count / self.until for count in counts]


def workload(*, guilds: int, jobs: int, load: float, zipf: float, seed: int = 1) -> Workload:
    """Poisson batches, so many that the account is offered `load` jobs per slot."""
    random = Random(seed)
    pick_guild = _zipf(random, guilds, zipf)
    members = [
        _zipf(random, max(1, round(LARGEST_GUILD_MEMBERS / (rank + 1) ** zipf)), 1.0)
        for rank in range(guilds)
    ]
    batch_of = _batches(random)
    mean_batch = sum(batch_of() for _ in range(10_000)) / 10_000
    at: list[float] = []
    guild: list[int] = []
    user: list[int] = []
    now = 0.0
    while len(at) < jobs:
        now += random.expovariate(load / mean_batch)
        batch, home = batch_of(), pick_guild()
        at += [now] * batch
        guild += [home] * batch
        user += [members[home]()] * batch
    weight = [SHARES if random.randrange(ONE_IN) == 0 else 1 for _ in range(guilds)]
    return Workload(at[:jobs], guild[:jobs], user[:jobs], weight, load, now)


def fair_level(demand: list[float], weight: list[int], capacity: float) -> float:
    """Service per share at which all capacity is used; infinite if it suffices for all."""
    if sum(demand) <= capacity:
        return float("inf")
    order = sorted(range(len(demand)), key=lambda n: demand[n] / weight[n])
    left, shares = capacity, float(sum(weight))
    for n in order:
        level = left / shares
        if demand[n] / weight[n] >= level:
            return level
        left -= demand[n]
        shares -= weight[n]
    return float("inf")


def _zipf(random: Random, count: int, exponent: float) -> Callable[[], int]:
    sums = list(accumulate((rank + 1) ** -exponent for rank in range(count)))
    return lambda: bisect(sums, random.random() * sums[-1])


def _batches(random: Random) -> Callable[[], int]:
    sums = list(accumulate(size**-1.5 for size in range(1, LARGEST_BATCH + 1)))
    return lambda: 1 + bisect(sums, random.random() * sums[-1])
