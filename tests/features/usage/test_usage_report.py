"""What reports and files say of the ledger: whose, of which days and hours, seen by whom."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot import queue
from bot.db.sqlite import Database
from bot.features.usage.records import UsageOf, UsageSubject
from bot.features.usage.rows import usage_rows
from bot.features.usage.rules import totals
from bot.features.usage.service import (
    Reader,
    UsageService,
    check_reader,
    report_of,
)
from bot.policy.precedence import policy_of
from bot.policy.quotas import span_of_days
from bot.policy.rows import Asking, set_policy
from bot.policy.rules import Key, Scope, UsageReaders
from bot.queue import ledger
from bot.queue.records import JobState, UserId
from bot.records import replace
from bot.refusals import UsageNotShown
from tests.clock import ManualClock
from tests.queue.conftest import world
from tests.queue.world import LOST, REFUSED, World, a_request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.features.usage.records import UsageReport

__all__ = ["world"]  # the fixture

BERLIN = ZoneInfo("Europe/Berlin")
GUILD, ADA, BEN = 1, 11, 12
PRICE_MICROS = 15_000


def at(text: str) -> int:
    """An instant in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def draw(world: World, *when: str, user: int = ADA, guild: int = GUILD) -> None:
    for one in when:
        world.now_us = at(one)
        world.submit(guild, user, request=a_request())
        world.drawn()


def report(
    world: World,
    now: str,
    *,
    zone: ZoneInfo = BERLIN,
    subject: UsageSubject = UsageSubject.SERVER,
    user: int | None = None,
    days: int = 30,
) -> UsageReport:
    of = UsageOf(guild_id=GUILD, user_id=user)
    return report_of(world.tx, of, subject, zone, days=days, now_us=at(now))


def test_days_and_hours_are_those_of_the_guild(world: World) -> None:
    """Half past eleven in the evening in UTC is the next day in Berlin."""
    draw(world, "2026-11-27 23:30", "2026-11-28 12:00", "2026-11-28 22:59")
    seen = report(world, "2026-11-29 12:00")
    assert [(one.day, one.pictures, one.cost_micros) for one in seen.days] == [
        (date(2026, 11, 28), 3, 3 * PRICE_MICROS)
    ]
    assert {h: n for h, n in enumerate(seen.pictures_by_hour) if n} == {0: 1, 13: 1, 23: 1}


def test_the_night_in_which_clocks_go_back_has_an_hour_twice(world: World) -> None:
    """2026-10-25, 3 o'clock became 2 o'clock: both of them are 2 o'clock, of one day."""
    draw(world, "2026-10-24 22:00", "2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 22:59")
    seen = report(world, "2026-10-26 12:00")
    assert [(one.day, one.pictures) for one in seen.days] == [(date(2026, 10, 25), 4)]
    assert {h: n for h, n in enumerate(seen.pictures_by_hour) if n} == {0: 1, 2: 2, 23: 1}


def test_the_night_in_which_clocks_go_forward_has_no_two_o_clock(world: World) -> None:
    draw(world, "2026-03-29 00:59", "2026-03-29 01:00", "2026-03-29 21:59", "2026-03-29 22:00")
    seen = report(world, "2026-03-30 12:00")
    assert [(one.day, one.pictures) for one in seen.days] == [
        (date(2026, 3, 29), 3),
        (date(2026, 3, 30), 1),
    ]
    assert seen.pictures_by_hour[1:4] == (1, 0, 1)


def test_a_zone_of_three_quarters_of_an_hour_is_counted_right(world: World) -> None:
    draw(world, "2026-11-28 18:14", "2026-11-28 18:15")
    seen = report(world, "2026-11-29 12:00", zone=ZoneInfo("Asia/Kathmandu"))
    assert [(one.day.day, one.pictures) for one in seen.days] == [(28, 1), (29, 1)]


def test_a_report_holds_so_many_days_and_no_more(world: World) -> None:
    """The first of them from its midnight on."""
    draw(world, "2026-11-22 22:59", "2026-11-22 23:00", "2026-11-29 11:59")
    seen = report(world, "2026-11-29 12:00", days=7)
    assert (seen.first_day, seen.last_day) == (date(2026, 11, 23), date(2026, 11, 29))
    assert [one.day.day for one in seen.days] == [23, 29]


def test_how_requests_ended_is_counted_and_what_waits_is_not(world: World) -> None:
    world.now_us = at("2026-11-29 10:00")
    draw(world, "2026-11-29 10:00")
    for failure, state in ((REFUSED, JobState.REFUSED), (REFUSED, JobState.FAILED)):
        world.submit(GUILD, ADA)
        job = world.sent()
        world.run(queue.fail, job.id, "worker", failure, state=state, now_us=world.now_us)
    world.submit(GUILD, ADA)
    job = world.sent()
    world.run(queue.mark_uncertain, job.id, "worker", LOST, now_us=world.now_us)
    world.run(queue.cancel, world.submit(GUILD, ADA).job.id, now_us=world.now_us)
    world.submit(GUILD, ADA)
    counts = report(world, "2026-11-29 12:00").outcomes
    assert (counts.drawn, counts.refused, counts.failed) == (1, 1, 1)
    assert (counts.cancelled, counts.uncertain) == (1, 1)


