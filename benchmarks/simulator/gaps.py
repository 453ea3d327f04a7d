"""By how much one of two guilds that both have work gets ahead of the other.

Of some watched guilds, every pair. Over any interval in which both have work, the services per
share that they had are compared, in cost; the largest difference is the gap. Between guilds of
equal weight and jobs of equal cost 1 means that they take turns. Start-time fair queueing promises
at most a job of the one plus a job of the other, the dearest of each, per share; `of_bound` is the
gap as a part of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Gaps:
    """Fed with every arrival and every service."""

    def __init__(self, watched: Iterable[int], weight: list[int]) -> None:
        self._places = {guild: place for place, guild in enumerate(watched)}
        self._weight = [weight[guild] for guild in self._places]
        count = len(self._places)
        self._service = [0.0] * count  # per share; of equal jobs each is 1
        self._dearest = [0.0] * count  # of the jobs served, likewise
        self._backlog = [0] * count
        # Of each pair: by how little the one was ahead of the other since both have work, and the
        # most by which it got further ahead since then.
        self._least = [[0.0] * count for _ in range(count)]
        self._widest = [[0.0] * count for _ in range(count)]

    @property
    def widest_equal(self) -> float:
        """Between guilds of equal weight."""
        weight = self._weight
        return max(
            gap * weight[one] for one, other, gap in self._found() if weight[one] == weight[other]
        )

    @property
    def of_bound(self) -> float:
        """Between all."""
        dearest = self._dearest
        return max(
            gap / (dearest[one] + dearest[other]) for one, other, gap in self._found() if gap
        )

    def add(self, guild: int) -> None:
        place = self._places.get(guild)
        if place is None:
            return
        self._backlog[place] += 1
        if self._backlog[place] == 1:
            self._begin(place)

    def serve(self, guild: int, cost: float) -> None:
        place = self._places.get(guild)
        if place is None:
            return
        self._backlog[place] -= 1
        share = cost / self._weight[place]
        self._service[place] += share
        self._dearest[place] = max(self._dearest[place], share)
        mine, least, widest = self._service[place], self._least[place], self._widest[place]
        for other, service in enumerate(self._service):
            if not self._backlog[other] or other == place:
                continue
            ahead = mine - service
            if ahead - least[other] > widest[other]:
                widest[other] = ahead - least[other]
            if -ahead < self._least[other][place]:
                self._least[other][place] = -ahead

    def _begin(self, place: int) -> None:
        for other, service in enumerate(self._service):
            ahead = self._service[place] - service
            self._least[place][other] = ahead
            self._least[other][place] = -ahead

    def _found(self) -> list[tuple[int, int, float]]:
        """Each pair and its gap."""
        return [
            (one, other, gap)
            for one, row in enumerate(self._widest)
            for other, gap in enumerate(row)
        ]
