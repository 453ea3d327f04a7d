"""The sandbox's clock: everything with a lifetime follows it, and it can be moved.

Instants are integer microseconds since the Unix epoch (UTC).
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress


class SandboxClock:
    """The wall clock plus an offset that only grows; `manual` stands still until it is advanced.

    Belongs to one event loop and is not safe to advance from another thread.
    """

    def __init__(self) -> None:
        self._frozen_us: int | None = None
        self._offset_us = 0
        self._moved = asyncio.Event()

    @classmethod
    def manual(cls, now_us: int = 1_800_000_000_000_000) -> SandboxClock:
        """A clock for tests: time moves only by `advance`."""
        clock = cls()
        clock._frozen_us = now_us
        return clock

    def now_us(self) -> int:
        base_us = time.time_ns() // 1_000 if self._frozen_us is None else self._frozen_us
        return base_us + self._offset_us

    async def sleep_until(self, at_us: int) -> None:
        """Returns when the instant has passed, at once if `advance` jumps over it."""
        while (left_us := at_us - self.now_us()) > 0:
            left_s = left_us / 1e6 if self._frozen_us is None else None
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._moved.wait()

    async def sleep(self, seconds: float) -> None:
        await self.sleep_until(self.now_us() + round(seconds * 1e6))

    def advance(self, seconds: float) -> None:
        """Moves the time forward and wakes whoever waits for an instant that has now passed.

        Raises:
            ValueError: `seconds` is negative; what has expired stays expired.
        """
        if not seconds >= 0 or seconds == float("inf"):
            raise ValueError(f"cannot advance by {seconds} s: expected a number from 0")
        self._offset_us += round(seconds * 1e6)
        self._moved.set()
        self._moved = asyncio.Event()
