"""One claimed job: marked before the first byte, called once, its end on disk whatever happens."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot import queue
from bot.dispatcher import Caller
from bot.errors import (
    AccessRefused,
    AccountBlocked,
    AnswerLost,
    AnswerUnreadable,
    ContentRefused,
    KeyRejected,
    NoImage,
    NotSent,
    Outage,
    ProviderError,
    ProviderFailed,
    RateLimited,
    RequestRejected,
    StorageUnavailable,
    UnexpectedAnswer,
)
from bot.queue import Claimed, ledger
from bot.queue.records import JobState, TenantId, UserId
from tests.dispatcher.bench import at_once
from tests.queue.world import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.providers.image import ImageRequest
    from bot.queue.records import Job
    from tests.dispatcher.bench import Bench

TOKEN = "worker"


def caller(bench: Bench, *, database: Any = None, token: str = TOKEN) -> Caller:
    return Caller(
        database=database or bench.database,
        provider=bench.provider,
        clock=bench.clock,
        randomness=Random(7),
        lease_token=token,
        may_call=at_once,
    )


async def claimed(bench: Bench) -> Job:
    claim = await bench.database.write(
        queue.claim, ACCOUNT, now_us=bench.clock.now_us(), lease_token=TOKEN, lease_s=30.0
    )
    assert isinstance(claim, Claimed)
    return claim.job


async def a_claimed_job(bench: Bench) -> Job:
    await bench.submit("cat")
    return await claimed(bench)


async def carried_out(bench: Bench, error: Exception | None) -> Job:
    """What a call that ends so makes of a fresh job."""
    bench.provider.script = lambda _: error
    job = await a_claimed_job(bench)
    await caller(bench).carry_out(job)
    return await bench.job(job.id)


async def test_a_job_that_is_no_longer_wanted_is_not_called_for(bench: Bench) -> None:
    """Another process draws it; what becomes of the row is up to whoever withdrew it."""

    async def withdrawn(job: Job) -> bool:
        await bench.database.write(queue.withdraw, job.id, now_us=bench.clock.now_us())
        return False

    job = await a_claimed_job(bench)
    await replace(caller(bench), may_call=withdrawn).carry_out(job)
    assert (await bench.job(job.id)).state is JobState.CANCELLED
    assert bench.provider.sent == []


async def test_a_picture_is_recorded_with_what_it_cost(bench: Bench) -> None:
    """Link, usage and money in one step."""
    job = await carried_out(bench, None)
    assert job.state is JobState.DRAWN
    assert job.picture is not None
    assert job.picture.link is not None
    assert job.picture.link.startswith("https://")
    used = await bench.database.read(
        ledger.usage_view, TenantId(1), UserId(1), now_us=bench.clock.now_us()
    )
    assert (used.today.images, used.today.cost_micros) == (1, 15_000)


@pytest.mark.parametrize(
    ("error", "state", "attempts"),
    [
        (ContentRefused("no"), JobState.REFUSED, 1),
        (RequestRejected("no"), JobState.FAILED, 1),
        (NoImage("no"), JobState.FAILED, 1),
        (AnswerLost("gone"), JobState.UNCERTAIN, 1),
        (AnswerUnreadable("what"), JobState.UNCERTAIN, 1),
        (RateLimited("slower"), JobState.QUEUED, 1),
        (ProviderFailed("oops"), JobState.QUEUED, 1),
        (UnexpectedAnswer("who"), JobState.QUEUED, 1),
        (NotSent("no route"), JobState.QUEUED, 0),
        (KeyRejected("no"), JobState.QUEUED, 0),
        (AccessRefused("no"), JobState.QUEUED, 0),
        (AccountBlocked("pay"), JobState.QUEUED, 0),
    ],
)
async def test_each_error_leads_to_its_own_end(
    bench: Bench, error: ProviderError, state: JobState, attempts: int
) -> None:
    """And what may be tried again waits for at least a second."""
    job = await carried_out(bench, error)
    assert (job.state, job.attempts) == (state, attempts)
    if state is JobState.QUEUED:
        assert job.not_before_us is not None
        assert job.not_before_us >= bench.clock.now_us() + 1_000_000
    else:
        assert job.failure is not None
        assert job.failure.kind == type(error).__name__


@pytest.mark.parametrize("error", [AnswerLost("gone"), AnswerUnreadable("what")])
async def test_a_call_whose_answer_is_lost_is_never_made_again(
    bench: Bench, error: ProviderError
) -> None:
    """It may have been billed; the operator is told, the reserve becomes a doubt."""
    with capture_logs() as logs:
        job = await carried_out(bench, error)
        async with bench.at_work():
            await bench.play(300, step_s=1)
    assert len(bench.provider.sent) == 1
    query = "SELECT entry FROM ledger WHERE job_id = ? ORDER BY entry DESC"
    assert await bench.value(query, job.id) == "uncertain"
    (said,) = [each for each in logs if each["event"].startswith("uncertain")]
    assert (said["job"], said["log_level"]) == (job.id, "error")


async def test_tries_end_after_the_sixth(bench: Bench) -> None:
    """With the last error's words, and nothing charged."""
    bench.provider.script = lambda _: RateLimited("slower")
    (job,) = await bench.submit("cat")
    async with bench.at_work():
        await bench.play(900, step_s=1)
    ended = await bench.job(job.id)
    assert (ended.state, len(bench.provider.sent)) == (JobState.FAILED, 6)
    assert (
        await bench.value(
            "SELECT count(*) FROM ledger WHERE job_id = ? AND entry = 'released'", job.id
        )
        == 1
    )


