"""By how much one of two guilds that both have work gets ahead of the other.

Of some watched guilds, every pair. Over any interval in which both have work, the services per
share that they had are compared; the largest difference is the gap. Between guilds of equal weight
1 means that they take turns. Between unequal ones start-time fair queueing promises at most a job
of the one plus a job of the other, each per share; `of_bound` is the gap as a part of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Gaps:
    """Fed with every arrival and every service."""

    def __init__(self, watched: Iterable[int], weight: list[int]) -> None:
        self.widest_equal = 0.0  # jobs per share, between guilds of equal weight
        self.of_bound = 0.0  # between all
        self._weight = weight
        self._service = dict.fromkeys(watched, 0.0)
        self._backlog = dict.fromkeys(self._service, 0)
        self._ranges: dict[tuple[int, int], tuple[float, float]] = {}

    def add(self, guild: int) -> None:
        if guild not in self._backlog:
            return
        self._backlog[guild] += 1
        if self._backlog[guild] == 1:
            self._see(guild)

    def serve(self, guild: int) -> None:
        if guild not in self._backlog:
            return
        self._backlog[guild] -= 1
        self._service[guild] += 1 / self._weight[guild]
        self._see(guild)
        if self._backlog[guild] == 0:
            self._forget(guild)

    def _see(self, guild: int) -> None:
        service = self._service[guild]
        for other, backlog in self._backlog.items():
            if other == guild or backlog == 0:
                continue
            pair = (guild, other) if guild < other else (other, guild)
            apart = service - self._service[other]
            apart = apart if guild < other else -apart
            low, high = self._ranges.get(pair, (apart, apart))
            low, high = min(low, apart), max(high, apart)
            self._ranges[pair] = low, high
            self._note(pair, high - low)

    def _note(self, pair: tuple[int, int], gap: float) -> None:
        one, other = self._weight[pair[0]], self._weight[pair[1]]
        self.of_bound = max(self.of_bound, gap / (1 / one + 1 / other))
        if one == other:
            self.widest_equal = max(self.widest_equal, gap * one)

    def _forget(self, guild: int) -> None:
        for other in self._backlog:
            self._ranges.pop((guild, other) if guild < other else (other, guild), None)
