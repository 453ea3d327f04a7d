"""What members tell of a picture waits in rows until the staff know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.queue import reports
from bot.queue.cases import case_told, due_cases
from bot.queue.records import Job, JobId, UserId
from bot.queue.reports import MOST_SHOWN, ReportReason

if TYPE_CHECKING:
    from tests.queue.world import World


def tell(world: World, job: Job, user: int, *, at_us: int = 1) -> bool:
    return world.run(
        reports.report,
        job.id,
        UserId(user),
        ReportReason.OTHER,
        f"words of {user}",
        now_us=at_us,
    )


@pytest.fixture
def job(world: World) -> Job:
    world.submit()
    return world.drawn()


def untold(world: World) -> tuple[JobId | None, ...]:
    """Of which there is something to tell the staff."""
    return tuple(case.job_id for case in due_cases(world.tx, now_us=world.now_us, limit=9))


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
    """What came meanwhile is: to the same case."""
    tell(world, job, 1, at_us=10)
    (case,) = due_cases(world.tx, now_us=world.now_us, limit=9)
    tell(world, job, 2, at_us=20)
    world.run(case_told, case.id, due_at_us=case.due_at_us)
    assert untold(world) == (job.id,)
    (same,) = due_cases(world.tx, now_us=world.now_us, limit=9)
    assert same.id == case.id
    world.run(case_told, same.id, due_at_us=same.due_at_us)
    assert untold(world) == ()


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
