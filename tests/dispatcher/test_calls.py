"""One claimed job: marked before the first byte, called once, its end on disk whatever happens."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
import structlog
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
    ProviderError,
    ProviderFailed,
    RateLimited,
    RequestRejected,
    StorageUnavailable,
    UnexpectedAnswer,
)
from bot.queue import Claimed, ledger
from bot.queue.failures import MOST_ATTEMPTS, next_wait_s
from bot.queue.records import JobState, TenantId, UserId
from bot.records import replace
from bot.refusals import (
    Outage,
)
from tests.dispatcher.bench import at_once, draws
from tests.queue.world import ACCOUNT, a_price, a_request, an_origin

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

    asked: list[ImageRequest] = []
    bench.provider.script = asked.append
    job = await a_claimed_job(bench)
    with capture_logs() as logs:
        await replace(caller(bench), may_call=withdrawn).carry_out(job)
    assert (await bench.job(job.id)).state is JobState.CANCELLED
    assert asked == [], "no connection is opened for it"
    assert [each["event"] for each in logs] == ["claimed", "withdrawn before its call"]


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


async def test_a_rewritten_picture_is_recorded_at_its_own_price(bench: Bench) -> None:
    """As Z-Image bills it: $0.030 instead of $0.015."""
    await bench.database.write(
        queue.submit,
        a_request(rewrite=True),
        an_origin(),
        price=a_price,
        now_us=bench.clock.now_us(),
    )
    job = await claimed(bench)
    await caller(bench).carry_out(job)
    query = "SELECT cost_micros FROM ledger WHERE job_id = ? AND entry = 'settled'"
    assert await bench.value(query, job.id) == 30_000


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


@pytest.mark.parametrize("kind", [RateLimited, ProviderFailed])
async def test_the_provider_s_own_wait_is_no_reason_to_hurry(
    bench: Bench, kind: Callable[..., Any]
) -> None:
    """Our backoff is the least."""
    job = await carried_out(bench, kind("at once", retry_after_s=0.0))
    assert job.not_before_us is not None
    assert job.not_before_us >= bench.clock.now_us() + 1_000_000


async def had_tries(bench: Bench, job: Job, attempts: int) -> None:
    await bench.database.write(
        lambda tx: (
            tx.execute("UPDATE job SET attempts = ? WHERE id = ?", (attempts, job.id)).rowcount
        )
    )


async def test_the_backoff_grows_with_each_try(bench: Bench) -> None:
    """Two seconds at most after the first, a minute after the last but one."""
    waits_s = []
    for attempts in range(MOST_ATTEMPTS - 1):
        bench.provider.script = lambda _: RateLimited("slower", retry_after_s=None)
        job = await a_claimed_job(bench)
        await had_tries(bench, job, attempts + 1)
        await caller(bench).carry_out(replace(job, attempts=attempts + 1))
        not_before_us = (await bench.job(job.id)).not_before_us or 0
        waits_s.append((not_before_us - bench.clock.now_us()) / 1e6)
        await bench.database.write(queue.cancel, job.id, now_us=bench.clock.now_us())
        bench.clock.advance(600)
    expected = [next_wait_s(attempt=n + 1, randomness=Random(7)) for n in range(len(waits_s))]
    assert waits_s == pytest.approx(expected, abs=1e-6)


async def test_a_refused_pace_slows_everybody_a_failure_nobody(bench: Bench) -> None:
    """The account's rate goes down after a 429, and is left alone by a 503."""
    bench.clock.advance(60)  # the rate has stood for a while
    await carried_out(bench, ProviderFailed("oops", status=503, retry_after_s=9.0))
    assert (await bench.pace()).rate_mps == 50_000
    assert (await bench.pace()).paused_until_us <= bench.clock.now_us()
    await carried_out(bench, RateLimited("slower", status=429, retry_after_s=9.0))
    assert (await bench.pace()).rate_mps < 50_000
    assert (await bench.pace()).paused_until_us >= bench.clock.now_us() + 9_000_000


async def test_the_operator_is_told_what_is_known_of_a_lost_call(bench: Bench) -> None:
    """To be looked for in the provider's bill."""
    with capture_logs() as logs:
        job = await carried_out(bench, AnswerLost("gone", request_id="r-1"))
    (said,) = [each for each in logs if each["event"].startswith("uncertain")]
    del said["event"], said["log_level"]
    assert said == {
        "job": job.id,
        "guild": 1,
        "attempt": 1,
        "account": ACCOUNT,
        "sent_at_us": bench.clock.now_us(),
        "why": "AnswerLost",
        "request_id": "r-1",
    }


