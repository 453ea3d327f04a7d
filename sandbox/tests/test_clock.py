"""The sandbox's clock moves when told."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.clock import SandboxClock
from sandbox.tests.gateway import PATIENCE_S


async def test_a_sleeper_wakes_at_once_when_the_clock_jumps_past_its_instant() -> None:
    """An hour passes in no time, on the wall clock too."""
    clock = SandboxClock()
    began_us = clock.now_us()
    sleeper = asyncio.create_task(clock.sleep_until(began_us + 3_600_000_000))
    await asyncio.sleep(0)
    clock.advance(3_601)
    async with asyncio.timeout(PATIENCE_S):
        await sleeper
    assert clock.now_us() - began_us >= 3_601_000_000


async def test_a_jump_that_falls_short_wakes_nobody() -> None:
    """A manual clock stands still between two jumps."""
    clock = SandboxClock.manual()
    sleeper = asyncio.create_task(clock.sleep(10))
    await asyncio.sleep(0)
    clock.advance(9.999_999)
    await asyncio.sleep(0)
    assert not sleeper.done()
    clock.advance(0.000_001)
    await sleeper


async def test_a_short_sleep_ends_by_the_wall_clock() -> None:
    """Nobody needs to advance a clock that runs."""
    clock = SandboxClock()
    began_us = clock.now_us()
    await clock.sleep(0.01)
    assert clock.now_us() - began_us >= 10_000


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_time_does_not_run_backwards(seconds: float) -> None:
    """What has expired stays expired."""
    with pytest.raises(ValueError, match="cannot advance"):
        SandboxClock.manual().advance(seconds)
