"""The time, as an argument, and who is woken before it.

Everything that asks for the time takes a `Clock`, so that tests and simulations move it by hand.
Instants are integer microseconds since the Unix epoch (UTC); durations are float seconds.

Somebody may set the system's clock while we run: by hand, or NTP after a boot without a battery.
Every instant in memory and in rows would then lie an hour ahead or behind. So a clock goes on as
before, tells by how much it differs now, and takes that over when what is stored was moved along.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock(Protocol):
    """Tells the time and waits."""

    def now_us(self) -> int:
        """Microseconds since the Unix epoch."""
        ...

    def step_us(self) -> int:
        """By how much the system's clock was set forward since, or back if below 0."""
        ...

    def adopt(self, step_us: int) -> None:
        """From now on `now_us` includes this step."""
        ...

    async def sleep_until(self, at_us: int) -> None:
        """Returns at once if the instant has passed. A step does not move who sleeps already."""
        ...


class SystemClock:
    """The wall clock of the start, moved on by the monotonic one."""

    def __init__(
        self,
        *,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._offset_us = (wall_ns() - monotonic_ns()) // 1_000

    def now_us(self) -> int:
        return self._monotonic_ns() // 1_000 + self._offset_us

    def step_us(self) -> int:
        return self._wall_ns() // 1_000 - self.now_us()

    def adopt(self, step_us: int) -> None:
        self._offset_us += step_us

    async def sleep_until(self, at_us: int) -> None:
        await asyncio.sleep(max(0.0, (at_us - self.now_us()) / 1e6))


# ------------------------------------------------------------------------------------------------
# Wake-up events between parts of one process: set when there may be work, so that nobody polls.
#
# They are not counted and none is missed: whoever waits next after one was set wakes at once. Work
# that another process left is found by the slow poll that every waiter keeps as a fallback.


class Wakeup:
    """An event for one waiter, who clears it by waking."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()
        self._others: list[Wakeup] = []

    def set(self) -> None:
        self._event.set()
        for other in self._others:
            other.set()

    def another(self) -> Wakeup:
        """For one more waiter: set whenever this one is."""
        self._others.append(Wakeup(self._clock))
        return self._others[-1]

    async def wait_until(self, at_us: int) -> None:
        """Returns when set or at the instant, whichever is first."""
        woken = asyncio.ensure_future(self._event.wait())
        slept = asyncio.ensure_future(self._clock.sleep_until(at_us))
        try:
            await asyncio.wait([woken, slept], return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            slept.cancel()
        self._event.clear()


class Wakeups(Struct, frozen=True, kw_only=True):
    """Whom to wake: the dispatcher for new work, delivery for a result."""

    work: Wakeup
    result: Wakeup
