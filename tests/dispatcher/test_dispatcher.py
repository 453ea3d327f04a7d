"""The loop: claims, leases, the end of a process, and what the last one left behind."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot import queue
from bot.dispatcher import LEASE_S
from bot.errors import StorageUnavailable
from bot.queue.records import JobState
from tests.dispatcher.bench import a_bench
from tests.queue.world import ACCOUNT
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.dispatcher.bench import Bench


async def test_jobs_are_drawn_at_the_accounts_pace(tmp_path: Path) -> None:
    """Two a second, and never three within one."""
    async with a_bench(tmp_path, per_second=2.0) as bench:
        jobs = await bench.submit(*["cat"] * 12)
        async with running(bench.dispatcher().run()):
            await bench.play(9, step_s=0.05)
        assert set(await bench.states(jobs)) == {JobState.DRAWN}
        left = [at_us for _, at_us in bench.provider.sent]
        assert all(
            later - earlier >= 1_000_000 for earlier, later in zip(left, left[2:], strict=False)
        )


async def test_a_ring_wakes_the_dispatcher(bench: Bench) -> None:
    """No time passes between a submit and its call."""
    async with running(bench.dispatcher().run()):
        await bench.settle()
        await bench.submit("cat")
        await bench.settle()
        assert len(bench.provider.sent) == 1


async def test_what_another_process_changed_is_found_by_itself(bench: Bench) -> None:
    """An operator's command sets no event here."""
    async with running(bench.dispatcher().run()):
        await bench.settle()
        await bench.submit("cat")
        bench.wakeups.work._event.clear()
        await bench.settle()
        await bench.play(2.5)
        assert len(bench.provider.sent) == 1


async def test_a_drawn_picture_rings_for_delivery(bench: Bench) -> None:
    """It is posted at once."""
    async with running(bench.dispatcher().run()):
        waiting = asyncio.create_task(bench.wakeups.result.wait_until(2**62))
        await bench.submit("cat")
        await bench.settle()
        assert waiting.done()


@pytest.mark.parametrize("is_sent", [False, True])
async def test_what_a_predecessor_left_is_ended_first(bench: Bench, *, is_sent: bool) -> None:
    """It held the database alone and is gone: not sent is drawn, sent is uncertain and said."""
    (job,) = await bench.submit("cat")
    now_us = bench.clock.now_us()
    await bench.database.write(
        queue.claim, ACCOUNT, now_us=now_us, lease_token="gone", lease_s=LEASE_S
    )
    if is_sent:
        await bench.database.write(queue.mark_sent, job.id, "gone", now_us=now_us)
    with capture_logs() as logs:
        async with running(bench.dispatcher().run()):
            await bench.play(1)
    state = (await bench.job(job.id)).state
    assert state is (JobState.UNCERTAIN if is_sent else JobState.DRAWN)
    assert len(bench.provider.sent) == (0 if is_sent else 1)
    events = [each["event"] for each in logs]
    assert "left behind" in events
    assert any(event.startswith("uncertain") for event in events) == is_sent


async def test_leases_of_long_calls_are_renewed(bench: Bench) -> None:
    """A picture that takes five minutes stays ours."""
    bench.provider.held = asyncio.Event()
    (job,) = await bench.submit("cat")
    async with running(bench.dispatcher().run()):
        await bench.play(300, step_s=5)
        until_us = await bench.value("SELECT lease_until_us FROM job")
        assert until_us > bench.clock.now_us()
        bench.provider.held.set()
        await bench.settle()
    assert (await bench.job(job.id)).state is JobState.DRAWN


async def test_stopping_lets_calls_end_and_claims_no_more(bench: Bench) -> None:
    """What waits is drawn after the next start."""
    bench.provider.held = asyncio.Event()
    (out,) = await bench.submit("out")
    dispatcher = bench.dispatcher()
    task = asyncio.create_task(dispatcher.run())
    await bench.settle()
    dispatcher.stop(60.0)
    (waiting,) = await bench.submit("waiting")
    await bench.settle()
    assert not task.done()
    bench.provider.held.set()
    await task
    assert await bench.states([out, waiting]) == [JobState.DRAWN, JobState.QUEUED]


async def test_a_call_longer_than_the_grace_is_uncertain(bench: Bench) -> None:
    """The grace is over; the leases of what is out are released."""
    bench.provider.held = asyncio.Event()
    (job,) = await bench.submit("cat")
    dispatcher = bench.dispatcher()
    task = asyncio.create_task(dispatcher.run())
    await bench.settle()
    dispatcher.stop(0.0)
    await task
    assert (await bench.job(job.id)).state is JobState.UNCERTAIN


async def test_a_cancelled_dispatcher_hands_back_what_runs(bench: Bench) -> None:
    """It ends only when that is on disk."""
    bench.provider.held = asyncio.Event()
    (job,) = await bench.submit("cat")
    task = asyncio.create_task(bench.dispatcher().run())
    await bench.settle()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert (await bench.job(job.id)).state is JobState.UNCERTAIN


async def test_a_database_that_cannot_serve_is_asked_again(bench: Bench) -> None:
    """Claims go on by themselves; the operator reads why they stood still."""
    real, broken = bench.database.write, True

    async def write(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if broken and function in (queue.claim, queue.release_all_leases, queue.keep_leases):
            raise StorageUnavailable("locked")
        return await real(function, *args, **kwargs)

    bench.database.write = write  # type: ignore[method-assign] # a disk that comes and goes
    (job,) = await bench.submit("cat")
    with capture_logs() as logs:
        async with running(bench.dispatcher().run()):
            await bench.play(3)
            assert (await bench.job(job.id)).state is JobState.QUEUED
            broken = False
            await bench.play(12)
    assert (await bench.job(job.id)).state is JobState.DRAWN
    events = {each["event"] for each in logs}
    assert {"not recovered", "leases not renewed"} <= events


async def test_jobs_cancelled_meanwhile_are_recorded_and_not_delivered(bench: Bench) -> None:
    """The picture is paid for, so it is recorded; nobody wants it."""
    bench.provider.held = asyncio.Event()
    (job,) = await bench.submit("cat")
    async with running(bench.dispatcher().run()):
        await bench.settle()
        await bench.database.write(queue.cancel, job.id, now_us=bench.clock.now_us())
        bench.provider.held.set()
        await bench.settle()
    ended = await bench.job(job.id)
    assert ended.state is JobState.CANCELLED
    query = "SELECT cost_micros FROM ledger WHERE entry = 'settled'"
    assert await bench.value(query) == 15_000