@pytest.mark.parametrize("kind", [RateLimited, ProviderFailed])
async def test_the_providers_own_wait_is_kept(bench: Bench, kind: Callable[..., Any]) -> None:
    """Whatever our own backoff would be."""
    job = await carried_out(bench, kind("later", retry_after_s=250.0))
    assert job.not_before_us == bench.clock.now_us() + 250_000_000


async def test_the_call_is_marked_as_sent_before_it_leaves(bench: Bench) -> None:
    """A crash in between must not look as if nothing had left."""
    seen: list[Any] = []

    async def draw(request: ImageRequest, *, on_send: Callable[[], Any]) -> Any:
        query = "SELECT sent_at_us FROM job"
        seen.append(await bench.value(query))
        await on_send()
        seen.append(await bench.value(query))
        raise AnswerLost("gone")

    bench.provider.draw = draw  # type: ignore[method-assign]  # looks inside
    await caller(bench).carry_out(await a_claimed_job(bench))
    assert seen == [None, bench.clock.now_us()]


async def test_a_job_that_is_somebody_elses_is_not_called(bench: Bench) -> None:
    """Its lease has passed on; the other worker's call is the one that counts."""
    job = await a_claimed_job(bench)
    with capture_logs() as logs:
        await caller(bench, token="another").carry_out(job)
    assert bench.provider.sent == []
    assert (await bench.job(job.id)).state is JobState.RUNNING
    assert "lease lost, result dropped" in [each["event"] for each in logs]


async def test_a_call_claimed_early_leaves_at_its_instant(bench: Bench) -> None:
    """The pace is counted in departures."""
    await bench.submit(*["cat"] * 60)
    for _ in range(50):
        await caller(bench).carry_out(await claimed(bench))
    claim: Any = None
    while not isinstance(claim, Claimed):
        bench.clock.advance(0.001)
        claim = await bench.database.write(
            queue.claim, ACCOUNT, now_us=bench.clock.now_us(), lease_token=TOKEN, lease_s=30.0
        )
    at_us = claim.job.not_before_us
    assert at_us is not None
    task = asyncio.create_task(caller(bench).carry_out(claim.job))
    await bench.settle()
    assert len(bench.provider.sent) == 50
    await bench.play(0.25)
    await task
    assert bench.provider.sent[50][1] >= at_us


class FailingDatabase:
    """Passes on what it is asked, after so many failures."""

    def __init__(self, bench: Bench, *, verb: Callable[..., Any], failures: int) -> None:
        self._database = bench.database
        self._verb = verb
        self.failures = failures

    async def write(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if function is self._verb and self.failures:
            self.failures -= 1
            raise StorageUnavailable("the disk is full")
        return await self._database.write(function, *args, **kwargs)


async def test_an_answer_is_kept_until_it_is_on_disk(bench: Bench) -> None:
    """It is known nowhere else, and paid."""
    job = await a_claimed_job(bench)
    database = FailingDatabase(bench, verb=queue.complete, failures=5)
    task = asyncio.create_task(caller(bench, database=database).carry_out(job))
    await bench.play(4)
    assert (await bench.job(job.id)).state is JobState.RUNNING
    await bench.play(3)
    await task
    assert (await bench.job(job.id)).state is JobState.DRAWN
    assert len(bench.provider.sent) == 1


async def test_a_call_that_cannot_be_marked_does_not_leave(bench: Bench) -> None:
    """It goes back into the queue, and costs nothing."""
    job = await a_claimed_job(bench)
    database = FailingDatabase(bench, verb=queue.mark_sent, failures=1)
    await caller(bench, database=database).carry_out(job)
    assert bench.provider.sent == []
    assert (await bench.job(job.id)).state is JobState.QUEUED


async def test_a_slip_of_our_own_does_not_leave_the_job_running(bench: Bench) -> None:
    """Before the send it goes back; after it, nobody knows."""
    bench.provider.script = lambda _: ValueError("a slip")
    job = await a_claimed_job(bench)
    with capture_logs() as logs:
        await caller(bench).carry_out(job)
    assert (await bench.job(job.id)).state is JobState.UNCERTAIN
    assert "call broke" in [each["event"] for each in logs]


@pytest.mark.parametrize("is_sent", [False, True])
async def test_a_call_that_is_cancelled_is_handed_back(bench: Bench, *, is_sent: bool) -> None:
    """The process ends: not sent, it is drawn after the next start; sent, nobody knows."""
    job = await a_claimed_job(bench)
    bench.provider.held = asyncio.Event()
    if not is_sent:

        async def draw(request: ImageRequest, *, on_send: Callable[[], Any]) -> Any:
            await asyncio.Event().wait()

        bench.provider.draw = draw  # type: ignore[method-assign]  # hangs early
    task = asyncio.create_task(caller(bench).carry_out(job))
    await bench.settle()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    state = (await bench.job(job.id)).state
    assert state is (JobState.UNCERTAIN if is_sent else JobState.QUEUED)


async def test_the_account_is_called_out_by_one_answer_only_with_its_code(bench: Bench) -> None:
    """The breaker hears of each ending, retried or failed."""
    await carried_out(bench, UnexpectedAnswer("<html>", status=403))
    assert (await bench.breaker()).outage is None
    await carried_out(bench, AccessRefused("no rights", status=403, code="AccessDenied"))
    assert (await bench.breaker()).outage is Outage.ACCESS
