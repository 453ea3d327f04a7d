"""Demand as it is: few large guilds, many small ones, and requests that come in bursts.

Time is in slots: one slot is one call of the account, half a second at 2 per second. Guilds are of
Zipf size, which is to say that they have so many members; within a guild members are of Zipf size
too. A member submits a batch at once; batches are heavy-tailed, up to 60 (k^-1.5). One guild in
twenty has four shares. All pictures cost the same, or each guild has its own mix: its usual size
(three of four pictures, the fourth of any size) and how often it has the prompt rewritten.
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
ONE_JOB = 1024 * 1024  # px
SIDES = (512, 768, 1024, 1536, 2048)
AREAS = tuple(side * side for side in SIDES)
USUAL = 0.75
REWRITTEN = (0.0, 0.5, 1.0)  # of a guild's pictures


@dataclass(frozen=True, slots=True)
class Workload:
    """Jobs in the order of their arrival."""

    at: list[float]  # slots
    guild: list[int]
    user: list[int]  # a number within the guild
    cost: list[int]  # pixels, doubled by rewriting
    weight: list[int]  # of each guild, in shares
    load: float
    until: float  # the last arrival

    def demand(self) -> list[float]:
        """Of each guild, per slot; a plain picture of 1024 × 1024 is 1."""
        asked = [0] * len(self.weight)
        for guild, cost in zip(self.guild, self.cost, strict=True):
            asked[guild] += cost
        return [cost / ONE_JOB / self.until for cost in asked]


def workload(
    *, guilds: int, jobs: int, load: float, zipf: float, seed: int = 1, is_mixed: bool = False
) -> Workload:
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
    cost = _mixed(Random(seed), guild[:jobs], guilds) if is_mixed else [ONE_JOB] * jobs
    return Workload(at[:jobs], guild[:jobs], user[:jobs], cost, weight, load, now)


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


def _mixed(random: Random, guild_of_job: list[int], guilds: int) -> list[int]:
    usual = [random.choice(AREAS) for _ in range(guilds)]
    rewritten = [random.choice(REWRITTEN) for _ in range(guilds)]
    return [
        (usual[guild] if random.random() < USUAL else random.choice(AREAS))
        * (2 if random.random() < rewritten[guild] else 1)
        for guild in guild_of_job
    ]


def _batches(random: Random) -> Callable[[], int]:
    sums = list(accumulate(size**-1.5 for size in range(1, LARGEST_BATCH + 1)))
    return lambda: 1 + bisect(sums, random.random() * sums[-1])
