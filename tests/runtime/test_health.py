"""The health check: healthy is who gets work done; each part that does not is named in a line."""

from __future__ import annotations

import asyncio
import random
import socket
import sqlite3
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import pytest

from bot import app, queue
from bot.client import ImageBot
from bot.db.sqlite import Database
from bot.delivery.due_work import Common, DueWork
from bot.delivery.outbox import AT_ONCE, Outbox
from bot.dispatcher import Dispatcher
from bot.errors import PortTaken, StorageUnavailable
from bot.housekeeping import EVERY_S, Housekeeping
from bot.lifecycle import vitals_of
from bot.moderation.word_check import WordCheck
from bot.queue import breaker, controls
from bot.queue.account import load_account, save_breaker
from bot.queue.records import TenantId
from bot.refusals import Outage
from bot.runtime.clock import Wakeup, Wakeups
from bot.runtime.health import Pulse, Vital, problems, serving_health
from bot.settings.reading import load_settings
from tests.clock import ManualClock
from tests.queue.world import ACCOUNT, a_price, a_request, an_origin
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.db import Transaction
    from bot.delivery.notify import Notifier
    from bot.delivery.posts import Posts
    from bot.delivery.removal import Removal
    from bot.delivery.result import ResultPoster
    from bot.lifecycle import Parts

ILL_FOR_S = 10_000.0  # longer than any bound


class Hours:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def pulse(self) -> Pulse:
        return Pulse(monotonic_s=lambda: self.now_s)


@contextmanager
def own_port() -> Iterator[int]:
    """Bound here, so that nobody else is given it; whoever reuses addresses can listen there."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


async def answer(port: int) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/healthz") as response,
    ):
        return response.status, await response.text()


@pytest.mark.sockets
async def test_health_says_which_part_is_ill() -> None:
    """A container's check reads the status, a person the lines."""
    ages = {"queue": 0.0, "outbox": 0.0}
    vitals = [
        Vital(says="queue: no claim", age_s=lambda: ages["queue"], bound_s=30),
        Vital(says="outbox: no move", age_s=lambda: ages["outbox"], bound_s=180),
    ]
    with own_port() as port:
        async with serving_health(port, vitals):
            assert await answer(port) == (200, "ok\n")
            ages["queue"] = 70.4
            assert await answer(port) == (503, "queue: no claim for 70 s\n")
            ages["outbox"] = 181
            assert await answer(port) == (
                503,
                "queue: no claim for 70 s\noutbox: no move for 181 s\n",
            )
            ages.update(queue=30, outbox=180)
            assert await answer(port) == (200, "ok\n")


@pytest.mark.sockets
async def test_port_0_serves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Off unless asked for: not even on a port that the system would choose."""
    listening: list[object] = []
    listen = socket.socket.listen

    def note(one: socket.socket, *backlog: int) -> None:
        listening.append(one)
        listen(one, *backlog)

    monkeypatch.setattr(socket.socket, "listen", note)
    with own_port() as port:
        async with serving_health(port, []):
            assert len(listening) == 1, "a server would be seen"
    async with serving_health(0, [Vital(says="x", age_s=lambda: ILL_FOR_S, bound_s=1)]):
        assert len(listening) == 1


def test_who_has_not_begun_is_not_judged() -> None:
    """Nothing is delivered before the first connection, which is the gateway's line."""
    hours = Hours()
    pulse = hours.pulse()
    hours.now_s = ILL_FOR_S
    assert pulse.age_s() == 0
    pulse.beat()
    hours.now_s += 5
    assert pulse.age_s() == 5


PARTS = (
    *("dispatcher", "housekeeping", "delivery.outbox", "delivery.screener"),
    *("delivery.staff_cards", "delivery.notices", "delivery.keeper"),
)
LINES = {
    "dispatcher": "queue: no claim has succeeded",
    "delivery.outbox": "outbox: pictures are due and nothing has moved",
    "delivery.screener": "screener: drawn pictures are to be looked at and nothing has moved",
    "delivery.staff_cards": "staff cards: cases are due and nothing has moved",
    "delivery.notices": "notices: members are to be told and nothing has moved",
    "delivery.keeper": "held files: nobody has looked which are to be kept",
    "housekeeping": "housekeeping: no round has succeeded",
    "bot": "gateway: no connection to Discord",
}


