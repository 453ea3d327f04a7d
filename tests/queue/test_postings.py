"""The outbox: said until it is heard, and not twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.providers.zimage import price
from bot.queue import postings, review
from bot.queue.failures import REJECTED
from bot.queue.jobs import change_picture, select_job
from bot.queue.records import ChannelId, JobId, MessageId, PictureState, RequestId
from bot.records import replace
from bot.refusals import UnknownJob
from tests.queue.world import LOST, a_request, an_outcome, next_due_us

if TYPE_CHECKING:
    from bot.queue.records import Job, Picture
    from tests.queue.world import World


def due(world: World) -> list[JobId]:
    return [job.id for job in postings.deliverable(world.tx, now_us=world.now_us, limit=10)]


def a_picture(world: World) -> Job:
    world.submit()
    return world.drawn()


def the_picture(world: World, job: Job) -> Picture:
    picture = select_job(world.tx, job.id).picture
    assert picture is not None
    return picture


def test_a_drawn_picture_is_due_until_it_is_delivered(world: World) -> None:
    """A repeat of the mark changes nothing."""
    job = a_picture(world)
    assert due(world) == [job.id]
    for _ in range(2):
        world.run(postings.mark_delivered, job.id, now_us=world.now_us)
        assert the_picture(world, job).state is PictureState.SHOWN
    assert due(world) == []
    assert next_due_us(world.tx) is None


def test_members_take_turns(world: World) -> None:
    """The second of one comes after the first of another, and what is being said is left out."""
    for guild, user in ((1, 1), (1, 1), (1, 1), (1, 2), (2, 1)):
        world.submit(guild, user)
        world.drawn()
        world.pass_time(1)
    assert due(world) == [1, 4, 5, 2, 3]
    besides = [RequestId(1), RequestId(5)]
    left = postings.deliverable(world.tx, now_us=world.now_us, limit=2, besides=besides)
    assert [job.id for job in left] == [2, 4]


def test_an_end_without_a_picture_is_due_until_it_is_told(world: World) -> None:
    """Cancelled, refused, failed and uncertain alike."""
    job = world.submit().job
    world.run(queue.cancel, job.id, now_us=world.now_us)
    assert due(world) == [job.id]
    world.run(postings.mark_notified, job.id, now_us=world.now_us)
    assert due(world) == []


def test_each_step_is_stored_when_it_is_known(world: World) -> None:
    """So a repeat begins at the step after it."""
    job = a_picture(world)
    world.run(postings.record_status_message, job.id, ChannelId(1), MessageId(2))
    world.run(postings.record_thread, job.id, ChannelId(3))
    world.run(postings.record_post_attempt, job.id, now_us=world.now_us)
    world.run(postings.record_result_message, job.id, ChannelId(3), MessageId(4))
    message, picture = select_job(world.tx, job.id).message, the_picture(world, job)
    assert (message.channel_id, message.message_id, message.thread_id) == (1, 2, 3)
    assert (picture.channel_id, picture.message_id) == (3, 4)
    assert picture.post_attempted_at_us == world.now_us


def test_the_first_attempt_is_the_one_that_counts(world: World) -> None:
    """From then on the picture may stand there without our knowing."""
    job = a_picture(world)
    first_us = world.now_us
    world.run(postings.record_post_attempt, job.id, now_us=first_us)
    world.pass_time(60)
    world.run(postings.record_post_attempt, job.id, now_us=world.now_us)
    assert the_picture(world, job).post_attempted_at_us == first_us


def test_a_failed_try_waits(world: World) -> None:
    """And is counted."""
    job = a_picture(world)
    later_us = world.now_us + 5_000_000
    world.run(postings.delay, job.id, not_before_us=later_us, now_us=world.now_us, is_offered=False)
    assert select_job(world.tx, job.id).message.attempts == 1
    assert due(world) == []
    assert postings.still_due(world.tx, job.id, now_us=world.now_us) is None
    assert next_due_us(world.tx) == later_us
    world.now_us = later_us
    assert due(world) == [job.id]
    assert postings.still_due(world.tx, job.id, now_us=world.now_us) is not None


def test_a_picture_that_is_lost_fails_and_is_told(world: World) -> None:
    """The provider's storage gives it no more; nothing is drawn again on our own."""
    job = a_picture(world)
    for _ in range(2):
        world.run(postings.fail_picture, job.id, LOST, now_us=world.now_us)
        assert the_picture(world, job).state is PictureState.LOST
        assert select_job(world.tx, job.id).failure == LOST
    assert due(world) == [job.id]


