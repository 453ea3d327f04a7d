"""Counting again: differences are found, and set right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.simulator import recount

if TYPE_CHECKING:
    from tests.queue.world import World


def busy(world: World) -> None:
    for n in range(6):
        world.submit(guild=n % 2, user=n % 3)
    world.sent()
    world.claimed()


@pytest.mark.parametrize(
    ("slip", "named"),
    [
        ("UPDATE member SET ready = ready + 1 WHERE tenant_id = 1 AND user_id = 1", "member 1"),
        ("UPDATE tenant SET waiting = 99 WHERE id = 1", "tenant 1"),
        ("UPDATE tenant SET open_members = 0 WHERE id = 0", "tenant 0"),
        ("UPDATE person SET running = running + 1", "person"),
        ("UPDATE member SET is_blocked = 1 WHERE ready > 0", "blocked"),
        ("UPDATE account SET running = 0", "account"),
        ("UPDATE queue SET ready = 0", "queue"),
        ("DELETE FROM member WHERE tenant_id = 1 AND user_id = 1", "no member row"),
    ],
)
def test_every_slip_is_found_and_repaired(world: World, slip: str, named: str) -> None:
    """Named by where it is; afterwards all counters follow from the jobs."""
    busy(world)
    world.tx.execute(slip)
    assert any(named in line for line in world.differences())
    recount.repair(world.tx)
    assert world.differences() == []


def test_a_sound_file_has_no_damage(world: World) -> None:
    """Structure and references."""
    busy(world)
    assert recount.damage(world.tx) == []


def test_a_broken_reference_is_damage(world: World) -> None:
    """A picture of a job that is not there, say."""
    world.submit()
    world.drawn()
    world.tx.execute("PRAGMA foreign_keys = OFF")
    world.tx.execute("UPDATE picture SET job_id = 999 WHERE job_id = 1")
    assert recount.damage(world.tx) == ["row 999 of picture names no job"]


def test_the_queue_goes_on_after_a_repair(world: World) -> None:
    """Tags stay, so turns do too."""
    busy(world)
    expected = [job.id for job in world.order(4)]
    assert len(set(expected)) == 4
    recount.repair(world.tx)
    assert world.submit().is_new
