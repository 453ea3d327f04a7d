"""How far two guilds that both have work get apart in service.

Of some watched guilds, every pair. From the moment when both have work, the services per share that
each has had since are compared: their largest difference is the gap; 1 means one job per share.
Over any interval within that time the difference may be larger, since it may begin at one side's
lead: start-time fair queueing promises a job of the one plus a job of the other, each per share,
which is 1.25 between one share and four.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Gaps:
    """Fed with every arrival and every service."""

    def __init__(self, watched: Iterable[int], weight: list[int]) -> None:
        self.widest = 0.0  # since both have work
        self.widest_anywhen = 0.0  # over any interval in which both have work
        self._weight = weight
        self._service = dict.fromkeys(watched, 0.0)
        self._backlog = dict.fromkeys(self._service, 0)
        self._ranges: dict[tuple[int, int], tuple[float, float, float]] = {}

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
            first, low, high = self._ranges.get(pair, (apart, apart, apart))
            low, high = min(low, apart), max(high, apart)
            self._ranges[pair] = first, low, high
            self.widest = max(self.widest, abs(apart - first))
            self.widest_anywhen = max(self.widest_anywhen, high - low)

    def _forget(self, guild: int) -> None:
        for other in self._backlog:
            self._ranges.pop((guild, other) if guild < other else (other, guild), None)
