"""A job that another process draws ends without a bill, a word or a trace in the counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.errors import LeaseLost
from bot.queue import postings
from bot.queue.records import JobState

if TYPE_CHECKING:
    from tests.queue.world import World


def test_a_waiting_job_ends_and_nobody_is_told(world: World) -> None:
    """The fixture recounts the counters; nothing is reserved any more."""
    job = world.submit().job
    ended = world.run(queue.withdraw, job.id, now_us=world.now_us)
    assert ended is not None
    assert ended.state is JobState.CANCELLED
    assert world.owed() == []
    assert postings.deliverable(world.tx, now_us=world.now_us + 10**12, limit=9) == ()
    assert isinstance(world.claim(), queue.Nothing)


def test_a_claimed_job_loses_its_lease_before_its_call(world: World) -> None:
    """Its slot is free, its charge taken back."""
    world.submit()
    job = world.claimed()
    ended = world.run(queue.withdraw, job.id, now_us=world.now_us)
    assert ended is not None
    assert (ended.state, ended.sent_at_us) == (JobState.CANCELLED, None)
    with pytest.raises(LeaseLost):
        world.mark_sent(job)
    assert world.tx.execute("SELECT running FROM account").fetchone() == (0,)
    assert world.owed() == []
    assert postings.deliverable(world.tx, now_us=world.now_us + 10**12, limit=9) == ()


def test_a_job_whose_call_has_left_is_drawn(world: World) -> None:
    """It is paid for, so somebody shall have it."""
    world.submit()
    job = world.sent()
    assert world.run(queue.withdraw, job.id, now_us=world.now_us) is None
    assert world.complete(job).state is JobState.DRAWN


def test_an_ended_job_stays_as_it_is(world: World) -> None:
    job = world.submit().job
    world.run(queue.cancel, job.id, now_us=world.now_us)
    assert world.run(queue.withdraw, job.id, now_us=world.now_us) is None
