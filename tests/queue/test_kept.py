"""A member keeps a picture until they keep it no longer, or it is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.queue import postings, shown
from bot.queue.records import UserId

if TYPE_CHECKING:
    from tests.queue.world import World

ADA, BEN = UserId(1), UserId(2)


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