async def test_what_is_certain_is_not_told_as_uncertain(bench: Bench) -> None:
    """Neither a failure, nor what is queued again as it ends."""
    with capture_logs() as logs:
        await carried_out(bench, ContentRefused("no"))
        job = await a_claimed_job(bench)
        failing = FailingDatabase(bench, verb=queue.mark_sent, failures=1)
        bench.provider.script = draws
        await caller(bench, database=failing).carry_out(job)
    assert (await bench.job(job.id)).state is JobState.QUEUED
    assert not [each for each in logs if each["event"].startswith("uncertain")]


async def test_each_line_about_a_call_names_its_job(bench: Bench) -> None:
    """Whoever logs it."""
    bench.provider.script = lambda _: ContentRefused("no")
    await bench.submit("cat", guild=5)
    job = await claimed(bench)
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        await caller(bench).carry_out(job)
    named = [(each.get("job"), each.get("guild"), each.get("attempt")) for each in logs]
    assert named == [(job.id, 5, 1)] * len(logs)
    assert {"claimed", "no picture"} <= {each["event"] for each in logs}


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


async def lose_lease(bench: Bench, job: Job) -> None:
    """As after half a minute in which the database could not be written."""
    await bench.database.write(
        lambda tx: (
            tx.execute("UPDATE job SET lease_token = 'another' WHERE id = ?", (job.id,)).rowcount
        )
    )


async def test_an_answer_whose_lease_was_lost_is_dropped(bench: Bench) -> None:
    """Whoever has the job now tells what became of it; nobody waits for ever."""
    bench.provider.held = asyncio.Event()
    job = await a_claimed_job(bench)
    task = asyncio.create_task(caller(bench).carry_out(job))
    await bench.settle()
    await lose_lease(bench, job)
    bench.provider.held.set()
    with capture_logs() as logs:
        await bench.settle()
    assert task.done()
    assert (await bench.job(job.id)).state is JobState.RUNNING
    assert [each["event"] for each in logs] == ["lease lost, result dropped"]


async def test_a_lease_that_is_lost_at_the_end_is_not_released(bench: Bench) -> None:
    """The process ends all the same."""
    bench.provider.held = asyncio.Event()
    job = await a_claimed_job(bench)
    task = asyncio.create_task(caller(bench).carry_out(job))
    await bench.settle()
    await lose_lease(bench, job)
    with capture_logs() as logs:
        task.cancel()
        await bench.settle()
    assert task.cancelled()
    assert (await bench.job(job.id)).state is JobState.RUNNING
    assert [each["event"] for each in logs] == ["lease lost before it was released"]


