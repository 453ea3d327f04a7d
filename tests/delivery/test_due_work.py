"""What is due is begun at once where there is room, nothing twice, and nothing is forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot.delivery.due_work import PAUSE_S, DueWork
from bot.errors import StorageUnavailable
from bot.runtime.clock import Wakeup
from tests.clock import ManualClock
from tests.delivery.scene import turns, until
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Sequence

AT_ONCE, POLL_S = 2, 30.0


@dataclass(frozen=True)
class Row:
    id: int


@dataclass
class Desk:
    """Rows that are due until they are done, and what was begun."""

    clock: ManualClock
    due: list[Row]
    began: list[int] = field(default_factory=list)
    held: asyncio.Event = field(default_factory=asyncio.Event)  # what is under way waits for it
    faults: int = 0  # of the database, the next so many times

    def work(self) -> DueWork[Row]:
        self.wakeup = Wakeup(self.clock)
        return DueWork(
            "row",
            find=self._find,
            do=self._do,
            at_once=AT_ONCE,
            poll_s=POLL_S,
            clock=self.clock,
            wakeup=self.wakeup,
        )

    async def _find(self) -> Sequence[Row]:
        return [*self.due]

    async def _do(self, row: Row) -> None:
        self.began.append(row.id)
        await self.held.wait()
        if self.faults:
            self.faults -= 1
            raise StorageUnavailable
        self.due.remove(row)


@pytest.fixture
async def desk() -> Desk:
    return Desk(ManualClock(), [Row(number) for number in range(1, 6)])


async def test_each_end_makes_room_for_the_next(desk: Desk) -> None:
    """Without waiting for the next look: the clock stands."""
    desk.held.set()
    async with running(desk.work().run()):
        await until(lambda: not desk.due)
    assert desk.began == [1, 2, 3, 4, 5]


async def test_so_many_are_under_way_and_none_twice(desk: Desk) -> None:
    async with running(desk.work().run()):
        await until(lambda: len(desk.began) == AT_ONCE)
        for _ in range(3):
            desk.wakeup.set()
            await turns()
        assert desk.began == [1, 2]


async def test_what_the_database_fails_at_keeps_its_place_for_a_pause(desk: Desk) -> None:
    """Or a full disk would have all of them tried without end."""
    desk.due, desk.faults = [Row(1)], 1
    desk.held.set()
    async with running(desk.work().run()):
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
    async with running(desk.work().run()):
        await desk.clock.until_slept()
        desk.due.append(Row(7))
        desk.clock.advance(POLL_S)
        await until(lambda: not desk.due)
    assert desk.began == [7]


async def test_what_is_under_way_ends_with_it(desk: Desk) -> None:
    async with running(desk.work().run()):
        await until(lambda: len(desk.began) == AT_ONCE)
    desk.held.set()
    await turns()
    assert len(desk.due) == 5