def add(parts: SimpleNamespace, part: str, pulse: object) -> None:
    """One that has that pulse."""
    *within, name = part.split(".")
    owner = parts
    for one in within:
        if not hasattr(owner, one):
            setattr(owner, one, SimpleNamespace())
        owner = getattr(owner, one)
    setattr(owner, name, SimpleNamespace(pulse=pulse))


@pytest.mark.parametrize("ill", LINES)
def test_each_part_has_its_line(ill: str) -> None:
    """And the others are silent."""

    def age_s(part: str) -> Callable[[], float]:
        return lambda: ILL_FOR_S if part == ill else 0.0

    parts = SimpleNamespace(bot=SimpleNamespace(disconnected_s=age_s("bot")))
    for part in PARTS:
        add(parts, part, SimpleNamespace(age_s=age_s(part)))
    assert problems(vitals_of(cast("Parts", parts))) == [f"{LINES[ill]} for 10000 s"]


@pytest.mark.sockets
async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """By the setting's name."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        environment = {
            "DISCORD_TOKEN": "t",
            "DASHSCOPE_API_KEY": "sk-k",
            "HEALTH_PORT": str(other.getsockname()[1]),
        }
        settings = load_settings(environment, dotenv=tmp_path / "none")
        parts = SimpleNamespace(bot=SimpleNamespace(disconnected_s=float))
        for part in PARTS:
            add(parts, part, Pulse())
        async with AsyncExitStack() as stack:
            with pytest.raises(PortTaken, match=r"HEALTH_PORT: port .* cannot be had"):
                await app._serve_health(settings, cast("Parts", parts), stack)


def a_dispatcher(database: Database, clock: ManualClock, pulse: Pulse) -> Dispatcher:
    dispatcher = Dispatcher(
        database=database,
        providers={ACCOUNT: cast("Any", None)},
        clock=clock,
        randomness=random.Random(1),
        wakeups=Wakeups(work=Wakeup(clock), result=Wakeup(clock)),
        may_call=cast("Any", None),
    )
    dispatcher.pulse = pulse
    return dispatcher


async def age_after_a_look(database: Database) -> float:
    """Of the queue's pulse, which was 100 s old when the look began."""
    clock, hours = ManualClock(), Hours()
    pulse = hours.pulse()
    pulse.beat()
    hours.now_s += 100
    look = asyncio.create_task(a_dispatcher(database, clock, pulse)._claim_or_wait())
    while not look.done():
        await asyncio.sleep(0)
        clock.advance(2)
    return pulse.age_s()


@pytest.mark.parametrize("why", ["nothing waits", "the guild is paused", "the key is refused"])
async def test_a_claim_that_finds_nothing_has_succeeded(tmp_path: Path, why: str) -> None:
    """An empty queue, a pause and an outage of the provider are no illness."""
    async with Database.open(tmp_path / "a.db") as database:
        if why != "nothing waits":
            await database.write(queue.submit, a_request(), an_origin(), price=a_price, now_us=1)
        if why == "the guild is paused":
            await database.write(controls.pause_tenant, TenantId(1), is_paused=True)
        if why == "the key is refused":
            await database.write(refuse_the_key)
        assert await age_after_a_look(database) == 0


def refuse_the_key(tx: Transaction) -> None:
    now_us = ManualClock().now_us()
    save_breaker(
        tx, ACCOUNT, breaker.opened(load_account(tx, ACCOUNT).breaker, Outage.KEY, now_us=now_us)
    )


async def test_a_claim_that_the_database_does_not_serve_has_not(tmp_path: Path) -> None:
    """The instant of the attempt says nothing."""
    async with Database.open(tmp_path / "a.db") as database:
        await database.write(lambda tx: tx.execute("PRAGMA busy_timeout = 1").fetchone())
        with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await age_after_a_look(database) == 100
        assert await age_after_a_look(database) == 0


