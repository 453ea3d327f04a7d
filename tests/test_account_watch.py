"""The account's watch, before a local Z-Image and on a real file."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.account_watch import ASK_EVERY_S, LOOK_EVERY_S, AccountWatch
from bot.db.sqlite import Database
from bot.providers.zimage import ZImageClient, open_session
from bot.queue import breaker, controls
from bot.queue.account import load_account, save_breaker
from bot.refusals import Outage
from sandbox.zimage import Serving, ZImageSettings, serving
from tests.clock import ManualClock
from tests.queue.world import ACCOUNT, migrated_file
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.sockets

LOOKING, BOTH = 1, 2  # how many begin to wait: who looks for outages, and who asks for the quota
UNAUTHORISED = {"server": "zimage", "kind": "error", "code": "InvalidApiKey"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A watch that is set to five requests per second, for an account that is granted two."""

    watch: AccountWatch
    zimage: Serving
    database: Database
    clock: ManualClock

    async def ceiling_mps(self) -> int:
        return (await self.database.read(load_account, ACCOUNT)).pace.ceiling_mps

    async def break_down(self, outage: Outage) -> None:
        opened = breaker.opened(breaker.CLOSED, outage, now_us=self.clock.now_us())
        await self.database.write(save_breaker, ACCOUNT, opened)

    async def mend(self) -> None:
        await self.database.write(save_breaker, ACCOUNT, breaker.CLOSED)


@asynccontextmanager
async def scene(folder: Path, *, set_per_s: float = 5.0) -> AsyncIterator[Scene]:
    """As at a start: the setting is in force, the provider was not asked yet."""
    clock = ManualClock()
    async with (
        serving(ZImageSettings(requests_per_second=2)) as zimage,
        open_session() as session,
        Database.open(migrated_file(folder / "zeuxis.db")) as database,
    ):
        await database.write(
            controls.set_ceiling, ACCOUNT, requests_per_second=set_per_s, now_us=clock.now_us()
        )
        client = ZImageClient(
            session, base_url=zimage.base_url, api_key=zimage.api_key, model="z-image-turbo"
        )
        watch = AccountWatch(
            account=ACCOUNT,
            database=database,
            provider=client,
            clock=clock,
            requests_per_second=set_per_s,
        )
        yield Scene(watch=watch, zimage=zimage, database=database, clock=clock)


async def test_quota_below_the_setting_is_the_ceiling(tmp_path: Path) -> None:
    """And the operator is warned that the setting promises too much, once."""
    async with scene(tmp_path) as at:
        with capture_logs() as logs:
            await at.watch.ask()
            await at.watch.ask()
        assert await at.ceiling_mps() == 2000
    (said,) = [one for one in logs if one["event"] == "quota told"]
    assert said["log_level"] == "warning"
    assert (said["granted_per_s"], said["set_per_s"]) == (2, 5)


async def test_setting_below_the_quota_is_the_ceiling(tmp_path: Path) -> None:
    """Another program may share the account."""
    async with scene(tmp_path, set_per_s=0.5) as at:
        await at.watch.ask()
        assert await at.ceiling_mps() == 500


@pytest.mark.parametrize(
    "fault",
    [
        UNAUTHORISED,
        {"server": "zimage", "kind": "drop_before"},
        {"server": "zimage", "kind": "status", "status": 404, "match": "GET */quotas*"},
    ],
)
async def test_setting_holds_where_the_quota_is_not_told(
    tmp_path: Path, fault: dict[str, object]
) -> None:
    """A region without that route, a wrong key, no network."""
    async with scene(tmp_path) as at:
        at.zimage.order(fault)
        await at.watch.ask()
        assert await at.ceiling_mps() == 5000


@pytest.mark.parametrize("outage", [Outage.KEY, Outage.ACCESS, Outage.ACCOUNT])
async def test_outage_of_the_account_is_told_once_with_what_to_do(
    tmp_path: Path, outage: Outage
) -> None:
    """However many calls run into it, and however often it is probed."""
    async with scene(tmp_path) as at:
        with capture_logs() as logs:
            await at.watch.look()
            await at.break_down(outage)
            await at.watch.look()
            await at.break_down(outage)
            await at.watch.look()
        (said,) = logs
        assert (said["log_level"], said["outage"]) == ("critical", outage)
        assert said["to_do"]


async def test_provider_that_only_fails_is_no_matter_for_the_operator(tmp_path: Path) -> None:
    """It is an error, and passes by itself."""
    async with scene(tmp_path) as at:
        await at.break_down(Outage.FAILING)
        with capture_logs() as logs:
            await at.watch.look()
    assert [one["log_level"] for one in logs] == ["error"]


async def test_quota_is_asked_at_start_each_hour_and_after_an_outage(tmp_path: Path) -> None:
    """A new key may belong to an account with another quota."""
    async with scene(tmp_path) as at, running(at.watch.run()):
        await at.clock.until_slept(BOTH)
        assert await at.ceiling_mps() == 2000
        at.zimage.zimage.limit.change(1)
        at.clock.advance(ASK_EVERY_S - 1)
        await at.clock.until_slept(LOOKING)
        assert await at.ceiling_mps() == 2000
        at.clock.advance(LOOK_EVERY_S)
        await at.clock.until_slept(BOTH)
        assert await at.ceiling_mps() == 1000
        await at.break_down(Outage.ACCOUNT)  # which the free question does not end by itself
        at.clock.advance(LOOK_EVERY_S)
        await at.clock.until_slept(LOOKING)
        at.zimage.zimage.limit.change(4)
        await at.mend()
        at.clock.advance(LOOK_EVERY_S)
        await at.clock.until_slept(BOTH)
        assert await at.ceiling_mps() == 4000


async def test_a_database_that_cannot_be_used_now_is_told_and_outlasted(tmp_path: Path) -> None:
    """The next look, and the next hour, try again."""
    async with scene(tmp_path) as at:
        at.database._is_open = False
        with capture_logs() as logs:
            await at.watch.look()
            await at.watch.ask()
        at.database._is_open = True
        await at.watch.ask()
        assert await at.ceiling_mps() == 2000
    events = [one["event"] for one in logs]
    assert events == ["account not looked at", "quota not put in force"]


async def test_who_waits_for_the_quota_waits_until_it_is_in_force(tmp_path: Path) -> None:
    """So that not even the first calls are faster than the account allows."""
    async with scene(tmp_path) as at, running(at.watch.run()):
        await at.watch.until_asked(within_s=10)
        assert await at.ceiling_mps() == 2000


async def test_nobody_waits_long_for_a_provider_that_is_silent(tmp_path: Path) -> None:
    """What was in force holds until it answers."""
    async with scene(tmp_path) as at:
        await at.watch.until_asked(within_s=0.01)
        assert await at.ceiling_mps() == 5000