def test_a_picture_that_was_rejected_meanwhile_is_not_lost_with_its_file(world: World) -> None:
    """Whoever posts it finds its link dead; an appeal may bring it back."""
    job = a_picture(world)
    world.run(review.keep_file, job.id, "1.png", b"drawn")
    world.run(review.withhold, job.id, REJECTED, now_us=world.now_us)
    world.run(postings.fail_picture, job.id, LOST, now_us=world.now_us)
    assert the_picture(world, job).state is PictureState.WITHHELD
    assert review.kept_file(world.tx, job.id) == b"drawn"


def test_a_deleted_picture_is_not_posted(world: World) -> None:
    """Also if it had waited for a place: what is due is to take its words out of Discord."""
    job = a_picture(world)
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    (deleted,) = postings.deliverable(world.tx, now_us=world.now_us, limit=9)
    assert deleted.is_deleted
    assert the_picture(world, job).deleted_at_us == world.now_us
    world.run(postings.mark_prompt_erased, job.id)
    assert due(world) == []


def test_a_deleted_picture_leaves_no_words(world: World) -> None:
    """In none of the row's columns; its usage and cost stay."""
    secret = "grapes of a secret place"
    world.submit(request=replace(a_request(rewrite=True, prompt=secret), negative=secret))
    job = world.sent()
    outcome = replace(an_outcome(), shown_prompt=secret, reasoning=secret, url=f"https://{secret}")
    world.run(queue.complete, job.id, world.token, outcome, price=price, now_us=world.now_us)
    ledger = world.tx.execute("SELECT * FROM ledger").fetchall()
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    for table in ("request", "job", "picture", "message"):
        assert secret not in str(world.tx.execute(f"SELECT * FROM {table}").fetchall())
    assert world.tx.execute("SELECT * FROM ledger").fetchall() == ledger
    assert 30_000 in ledger[-1]


def test_deleting_twice_is_deleting_once(world: World) -> None:
    """Pressed again while Discord was slow."""
    job = a_picture(world)
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    first = the_picture(world, job)
    world.pass_time(5)
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    assert the_picture(world, job) == first
    assert first.link is None


def test_what_can_be_said_nowhere_is_said_no_more(world: World) -> None:
    """It stays to be found with /queue."""
    job = a_picture(world)
    world.run(postings.stop_notifying, job.id, now_us=world.now_us)
    assert due(world) == []


def test_dead_secrets_are_wiped(world: World) -> None:
    """Tokens after their quarter of an hour, links after a day; the living stay."""
    a_picture(world)
    world.tx.execute(
        "UPDATE request SET interaction_token = 'secret', interaction_expires_at_us = ?",
        (world.now_us + 900_000_000,),
    )
    assert world.run(postings.wipe_dead_secrets, now_us=world.now_us) == 0
    world.pass_time(900)
    assert world.run(postings.wipe_dead_secrets, now_us=world.now_us) == 1
    world.pass_time(86_400 - 900 - 1)
    assert world.run(postings.wipe_dead_secrets, now_us=world.now_us) == 0
    world.pass_time(1)
    assert world.run(postings.wipe_dead_secrets, now_us=world.now_us) == 1
    row = world.tx.execute("SELECT interaction_token, link FROM request, picture").fetchone()
    assert row == (None, None)


def test_a_delivered_picture_needs_no_link_any_more(world: World) -> None:
    """The signature is a credential."""
    job = a_picture(world)
    world.run(postings.mark_delivered, job.id, now_us=world.now_us)
    assert the_picture(world, job).link is None


def test_what_nobody_knows_is_said_so(world: World) -> None:
    """Whether it is looked up or changed."""
    with pytest.raises(UnknownJob):
        select_job(world.tx, JobId(99))
    with pytest.raises(UnknownJob):
        world.run(postings.record_thread, JobId(99), ChannelId(1))


def test_what_was_decided_while_a_member_was_told_is_due_still(world: World) -> None:
    """An edit waits for its message's rest: the staff may be quicker."""
    world.submit()
    job = world.drawn()
    world.run(change_picture, job.id, PictureState.WITHHELD, "failure_kind = 'Appealed'")
    told = select_job(world.tx, job.id)
    world.run(change_picture, job.id, PictureState.DUE, "failure_kind = NULL")
    for verb in (postings.mark_notified, postings.stop_notifying):
        world.run(verb, job.id, told=told, now_us=world.now_us)
        assert [one.id for one in postings.deliverable(world.tx, now_us=1 << 62, limit=9)] == [
            job.id
        ]
    picture = select_job(world.tx, job.id).picture
    assert picture is not None
    assert picture.link is not None
    told = select_job(world.tx, job.id)
    world.run(postings.mark_notified, job.id, told=told, now_us=world.now_us)
    assert postings.deliverable(world.tx, now_us=1 << 62, limit=9) == ()