async def test_the_departure_is_when_the_mark_was_on_disk(bench: Bench) -> None:
    """Which may have taken a while; the pace counts from then on."""
    await bench.submit("cat")
    job = await claimed(bench)
    real = bench.database.write

    async def write(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        result = await real(function, *args, **kwargs)
        if function is queue.mark_sent:
            bench.clock.advance(0.3)
        return result

    bench.database.write = write  # type: ignore[method-assign] # a slow disk
    bench.provider.script = lambda _: AnswerLost("gone")
    await caller(bench).carry_out(job)
    assert (await bench.job(job.id)).sent_at_us == bench.clock.now_us()
    assert await bench.value("SELECT at_us FROM sent") == bench.clock.now_us()


async def test_a_departure_that_cannot_be_noted_costs_no_picture(bench: Bench) -> None:
    """The pace is a little less exact."""
    job = await a_claimed_job(bench)
    database = FailingDatabase(bench, verb=queue.note_departure, failures=1)
    with capture_logs() as logs:
        await caller(bench, database=database).carry_out(job)
    assert said_of_the_disk(logs) == {("departure not noted", "info")}
    assert (await bench.job(job.id)).state is JobState.DRAWN


async def test_a_call_is_over_when_its_departure_is_noted(bench: Bench) -> None:
    """Nothing of it goes on behind the back of whoever closes the database."""
    may_note = asyncio.Event()
    job = await a_claimed_job(bench)
    real = bench.database.write

    async def write(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if function is queue.note_departure:
            await may_note.wait()
        return await real(function, *args, **kwargs)

    bench.database.write = write  # type: ignore[method-assign] # a slow disk
    task = asyncio.create_task(caller(bench).carry_out(job))
    await bench.settle()
    assert (await bench.job(job.id)).state is JobState.DRAWN
    assert not task.done()
    may_note.set()
    await task


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


def said_of_the_disk(logs: Any) -> set[tuple[str, str]]:
    """What the operator reads about it, each with the database's own words."""
    return {
        (each["event"], each["log_level"])
        for each in logs
        if each.get("error") == "the disk is full"
    }


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


async def test_the_disk_is_tried_once_a_second(bench: Bench) -> None:
    """And no more often."""
    job = await a_claimed_job(bench)
    database = FailingDatabase(bench, verb=queue.complete, failures=100)
    task = asyncio.create_task(caller(bench, database=database).carry_out(job))
    with capture_logs() as logs:
        await bench.play(4.5)
    assert database.failures == 95
    assert said_of_the_disk(logs) == {("not recorded yet, kept in memory", "error")}
    database.failures = 0
    await bench.play(1)
    await task


@pytest.mark.parametrize(
    ("answer", "verb", "state"),
    [
        (None, queue.complete, JobState.DRAWN),
        (ContentRefused("no"), queue.fail, JobState.REFUSED),
        (ProviderFailed("oops"), queue.retry, JobState.QUEUED),
    ],
)
async def test_an_answer_is_recorded_though_the_process_ends(
    bench: Bench, answer: Exception | None, verb: Callable[..., Any], state: JobState
) -> None:
    """The disk was full for a moment; the call is no lost one."""
    bench.provider.script = lambda _: answer
    job = await a_claimed_job(bench)
    database = FailingDatabase(bench, verb=verb, failures=3)
    task = asyncio.create_task(caller(bench, database=database).carry_out(job))
    await bench.play(1.5)
    task.cancel()
    await bench.play(3)
    assert task.cancelled()
    assert (await bench.job(job.id)).state is state


async def test_a_lease_that_is_lost_meanwhile_does_not_stop_the_end(bench: Bench) -> None:
    """Whoever has cancelled the call sees that it was."""
    job = await a_claimed_job(bench)
    database = FailingDatabase(bench, verb=queue.complete, failures=2)
    task = asyncio.create_task(caller(bench, database=database).carry_out(job))
    await bench.settle()
    task.cancel()
    await lose_lease(bench, job)
    await bench.play(3)
    assert task.cancelled()


async def test_a_lease_is_released_though_the_disk_is_full_at_first(bench: Bench) -> None:
    """The process ends, and is told so twice."""
    bench.provider.held = asyncio.Event()
    job = await a_claimed_job(bench)
    database = FailingDatabase(bench, verb=queue.release_lease, failures=2)
    task = asyncio.create_task(caller(bench, database=database).carry_out(job))
    await bench.settle()
    task.cancel()
    await bench.settle()
    task.cancel()
    await bench.play(3)
    assert task.cancelled()
    assert (await bench.job(job.id)).state is JobState.UNCERTAIN


async def test_a_disk_that_stays_full_does_not_keep_the_process(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not on disk by then is uncertain after the next start."""
    monkeypatch.setattr("bot.dispatcher.LAST_RECORD_S", 0.01)
    job = await a_claimed_job(bench)
    database = FailingDatabase(bench, verb=queue.complete, failures=100)
    task = asyncio.create_task(caller(bench, database=database).carry_out(job))
    await bench.settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await bench.job(job.id)).state is JobState.RUNNING
    bench.clock.advance(2)
    await bench.settle()
    assert database.failures == 99


async def test_a_call_that_cannot_be_marked_does_not_leave(bench: Bench) -> None:
    """It goes back into the queue, and costs nothing."""
    job = await a_claimed_job(bench)
    database = FailingDatabase(bench, verb=queue.mark_sent, failures=1)
    with capture_logs() as logs:
        await caller(bench, database=database).carry_out(job)
    assert said_of_the_disk(logs) == {("not marked as sent, lease released", "error")}
    assert bench.provider.sent == []
    assert (await bench.job(job.id)).state is JobState.QUEUED


async def test_a_slip_of_our_own_does_not_leave_the_job_running(bench: Bench) -> None:
    """Before the send it goes back; after it, nobody knows."""
    bench.provider.script = lambda _: ValueError("a slip")
    job = await a_claimed_job(bench)
    with capture_logs() as logs:
        await caller(bench).carry_out(job)
    assert (await bench.job(job.id)).state is JobState.UNCERTAIN
    assert [each["event"] for each in logs if each["log_level"] == "error"] == [
        "call broke",
        "uncertain: perhaps drawn and billed, never sent again",
    ]
    (released,) = [each for each in logs if each["event"] == "lease released"]
    assert released["state"] is JobState.UNCERTAIN


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
