"""Somebody sets the system's clock: by an hour back, by a day forward, between two processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot import queue
from bot.errors import RateLimited, StorageUnavailable
from bot.queue.account import load_account
from bot.queue.records import JobState
from bot.queue.recovery import shift_instants
from bot.runtime.clock import SystemClock
from tests.dispatcher.bench import a_bench, draws
from tests.queue.world import ACCOUNT
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOUR_S, DAY_S = 3600.0, 86_400.0
STEPS = [-HOUR_S, HOUR_S, -DAY_S, DAY_S, -400 * DAY_S]


@pytest.mark.parametrize("step_s", STEPS)
async def test_a_step_neither_stops_the_drawing_nor_hurries_it(
    tmp_path: Path, step_s: float
) -> None:
    """In the middle of a queue at two calls a second: every gap stays as wide."""
    async with a_bench(tmp_path, per_second=2.0) as bench:
        jobs = await bench.submit(*["cat"] * 16)
        with capture_logs() as logs:
            async with running(bench.dispatcher().run()):
                await bench.play(3, step_s=0.05)
                before = len(bench.provider.sent)
                bench.clock.set_system_clock(step_s)
                await bench.play(9, step_s=0.05)
        assert set(await bench.states(jobs)) == {JobState.DRAWN}
        left = [
            at_us - (n >= before) * round(step_s * 1e6)
            for n, (_, at_us) in enumerate(bench.provider.sent)
        ]
        assert all(
            later - earlier >= 1_000_000 for earlier, later in zip(left, left[2:], strict=False)
        )
        (said,) = [each for each in logs if "clock was set" in each["event"]]
        assert said["by_s"] == step_s


@pytest.mark.parametrize("step_s", STEPS)
async def test_a_backoff_lasts_as_long_as_before(tmp_path: Path, step_s: float) -> None:
    """Not an hour more, and not nothing at all."""
    async with a_bench(tmp_path) as bench:
        bench.provider.script = lambda _: RateLimited("later", retry_after_s=60.0)
        (job,) = await bench.submit("cat")
        async with running(bench.dispatcher().run()):
            await bench.play(1)
            bench.provider.script = draws
            bench.clock.set_system_clock(step_s)
            await bench.play(57)
            assert (await bench.job(job.id)).state is JobState.QUEUED
            await bench.play(5)
            assert (await bench.job(job.id)).state is JobState.DRAWN


@pytest.mark.parametrize(
    ("step_s", "is_followed"), [(0.999, False), (-0.999, False), (1.0, True), (-1.0, True)]
)
async def test_a_whole_second_is_followed(
    tmp_path: Path, *, step_s: float, is_followed: bool
) -> None:
    """Forward or back."""
    async with a_bench(tmp_path) as bench:
        bench.clock.set_system_clock(step_s)
        async with running(bench.dispatcher().run()):
            await bench.settle()
        assert (bench.clock.step_us() == 0) is is_followed


async def test_rows_move_before_the_clock_does(tmp_path: Path) -> None:
    """While they cannot, the time goes on as before, and jobs are drawn."""
    async with a_bench(tmp_path) as bench:
        real, is_full = bench.database.write, True

        async def write(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            if is_full and function is shift_instants:
                raise StorageUnavailable("the disk is full")
            return await real(function, *args, **kwargs)

        bench.database.write = write  # type: ignore[method-assign] # fails now and then
        bench.clock.set_system_clock(HOUR_S)
        jobs = await bench.submit("cat")
        before_us = bench.clock.now_us()
        with capture_logs() as logs:
            async with running(bench.dispatcher().run()):
                await bench.play(3)
                assert bench.clock.now_us() == before_us + 3_000_000
                assert await bench.states(jobs) == [JobState.DRAWN]
                is_full = False
                await bench.play(2)
                assert bench.clock.now_us() == before_us + 5_000_000 + round(HOUR_S * 1e6)
        said = [each["event"] for each in logs if "clock" in each["event"]]
        assert set(said[:-1]) == {"clock not followed yet"}
        assert {each["error"] for each in logs if "error" in each} == {"the disk is full"}
        assert said[-1].startswith("the system's clock was set")


async def test_leases_are_renewed_though_the_clock_was_set_back_meanwhile(tmp_path: Path) -> None:
    """Just as they were being written; the next time is ten seconds later, not a day."""
    async with a_bench(tmp_path) as bench:
        real, renewals = bench.database.write, 0

        async def write(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            nonlocal renewals
            result = await real(function, *args, **kwargs)
            if function is queue.keep_leases:
                renewals += 1
                if renewals == 1:
                    bench.clock.set_system_clock(-DAY_S)
                    bench.clock.adopt(bench.clock.step_us())
            return result

        bench.database.write = write  # type: ignore[method-assign] # a clock that is set meanwhile
        async with running(bench.dispatcher().run()):
            await bench.play(10, step_s=1)
            assert renewals == 2


async def test_small_corrections_are_nobodys_business(tmp_path: Path) -> None:
    """Clocks are kept right all the time."""
    async with a_bench(tmp_path) as bench:
        before_us = bench.clock.now_us()
        bench.clock.set_system_clock(0.9)
        with capture_logs() as logs:
            async with running(bench.dispatcher().run()):
                await bench.play(3)
        assert bench.clock.now_us() == before_us + 3_000_000
        assert not [each for each in logs if "clock" in each["event"]]


async def test_what_lies_in_the_future_at_a_start_is_dropped_and_said(tmp_path: Path) -> None:
    """The process before had a clock that went a day ahead."""
    async with a_bench(tmp_path) as bench:
        bench.provider.script = lambda _: RateLimited("later", retry_after_s=300.0)
        jobs = await bench.submit("cat", "dog")
        async with running(bench.dispatcher().run()):
            await bench.play(1)
        bench.provider.script = draws
        bench.clock.adopt(-round(DAY_S * 1e6))
        with capture_logs() as logs:
            async with running(bench.dispatcher().run()):
                await bench.play(5)
        assert set(await bench.states(jobs)) == {JobState.DRAWN}
        (said,) = [each for each in logs if "in the future" in each["event"]]
        assert said["dropped"] > 0
        state = await bench.database.read(load_account, ACCOUNT)
        assert state.pace.paused_until_us <= bench.clock.now_us() + round(HOUR_S * 1e6)


async def test_a_start_with_a_good_clock_drops_nothing(tmp_path: Path) -> None:
    """Backoffs and pauses are in the future rightly."""
    async with a_bench(tmp_path) as bench:
        bench.provider.script = lambda _: RateLimited("later", retry_after_s=300.0)
        (job,) = await bench.submit("cat")
        async with running(bench.dispatcher().run()):
            await bench.play(1)
        with capture_logs() as logs:
            async with running(bench.dispatcher().run()):
                await bench.play(200, step_s=1)
        assert (await bench.job(job.id)).state is JobState.QUEUED
        assert not [each for each in logs if "in the future" in each["event"]]


class Hands:
    """The two clocks of a system, set by hand."""

    wall_ns = 1_800_000_000_000_000_000
    monotonic_ns = 5_000_000_000

    def pass_time(self, seconds: float) -> None:
        self.wall_ns += round(seconds * 1e9)
        self.monotonic_ns += round(seconds * 1e9)


def test_the_systems_clock_is_followed_only_when_adopted() -> None:
    """A step of it is told, and changes nothing by itself."""
    hands = Hands()
    clock = SystemClock(wall_ns=lambda: hands.wall_ns, monotonic_ns=lambda: hands.monotonic_ns)
    began_us = clock.now_us()
    assert began_us == hands.wall_ns // 1000
    hands.pass_time(10)
    hands.wall_ns -= 3_600_000_000_000
    assert clock.now_us() == began_us + 10_000_000
    assert clock.step_us() == -3_600_000_000
    clock.adopt(clock.step_us())
    assert (clock.now_us(), clock.step_us()) == (hands.wall_ns // 1000, 0)
