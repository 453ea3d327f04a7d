"""A saturated caller in virtual time, and what network and event loop do to its calls.

A claim wakes late while the loop is busy, the call leaves a moment after its mark, and arrives
after a transit that varies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.simulator.accounts import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from benchmarks.simulator.accounts import Account
    from benchmarks.simulator.events import Events
    from benchmarks.simulator.provider import StrictProvider

SECOND_US = 1_000_000
COMMIT_US = 1_000  # a mark's way to the disk
BASE_TRANSIT_US = 40_000
DRAWING_US = 5 * SECOND_US


@dataclass(slots=True, kw_only=True)
class World:
    """What surrounds the caller; all of it may vary from call to call."""

    events: Events
    provider: StrictProvider
    random: Random
    jitter_us: int = 0  # transits are uniform within BASE_TRANSIT_US … + jitter
    lateness_us: Callable[[], float] = lambda: 0.0  # of whatever the event loop does
    drawing_us: Callable[[], float] = lambda: float(DRAWING_US)
    tells_arrival: bool = True
    retry_after_s: float = 1.0


class Caller:
    """Claims whenever it may; work is always waiting."""

    def __init__(self, account: Account, world: World) -> None:
        self._account = account
        self._world = world
        self._wake_planned_us: int | None = None

    def wake(self) -> None:
        """Claims until nothing may leave, then plans when to look again."""
        self._wake_planned_us = None
        while isinstance(claim := self._account.claim(self._now_us), Ticket):
            delay_us = COMMIT_US + self._world.lateness_us()
            self._world.events.after(delay_us, partial(self._mark, claim))
        if claim is not None:
            self._wake_at(claim)

    @property
    def _now_us(self) -> int:
        return self._world.events.now_us

    def _wake_at(self, at_us: int) -> None:
        if self._wake_planned_us is not None and self._wake_planned_us <= at_us:
            return
        self._wake_planned_us = at_us
        self._world.events.at(at_us + round(self._world.lateness_us()), self._wake_if_planned)

    def _wake_if_planned(self) -> None:
        if self._wake_planned_us is not None and self._wake_planned_us <= self._now_us:
            self.wake()

    def _mark(self, ticket: Ticket) -> None:
        world = self._world
        self._account.mark(ticket, self._now_us)
        ready_at_us = self._now_us + COMMIT_US
        left_at_us = max(ready_at_us, ticket.leave_at_us) + round(world.lateness_us())
        world.events.at(left_at_us, partial(self._leave, ticket))
        self.wake()

    def _leave(self, ticket: Ticket) -> None:
        world = self._world
        self._account.left(ticket, self._now_us)
        transit_us = BASE_TRANSIT_US + world.random.uniform(0, world.jitter_us)
        world.events.after(transit_us, partial(self._arrive, ticket))

    def _arrive(self, ticket: Ticket) -> None:
        world = self._world
        if world.provider.arrive(self._now_us):
            world.events.after(world.drawing_us(), partial(self._drawn, ticket, self._now_us))
        else:
            world.events.after(BASE_TRANSIT_US, partial(self._refused, ticket))

    def _drawn(self, ticket: Ticket, arrived_at_us: int) -> None:
        told_us = arrived_at_us // 1000 * 1000  # the header has milliseconds
        self._account.drawn(
            ticket,
            arrived_at_us=told_us if self._world.tells_arrival else None,
            now_us=self._now_us,
        )
        self.wake()

    def _refused(self, ticket: Ticket) -> None:
        self._account.refused(ticket, retry_after_s=self._world.retry_after_s, now_us=self._now_us)
        self.wake()
