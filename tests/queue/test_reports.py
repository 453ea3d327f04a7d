"""What members tell of a picture waits in rows until the staff know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.queue import reports
from bot.queue.records import Job, JobId, UserId
from bot.queue.reports import MOST_SHOWN, ReportReason

if TYPE_CHECKING:
    from tests.queue.world import World


def tell(world: World, job: Job, user: int, *, is_heard: bool = True, at_us: int = 1) -> bool:
    return world.run(
        reports.report,
        job.id,
        UserId(user),
        ReportReason.OTHER,
        f"words of {user}",
        is_heard=is_heard,
        now_us=at_us,
    )


@pytest.fixture
def job(world: World) -> Job:
    world.submit()
    return world.drawn()


def untold(world: World) -> tuple[JobId, ...]:
    return reports.untold(world.tx, limit=9)


def test_each_member_tells_once_of_a_picture(world: World, job: Job) -> None:
    assert tell(world, job, 1)
    assert not tell(world, job, 1, at_us=2)
    assert tell(world, job, 2, at_us=3)
    found = reports.reports_of(world.tx, job.id)
    assert found.count == 2
    assert [(one.user_id, one.words) for one in found.newest] == [
        (2, "words of 2"),
        (1, "words of 1"),
    ]


def test_what_the_staff_know_is_not_told_again(world: World, job: Job) -> None:
    """What came meanwhile is."""
    tell(world, job, 1, at_us=10)
    tell(world, job, 2, at_us=20)
    assert untold(world) == (job.id,)
    world.run(reports.mark_told, job.id, until_us=10, now_us=30)
    assert untold(world) == (job.id,)
    world.run(reports.mark_told, job.id, until_us=20, now_us=40)
    assert untold(world) == ()
    told = world.tx.execute("SELECT user_id, told_at_us FROM report ORDER BY user_id").fetchall()
    assert told == [(1, 30), (2, 40)]


def test_what_nobody_can_be_told_waits_for_nobody(world: World, job: Job) -> None:
    """It is noted down all the same."""
    tell(world, job, 1, is_heard=False)
    assert untold(world) == ()
    assert reports.reports_of(world.tx, job.id).count == 1


def test_the_longest_waiting_is_told_first(world: World, job: Job) -> None:
    world.submit()
    other = world.drawn()
    tell(world, job, 1, at_us=9)
    tell(world, other, 1, at_us=5)
    assert untold(world) == (other.id, job.id)


def test_of_many_reports_the_newest_are_shown(world: World, job: Job) -> None:
    for user in range(1, MOST_SHOWN + 5):
        tell(world, job, user, at_us=user)
    found = reports.reports_of(world.tx, job.id)
    assert found.count == MOST_SHOWN + 4
    assert [one.user_id for one in found.newest][:2] == [MOST_SHOWN + 4, MOST_SHOWN + 3]
    assert len(found.newest) == MOST_SHOWN
