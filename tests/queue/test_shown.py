"""Pictures that hang a second time and are deleted at the same moment, and those that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.queue import postings, shown
from bot.queue.jobs import select_job
from bot.queue.records import InteractionId, MessageId, UserId
from bot.refusals import PictureDeleted
from tests.queue.test_picture_words import HERE, a_picture

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.queue.world import World

ADA, BEN = UserId(1), UserId(2)
PRESS = InteractionId(5)
COPY = shown.Repost(interaction_id=PRESS, channel_id=HERE, message_id=MessageId(6))


def test_what_was_deleted_meanwhile_is_not_posted_again(world: World) -> None:
    """Between the look at the picture and the post lies a look at Discord."""
    job = a_picture(world, "a cat")
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    with pytest.raises(PictureDeleted):
        world.run(shown.begin_repost, PRESS, job.id, HERE)


def test_a_copy_that_lands_after_its_picture_was_deleted_is_taken_away(world: World) -> None:
    """Delivery has looked for it before it stood there, and counts it as taken away."""
    job = a_picture(world, "a cat")
    world.run(shown.begin_repost, PRESS, job.id, HERE)
    world.run(postings.mark_deleted, job.id, now_us=world.now_us)
    world.run(shown.drop_repost, PRESS)
    world.run(postings.mark_prompt_erased, job.id)
    world.run(shown.record_repost, job.id, COPY, now_us=world.now_us)
    assert shown.reposts_of(world.tx, job.id) == (COPY,)
    assert [one.id for one in due(world)] == [job.id]


def test_a_copy_of_a_picture_that_stays_is_not_due(world: World) -> None:
    job = a_picture(world, "a cat")
    world.run(shown.begin_repost, PRESS, job.id, HERE)
    world.run(shown.record_repost, job.id, COPY, now_us=world.now_us)
    assert shown.reposts_of(world.tx, job.id) == (COPY,)
    assert due(world) == ()
    assert not select_job(world.tx, job.id).is_due


def due(world: World) -> tuple[Job, ...]:
    return postings.deliverable(world.tx, now_us=world.now_us, limit=9)


def test_a_picture_is_kept_by_whoever_wants_it_for_themselves(world: World) -> None:
    """Pressed once more, it is kept no longer."""
    world.submit()
    job = world.drawn()
    assert world.run(shown.toggle_kept, job.id, ADA, now_us=1)
    assert shown.is_kept(world.tx, job.id, ADA)
    assert not shown.is_kept(world.tx, job.id, BEN)
    world.run(shown.keep, job.id, ADA, now_us=2)
    assert world.tx.execute("SELECT kept_at_us FROM keep").fetchall() == [(1,)]
    assert not world.run(shown.toggle_kept, job.id, ADA, now_us=3)
    assert not shown.is_kept(world.tx, job.id, ADA)


def test_what_is_not_drawn_is_not_kept(world: World) -> None:
    job = world.submit().job
    world.run(shown.keep, job.id, ADA, now_us=1)
    assert not shown.is_kept(world.tx, job.id, ADA)


def test_a_deleted_picture_is_kept_by_nobody(world: World) -> None:
    world.submit()
    job = world.drawn()
    world.run(shown.keep, job.id, BEN, now_us=1)
    world.run(postings.mark_deleted, job.id, now_us=2)
    assert not shown.is_kept(world.tx, job.id, BEN)
