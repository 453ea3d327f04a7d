"""Wake-up events: none is missed, and the slow poll stays."""

from __future__ import annotations

import asyncio

from bot.runtime.clock import Wakeup
from tests.clock import ManualClock
from tests.running import PATIENCE_S


async def test_a_wakeup_before_the_wait_is_not_missed() -> None:
    """Work may arrive while the waiter is busy."""
    clock = ManualClock()
    wakeup = Wakeup(clock)
    wakeup.set()
    await asyncio.wait_for(wakeup.wait_until(clock.now_us() + 10**12), PATIENCE_S)


async def test_many_wakeups_wake_once() -> None:
    """They are not counted."""
    clock = ManualClock()
    wakeup = Wakeup(clock)
    waiting = asyncio.create_task(wakeup.wait_until(clock.now_us() + 10**12))
    await asyncio.sleep(0)
    wakeup.set()
    wakeup.set()
    await asyncio.wait_for(waiting, PATIENCE_S)
    again = asyncio.create_task(wakeup.wait_until(clock.now_us() + 5_000_000))
    await asyncio.sleep(0)
    assert not again.done()
    clock.advance(5)
    await asyncio.wait_for(again, PATIENCE_S)


async def test_each_waiter_of_one_wakeup_wakes() -> None:
    """One that has woken takes it from nobody else, nor does one set alone wake the first."""
    clock = ManualClock()
    wakeup = Wakeup(clock)
    other = wakeup.another()
    wakeup.set()
    for one in (wakeup, other):
        await asyncio.wait_for(one.wait_until(clock.now_us() + 10**12), PATIENCE_S)
    other.set()
    waiting = asyncio.create_task(wakeup.wait_until(clock.now_us() + 5_000_000))
    await asyncio.sleep(0)
    assert not waiting.done()
    clock.advance(5)
    await asyncio.wait_for(waiting, PATIENCE_S)
