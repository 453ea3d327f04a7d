"""Work that stands in rows until it is done: a few at a time, and nothing twice at once."""

from __future__ import annotations

import asyncio
import functools
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import structlog
from msgspec import Struct

from bot.errors import StorageError
from bot.runtime.health import Pulse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from bot.db.sqlite import Database
    from bot.runtime.clock import Clock, Wakeup

PAUSE_S = 2.0  # after the database has failed

log = structlog.get_logger("bot.delivery")


class Due(Protocol):
    """A row that says from when on something is to be done."""

    @property
    def id(self) -> int:
        """Among its kind."""


T = TypeVar("T", bound=Due)


class Common(Struct, frozen=True, kw_only=True):
    """What all such work is given. `wakeup`: set when something may be due, in any of it."""

    database: Database
    clock: Clock
    randomness: Random
    wakeup: Wakeup


class DueWork(ABC, Generic[T]):
    """Looks what is due, and does it.

    Whoever does one puts it off in its row if it fails. What is not put off, as when the database
    fails, comes with the next look.
    """

    def __init__(self, name: str, common: Common, *, at_once: int, poll_s: float) -> None:
        self._name = name
        self._at_once = at_once
        self._poll_s = poll_s
        self._database = common.database
        self._clock = common.clock
        self._randomness = common.randomness
        self._wakeup = common.wakeup
        self._waking = common.wakeup.another()
        self._active: dict[int, tuple[asyncio.Task[None], T]] = {}
        self.pulse = Pulse()  # beats when all that is due is under way, and with each end

    @abstractmethod
    async def _find(self) -> Sequence[T]:
        """What is due, the first to be done first; perhaps also what is under way."""

    @abstractmethod
    async def _do(self, one: T, /) -> None:
        """May raise StorageError; nothing else is expected."""

    def _key(self, one: T, /) -> int:
        """Of two with the same one is done after the other."""
        return one.id

    def _next(self, waiting: Sequence[T]) -> T | None:
        """Whose turn it is; None while nobody finds room."""
        return waiting[0] if waiting and len(self._active) < self._at_once else None

    async def run(self) -> None:
        """Until cancelled; then what is under way ends first, where it stands in rows."""
        self.pulse.beat()
        try:
            while True:
                await self._start_due()
                await self._waking.wait_until(self._clock.now_us() + round(self._poll_s * 1e6))
        finally:
            for task in self._tasks():
                task.cancel()
            await asyncio.gather(*self._tasks(), return_exceptions=True)

    async def drain(self) -> None:
        """All that is due at this moment, and what becomes due by it."""
        await self._start_due()
        while self._active:
            await asyncio.wait(self._tasks(), return_when=asyncio.FIRST_COMPLETED)
            await self._start_due()

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [task for task, _ in self._active.values()]

    async def _start_due(self) -> None:
        try:
            found = await self._find()
        except StorageError as error:
            log.error("not looked what is due", work=self._name, error=str(error))  # noqa: TRY400 - says all
            return
        waiting = [one for one in found if self._key(one) not in self._active]
        while (one := self._next(waiting)) is not None:
            waiting.remove(one)
            key = self._key(one)
            task = asyncio.create_task(self._try(one), name=f"{self._name} {one.id}")
            self._active[key] = task, one
            task.add_done_callback(functools.partial(self._ended, key))
        if not waiting:
            self.pulse.beat()

    def _ended(self, key: int, _: asyncio.Task[None]) -> None:
        self._active.pop(key, None)
        self.pulse.beat()
        self._waking.set()

    async def _try(self, one: T) -> None:
        """What the database fails at is begun anew after a pause, which keeps its place taken."""
        try:
            await self._do(one)
        except StorageError as error:
            log.error("left as it is", work=self._name, id=one.id, error=str(error))  # noqa: TRY400 - says all
            await self._clock.sleep_until(self._clock.now_us() + round(PAUSE_S * 1e6))
