"""The loop: claims, leases, the end of a process, and what the last one left behind."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot import queue
from bot.dispatcher import LEASE_S, POLL_S
from bot.errors import ProviderFailed, StorageUnavailable
from bot.queue.records import JobState
from bot.queue.recovery import drop_future_instants
from bot.runtime.health import Pulse
from tests.dispatcher.bench import a_bench
from tests.queue.world import ACCOUNT
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.queue.records import Job
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
        await bench.submit_from_elsewhere("cat")
        await bench.settle()
        assert bench.provider.sent == []
        await bench.play(POLL_S)
        assert len(bench.provider.sent) == 1


async def test_what_another_process_changed_is_found_while_a_backoff_lasts(bench: Bench) -> None:
    """An instant that is far off is no reason not to look before it."""
    bench.provider.script = lambda _: ProviderFailed("later", retry_after_s=100.0)
    await bench.submit("rests")
    async with running(bench.dispatcher().run()):
        await bench.play(50, step_s=1)
        bench.provider.sent.clear()
        await bench.submit_from_elsewhere("cat")
        await bench.play(POLL_S)
        assert [prompt for prompt, _ in bench.provider.sent] == ["cat"]


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


def failing_at(bench: Bench, *verbs: Callable[..., Any]) -> list[int]:
    """The database refuses these from now on, until the list is cleared; when it was asked."""
    real, asked_at_us = bench.database.write, [bench.clock.now_us()]

    async def write(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if asked_at_us and function in verbs:
            asked_at_us.append(bench.clock.now_us())
            raise StorageUnavailable("locked")
        return await real(function, *args, **kwargs)

    bench.database.write = write  # type: ignore[method-assign] # a disk that comes and goes
    return asked_at_us


def seconds_between(at_us: list[int]) -> list[float]:
    return [(after - before) / 1e6 for before, after in pairwise(at_us)]


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        (queue.claim, "no claim"),
        (drop_future_instants, "not recovered"),
        (queue.release_all_leases, "not recovered"),
    ],
)
async def test_a_database_that_cannot_serve_is_asked_once_a_second(
    bench: Bench, verb: Callable[..., Any], says: str
) -> None:
    """At the start or later; nothing is claimed before all that was left behind is ended."""
    asked_at_us = failing_at(bench, verb)
    (job,) = await bench.submit("cat")
    with capture_logs() as logs:
        async with running(bench.dispatcher().run()):
            await bench.play(3.5)
            await let_serve(bench, job, asked_at_us)
    said = [each for each in logs if each["log_level"] == "error"]
    assert [(each["event"], each["error"]) for each in said] == [(says, "locked")] * 4


async def let_serve(bench: Bench, job: Job, asked_at_us: list[int]) -> None:
    """It was asked four times in vain; the fifth time it answers."""
    assert seconds_between(asked_at_us) == [0.0, 1.0, 1.0, 1.0]
    assert (await bench.job(job.id)).state is JobState.QUEUED
    asked_at_us.clear()
    await bench.play(0.5)
    assert (await bench.job(job.id)).state is JobState.DRAWN


async def test_a_stop_ends_a_start_that_cannot_recover(bench: Bench) -> None:
    """The database comes too late; what was left behind stays for the next start."""
    failing_at(bench, queue.release_all_leases)
    dispatcher = bench.dispatcher()
    task = asyncio.create_task(dispatcher.run())
    await bench.play(2)
    dispatcher.stop(60.0)
    await bench.play(1)
    assert task.done()


async def test_leases_are_renewed_twice_before_they_would_end(bench: Bench) -> None:
    """One renewal may fail."""
    bench.provider.held = asyncio.Event()
    await bench.submit("cat")
    with capture_logs() as logs:
        async with running(bench.dispatcher().run()):
            await miss_two_renewals(bench)
    said = [each for each in logs if each["event"] == "leases not renewed"]
    assert [each["error"] for each in said] == ["locked"] * 2


async def miss_two_renewals(bench: Bench) -> None:
    await bench.play(1)
    asked_at_us = failing_at(bench, queue.keep_leases)
    await bench.play(25, step_s=1)
    assert seconds_between(asked_at_us)[1:] == [10.0]
    until_us = await bench.value("SELECT lease_until_us FROM job")
    assert until_us == bench.clock.now_us() - 26_000_000 + 30_000_000
    asked_at_us.clear()
    await bench.play(5, step_s=1)
    until_us = await bench.value("SELECT lease_until_us FROM job")
    assert until_us == bench.clock.now_us() - 1_000_000 + 30_000_000


async def test_nobody_s_lease_is_renewed_by_another(bench: Bench) -> None:
    """Each process has a word of its own."""
    one, other = bench.dispatcher(), bench.dispatcher()
    assert one._lease_token != other._lease_token
    assert len(one._lease_token) >= 16


async def test_the_pulse_beats_with_each_claim_that_is_answered(bench: Bench) -> None:
    """Health looks at it: idle is well, a database that does not serve is not."""
    dispatcher = bench.dispatcher()
    dispatcher.pulse = Pulse(monotonic_s=lambda: bench.clock.now_us() / 1e6)
    async with running(dispatcher.run()):
        await bench.play(60, step_s=1)
        assert dispatcher.pulse.age_s() <= POLL_S
        failing_at(bench, queue.claim)
        await bench.play(60, step_s=1)
        assert dispatcher.pulse.age_s() >= 60.0


async def test_the_pulse_is_that_of_the_start_until_a_claim_is_answered(bench: Bench) -> None:
    """A bot that cannot even begin is ill."""
    dispatcher = bench.dispatcher()
    dispatcher.pulse = Pulse(monotonic_s=lambda: bench.clock.now_us() / 1e6)
    failing_at(bench, queue.release_all_leases)
    async with running(dispatcher.run()):
        await bench.play(60, step_s=1)
        assert dispatcher.pulse.age_s() == 60.0


async def test_it_is_said_for_how_many_calls_and_how_long_the_end_waits(bench: Bench) -> None:
    """For nobody to be impatient with it; without calls there is nothing to say."""
    bench.provider.held = asyncio.Event()
    await bench.submit("cat", "dog")
    dispatcher = bench.dispatcher()
    with capture_logs() as logs:
        task = asyncio.create_task(dispatcher.run())
        await bench.settle()
        dispatcher.stop(60.0)
        await bench.settle()
        bench.provider.held.set()
        await task
        idle = bench.dispatcher()
        idle.stop(60.0)
        await idle.run()
    (said,) = [each for each in logs if each["event"] == "draining"]
    assert (said["calls"], said["grace_s"]) == (2, 60.0)


async def test_no_task_outlives_the_dispatcher(bench: Bench) -> None:
    """Whoever closes the database after it breaks nothing."""
    before = asyncio.all_tasks()
    bench.provider.held = asyncio.Event()
    await bench.submit("cat", "dog")
    task = asyncio.create_task(bench.dispatcher().run())
    await bench.settle()
    task.cancel()
    await bench.settle()
    assert task.cancelled()
    assert asyncio.all_tasks() - before == set()


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
