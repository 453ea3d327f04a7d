"""A dispatcher on a real file, a provider that follows a script, and a clock moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from bot import queue
from bot.account_watch import AccountWatch
from bot.db.sqlite import Database
from bot.dispatcher import Dispatcher
from bot.errors import NotSent
from bot.providers.zimage import OFFER, price
from bot.queue import controls
from bot.queue.account import load_account
from bot.queue.controls import Allowance
from bot.queue.jobs import select_job
from bot.runtime.clock import Wakeup, Wakeups
from tests.clock import ManualClock
from tests.queue.world import ACCOUNT, a_price, a_request, an_origin, an_outcome, migrated_file
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bot.db import Transaction
    from bot.providers import OnSend, Quota
    from bot.providers.image import ImageRequest, Offer, Outcome, Prices
    from bot.queue.breaker import Breaker
    from bot.queue.pace import Pace
    from bot.queue.records import Job, JobId, JobState

Script = Callable[["ImageRequest"], Exception | None]
P = ParamSpec("P")
T = TypeVar("T")
STEP_S = 0.25
QUIET_TURNS = (
    20  # of the loop: more than a part takes from one question of the database to the next
)


def draws(_: ImageRequest) -> None:
    """Every request."""


@dataclass
class ScriptedProvider:
    """Draws, or raises what the script says; notes whom it was sent, and when."""

    clock: ManualClock
    script: Script = draws
    check: Exception | None = None
    drawing_s: float = 0.0
    held: asyncio.Event | None = None  # answers only once it is set
    sent: list[tuple[str, int]] = field(default_factory=list)  # prompt, when it left
    checks: int = 0
    out: int = 0  # calls that have left and are not answered
    name: str = "z-image-turbo"
    offer: Offer = OFFER

    def price(self, request: ImageRequest, prices: Prices, /) -> int:
        return price(request, prices)

    async def draw(self, request: ImageRequest, *, on_send: OnSend) -> Outcome:
        """One call, as `ZImageClient.draw` makes it."""
        error = self.script(request)
        if isinstance(error, NotSent):
            raise error
        await on_send()
        self.sent.append((request.prompt, self.clock.now_us()))
        self.out += 1
        try:
            if self.held is not None:
                await self.held.wait()
            if self.drawing_s:
                await self.clock.sleep_until(self.clock.now_us() + round(self.drawing_s * 1e6))
        finally:
            self.out -= 1
        if error is not None:
            raise error
        return an_outcome(size=request.size)

    async def check_key(self) -> None:
        """The free question."""
        self.checks += 1
        if self.check is not None:
            raise self.check

    async def quota(self) -> Quota | None:
        """Not told."""
        return None


async def at_once(_: Job) -> bool:
    """Nothing has to be known before the call."""
    return True


class WatchedDatabase(Database):
    """Tells how many wait for one of its threads, however long those take."""

    waiting = 0
    at_rest: asyncio.Event

    async def write(
        self,
        function: Callable[Concatenate[Transaction, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        with self._counted():
            return await super().write(function, *args, **kwargs)

    async def read(
        self,
        function: Callable[Concatenate[Transaction, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        with self._counted():
            return await super().read(function, *args, **kwargs)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self.waiting += 1
        self.at_rest.clear()
        try:
            yield
        finally:
            self.waiting -= 1
            if not self.waiting:
                self.at_rest.set()


@dataclass
class Bench:
    """Everything that a test of the dispatcher turns and looks at."""

    database: WatchedDatabase
    provider: ScriptedProvider
    clock: ManualClock
    wakeups: Wakeups
    others: dict[str, ScriptedProvider] = field(default_factory=dict)  # of further accounts

    def dispatcher(self) -> Dispatcher:
        return Dispatcher(
            database=self.database,
            providers={ACCOUNT: self.provider, **self.others},
            clock=self.clock,
            randomness=Random(7),
            wakeups=self.wakeups,
            may_call=at_once,
        )

    def watch(self, account: str = ACCOUNT) -> AccountWatch:
        return AccountWatch(
            account=account,
            database=self.database,
            provider=self.others.get(account, self.provider),
            clock=self.clock,
            requests_per_second=50.0,
        )

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Dispatcher and watch run while the block does."""
        async with running(self.dispatcher().run()), running(self.watch().run()):
            yield

    async def submit(self, *prompts: str, guild: int = 1, user: int = 1) -> list[Job]:
        jobs = await self.submit_from_elsewhere(*prompts, guild=guild, user=user)
        self.wakeups.work.set()
        return jobs

    async def submit_from_elsewhere(
        self, *prompts: str, guild: int = 1, user: int = 1
    ) -> list[Job]:
        """As another process does, which wakes nobody here."""
        submitted = [
            await self.database.write(
                queue.submit,
                a_request(prompt=prompt),
                an_origin(guild, user),
                price=a_price,
                now_us=self.clock.now_us(),
            )
            for prompt in prompts
        ]
        return [one.job for one in submitted]

    async def play(self, seconds: float, *, step_s: float = STEP_S) -> None:
        """Lets so much time pass, and everything happen that is due in it."""
        for _ in range(round(seconds / step_s)):
            await self.settle()
            self.clock.advance(step_s)
        await self.settle()

    async def settle(self) -> None:
        """Until nobody has anything to do at this moment: threads included."""
        quiet = 0
        while quiet < QUIET_TURNS:
            if self.database.waiting:
                await self.database.at_rest.wait()
                quiet = 0
            quiet += 1
            await asyncio.sleep(0)

    async def job(self, job_id: JobId) -> Job:
        return await self.database.read(select_job, job_id)

    async def states(self, jobs: list[Job]) -> list[JobState]:
        return [(await self.job(one.id)).state for one in jobs]

    async def breaker(self) -> Breaker:
        return (await self.database.read(load_account, ACCOUNT)).breaker

    async def pace(self) -> Pace:
        return (await self.database.read(load_account, ACCOUNT)).pace

    async def value(self, query: str, *values: Any) -> Any:
        """The first column of the first row."""
        return await self.database.read(lambda tx: tx.execute(query, values).fetchone()[0])


@asynccontextmanager
async def a_bench(folder: Path, *, per_second: float = 50.0) -> AsyncIterator[Bench]:
    """A fresh file, configured as at a start."""
    clock = ManualClock()
    async with WatchedDatabase.open(migrated_file(folder / "zeuxis.db")) as database:
        assert isinstance(database, WatchedDatabase)
        database.at_rest = asyncio.Event()
        await database.write(
            controls.configure,
            [Allowance(account=ACCOUNT, requests_per_second=per_second)],
            now_us=clock.now_us(),
        )
        yield Bench(
            database=database,
            provider=ScriptedProvider(clock),
            clock=clock,
            wakeups=Wakeups(work=Wakeup(clock), result=Wakeup(clock)),
        )
