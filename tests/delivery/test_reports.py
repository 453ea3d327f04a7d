"""Staff hear of reported pictures: once, in the channel that they named, also after a crash."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from bot import queue
from bot.db.sqlite import Database
from bot.delivery.reports import PAUSE_S, StaffNotifier
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.queue import reports
from bot.queue.cases import due_cases
from bot.queue.jobs import insert_picture
from bot.queue.records import GuildId, MessageId, PictureState, UserId
from bot.queue.reports import ReportReason
from tests.cogs.playing import words
from tests.queue.world import a_price, a_request, an_origin, an_outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.db import Transaction
    from bot.queue.records import Job, JobId
    from tests.delivery.room import Room

ADA, BEN = UserId(501), UserId(502)


@dataclass(slots=True, kw_only=True)
class Desk:
    """A reported picture, and who tells of it."""

    room: Room
    database: Database
    job: Job

    @property
    def guild_id(self) -> int:
        return int(self.room.control.guild["id"])

    def notifier(self) -> StaffNotifier:
        """A process that has just begun."""
        return StaffNotifier(database=self.database, posts=self.room.posts, clock=self.room.clock)

    async def report(self, user: UserId = ADA, words: str = "that is me") -> None:
        self.room.pass_time(1)
        await self.database.write(
            reports.report,
            self.job.id,
            user,
            ReportReason.PERSON,
            words,
            now_us=self.room.clock.now_us(),
        )

    async def name_channel(self, channel_id: int) -> None:
        key = Key(Scope.GUILD, self.guild_id, "staff_channel", self.guild_id)
        await self.database.write(set_policy, key, channel_id, by="7", now_us=1)

    async def told(self, channel: str = "general") -> list[Any]:
        found = await self.room.control.messages(channel)
        return [one for one in found if "Reported by" in words(one)]

    async def untold(self) -> tuple[JobId | None, ...]:
        now_us = self.room.clock.now_us() + 10**12
        found = await self.database.read(due_cases, now_us=now_us, limit=9)
        return tuple(case.job_id for case in found)


@pytest.fixture
async def desk(room: Room, tmp_path: Path) -> AsyncIterator[Desk]:
    async with Database.open(tmp_path / "zeuxis.db") as database:
        guild_id = int(room.control.guild["id"])
        origin = replace(an_origin(), guild_id=GuildId(guild_id), channel_id=room.id)
        submitted = await database.write(
            queue.submit, a_request(), origin, price=a_price, now_us=room.clock.now_us()
        )
        await database.write(draw, submitted.job.id)
        made = Desk(room=room, database=database, job=submitted.job)
        await made.name_channel(int(room.control.channel("general")))
        yield made


def draw(tx: Transaction, job_id: JobId) -> None:
    insert_picture(tx, job_id, an_outcome(), PictureState.SHOWN, cost_micros=1, now_us=1)
    tx.execute("UPDATE picture SET message_id = ?", (MessageId(77),))


async def test_staff_read_what_was_reported_once(desk: Desk) -> None:
    """With words, prompt, whose it is and a link; it pings nobody."""
    await desk.report()
    notifier = desk.notifier()
    await notifier.tell_all()
    await notifier.tell_all()
    (message,) = await desk.told()
    said = words(message)
    assert "Reported by 1 member" in said
    assert "Shows a real person: that is me" in said
    assert "a cat" in said
    assert message["mentions"] == []
    assert await desk.untold() == ()


async def test_a_crash_after_the_message_tells_nobody_twice(desk: Desk) -> None:
    """Neither at once, nor when Discord has forgotten its nonce."""
    await desk.report()
    await desk.notifier().tell_all()
    for _ in range(2):
        await desk.database.write(lambda tx: tx.execute("UPDATE report SET told_at_us = NULL"))
        desk.room.pass_time(3600)
        await desk.notifier().tell_all()
    assert len(await desk.told()) == 1
    assert await desk.untold() == ()


async def test_another_members_report_is_told_with_the_first(desk: Desk) -> None:
    await desk.report()
    await desk.notifier().tell_all()
    await desk.report(BEN, "and me")
    await desk.notifier().tell_all()
    first, second = await desk.told()
    said = words(second) + words(first)
    assert "Reported by 2 members" in said
    assert said.count("and me") == 1


async def test_an_outage_of_discord_delays_it(desk: Desk) -> None:
    desk.room.fault("status", "GET */messages", status=502)
    await desk.report()
    notifier = desk.notifier()
    await notifier.tell_all()
    assert await desk.untold() == (desk.job.id,)
    desk.room.sandbox.faults.clear()
    await notifier.tell_all()
    assert await desk.told() == [], "it rests for a while"
    desk.room.pass_time(PAUSE_S)
    await notifier.tell_all()
    assert len(await desk.told()) == 1


async def test_a_report_that_is_forgotten_meanwhile_is_told_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/privacy delete` came between two looks at the rows."""
    monkeypatch.setattr(reports, "untold", lambda _, limit: (desk.job.id,)[:limit])
    await desk.notifier().tell_all()
    assert await desk.told() == []


async def test_a_channel_that_is_gone_ends_it(desk: Desk) -> None:
    """Nobody can be told; the row stays."""
    await desk.name_channel(1)
    await desk.report()
    await desk.notifier().tell_all()
    assert await desk.untold() == ()
    assert (await desk.database.read(reports.reports_of, desk.job.id)).count == 1


async def test_another_guilds_channel_is_told_nothing(desk: Desk) -> None:
    """Though a file of settings may name it."""
    harbour = desk.room.control.addresses["guilds"][1]
    await desk.name_channel(int(harbour["channels"][0]["id"]))
    await desk.report()
    await desk.notifier().tell_all()
    assert await desk.untold() == ()
    state = desk.room.sandbox.state.messages
    assert not state.get(str(harbour["channels"][0]["id"]))


async def test_staff_who_have_taken_their_channel_away_are_told_nothing(desk: Desk) -> None:
    await desk.report()
    await desk.name_channel(0)
    await desk.notifier().tell_all()
    assert await desk.untold() == ()
    assert await desk.told() == []
