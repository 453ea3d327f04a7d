"""Rows follow the system's clock, whichever way it was set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import queue
from bot.queue.account import load_account, save_pace
from bot.queue.cases import Decision
from bot.queue.pace import seen_in_transit
from bot.queue.recovery import drop_future_instants, shift_instants
from tests.queue.staffed import case_of_reports, decide, report, shown
from tests.queue.world import ACCOUNT

if TYPE_CHECKING:
    from tests.queue.world import World

HOUR_US = 3600 * 1_000_000


def test_a_shift_there_and_back_changes_nothing(world: World) -> None:
    """Every instant of every table moves by the same."""
    for _ in range(3):
        world.submit()
    world.drawn()
    job = world.sent()
    world.run(
        queue.retry,
        job.id,
        world.token,
        not_before_us=world.now_us + 9,
        throttled=True,
        now_us=world.now_us,
    )
    before = "\n".join(world.tx.iterdump())
    world.run(shift_instants, by_us=-HOUR_US)
    assert "\n".join(world.tx.iterdump()) != before
    world.run(shift_instants, by_us=HOUR_US)
    assert "\n".join(world.tx.iterdump()) == before


def test_the_guard_learns_nothing_from_a_shift(world: World) -> None:
    """Transit times are measured between two clocks, of which one has moved."""
    pace = load_account(world.tx, ACCOUNT).pace
    for transit_us in range(40_000, 60_000, 500):
        pace = seen_in_transit(pace, transit_us)
    world.run(save_pace, ACCOUNT, pace)
    world.run(shift_instants, by_us=-7_000_000)
    moved = load_account(world.tx, ACCOUNT).pace
    assert seen_in_transit(moved, 50_000 + 7_000_000).guard_us <= pace.guard_us


def test_a_link_lives_as_long_as_before(world: World) -> None:
    """A day forward would else throw away what is drawn and not posted yet."""
    world.submit()
    job = world.drawn()
    world.run(shift_instants, by_us=24 * HOUR_US)
    finished = world.tx.execute("SELECT finished_at_us FROM job WHERE id = ?", (job.id,)).fetchone()
    assert finished[0] == (job.finished_at_us or 0) + 24 * HOUR_US


def test_what_was_planned_for_soon_stays_planned(world: World) -> None:
    """Only what lies beyond everything that we would plan is brought forward."""
    world.submit()
    job = world.sent()
    at_us = world.now_us + 600_000_000
    world.run(
        queue.retry,
        job.id,
        world.token,
        not_before_us=at_us,
        throttled=False,
        now_us=world.now_us,
    )
    assert world.run(drop_future_instants, now_us=world.now_us) == 0
    assert world.run(drop_future_instants, now_us=world.now_us - 2 * HOUR_US) > 0
    (planned,) = world.tx.execute("SELECT not_before_us FROM job").fetchone()
    assert planned == world.now_us - 2 * HOUR_US


def test_nothing_is_put_off_for_longer_than_an_hour(world: World) -> None:
    """An hour ahead stays as it is; a minute more was planned by another clock."""
    world.submit()
    at_us = world.now_us + HOUR_US
    world.put_back(world.sent(), after_s=3600)
    assert world.run(drop_future_instants, now_us=world.now_us) == 0
    now_us = world.now_us - 60_000_000
    world.run(drop_future_instants, now_us=now_us)
    (planned,) = world.tx.execute("SELECT not_before_us FROM job").fetchone()
    assert planned == now_us < at_us


def test_whatever_is_due_in_a_row_is_due_as_soon_as_before(world: World) -> None:
    """Of each table whose rows wait for an instant."""
    job = shown(world)
    report(world, job)
    decide(world, case_of_reports(world, job), Decision.WARNED)
    world.tx.execute("INSERT INTO screening (job_id, due_at_us) VALUES (?, ?)", (job.id, 1))
    tables = [
        name
        for (name,) in world.tx.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if "due_at_us" in {row[1] for row in world.tx.execute(f"PRAGMA table_info({name})")}
    ]
    assert len(tables) == 4
    for name in tables:
        world.tx.execute(f"UPDATE {name} SET due_at_us = ?", (world.now_us + 2 * HOUR_US,))
    world.run(shift_instants, by_us=HOUR_US)
    assert _due(world, tables) == dict.fromkeys(tables, world.now_us + 3 * HOUR_US)
    world.run(drop_future_instants, now_us=world.now_us)
    assert _due(world, tables) == dict.fromkeys(tables, world.now_us)


def _due(world: World, tables: list[str]) -> dict[str, int]:
    return {
        name: world.tx.execute(f"SELECT min(due_at_us) FROM {name}").fetchone()[0]
        for name in tables
    }
