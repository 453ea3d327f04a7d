"""One request for several pictures: each is a job of its own, all are queued or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot import queue
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.providers.image import Size
from bot.queue import postings, views
from bot.queue.jobs import select_job, select_jobs_of_request
from bot.queue.records import JobId, JobState
from bot.records import replace
from bot.refusals import AlreadyFinished, QueueFull, QuotaUsedUp, UnknownJob
from tests.queue.world import World, a_price, a_request, an_origin

if TYPE_CHECKING:
    from bot.queue.records import Job, Origin


def ask(world: World, *prompts: str, origin: Origin | None = None) -> tuple[Job, ...]:
    first, *more = (replace(a_request(), prompt=one, seed=n) for n, one in enumerate(prompts))
    submitted = world.run(
        queue.submit, first, origin or an_origin(), price=a_price, more=more, now_us=world.now_us
    )
    return select_jobs_of_request(world.tx, submitted.job.request_id)


def test_each_picture_has_its_own_number_words_and_seed(world: World) -> None:
    """One request, one message."""
    jobs = ask(world, "a cat", "a dog", "a fox")
    first = jobs[0]
    assert [one.id for one in jobs] == [first.id, first.id + 1, first.id + 2]
    assert [one.request.prompt for one in jobs] == ["a cat", "a dog", "a fox"]
    assert [one.request.seed for one in jobs] == [0, 1, 2]
    assert [(one.number, one.count) for one in jobs] == [(1, 3), (2, 3), (3, 3)]
    assert {one.request_id for one in jobs} == {first.request_id}


def test_the_same_interaction_makes_one_request(world: World) -> None:
    origin = an_origin()
    jobs = ask(world, "a cat", "a dog", origin=origin)
    again = world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us)
    assert (again.is_new, again.job) == (False, jobs[0])
    assert len(select_jobs_of_request(world.tx, jobs[0].request_id)) == 2


def test_all_are_queued_or_none(world: World) -> None:
    """Three find room where four do not."""
    world.limit(waiting_per_member=4)
    ask(world, "a cat")
    with pytest.raises(QueueFull):
        ask(world, "1", "2", "3", "4")
    assert world.tx.execute("SELECT count(*) FROM job").fetchone() == (1,)
    assert len(ask(world, "1", "2", "3")) == 3


@pytest.mark.parametrize(
    "other", [{"size": Size(2048, 2048)}, {"rewrite": True}, {"negative": "rain"}]
)
def test_what_differs_in_more_than_words_and_seed_is_another_request(
    world: World, other: dict[str, Any]
) -> None:
    """Else it would be reserved at one price and drawn at another."""
    with pytest.raises(ValueError, match="prompt and seed alone"):
        world.run(
            queue.submit,
            a_request(),
            an_origin(),
            price=a_price,
            more=[replace(a_request(), **other)],
            now_us=world.now_us,
        )
    assert world.tx.execute("SELECT count(*) FROM job").fetchone() == (0,)


def test_every_picture_counts_for_the_limits(world: World) -> None:
    key = Key(Scope.OPERATOR, 0, "member_pictures_per_day")
    world.run(set_policy, key, 3, by="operator", now_us=world.now_us)
    with pytest.raises(QuotaUsedUp) as refused:
        ask(world, "1", "2", "3", "4")
    assert refused.value.left == 3
    ask(world, "1", "2", "3")
    with pytest.raises(QuotaUsedUp):
        ask(world, "one more")
    reserved = world.tx.execute("SELECT sum(pictures), sum(reserved_micros) FROM ledger").fetchone()
    assert reserved == (3, 45_000)


def test_a_single_picture_is_not_behind_the_four_of_another(world: World) -> None:
    """Members take turns by picture, not by request."""
    ask(world, "1", "2", "3", "4", origin=an_origin(1, 1))
    (single,) = ask(world, "alone", origin=an_origin(1, 2))
    assert views.place(world.tx, single.id, now_us=world.now_us).position == 2


def test_each_ends_by_itself(world: World) -> None:
    """The interaction's token stays until the last of them is told."""
    origin = replace(an_origin(), interaction_token="secret")
    first, second = ask(world, "a cat", "a dog", origin=origin)
    world.run(queue.cancel, first.id, now_us=world.now_us)
    world.run(postings.mark_notified, first.id, now_us=world.now_us)
    other = select_job(world.tx, second.id)
    assert (other.state, other.origin.interaction_token) == (JobState.QUEUED, "secret")
    world.run(queue.cancel, second.id, now_us=world.now_us)
    world.run(postings.mark_notified, second.id, now_us=world.now_us)
    assert select_job(world.tx, first.id).origin.interaction_token is None


def test_deleting_one_forgets_its_words_alone(world: World) -> None:
    """What all of them leave out is forgotten with the last."""
    request = replace(a_request(), negative="rain")
    world.run(
        queue.submit, request, an_origin(), price=a_price, more=[request], now_us=world.now_us
    )
    first, second = world.drawn(), world.drawn()
    world.run(postings.mark_deleted, first.id, now_us=world.now_us)
    assert select_job(world.tx, first.id).request.prompt == ""
    left = select_job(world.tx, second.id).request
    assert (left.prompt, left.negative) == ("a cat", "rain")
    world.run(postings.mark_deleted, second.id, now_us=world.now_us)
    assert select_job(world.tx, second.id).request.negative == ""


def test_another_process_takes_the_whole_request(world: World) -> None:
    """What waits and what runs unsent; nothing is charged, nobody is told by us."""
    origin = replace(an_origin(), interaction_token="secret")
    jobs = ask(world, "a cat", "a dog", origin=origin)
    world.claimed()
    assert world.run(queue.withdraw, jobs[0].id, now_us=world.now_us) is not None
    states = {select_job(world.tx, one.id).state for one in jobs}
    assert states == {JobState.CANCELLED}
    assert postings.deliverable(world.tx, now_us=world.now_us, limit=9) == ()
    assert world.owed() == []
    assert select_job(world.tx, jobs[0].id).origin.interaction_token is None


def test_the_token_goes_with_the_last_that_is_told_by_it(world: World) -> None:
    """Others of the request were ended together with their channel, and are told by the first."""
    origin = replace(an_origin(), interaction_token="secret")
    jobs = ask(world, "a cat", "a dog", "a fox", origin=origin)
    world.run(queue.close_channel, origin.channel_id, now_us=world.now_us)
    assert select_job(world.tx, jobs[0].id).origin.interaction_token is not None
    world.run(postings.mark_notified, jobs[0].id, now_us=world.now_us)
    assert select_job(world.tx, jobs[0].id).origin.interaction_token is None


def test_a_request_is_cancelled_as_a_whole(world: World) -> None:
    """By any of its jobs; what hangs stays, what runs is not posted, nothing else is charged."""
    jobs = ask(world, "1", "2", "3")
    world.run(postings.mark_delivered, world.drawn().id, now_us=world.now_us)
    world.claimed()
    left = world.run(queue.cancel_request, jobs[0].id, now_us=world.now_us)
    assert [job.state for job in left] == [JobState.DRAWN, JobState.RUNNING, JobState.CANCELLED]
    assert [job.cancel_requested for job in left] == [False, True, False]
    with pytest.raises(UnknownJob):
        world.run(queue.cancel_request, JobId(99), now_us=world.now_us)


def test_a_request_without_an_open_job_cannot_be_cancelled(world: World) -> None:
    (job,) = ask(world, "1")
    world.run(postings.mark_delivered, world.drawn().id, now_us=world.now_us)
    with pytest.raises(AlreadyFinished):
        world.run(queue.cancel_request, job.id, now_us=world.now_us)
