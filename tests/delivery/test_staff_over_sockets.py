"""Staff's cards in the sandbox's Discord: one of each case, kept true, also after a crash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bot import queue
from bot.db.sqlite import Database
from bot.features.moderation.rows import decisions
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.queue import postings, reports, review
from bot.queue.cases import CaseKind, about_job, cases_of_job, due_cases, find_case
from bot.queue.jobs import insert_picture, select_job
from bot.queue.records import GuildId, MessageId, PictureState, UserId
from bot.queue.reports import ReportReason
from bot.records import replace
from tests.cogs.playing import words
from tests.delivery.playing import pictures
from tests.delivery.reviewing import make_staff
from tests.delivery.scene import make_scene
from tests.queue.world import a_price, a_request, an_origin, an_outcome, migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.db import Transaction
    from bot.delivery.staff import StaffCards
    from bot.queue.records import Job, JobId
    from tests.delivery.room import Room
    from tests.delivery.scene import Scene

ADA, BEN = UserId(501), UserId(502)


@dataclass(slots=True, kw_only=True)
class Desk:
    """A reported picture, and who tells of it."""

    room: Room
    database: Database
    scene: Scene
    job: Job

    @property
    def guild_id(self) -> int:
        return int(self.room.control.guild["id"])

    def staff(self) -> StaffCards:
        """A process that has just begun."""
        return make_staff(self.scene, posts=self.room.posts)

    async def report(self, user: UserId = ADA, said: str = "that is me") -> None:
        self.room.pass_time(1)
        await self.database.write(
            reports.report,
            self.job.id,
            user,
            ReportReason.PERSON,
            said,
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
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        guild_id = int(room.control.guild["id"])
        origin = replace(an_origin(), guild_id=GuildId(guild_id), channel_id=room.id)
        submitted = await database.write(
            queue.submit, a_request(), origin, price=a_price, now_us=room.clock.now_us()
        )
        await database.write(draw, submitted.job.id)
        scene = make_scene(database, room.clock)
        made = Desk(room=room, database=database, scene=scene, job=submitted.job)
        await made.name_channel(int(room.control.channel("general")))
        yield made


def draw(tx: Transaction, job_id: JobId) -> None:
    insert_picture(tx, job_id, an_outcome(), PictureState.SHOWN, cost_micros=1, now_us=1)
    tx.execute("UPDATE picture SET message_id = ?", (MessageId(77),))


async def test_staff_read_what_was_reported_once(desk: Desk) -> None:
    """With words, prompt, whose it is and a link; it pings nobody."""
    await desk.report()
    staff = desk.staff()
    await staff.drain()
    await staff.drain()
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
    await desk.staff().drain()
    for _ in range(2):
        await desk.database.write(
            lambda tx: tx.execute(
                "UPDATE case_file SET card_channel_id = NULL, card_message_id = NULL, due_at_us = 1"
            )
        )
        desk.room.pass_time(3600)
        await desk.staff().drain()
    assert len(await desk.told()) == 1
    assert await desk.untold() == ()


async def test_another_members_report_is_said_on_the_same_card(desk: Desk) -> None:
    """A new message would call the staff again."""
    await desk.report()
    await desk.staff().drain()
    await desk.report(BEN, "and me")
    await desk.staff().drain()
    (message,) = await desk.told()
    said = words(message)
    assert "Reported by 2 members" in said
    assert "and me" in said


async def test_an_outage_of_discord_delays_it(desk: Desk) -> None:
    """A 503, which discord.py does not try again by itself, after seconds."""
    desk.room.fault("status", "POST */messages", status=503)
    await desk.report()
    staff = desk.staff()
    await staff.drain()
    assert await desk.untold() == (desk.job.id,)
    desk.room.sandbox.faults.clear()
    await staff.drain()
    assert await desk.told() == [], "it rests for a while"
    desk.room.pass_time(60)
    await staff.drain()
    assert len(await desk.told()) == 1


async def test_a_report_that_is_forgotten_meanwhile_is_told_nobody(desk: Desk) -> None:
    """`/privacy delete` of whoever has told it."""
    await desk.report()
    await desk.database.write(lambda tx: tx.execute("DELETE FROM report"))
    await desk.staff().drain()
    assert (await desk.told(), await desk.untold()) == ([], ())


@pytest.mark.parametrize("channel_id", [0, 1])
async def test_a_case_waits_for_a_channel(desk: Desk, channel_id: int) -> None:
    """None was named, or it is gone; as soon as staff name another one they have it."""
    await desk.name_channel(channel_id)
    await desk.report()
    staff = desk.staff()
    await staff.drain()
    assert await desk.untold() == (desk.job.id,)
    await desk.name_channel(int(desk.room.control.channel("general")))
    await staff.drain()
    assert len(await desk.told()) == 1


async def test_another_guilds_channel_is_told_nothing(desk: Desk) -> None:
    """Though a file of settings may name it."""
    harbour = desk.room.control.addresses["guilds"][1]
    await desk.name_channel(int(harbour["channels"][0]["id"]))
    await desk.report()
    await desk.staff().drain()
    assert await desk.untold() == (desk.job.id,)
    state = desk.room.sandbox.state.messages
    assert not state.get(str(harbour["channels"][0]["id"]))


async def test_a_decided_case_says_so_on_its_card(desk: Desk) -> None:
    await desk.report()
    await desk.staff().drain()
    case = await desk.database.read(find_case, CaseKind.REPORT, about_job(desk.job.id))
    assert case is not None
    await desk.database.write(
        lambda tx: tx.execute(
            "UPDATE case_file SET decision = 'dismissed', decided_by = 7, decided_at_us = 9,"
            " due_at_us = 9"
        )
    )
    await desk.staff().drain()
    (message,) = await desk.told()
    assert "<@7>" in words(message)
    assert "zeuxis:2:case" not in str(message["components"])


# ------------------------------------------------------------------------------------------------
# Held pictures.


async def held(desk: Desk) -> Job:
    """The picture is drawn only now, and the staff are to look at it."""
    await desk.database.write(lambda tx: tx.execute("DELETE FROM picture"))
    await desk.database.write(lambda tx: tx.execute("UPDATE request SET review = 'always'"))
    job = await desk.scene.complete(await desk.scene.claimed())
    await desk.database.write(
        review.hold_for_staff,
        job.id,
        reasons=("rule:Insults", "always"),
        is_spoiler=False,
        now_us=desk.room.clock.now_us(),
    )
    return await desk.database.read(select_job, job.id)


async def test_a_held_picture_hangs_under_a_spoiler_before_the_staff_alone(desk: Desk) -> None:
    job = await held(desk)
    await desk.staff().drain()
    (message,) = pictures(desk.room)
    assert message.channel_id == desk.room.control.channel("general")
    shown = desk.room.shown(message)
    assert f"SPOILER_zeuxis-{job.id}.png" in str(shown)
    assert "'spoiler': True" in str(shown["components"])
    said = words(shown)
    assert "a cat" in said
    assert "Insults" in said
    assert "every picture waits here" in said
    assert job.review_case is not None
    assert f"zeuxis:2:case:approve:{job.review_case.id}" in str(shown)


async def test_a_rejected_pictures_card_keeps_the_picture_and_says_who(desk: Desk) -> None:
    job = await held(desk)
    assert job.review_case is not None
    await desk.staff().drain()
    await desk.database.write(
        decisions.reject,
        job.review_case.id,
        by=UserId(7),
        reason="too scary",
        now_us=desk.room.clock.now_us(),
    )
    await desk.staff().drain()
    (message,) = pictures(desk.room)
    shown = desk.room.shown(message)
    assert "<@7>" in words(shown)
    assert "too scary" in words(shown)
    assert "'spoiler': True" in str(shown["components"])
    assert "zeuxis:2:case" not in str(shown["components"])


async def test_a_picture_that_its_member_takes_back_leaves_the_staffs_channel(desk: Desk) -> None:
    job = await held(desk)
    await desk.staff().drain()
    await desk.database.write(postings.mark_deleted, job.id, now_us=desk.room.clock.now_us())
    await desk.staff().drain()
    assert pictures(desk.room) == []
    (case,) = await desk.database.read(cases_of_job, job.id)
    assert not case.is_open
