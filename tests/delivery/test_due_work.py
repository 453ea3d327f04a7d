"""What is due is begun at once where there is room, nothing twice, and nothing is forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import pytest

from bot.delivery.due_work import PAUSE_S, Common, DueWork
from bot.errors import StorageUnavailable
from bot.runtime.clock import Wakeup
from tests.delivery.scene import Scene, turns, until
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db.sqlite import Database
    from tests.clock import ManualClock

AT_ONCE, POLL_S = 2, 30.0


@dataclass(frozen=True)
class Row:
    id: int


class Desk(DueWork[Row]):
    """Rows that are due until they are done, and what was begun."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.clock, self.wakeup = clock, Wakeup(clock)
        common = Common(database=database, clock=clock, randomness=Random(1), wakeup=self.wakeup)
        super().__init__("row", common, at_once=AT_ONCE, poll_s=POLL_S)
        self.due = [Row(number) for number in range(1, 6)]
        self.began: list[int] = []
        self.held = asyncio.Event()  # what is under way waits for it
        self.faults = 0  # of the database, the next so many times

    async def _find(self) -> Sequence[Row]:
        return [*self.due]

    async def _do(self, one: Row, /) -> None:
        self.began.append(one.id)
        await self.held.wait()
        if self.faults:
            self.faults -= 1
            raise StorageUnavailable
        self.due.remove(one)


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    return Desk(scene.database, scene.clock)


async def test_each_end_makes_room_for_the_next(desk: Desk) -> None:
    """Without waiting for the next look: the clock stands."""
    desk.held.set()
    async with running(desk.run()):
        await until(lambda: not desk.due)
    assert desk.began == [1, 2, 3, 4, 5]


async def test_so_many_are_under_way_and_none_twice(desk: Desk) -> None:
    async with running(desk.run()):
        await until(lambda: len(desk.began) == AT_ONCE)
        for _ in range(3):
            desk.wakeup.set()
            await turns()
        assert desk.began == [1, 2]


async def test_what_the_database_fails_at_keeps_its_place_for_a_pause(desk: Desk) -> None:
    """Or a full disk would have all of them tried without end."""
    desk.due, desk.faults = [Row(1)], 1
    desk.held.set()
    async with running(desk.run()):
        await desk.clock.until_slept(2)
        desk.wakeup.set()
        await turns()
        assert desk.began == [1]
        desk.clock.advance(PAUSE_S)
        await until(lambda: not desk.due)
    assert desk.began == [1, 1]


async def test_what_becomes_due_meanwhile_is_found_by_the_next_look(desk: Desk) -> None:
    desk.due = []
    desk.held.set()
    async with running(desk.run()):
        await desk.clock.until_slept()
        desk.due.append(Row(7))
        desk.clock.advance(POLL_S)
        await until(lambda: not desk.due)
    assert desk.began == [7]


async def test_what_is_under_way_ends_with_it(desk: Desk) -> None:
    async with running(desk.run()):
        await until(lambda: len(desk.began) == AT_ONCE)
    desk.held.set()
    await turns()
    assert len(desk.due) == 5
