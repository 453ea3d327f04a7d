"""A clock that tests move by hand."""

from __future__ import annotations

import asyncio

from tests.running import PATIENCE_S


class ManualClock:
    """Moves only when told; sleepers wake in the order of their instants."""

    def __init__(self, now_us: int = 1_800_000_000_000_000) -> None:
        self._now_us = now_us
        self._passed_us = 0
        self._step_us = 0
        self._moved = asyncio.Event()
        self._begun = 0
        self._slept = asyncio.Event()

    def now_us(self) -> int:
        return self._now_us

    def step_us(self) -> int:
        return self._step_us

    def adopt(self, step_us: int) -> None:
        self._now_us += step_us
        self._step_us -= step_us

    async def sleep_until(self, at_us: int) -> None:
        wake_us = self._passed_us + at_us - self._now_us
        if self._passed_us < wake_us:
            self._begun += 1
            self._slept.set()
        while self._passed_us < wake_us:
            await self._moved.wait()

    async def until_slept(self, sleepers: int = 1) -> None:
        """Returns once so many have begun to sleep since the time last moved.

        Whoever moves it before that moves it under a task that has not yet looked at the time, and
        that will wait for an instant which nobody knows.
        """
        async with asyncio.timeout(PATIENCE_S):
            while self._begun < sleepers:
                self._slept.clear()
                await self._slept.wait()

    def advance(self, seconds: float) -> None:
        """Moves the time forward and wakes whoever waits for it."""
        self._now_us += round(seconds * 1e6)
        self._passed_us += round(seconds * 1e6)
        self._begun = 0
        self._moved.set()
        self._moved = asyncio.Event()

    def set_system_clock(self, seconds: float) -> None:
        """Somebody sets it forward, or back if below 0; no time passes."""
        self._step_us += round(seconds * 1e6)
