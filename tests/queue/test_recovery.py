"""What a restored copy of the database holds open is ended, since nobody knows what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.queue import Nothing
from bot.queue.jobs import select_job
from bot.queue.records import JobState
from bot.queue.recovery import end_open_jobs

if TYPE_CHECKING:
    from tests.queue.world import World


def end_all(world: World) -> int:
    """As in the copy, which nobody else has open."""
    world.tx.execute("BEGIN IMMEDIATE")
    ended = end_open_jobs(world.tx, now_us=world.now_us)
    world.tx.execute("COMMIT")
    return ended


def test_whatever_waits_or_runs_ends_as_uncertain(world: World) -> None:
    """Due, in a backoff, claimed or sent; it may have been drawn and billed since the copy."""
    jobs = [world.submit().job.id for _ in range(4)]
    world.put_back(world.sent(), after_s=1000)
    world.sent()
    world.claimed()
    assert end_all(world) == 4
    states = [select_job(world.tx, job).state for job in jobs]
    assert states == [JobState.UNCERTAIN] * 4
    assert world.claim() == Nothing()
    assert world.count("ledger WHERE entry = 'uncertain'") == 4
    assert world.account().running == 0
    assert world.differences() == []


def test_what_is_drawn_is_looked_for_before_it_is_posted(world: World) -> None:
    """The copy does not know whether it hangs there already."""
    world.submit()
    drawn = world.drawn()
    world.pass_time(60)
    assert end_all(world) == 0
    picture = select_job(world.tx, drawn.id).picture
    assert picture is not None
    assert picture.post_attempted_at_us == picture.drawn_at_us
