"""A bell between parts of one process: rung when there may be work, so that nobody polls.

Rings are not counted and none is lost: whoever waits next after a ring wakes at once. Work that
another process left is found by the slow poll that every waiter keeps as a fallback.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.clock import Clock


class Bell:
    """One waiter, any number of ringers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait_until(self, at_us: int) -> None:
        """Returns when rung or at the instant, whichever is first."""
        rung = asyncio.ensure_future(self._rung.wait())
        slept = asyncio.ensure_future(self._clock.sleep_until(at_us))
        try:
            await asyncio.wait([rung, slept], return_when=asyncio.FIRST_COMPLETED)
        finally:
            rung.cancel()
            slept.cancel()
        self._rung.clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bells:
    """Whom to ring: the dispatcher for new work, delivery for a result."""

    work: Bell
    result: Bell
