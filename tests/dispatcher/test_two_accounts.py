"""Two accounts at work: each claims by its own pace and is watched by itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.errors import AccountBlocked, KeyRejected, NotSent, ProviderError, RateLimited
from bot.queue import controls
from bot.queue.account import load_account
from bot.queue.controls import Allowance
from bot.queue.records import JobState
from bot.refusals import Outage
from tests.dispatcher.bench import Bench, ScriptedProvider
from tests.queue.world import ACCOUNT
from tests.running import running

if TYPE_CHECKING:
    from bot.queue.breaker import Breaker

SECOND = "second"
BLOCKED = AccountBlocked("unpaid", status=400, code="Arrearage")


@pytest.fixture
async def second(bench: Bench) -> ScriptedProvider:
    """Both accounts may send two a second."""
    allowances = [Allowance(account=name, requests_per_second=2.0) for name in (ACCOUNT, SECOND)]
    await bench.database.write(controls.configure, allowances, now_us=bench.clock.now_us())
    bench.others[SECOND] = ScriptedProvider(bench.clock)
    return bench.others[SECOND]


async def breaker(bench: Bench, account: str) -> Breaker:
    return (await bench.database.read(load_account, account)).breaker


async def test_each_draws_at_its_own_pace(bench: Bench, second: ScriptedProvider) -> None:
    """Sixteen jobs in the time of eight, none of them by both."""
    jobs = await bench.submit(*map(str, range(16)))
    async with running(bench.dispatcher().run()):
        await bench.play(6, step_s=0.05)
    assert await bench.states(jobs) == [JobState.DRAWN] * 16
    prompts = [prompt for one in (bench.provider, second) for prompt, _ in one.sent]
    assert sorted(prompts, key=int) == [str(number) for number in range(16)]
    assert [len(bench.provider.sent), len(second.sent)] == [8, 8]


async def test_calls_of_one_that_hang_hold_the_other_back_in_nothing(
    bench: Bench, second: ScriptedProvider
) -> None:
    """Its calls at once are used up; a stop waits for them alone."""
    second.held = asyncio.Event()
    jobs = await bench.submit(*map(str, range(12)))
    async with running(bench.dispatcher().run()):
        await bench.play(10, step_s=0.05)
        assert len(bench.provider.sent) + len(second.sent) == 12
        states = await bench.states(jobs)
        assert states.count(JobState.DRAWN) == len(bench.provider.sent)
        assert states.count(JobState.RUNNING) == second.out > 0


@pytest.mark.parametrize(
    "error",
    [BLOCKED, RateLimited("too fast", retry_after_s=60), NotSent("no route")],
    ids=lambda error: type(error).__name__,
)
async def test_what_one_cannot_draw_the_other_does(
    bench: Bench, second: ScriptedProvider, error: ProviderError
) -> None:
    """And no attempt is counted for it but that which the provider throttled."""
    second.script = lambda _: error
    jobs = await bench.submit(*map(str, range(8)))
    async with running(bench.dispatcher().run()):
        await bench.play(30)
    assert await bench.states(jobs) == [JobState.DRAWN] * 8
    assert len(bench.provider.sent) == 8
    assert not (await breaker(bench, ACCOUNT)).is_open


async def test_the_watch_of_one_opens_and_ends_its_outage_alone(
    bench: Bench, second: ScriptedProvider
) -> None:
    """A wrong key is asked about with that key."""
    second.script = lambda _: KeyRejected("wrong", status=401, code="InvalidApiKey")
    second.check = KeyRejected("wrong", status=401, code="InvalidApiKey")
    jobs = await bench.submit(*map(str, range(4)))
    async with bench.at_work(), running(bench.watch(SECOND).run()):
        await bench.play(60)
        assert (await breaker(bench, SECOND)).outage is Outage.KEY
        assert second.checks > 0
        assert bench.provider.checks == 0
        second.script, second.check = bench.provider.script, None
        await bench.play(200, step_s=1.0)
        assert not (await breaker(bench, SECOND)).is_open
        jobs += await bench.submit(*map(str, range(4, 12)))
        await bench.play(10)
    assert await bench.states(jobs) == [JobState.DRAWN] * 12
    assert second.sent
