"""By how much one of two flows gets ahead of the other while both have work.

A flow is a guild, or a member of one guild. Over any interval in which two of them may be served,
the services per share that they have had are compared. Start-time fair queueing promises that they
stay within a job of the one and a job of the other, each per share, whatever the capacity does and
however many calls are out; a service counts when its call starts (Goyal, Vin, Cheng 1996). Where
costs are corrected once a call has ended, each call that is out may shift its flow by one job more,
before the interval as within it (so SFQ(D); Jin, Chase, Kaur 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROUNDING = 1.001  # tags are whole numbers, so a part of the bound may be a little over 1
_ONE_SHARE = 100


@dataclass(slots=True)
class _Flow:
    service: float = 0.0  # cost ÷ shares
    dearest: float = 0.0  # of its jobs, likewise
    running: int = 0
    most_running: int = 0
    is_corrected: bool = False

    @property
    def leeway(self) -> float:
        return self.dearest * (1 + 2 * self.most_running * self.is_corrected)


class GapMeter:
    """Told of every service, and after every change of who may be served."""

    def __init__(self) -> None:
        self.widest = 0.0  # gap so far, as a part of its bound: more than 1 breaks the promise
        self._flows: dict[int, _Flow] = {}
        self._ranges: dict[tuple[int, int], tuple[float, float]] = {}

    def start(self, flow: int, cost: int, weight: int) -> None:
        """A job starts to run. Weights are percent, as everywhere."""
        known = self._flows.setdefault(flow, _Flow())
        known.service += cost * _ONE_SHARE / weight
        known.dearest = max(known.dearest, cost * _ONE_SHARE / weight)
        known.running += 1
        known.most_running = max(known.most_running, known.running)

    def end(self, flow: int, cost: int, weight: int, *, actual_cost: int) -> None:
        """It runs no more. 0: it was put back, and counts as if it had never started."""
        known = self._flows[flow]
        known.running -= 1
        known.service += (actual_cost - cost) * _ONE_SHARE / weight
        known.dearest = max(known.dearest, actual_cost * _ONE_SHARE / weight)
        known.is_corrected |= actual_cost != cost

    def see(self, open_flows: Iterable[int]) -> None:
        """Call it after every change. Who cannot be served any more is looked at a last time."""
        for pair in self._ranges:
            self._look(pair)
        self._ranges = {
            pair: self._ranges.get(pair) or (self._apart(pair),) * 2
            for pair in combinations(sorted(open_flows), 2)
        }

    def _look(self, pair: tuple[int, int]) -> None:
        apart = self._apart(pair)
        low, high = self._ranges[pair]
        low, high = self._ranges[pair] = min(low, apart), max(high, apart)
        bound = sum(self._flows[flow].leeway for flow in pair)
        if bound:
            self.widest = max(self.widest, (high - low) / bound)

    def _apart(self, pair: tuple[int, int]) -> float:
        one, other = (self._flows.setdefault(flow, _Flow()) for flow in pair)
        return one.service - other.service
