"""A clock that jumps from event to event."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Events:
    """What happens when, in order; equal instants in the order in which they were planned."""

    def __init__(self, start_us: int) -> None:
        self.now_us = start_us
        self._planned: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, instant_us: int, happen: Callable[[], None]) -> None:
        heapq.heappush(self._planned, (max(instant_us, self.now_us), next(self._order), happen))

    def after(self, delay_us: float, happen: Callable[[], None]) -> None:
        self.at(self.now_us + round(delay_us), happen)

    def run_until(self, end_us: int) -> None:
        while self._planned and self._planned[0][0] <= end_us:
            self.now_us, _, happen = heapq.heappop(self._planned)
            happen()
        self.now_us = end_us
