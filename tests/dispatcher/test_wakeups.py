"""Who is woken when: every test stands still between the polls, which would hide a lost wake-up."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.dispatcher import LEASE_S, POLL_S
from bot.errors import ContentRefused, ProviderFailed, RateLimited
from bot.queue.account import note_check
from bot.queue.breaker import FAILING_TO_OPEN
from bot.queue.records import JobState
from tests.dispatcher.bench import a_bench, draws
from tests.queue.world import ACCOUNT, a_price, a_request, an_origin
from tests.running import running

if TYPE_CHECKING:
    from pathlib import Path

    from bot.db import Transaction
    from tests.dispatcher.bench import Bench

NEVER_US = 2**62


def rung(bench: Bench) -> asyncio.Task[None]:
    """Done once delivery was woken after this; the clock does not wake it."""
    return asyncio.create_task(bench.wakeups.result.wait_until(NEVER_US))


async def limit_calls(bench: Bench, most: int) -> None:
    await bench.database.write(
        lambda tx: tx.execute("UPDATE account SET max_running = ?", (most,)).rowcount
    )


async def test_an_answer_that_frees_a_slot_lets_the_next_call_leave_at_once(bench: Bench) -> None:
    """Where so many calls may be out at most."""
    await limit_calls(bench, 1)
    bench.provider.held = asyncio.Event()
    await bench.submit("first", "second")
    async with running(bench.dispatcher().run()):
        await bench.settle()
        assert len(bench.provider.sent) == 1
        bench.provider.held.set()
        await bench.settle()
        assert len(bench.provider.sent) == 2


async def test_a_try_that_succeeds_lets_all_others_leave_at_once(bench: Bench) -> None:
    """The account is open again with the answer, not with the next poll."""
    bench.provider.script = lambda _: ProviderFailed("busy", status=503)
    await bench.submit(*["failing"] * FAILING_TO_OPEN)
    async with running(bench.dispatcher().run()):
        await bench.settle()
        assert (await bench.breaker()).is_open
        bench.provider.script, bench.provider.held = draws, asyncio.Event()
        await bench.database.write(note_check, ACCOUNT, None, now_us=bench.clock.now_us())
        jobs = await bench.submit("tries", "waits", "waits as well", guild=2)
        await bench.settle()
        assert bench.provider.out == 1
        bench.provider.held.set()
        await bench.settle()
        assert await bench.states(jobs) == [JobState.DRAWN] * 3


async def test_a_call_leaves_at_its_instant_of_the_pace(tmp_path: Path) -> None:
    """One a second, though the poll comes every two."""
    async with a_bench(tmp_path, per_second=1.0) as bench:
        bench.provider.held = asyncio.Event()  # no answer wakes the dispatcher
        await bench.submit(*["cat"] * 4)
        async with running(bench.dispatcher().run()):
            await bench.play(3.5, step_s=0.01)
        left = [at_us for _, at_us in bench.provider.sent]
        gaps_s = [(after - before) / 1e6 for before, after in pairwise(left)]
        assert len(gaps_s) == 3
        assert all(1.0 <= gap_s <= 1.1 for gap_s in gaps_s)


async def test_a_backoff_ends_at_its_instant(bench: Bench) -> None:
    """Halfway between two polls."""
    bench.provider.script = lambda _: RateLimited("later", retry_after_s=2.5 * POLL_S)
    await bench.submit("cat")
    async with running(bench.dispatcher().run()):
        await bench.settle()
        bench.provider.script = draws
        await bench.play(3 * POLL_S)
    (first, second) = (at_us for _, at_us in bench.provider.sent)
    assert second - first == round(2.5 * POLL_S * 1e6)


async def test_delivery_is_woken_by_a_call_s_end(bench: Bench) -> None:
    """Whatever the end was: its member is to hear of it."""
    bench.provider.held = asyncio.Event()
    bench.provider.script = lambda _: ContentRefused("no")
    await bench.submit("cat")
    async with running(bench.dispatcher().run()):
        await bench.settle()
        woken = rung(bench)
        await bench.settle()
        assert not woken.done()
        bench.provider.held.set()
        await bench.settle()
        assert woken.done()


async def test_a_stop_ends_an_idle_dispatcher_at_once(bench: Bench) -> None:
    """No poll has to come first."""
    dispatcher = bench.dispatcher()
    task = asyncio.create_task(dispatcher.run())
    await bench.settle()
    dispatcher.stop(60.0)
    await bench.settle()
    assert task.done()


def leave_behind(tx: Transaction, *, now_us: int, is_sent: bool) -> None:
    """A job that somebody claims who is then heard of no more; nobody is woken."""
    submitted = queue.submit(tx, a_request(), an_origin(), price=a_price, now_us=now_us)
    queue.claim(tx, ACCOUNT, now_us=now_us, lease_token="gone", lease_s=LEASE_S - 1)
    if is_sent:
        queue.mark_sent(tx, submitted.job.id, "gone", now_us=now_us)


@pytest.mark.parametrize("is_sent", [False, True])
async def test_a_lease_that_nobody_renews_ends_and_wakes_whom_it_concerns(
    bench: Bench, *, is_sent: bool
) -> None:
    """Not sent: it is called for at once. Sent: its member is told at once."""
    async with running(bench.dispatcher().run()):
        await bench.settle()
        bench.clock.advance(POLL_S / 2)  # polls come at odd seconds, leases are looked at in tens
        bench.wakeups.work.set()
        await bench.settle()
        now_us = bench.clock.now_us() - round(POLL_S / 2 * 1e6)
        await bench.database.write(partial(leave_behind, now_us=now_us, is_sent=is_sent))
        await bench.play(LEASE_S - POLL_S, step_s=0.5)
        woken = rung(bench)
        await bench.settle()
        assert not woken.done()
        bench.clock.advance(POLL_S / 2)
        await bench.settle()
        assert woken.done()
        assert len(bench.provider.sent) == (0 if is_sent else 1)
        assert await bench.value("SELECT state FROM job") == ("uncertain" if is_sent else "drawn")
