"""What moderators delete and cancel of others' is in the audit log; what is one's own is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.queue.cancel import cancel_by, cancel_request_by, delete_by
from bot.queue.jobs import select_job
from bot.queue.records import JobState, UserId
from bot.refusals import AlreadyFinished

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.queue.records import JobId
    from tests.queue.world import World

ADA, MIRA = UserId(11), UserId(12)


def entries(world: World) -> list[tuple[object, ...]]:
    columns = "action, actor, user_id, job_id, tenant_id"
    return world.tx.execute(f"SELECT {columns} FROM audit ORDER BY id").fetchall()


def delete(world: World, job_id: JobId, by: UserId) -> None:
    world.run(delete_by, job_id, by, now_us=world.now_us)


def test_a_picture_that_a_moderator_deletes_is_in_the_log_once(world: World) -> None:
    world.submit(5, ADA)
    job = world.drawn()
    for _ in range(2):
        delete(world, job.id, MIRA)
    assert entries(world) == [("deleted", str(MIRA), ADA, job.id, 5)]


def test_what_is_one_s_own_is_nobody_s_business(world: World) -> None:
    world.submit(5, ADA)
    delete(world, world.drawn().id, ADA)
    job = world.submit(5, ADA).job
    world.run(cancel_by, job.id, ADA, now_us=world.now_us)
    job = world.submit(5, ADA).job
    world.run(cancel_request_by, job.id, ADA, now_us=world.now_us)
    assert entries(world) == []


@pytest.mark.parametrize("verb", [cancel_by, cancel_request_by])
def test_what_a_moderator_cancels_is_in_the_log(world: World, verb: Callable[..., object]) -> None:
    job = world.submit(5, ADA).job
    world.run(verb, job.id, MIRA, now_us=world.now_us)
    assert select_job(world.tx, job.id).state is JobState.CANCELLED
    assert entries(world) == [("cancelled", str(MIRA), ADA, job.id, 5)]


def test_what_was_over_already_is_not_in_the_log(world: World) -> None:
    job = world.submit(5, ADA).job
    world.run(cancel_by, job.id, ADA, now_us=world.now_us)
    with pytest.raises(AlreadyFinished):
        world.run(cancel_by, job.id, MIRA, now_us=world.now_us)
    assert entries(world) == []
