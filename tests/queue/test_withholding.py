"""A picture that is drawn and does not hang yet can still be cancelled; then it is never posted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.features.moderation.rows import decisions
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Review, Scope
from bot.queue import postings, review, views
from bot.queue.jobs import select_job
from bot.queue.records import JobState, PictureState, UserId
from bot.records import replace
from bot.refusals import AlreadyFinished
from bot.staff_refusals import AlreadyDecided
from tests.queue.world import World, a_price, a_request, an_origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.queue.records import Job, JobId


def a_picture(world: World) -> Job:
    world.submit()
    return world.drawn()


def begin_to_post(world: World, job_id: JobId) -> bool:
    return world.run(postings.record_post_attempt, job_id, now_us=world.now_us)


def state_of(world: World, job: Job) -> PictureState:
    picture = select_job(world.tx, job.id).picture
    assert picture is not None
    return picture.state


def a_held_picture(world: World) -> Job:
    """The staff look at each before it is shown."""
    key = Key(Scope.GUILD, 1, "review", 1)
    world.run(set_policy, key, Review.ALWAYS, by="7", now_us=world.now_us)
    job = a_picture(world)
    assert state_of(world, job) is PictureState.HELD
    return job


@pytest.mark.parametrize("made", [a_picture, a_held_picture])
def test_what_nobody_has_begun_to_post_is_withheld(
    world: World, made: Callable[[World], Job]
) -> None:
    """Also where it waits for staff. It stays paid, no word finds it, and it is told at once."""
    job = made(world)
    cancelled = world.run(queue.cancel, job.id, now_us=world.now_us)
    assert (cancelled.state, state_of(world, job)) == (JobState.DRAWN, PictureState.WITHHELD)
    assert world.settled(job) == 15_000
    assert world.count("picture_word") == 0
    told = postings.deliverable(world.tx, now_us=world.now_us, limit=9)
    assert [one.id for one in told] == [job.id]
    offered = world.tx.execute("SELECT offered_at_us FROM picture").fetchone()
    assert offered == (None,)
    world.run(postings.mark_notified, job.id, now_us=world.now_us)
    assert world.tx.execute("SELECT link FROM picture").fetchone() == (None,)


def test_staff_have_nothing_left_to_look_at(world: World) -> None:
    """Whoever decides later learns that its member has withdrawn it."""
    job = a_held_picture(world)
    case = world.run(
        review.hold_for_staff, job.id, reasons=("wanted",), is_spoiler=False, now_us=world.now_us
    )
    assert case is not None
    world.run(queue.cancel, job.id, now_us=world.now_us)
    assert world.count("screening") == 0
    with pytest.raises(AlreadyDecided):
        world.run(decisions.approve, case.id, by=UserId(7), now_us=world.now_us)
    assert state_of(world, job) is PictureState.WITHHELD


def test_a_look_that_fails_after_it_was_cancelled_has_no_other_after_it(world: World) -> None:
    """Its member was quicker."""
    job = a_held_picture(world)
    world.run(review.delay_screening, job.id, not_before_us=world.now_us)
    assert review.screening_attempts(world.tx, job.id) == 1
    world.run(queue.cancel, job.id, now_us=world.now_us)
    assert review.screening_attempts(world.tx, job.id) == 0
    world.run(review.delay_screening, job.id, not_before_us=world.now_us)
    assert review.due_screenings(world.tx, now_us=world.now_us, limit=9) == ()


def test_its_wait_after_failed_tries_is_over(world: World) -> None:
    job = a_picture(world)
    later_us = world.now_us + 60_000_000
    world.run(postings.delay, job.id, not_before_us=later_us, now_us=world.now_us, is_offered=True)
    world.run(queue.cancel, job.id, now_us=world.now_us)
    still = postings.still_due(world.tx, job.id, now_us=world.now_us)
    assert still is not None
    assert still.message.attempts == 0


def test_whoever_begins_to_post_comes_before_who_cancels(world: World) -> None:
    """It may hang there by then."""
    job = a_picture(world)
    assert begin_to_post(world, job.id)
    for cancel in (queue.cancel, queue.cancel_request):
        with pytest.raises(AlreadyFinished):
            world.run(cancel, job.id, now_us=world.now_us)
    assert state_of(world, job) is PictureState.DUE


def test_whoever_cancels_comes_before_who_begins_to_post(world: World) -> None:
    """A second press finds nothing to cancel."""
    job = a_picture(world)
    world.run(queue.cancel_request, job.id, now_us=world.now_us)
    assert not begin_to_post(world, job.id)
    assert state_of(world, job) is PictureState.WITHHELD
    with pytest.raises(AlreadyFinished):
        world.run(queue.cancel, job.id, now_us=world.now_us)


def test_a_picture_that_was_deleted_or_hangs_is_not_begun_to_be_posted(world: World) -> None:
    deleted, hanging = a_picture(world), a_picture(world)
    world.run(postings.mark_deleted, deleted.id, now_us=world.now_us)
    world.run(postings.mark_delivered, hanging.id, now_us=world.now_us)
    assert not begin_to_post(world, deleted.id)
    assert not begin_to_post(world, hanging.id)


def test_a_request_is_cancelled_with_what_does_not_hang_yet(world: World) -> None:
    """What is being posted stays."""
    requests = [replace(a_request(), seed=seed) for seed in range(3)]
    first, *more = requests
    world.run(queue.submit, first, an_origin(), price=a_price, more=more, now_us=world.now_us)
    posted, unposted = world.drawn(), world.drawn()
    begin_to_post(world, posted.id)
    jobs = world.run(queue.cancel_request, unposted.id, now_us=world.now_us)
    assert [job.state for job in jobs] == [JobState.DRAWN, JobState.DRAWN, JobState.CANCELLED]
    states = [state_of(world, job) for job in (posted, unposted)]
    assert states == [PictureState.DUE, PictureState.WITHHELD]


def test_a_picture_is_followed_once_it_is_long_on_its_way(world: World) -> None:
    """Until somebody begins to post it, or it is cancelled."""
    job, other = a_picture(world), a_picture(world)

    def followed() -> list[JobId]:
        return [one.job.id for one in views.followed_jobs(world.tx, now_us=world.now_us)]

    assert followed() == []
    world.pass_time(5)
    assert followed() == [job.id, other.id]
    begin_to_post(world, job.id)
    world.run(queue.cancel, other.id, now_us=world.now_us)
    assert followed() == []
