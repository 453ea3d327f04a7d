"""Work that stands in rows until it is done: a few at a time, and nothing twice at once."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import structlog

from bot.errors import StorageError
from bot.runtime.health import Pulse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.runtime.clock import Clock, Wakeup

PAUSE_S = 2.0  # after the database has failed

log = structlog.get_logger("bot.delivery")


class Due(Protocol):
    """A row that says from when on something is to be done."""

    @property
    def id(self) -> int:
        """Among its kind."""


T = TypeVar("T", bound=Due)


class DueWork(Generic[T]):
    """Looks what is due, and does it.

    Whoever does one puts it off in its row if it fails. What is not put off, as when the database
    fails, comes with the next look.
    """

    def __init__(
        self,
        name: str,
        *,
        find: Callable[[], Awaitable[Sequence[T]]],
        do: Callable[[T], Awaitable[None]],
        at_once: int,
        poll_s: float,
        clock: Clock,
        wakeup: Wakeup,
    ) -> None:
        self._name = name
        self._find = find
        self._do = do
        self._at_once = at_once
        self._poll_s = poll_s
        self._clock = clock
        self._wakeup = wakeup
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self.pulse = Pulse()  # beats when all that is due is under way, and with each end

    async def run(self) -> None:
        """Until cancelled."""
        self.pulse.beat()
        try:
            while True:
                await self._start_due()
                await self._wakeup.wait_until(self._clock.now_us() + round(self._poll_s * 1e6))
        finally:
            tasks = [*self._under_way.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def drain(self) -> None:
        """All that is due at this moment, and what becomes due by it."""
        await self._start_due()
        while self._under_way:
            await asyncio.wait([*self._under_way.values()])
            await self._start_due()

    async def _start_due(self) -> None:
        try:
            found = await self._find()
        except StorageError as error:
            log.error("not looked what is due", work=self._name, error=str(error))  # noqa: TRY400 - says all
            return
        waiting = [one for one in found if one.id not in self._under_way]
        room = self._at_once - len(self._under_way)
        for one in waiting[:room]:
            task = asyncio.create_task(self._try(one), name=f"{self._name} {one.id}")
            self._under_way[one.id] = task
            task.add_done_callback(functools.partial(self._ended, one.id))
        if len(waiting) <= room:
            self.pulse.beat()

    def _ended(self, key: int, _: asyncio.Task[None]) -> None:
        self._under_way.pop(key, None)
        self.pulse.beat()
        self._wakeup.set()

    async def _try(self, one: T) -> None:
        """What the database fails at is begun anew after a pause, which keeps its place taken."""
        try:
            await self._do(one)
        except StorageError as error:
            log.error("left as it is", work=self._name, id=one.id, error=str(error))  # noqa: TRY400 - says all
            await self._clock.sleep_until(self._clock.now_us() + round(PAUSE_S * 1e6))
