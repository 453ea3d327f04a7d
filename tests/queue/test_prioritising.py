"""A member's own order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.providers.image import Size
from bot.queue.records import JobId, JobState
from bot.refusals import NobodyElseWaits, UnknownJob
from tests.queue.world import a_request

if TYPE_CHECKING:
    from tests.queue.world import World


def test_job_comes_before_the_others_of_its_member(world: World) -> None:
    """The last of four is the first; the others keep their order."""
    ids = [world.submit().job.id for _ in range(4)]
    world.run(queue.put_first, ids[3])
    assert [job.id for job in world.order(4)] == [ids[3], *ids[:3]]


def test_whoever_was_put_first_last_comes_first(world: World) -> None:
    """As often as the member likes, also one that has a priority already."""
    ids = [world.submit().job.id for _ in range(3)]
    for one in (ids[2], ids[1], ids[2]):
        world.run(queue.put_first, one)
    assert [job.id for job in world.order(3)] == [ids[2], ids[1], ids[0]]


def test_nobody_elses_turn_moves(world: World) -> None:
    """Two members take turns whatever one of them prefers."""
    for _ in range(3):
        world.submit(user=1)
        world.submit(user=2)
    world.run(queue.put_first, JobId(5))
    assert [job.id for job in world.order(6)] == [5, 2, 1, 4, 3, 6]


def test_first_job_keeps_its_priority(world: World) -> None:
    """Pressing again and again changes nothing."""
    world.submit()
    world.submit()
    first = world.run(queue.put_first, JobId(2))
    assert first.priority == 1
    assert world.run(queue.put_first, JobId(2)) == first


def test_job_that_waits_no_more_is_left_alone(world: World) -> None:
    """It was claimed in the meantime."""
    world.submit()
    running = world.claimed()
    job = world.run(queue.put_first, running.id)
    assert (job.state, job.priority) == (JobState.RUNNING, 0)


def test_unknown_job_is_refused(world: World) -> None:
    """Its data was deleted."""
    with pytest.raises(UnknownJob):
        world.run(queue.put_first, JobId(404))


# ------------------------------------------------------------------------------------------------
# Who lets others first.


def test_each_other_member_who_waits_has_one_picture_before(world: World) -> None:
    """One, and not all that they wait for; then turns are taken as ever."""
    mine = world.submit(user=1).job
    for user in (2, 2, 3):
        world.submit(user=user)
    world.run(queue.let_others_first, mine.id)
    users = [job.origin.user_id for job in world.order(4)]
    assert sorted(users[:2]) == [2, 3]
    assert users[2:] == [1, 2]


def test_whoever_paints_small_has_more_than_one_before(world: World) -> None:
    """As many as the other's large picture is worth: turns among the others are taken as ever."""
    small = a_request(size=Size(512, 512))
    world.submit(user=3, request=a_request(size=Size(1024, 1024)))
    mine = world.submit(user=1, request=small).job
    for user in (3, 2, 2, 2, 2, 2, 2):
        world.submit(user=user, request=small)
    assert world.claimed().origin.user_id == 3
    world.run(queue.let_others_first, mine.id)
    assert [job.origin.user_id for job in world.order(6)] == [2, 2, 2, 2, 3, 1]


def test_all_that_the_member_has_waiting_steps_back(world: World) -> None:
    """Whichever of them it was said of: they stand in one line, and keep its order."""
    mine = [world.submit(user=1).job for _ in range(3)]
    world.submit(user=2)
    world.run(queue.let_others_first, mine[2].id)
    order = world.order(4)
    assert order[0].origin.user_id == 2
    assert [job.id for job in order[1:]] == [job.id for job in mine]


def test_no_other_guild_moves(world: World) -> None:
    """The member pays with their own share alone."""
    mine = world.submit(guild=1, user=1).job
    world.submit(guild=1, user=2)
    world.submit(guild=2, user=9)
    world.run(queue.let_others_first, mine.id)
    assert [job.origin.user_id for job in world.order(3)] == [2, 9, 1]


def test_who_waits_alone_lets_nobody_first(world: World) -> None:
    """Others of the guild have nothing that is due."""
    mine = world.submit(user=1).job
    before = world.tx.execute("SELECT tag, turn FROM member").fetchall()
    with pytest.raises(NobodyElseWaits):
        world.run(queue.let_others_first, mine.id)
    assert world.tx.execute("SELECT tag, turn FROM member").fetchall() == before


def test_job_that_runs_lets_nobody_first(world: World) -> None:
    """It was claimed in the meantime."""
    world.submit(user=1)
    running = world.claimed()
    world.submit(user=2)
    assert world.run(queue.let_others_first, running.id) == running


def test_who_never_stops_letting_others_first_is_drawn_all_the_same(world: World) -> None:
    """Each press lets each other member have one picture, and the others' wait is finite."""
    mine = world.submit(user=1).job
    for _ in range(3):
        world.submit(user=2)
    for _ in range(3):
        world.run(queue.let_others_first, mine.id)
        assert world.drawn().origin.user_id == 2
    assert world.drawn().id == mine.id
