"""One request's fault is its own; what stops everybody is nobody's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.errors import (
    AccountBlocked,
    KeyRejected,
    NotSent,
    ProviderError,
    ProviderFailed,
    RateLimited,
    UnexpectedAnswer,
)
from bot.queue.breaker import FAILING_TO_OPEN
from bot.queue.records import JobState
from bot.refusals import (
    Outage,
)
from tests.dispatcher.bench import draws
from tests.running import running

if TYPE_CHECKING:
    from bot.providers.image import ImageRequest
    from tests.dispatcher.bench import Bench, Script

DRAWN = JobState.DRAWN


def always(error: ProviderError) -> Script:
    return lambda _: error


def poisoned(request: ImageRequest) -> Exception | None:
    """A firewall dislikes one word."""
    return UnexpectedAnswer("<html>blocked", status=403) if request.prompt == "poison" else None


async def test_a_poisoned_request_stops_nobody(bench: Bench) -> None:
    """Not even for a moment; it ends by itself, and the account is never called out."""
    bench.provider.script = poisoned
    (bad,) = await bench.submit("poison", guild=1)
    good = await bench.submit(*["cat"] * 5, guild=2)
    async with bench.at_work():
        await bench.play(3)
        assert await bench.states(good) == [DRAWN] * 5
        await bench.play(120)
        later = await bench.submit("late", guild=3)
        await bench.play(3)
    assert await bench.states([bad, *later]) == [JobState.FAILED, DRAWN]
    failure = (await bench.job(bad.id)).failure
    assert failure is not None
    assert failure.kind == "UnexpectedAnswer"
    assert [prompt for prompt, _ in bench.provider.sent].count("poison") == 6
    assert not (await bench.breaker()).is_open


async def test_poisoned_requests_in_a_row_hold_others_up_for_seconds(bench: Bench) -> None:
    """Eight of them look like an outage, until the first other job tries; and they end."""
    bench.provider.script = poisoned
    bad = []
    async with bench.at_work():
        for _ in range(8):
            bad += await bench.submit("poison", guild=1)
            await bench.play(0.25)
        assert (await bench.breaker()).outage is Outage.FAILING
        good = await bench.submit("cat", guild=2)  # waits until it is the first to try
        await bench.play(20)  # a bad one may be it before, which doubles the wait
        assert await bench.states(good) == [DRAWN]
        await bench.play(3600, step_s=2)
    assert await bench.states(bad) == [JobState.FAILED] * 8
    assert not (await bench.breaker()).is_open


async def test_an_old_job_gets_its_second_try(bench: Bench) -> None:
    """It waited an hour for its turn; that is not its fault."""
    (job,) = await bench.submit("cat")
    bench.clock.advance(3600)
    bench.provider.script = always(ProviderFailed("busy", status=503))
    async with bench.at_work():
        await bench.play(0.5)
        assert (await bench.job(job.id)).state is JobState.QUEUED
        bench.provider.script = draws
        await bench.play(10)
    assert await bench.states([job]) == [DRAWN]


async def test_a_hundred_old_jobs_outlive_a_provider_that_fails(bench: Bench) -> None:
    """They wait for its end; eight calls have found out, and a few of those that were out."""
    waiting = await bench.submit(*["cat"] * 100)
    bench.clock.advance(3600)
    bench.provider.script = always(ProviderFailed("busy", status=503))
    bench.provider.check = ProviderFailed("busy", status=503)
    async with bench.at_work():
        await bench.play(120)
        assert (await bench.breaker()).outage is Outage.FAILING
        assert set(await bench.states(waiting)) == {JobState.QUEUED}
        assert len(bench.provider.sent) < 25
        bench.provider.script, bench.provider.check = draws, None
        await bench.play(80)
    assert await bench.states(waiting) == [DRAWN] * 100


async def test_a_dead_uplink_costs_no_job(bench: Bench) -> None:
    """A hundred fresh ones; told once, and drawn when the network is back."""
    waiting = await bench.submit(*["cat"] * 100)
    bench.provider.script = always(NotSent("no route to host"))
    bench.provider.check = NotSent("no route to host")
    with capture_logs() as logs:
        async with bench.at_work():
            await bench.play(600, step_s=1)
            assert (await bench.breaker()).outage is Outage.UNREACHABLE
            assert set(await bench.states(waiting)) == {JobState.QUEUED}
            bench.provider.script, bench.provider.check = draws, None
            await bench.play(60)
    assert await bench.states(waiting) == [DRAWN] * 100
    assert [each["event"] for each in logs].count(
        "nothing can be reached, the account draws nothing"
    ) == 1


async def test_one_job_alone_waits_for_a_dead_network(bench: Bench) -> None:
    """For an hour, if need be."""
    bench.provider.script = always(NotSent("name or service not known"))
    bench.provider.check = NotSent("name or service not known")
    (job,) = await bench.submit("cat")
    async with bench.at_work():
        await bench.play(3600, step_s=2)
        assert (await bench.breaker()).outage is Outage.UNREACHABLE
        bench.provider.script, bench.provider.check = draws, None
        await bench.play(40)
    assert await bench.states([job]) == [DRAWN]


async def test_few_jobs_outlive_a_provider_that_fails_as_a_whole(bench: Bench) -> None:
    """Two are too few to tell; the free question tells."""
    bench.provider.script = always(ProviderFailed("down", status=503))
    bench.provider.check = ProviderFailed("down", status=503)
    waiting = await bench.submit("cat", "dog")
    async with bench.at_work():
        await bench.play(1800, step_s=2)
        assert await bench.states(waiting) == [JobState.QUEUED] * 2
        bench.provider.script, bench.provider.check = draws, None
        await bench.play(70)
    assert await bench.states(waiting) == [DRAWN] * 2


async def test_one_job_that_fails_alone_ends_with_a_text(bench: Bench) -> None:
    """The service is well, says the question; so it must be the request."""
    bench.provider.script = always(ProviderFailed("oops", status=500))
    (job,) = await bench.submit("cat")
    async with bench.at_work():
        await bench.play(180)
    assert await bench.states([job]) == [JobState.FAILED]
    assert len(bench.provider.sent) == 6
    assert bench.provider.checks <= 6
    assert not (await bench.breaker()).is_open


@pytest.mark.parametrize(
    "error", [AccountBlocked("unpaid", code="Arrearage"), KeyRejected("no", code="InvalidApiKey")]
)
async def test_a_refused_account_loses_no_job(bench: Bench, error: ProviderError) -> None:
    """One call finds out; after it is mended all are drawn, by themselves."""
    bench.provider.script = always(error)
    bench.provider.check = error if isinstance(error, KeyRejected) else None
    waiting = await bench.submit("cat", "dog", "cow")
    async with bench.at_work():
        await bench.play(3600, step_s=5)
        assert await bench.states(waiting) == [JobState.QUEUED] * 3
        assert len(bench.provider.sent) < 20
        bench.provider.script, bench.provider.check = draws, None
        await bench.play(620, step_s=2)
    assert await bench.states(waiting) == [DRAWN] * 3


async def test_a_throttled_job_is_tried_again_and_slows_everybody(bench: Bench) -> None:
    """What the provider asks for comes first."""
    bench.provider.script = always(RateLimited("slow down", retry_after_s=40.0, status=429))
    bench.clock.advance(60)  # the rate has stood for a while
    (job,) = await bench.submit("cat")
    async with bench.at_work():
        await bench.play(0.5)
        bench.provider.script = draws
        left_at_us = bench.provider.sent[0][1]
        assert (await bench.pace()).paused_until_us >= left_at_us + 40_000_000
        assert (await bench.pace()).rate_mps < 50_000
        await bench.play(60)
    assert await bench.states([job]) == [DRAWN]
    assert bench.provider.sent[1][1] >= left_at_us + 40_000_000


async def test_last_tries_that_fail_are_evidence_as_well(bench: Bench) -> None:
    """They end their jobs; whoever comes next need not find out again."""
    bench.provider.script = always(ProviderFailed("busy", status=503))
    ending = await bench.submit(*["cat"] * FAILING_TO_OPEN)
    await bench.database.write(lambda tx: tx.execute("UPDATE job SET attempts = 5").rowcount)
    async with running(bench.dispatcher().run()):
        await bench.play(2)
    assert await bench.states(ending) == [JobState.FAILED] * FAILING_TO_OPEN
    assert (await bench.breaker()).outage is Outage.FAILING