class Held:
    """Tells nobody until it may."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def tell(self, _: object) -> bool:
        await self.may_end.wait()
        return True


def cancelled_jobs(tx: Transaction, count: int) -> None:
    """Each of one member, and due to be told."""
    for _ in range(count):
        receipt = queue.submit(tx, a_request(), an_origin(), price=a_price, now_us=1)
        queue.cancel(tx, receipt.job.id, now_us=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("due", "moves"),
    [(0, True), (AT_ONCE, True), (AT_ONCE + 1, False)],
)
async def test_the_outbox_moves_while_nothing_due_is_left_over(
    tmp_path: Path, due: int, moves: bool
) -> None:
    """A look that starts all that is due, or the end of a delivery; not a look alone."""
    clock, hours, notifier = ManualClock(), Hours(), Held()
    async with Database.open(tmp_path / "a.db") as database:
        await database.write(cancelled_jobs, due)
        outbox = Outbox(
            common(database, clock),
            posts=cast("Posts", None),
            results=cast("ResultPoster", None),
            removal=cast("Removal", None),
            notifier=cast("Notifier", notifier),
        )
        outbox.pulse = hours.pulse()
        outbox.pulse.beat()
        hours.now_s += 100
        await outbox._start_due()
        assert outbox.pulse.age_s() == (0 if moves else 100)
        hours.now_s += 100
        notifier.may_end.set()
        await asyncio.gather(*outbox._tasks())
        await asyncio.sleep(0)
        assert outbox.pulse.age_s() == (0 if due else 100)


async def test_an_outbox_that_cannot_look_does_not_move(tmp_path: Path) -> None:
    """A database that is not there."""
    clock, hours = ManualClock(), Hours()
    async with Database.open(tmp_path / "a.db") as database:
        outbox = Outbox(
            common(database, clock),
            posts=cast("Posts", None),
            results=cast("ResultPoster", None),
            removal=cast("Removal", None),
            notifier=cast("Notifier", None),
        )
        outbox.pulse = hours.pulse()
        outbox.pulse.beat()
        hours.now_s += 100
        database._is_open = False
        await outbox._start_due()
        assert outbox.pulse.age_s() == 100


@dataclass
class DueRow:
    """A row."""

    id: int


def common(database: Database, clock: ManualClock) -> Common:
    return Common(database=database, clock=clock, randomness=random.Random(1), wakeup=Wakeup(clock))


class Rows(DueWork[DueRow]):
    """So many are due, of which two are done at once."""

    def __init__(self, count: int, may_end: asyncio.Event, pulse: Pulse) -> None:
        super().__init__(
            "rows", common(cast("Database", None), ManualClock()), at_once=2, poll_s=1.0
        )
        self._count = count
        self._may_end = may_end
        self.pulse = pulse

    async def _find(self) -> list[DueRow]:
        if not self._count:
            raise StorageUnavailable("away")
        return [DueRow(one) for one in range(self._count)]

    async def _do(self, _: DueRow, /) -> None:
        await self._may_end.wait()


@pytest.mark.parametrize(("due", "moves"), [(2, True), (3, False), (0, False)])
async def test_due_work_moves_while_nothing_due_is_left_over(due: int, moves: bool) -> None:
    """As the outbox does; 0: its look fails."""
    hours, may_end = Hours(), asyncio.Event()
    pulse = hours.pulse()
    pulse.beat()
    hours.now_s += 100
    work = Rows(due, may_end, pulse)
    await work._start_due()
    await work._start_due()
    assert pulse.age_s() == (0 if moves else 100)
    hours.now_s += 100
    may_end.set()
    await asyncio.gather(*work._tasks())
    await asyncio.sleep(0)
    assert (pulse.age_s() == 0) == bool(due)


async def test_housekeeping_beats_with_each_round_that_succeeds(tmp_path: Path) -> None:
    """One that fails leaves the pulse as old as it was."""
    clock, hours = ManualClock(), Hours()
    async with Database.open(tmp_path / "a.db") as database:
        kept = Housekeeping(
            database=database, words=WordCheck(database=database), clock=clock, pulse=hours.pulse()
        )
        database._is_open = False
        async with running(kept.run()):
            await clock.until_slept()
            hours.now_s = 100
            assert kept.pulse.age_s() == 100
            database._is_open = True
            clock.advance(EVERY_S)
            await clock.until_slept()
            assert kept.pulse.age_s() == 0


async def test_the_gateway_is_ill_since_it_was_lost_not_since_the_last_attempt() -> None:
    """discord.py says `disconnect` again for each attempt that fails."""
    hours = Hours()
    bot = ImageBot(clock=ManualClock(), randomness=random.Random(1))
    async with bot:
        bot._lost = hours.pulse()
        bot._lost.beat()
        hours.now_s += 10
        assert bot.disconnected_s() == 10
        await bot.on_connect()
        hours.now_s += 1000
        assert bot.disconnected_s() == 0
        for waited_s in (0, 60, 120):
            await bot.on_disconnect()
            assert bot.disconnected_s() == waited_s
            hours.now_s += 60
        await bot.on_resumed()
        assert bot.disconnected_s() == 0
