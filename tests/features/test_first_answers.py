"""No call leaves before it is known who answered; and nobody waits for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.features.imagine.first_answers import LONGEST_S, FirstAnswers
from bot.queue.records import Job, JobId, JobState, Message, RequestId
from bot.records import replace
from tests.clock import ManualClock
from tests.providers.calls import turn_the_loop
from tests.queue.world import a_request, an_origin
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable


def a_job(clock: ManualClock) -> Job:
    return Job(
        id=JobId(1),
        request_id=RequestId(1),
        state=JobState.RUNNING,
        request=a_request(),
        origin=an_origin(),
        priority=0,
        attempts=1,
        created_at_us=clock.now_us(),
        message=Message(),
    )


def answers(clock: ManualClock, on_known: Callable[[], None] = lambda: None) -> FirstAnswers:
    return FirstAnswers(clock, on_known)


async def test_a_job_that_nobody_answers_is_not_held_up() -> None:
    """After a restart, say."""
    clock = ManualClock()
    assert await asyncio.wait_for(answers(clock).settled(a_job(clock)), PATIENCE_S)


async def test_the_call_waits_until_the_answer_is_known() -> None:
    """And the dispatcher hears that there is work."""
    clock, woken = ManualClock(), []
    kept, job = answers(clock, lambda: woken.append(1)), a_job(clock)
    with kept.under_way(job.origin.interaction_id):
        waiting = asyncio.create_task(kept.settled(job))
        await turn_the_loop()
        assert not waiting.done()
        assert not woken
    assert await asyncio.wait_for(waiting, PATIENCE_S)
    assert woken
    assert not kept.is_under_way(job.origin.interaction_id)


async def test_whoever_was_refused_makes_no_call() -> None:
    clock = ManualClock()
    kept, job = answers(clock), a_job(clock)
    with kept.under_way(job.origin.interaction_id) as answer:
        waiting = asyncio.create_task(kept.settled(job))
        await asyncio.sleep(0)
        answer.is_ours = False
    assert not await asyncio.wait_for(waiting, PATIENCE_S)


async def test_the_wait_is_no_longer_than_discord_s() -> None:
    """A first answer after that would be refused; the job is not."""
    clock = ManualClock()
    kept, job = answers(clock), a_job(clock)
    with kept.under_way(job.origin.interaction_id):
        waiting = asyncio.create_task(kept.settled(job))
        await turn_the_loop()
        clock.advance(LONGEST_S - 0.001)
        await turn_the_loop()
        assert not waiting.done()
        clock.advance(0.001)
        assert await asyncio.wait_for(waiting, PATIENCE_S)


async def test_an_interaction_that_comes_twice_waits_for_the_first() -> None:
    """A resumed connection may bring it again; the second has nothing to say about it."""
    clock = ManualClock()
    kept, job = answers(clock), a_job(clock)
    with kept.under_way(job.origin.interaction_id):
        with kept.under_way(job.origin.interaction_id):
            waiting = asyncio.create_task(kept.settled(job))
            await turn_the_loop()
        await turn_the_loop()
        assert not waiting.done()
    assert await asyncio.wait_for(waiting, PATIENCE_S)
    assert await kept.settled(replace(job, id=JobId(2)))
