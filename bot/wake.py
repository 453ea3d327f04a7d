"""Wake-up events between parts of one process: set when there may be work, so that nobody polls.

They are not counted and none is missed: whoever waits next after one was set wakes at once. Work
that another process left is found by the slow poll that every waiter keeps as a fallback.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.clock import Clock


class Wakeup:
    """An event for one waiter, who clears it by waking."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wakeups:
    """Whom to wake: the dispatcher for new work, delivery for a result."""

    work: Wakeup
    result: Wakeup
