"""The time, as an argument.

Everything that asks for the time takes a `Clock`, so that tests and simulations move it by hand.
Instants are integer microseconds since the Unix epoch (UTC); durations are float seconds.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. `SystemClock` runs the bot, `ManualClock` tests and simulations."""

    def now_us(self) -> int:
        """Microseconds since the Unix epoch."""
        ...

    async def sleep_until(self, at_us: int) -> None:
        """Returns at once if the instant has passed."""
        ...


class SystemClock:
    """The wall clock. A step of the wall clock moves it too: instants outlive the process."""

    def now_us(self) -> int:
        return time.time_ns() // 1_000

    async def sleep_until(self, at_us: int) -> None:
        await asyncio.sleep(max(0.0, (at_us - self.now_us()) / 1e6))


class ManualClock:
    """Moves only when told; sleepers wake in the order of their instants."""

    def __init__(self, now_us: int = 1_800_000_000_000_000) -> None:
        self._now_us = now_us
        self._moved = asyncio.Event()

    def now_us(self) -> int:
        return self._now_us

    async def sleep_until(self, at_us: int) -> None:
        while self._now_us < at_us:
            await self._moved.wait()

    def advance(self, seconds: float) -> None:
        """Moves the time forward and wakes whoever waits for it."""
        self._now_us += round(seconds * 1e6)
        self._moved.set()
        self._moved = asyncio.Event()
