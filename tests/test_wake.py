"""The bell: no ring is lost, and the slow poll stays."""

from __future__ import annotations

import asyncio

from bot.clock import ManualClock
from bot.wake import Bell


async def test_a_ring_before_the_wait_is_not_lost() -> None:
    """Work may arrive while the waiter is busy."""
    clock = ManualClock()
    bell = Bell(clock)
    bell.ring()
    await asyncio.wait_for(bell.wait_until(clock.now_us() + 10**12), 1)


async def test_a_ring_wakes_and_many_rings_wake_once() -> None:
    """Rings are not counted."""
    clock = ManualClock()
    bell = Bell(clock)
    waiting = asyncio.create_task(bell.wait_until(clock.now_us() + 10**12))
    await asyncio.sleep(0)
    bell.ring()
    bell.ring()
    await asyncio.wait_for(waiting, 1)
    again = asyncio.create_task(bell.wait_until(clock.now_us() + 5_000_000))
    await asyncio.sleep(0)
    assert not again.done()
    clock.advance(5)
    await asyncio.wait_for(again, 1)