def test_members_are_counted_each_and_other_guilds_not(world: World) -> None:
    draw(world, "2026-11-28 10:00", "2026-11-28 11:00")
    draw(world, "2026-11-28 12:00", user=BEN)
    draw(world, "2026-11-28 13:00", guild=2)
    seen = report(world, "2026-11-29 12:00")
    assert {one.user_id: one.pictures for one in seen.top} == {ADA: 2, BEN: 1}
    mine = report(world, "2026-11-29 12:00", subject=UsageSubject.MEMBER, user=ADA)
    assert totals(mine)[::2] == (2, 2 * PRICE_MICROS)
    assert mine.top == ()


def test_folded_days_count_on(world: World) -> None:
    """In reports that reach so far back, in files as totals, and in what a member ever had."""
    draw(world, "2026-08-01 10:00", "2026-08-01 11:00", "2026-11-28 10:00")
    before = report(world, "2026-11-29 12:00", zone=ZoneInfo("UTC"), days=200)
    world.run(ledger.fold, before_us=at("2026-09-01 00:00"))
    after = report(world, "2026-11-29 12:00", zone=ZoneInfo("UTC"), days=200)
    assert (after.days, after.outcomes, after.top) == (before.days, before.outcomes, before.top)
    assert sum(after.pictures_by_hour) == 1
    span = span_of_days(200, BERLIN, at("2026-11-29 12:00"))
    rows = usage_rows(world.tx, UsageOf(guild_id=GUILD), span, limit=10)
    assert [(one.job_id is None, one.pictures) for one in rows] == [(True, 2), (False, 1)]
    assert rows[0].at_us == at("2026-08-01 00:00"), "the day's, in UTC"
    assert usage_rows(world.tx, UsageOf(guild_id=GUILD), span, limit=1) == rows[1:]


def test_a_line_says_in_which_guild_or_that_it_was_in_none(world: World) -> None:
    """Outside of guilds a person is their own tenant; once folded as before."""
    draw(world, "2026-11-28 10:00")
    draw(world, "2026-11-28 11:00", guild=2)
    draw(world, "2026-11-28 12:00", guild=BEN, user=BEN)
    span = span_of_days(2, BERLIN, at("2026-11-29 12:00"))
    lines = usage_rows(world.tx, UsageOf(), span, limit=10)
    assert [one.guild_id for one in lines] == [GUILD, 2, None]
    world.run(ledger.fold, before_us=at("2026-11-29 00:00"))
    lines = usage_rows(world.tx, UsageOf(), span, limit=10)
    assert {one.guild_id for one in lines} == {GUILD, 2, None}


def test_who_may_look_is_staff_or_everybody_where_the_guild_says_so() -> None:
    member = Reader(user_id=UserId(ADA), is_staff=False)
    staff_only = policy_of([])
    with pytest.raises(UsageNotShown):
        check_reader(staff_only, member)
    check_reader(staff_only, Reader(user_id=UserId(ADA), is_staff=True))
    check_reader(replace(staff_only, usage_readers=UsageReaders.EVERYONE), member)


# ------------------------------------------------------------------------------------------------
# The service.


@pytest.fixture
async def service(world: World, tmp_path: Path) -> AsyncIterator[UsageService]:
    """Beside the world's own connection."""
    draw(world, "2026-11-28 10:00", "2026-11-28 11:00")
    draw(world, "2026-11-28 12:00", user=BEN)
    for name in ("account_micros_per_day", "guild_pictures_per_month", "member_pictures_per_month"):
        world.run(set_policy, Key(Scope.OPERATOR, 0, name), 500, by="x", now_us=1)
    clock = ManualClock(at("2026-11-28 13:00"))
    async with Database.beside(f"sqlite:///{tmp_path / 'queue.db'}") as database:
        yield UsageService(database=database, clock=clock)


def asking(user: int) -> Asking:
    return Asking(GUILD, 10, user)


BEN_READS = Reader(user_id=UserId(BEN), is_staff=False)
STAFF = Reader(user_id=UserId(99), is_staff=True)


async def test_one_s_own_usage_has_sums_and_what_is_left(service: UsageService) -> None:
    """What the account may spend is the operator's affair."""
    found = await service.mine(asking(ADA), "Ada")
    assert found.sums is not None
    assert found.sums.today.images == 2
    assert [(one.limit.level, one.used) for one in found.limits] == [("guild", 3), ("member", 2)]


async def test_members_see_nobody_s_usage_but_their_own(service: UsageService) -> None:
    for asked in (service.server, service.top):
        with pytest.raises(UsageNotShown):
            await asked(asking(BEN), BEN_READS)
    with pytest.raises(UsageNotShown):
        await service.member(asking(ADA), BEN_READS, "Ada")
    with pytest.raises(UsageNotShown):
        await service.export(asking(BEN), BEN_READS)
    assert (await service.member(asking(BEN), BEN_READS, "Ben")).report.outcomes.drawn == 1


async def test_staff_see_all_of_their_guild(service: UsageService) -> None:
    server = await service.server(asking(99), STAFF)
    assert totals(server.report)[0] == 3
    assert [one.limit.level for one in server.limits] == ["guild"]
    ada = await service.member(asking(ADA), STAFF, "Ada")
    assert (totals(ada.report)[0], [one.limit.level for one in ada.limits]) == (2, ["member"])
    assert len((await service.top(asking(99), STAFF)).report.top) == 2
    elsewhere = await service.server(Asking(2, 20, 99), STAFF)
    assert totals(elsewhere.report)[0] == 0


async def test_the_export_has_a_line_for_each_job(service: UsageService) -> None:
    content = (await service.export(asking(99), STAFF)).decode("ascii").splitlines()
    rows = list(csv.DictReader(content))
    assert [row["member"] for row in rows] == ["<@11>", "<@11>", "<@12>"]
    assert {row["outcome"] for row in rows} == {"drawn"}
