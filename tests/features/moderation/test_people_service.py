"""Who of the staff may decide and set what, and that a time-out is Discord's first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.db.sqlite import Database
from bot.features.moderation.people import PeopleService
from bot.features.moderation.rows.appeals import AppealKind
from bot.features.moderation.rules import DAY_US, HOUR_US, Moderator, Ruling, lasts_us_of
from bot.features.moderation.service import ModerationService
from bot.policy.changes import Author
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.policy.standing import StandingKind, standings
from bot.queue import reports
from bot.queue.cases import CaseKind, Decision, about_job, find_case
from bot.queue.jobs import insert_picture, select_job
from bot.queue.records import ChannelId, GuildId, MessageId, PictureState, UserId
from bot.queue.refusals import record_refusal
from bot.queue.reports import ReportReason
from bot.records import replace
from bot.runtime.clock import Wakeup, Wakeups
from bot.staff_refusals import (
    AlreadyDecided,
    DurationNotUnderstood,
    NotModerator,
    OwnCase,
    TimeOutBar,
    TimeOutRefused,
    UnknownCase,
)
from tests.clock import ManualClock
from tests.features.moderation.test_moderation_service import PlayedMessages
from tests.queue.world import a_price, a_request, an_origin, an_outcome, migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.db import Transaction
    from bot.queue.cases import Case
    from bot.queue.records import Job, JobId

ADA, BEN, MEMBER = UserId(501), UserId(502), UserId(1)
PLACE, STAFF_CHANNEL, ELSEWHERE = ChannelId(10), ChannelId(99), ChannelId(11)
SERVER = Moderator(
    user_id=UserId(900),
    guild_id=GuildId(1),
    channel_id=ELSEWHERE,
    root_channel_id=ELSEWHERE,
    may_moderate=True,
    manages_server=True,
    may_time_out=True,
)
AT_THE_DESK = replace(
    SERVER,
    user_id=UserId(901),
    channel_id=STAFF_CHANNEL,
    root_channel_id=STAFF_CHANNEL,
    manages_server=False,
)
OF_THE_PLACE = replace(AT_THE_DESK, user_id=UserId(902), channel_id=PLACE, root_channel_id=PLACE)
OF_ANOTHER = replace(
    OF_THE_PLACE, user_id=UserId(903), channel_id=ELSEWHERE, root_channel_id=ELSEWHERE
)
MANAGER = replace(SERVER, user_id=UserId(906))
PLAIN = replace(OF_THE_PLACE, user_id=UserId(904), may_moderate=False)
FOREIGN = replace(SERVER, user_id=UserId(905), guild_id=GuildId(2))


@dataclass(slots=True)
class ListeningDiscord:
    """Times out whomever it is told to, unless it is to refuse."""

    refuses: TimeOutBar | None = None
    timed_out: list[tuple[int, int, int, str]] = field(default_factory=list)

    async def time_out(
        self, guild_id: GuildId, user_id: UserId, *, until_at_us: int, reason: str
    ) -> None:
        if self.refuses is not None:
            raise TimeOutRefused(self.refuses)
        self.timed_out.append((guild_id, user_id, until_at_us, reason))


@dataclass(slots=True, kw_only=True)
class Staffed:
    """A guild whose staff have a channel, and a picture that two members have reported."""

    database: Database
    clock: ManualClock
    discord: ListeningDiscord
    people: PeopleService
    cases: ModerationService
    job: Job

    async def case(self) -> Case:
        found = await self.database.read(find_case, CaseKind.REPORT, about_job(self.job.id))
        assert found is not None
        return found

    async def decide(
        self, moderator: Moderator, decision: Decision = Decision.REMOVED, **ruling: object
    ) -> Case:
        made = Ruling(decision=decision, **ruling)  # type: ignore[arg-type] # of its fields
        return await self.cases.decide((await self.case()).id, moderator, made)

    async def appealed_words(self) -> Case:
        """That a rule has refused in the place."""
        refusal_id = await self.database.write(
            record_refusal, a_request(), an_origin(), rules=("insults",), now_us=1
        )
        return await self.people.appeal(
            AppealKind.REFUSAL, refusal_id, MEMBER, GuildId(1), "it is harmless"
        )

    async def held(self, user_id: UserId) -> list[StandingKind]:
        now_us = self.clock.now_us()
        found = await self.database.read(standings, 1, user_id, now_us=now_us)
        return [one.kind for one in found]

    def has_woken_delivery(self) -> bool:
        """Since this was asked last."""
        event = self.people._wakeups.result._event
        was_set = event.is_set()
        event.clear()
        return was_set

    async def logged(self) -> list[tuple[str, str]]:
        """What was done, and what is said of it."""
        return await self.database.read(
            lambda tx: tx.execute("SELECT action, details FROM audit ORDER BY id").fetchall()
        )


@pytest.fixture
async def staffed(tmp_path: Path) -> AsyncIterator[Staffed]:
    clock, discord = ManualClock(), ListeningDiscord()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        key = Key(Scope.GUILD, 1, "staff_channel", 1)
        await database.write(set_policy, key, STAFF_CHANNEL, by="7", now_us=1)
        submitted = await database.write(
            queue.submit, a_request(), an_origin(), price=a_price, now_us=clock.now_us()
        )
        await database.write(hang, submitted.job.id)
        for user_id in (ADA, BEN):
            await database.write(
                reports.report,
                submitted.job.id,
                user_id,
                ReportReason.OTHER,
                "look",
                now_us=clock.now_us(),
            )
        wakeups = Wakeups(work=Wakeup(clock), result=Wakeup(clock))
        yield Staffed(
            database=database,
            clock=clock,
            discord=discord,
            people=PeopleService(database=database, clock=clock, wakeups=wakeups),
            cases=ModerationService(
                database=database,
                clock=clock,
                wakeups=wakeups,
                pictures=PlayedMessages(),
                discipline=discord,
            ),
            job=submitted.job,
        )


def hang(tx: Transaction, job_id: JobId) -> None:
    insert_picture(tx, job_id, an_outcome(), PictureState.SHOWN, cost_micros=1, now_us=1)
    tx.execute("UPDATE picture SET message_id = ?", (MessageId(77),))


@pytest.mark.parametrize("moderator", [SERVER, AT_THE_DESK, OF_THE_PLACE])
async def test_staff_decide_what_is_theirs(staffed: Staffed, moderator: Moderator) -> None:
    case = await staffed.decide(moderator)
    assert case.end is not None
    assert case.end.by == moderator.user_id
    assert (await staffed.database.read(select_job, staffed.job.id)).is_deleted


@pytest.mark.parametrize("moderator", [OF_ANOTHER, PLAIN, FOREIGN])
async def test_for_others_there_is_no_such_case(staffed: Staffed, moderator: Moderator) -> None:
    """Neither to be removed nor, before Discord is asked, to be timed out for."""
    for decision in (Decision.REMOVED, Decision.TIMED_OUT):
        with pytest.raises(UnknownCase):
            await staffed.decide(moderator, decision)
    assert (await staffed.case()).is_open
    assert staffed.discord.timed_out == []


@pytest.mark.parametrize("decision", [Decision.REMOVED, Decision.TIMED_OUT, Decision.GRANTED])
async def test_what_became_of_a_case_is_none_of_others_business(
    staffed: Staffed, decision: Decision
) -> None:
    """Whoever guesses its number learns nothing by it."""
    await staffed.decide(SERVER)
    for moderator in (OF_ANOTHER, PLAIN, FOREIGN):
        with pytest.raises(UnknownCase):
            await staffed.decide(moderator, decision)


async def test_nobody_decides_about_their_own_picture_but_who_manages_the_server(
    staffed: Staffed,
) -> None:
    """And the log says so."""
    with pytest.raises(OwnCase):
        await staffed.decide(replace(AT_THE_DESK, user_id=MEMBER))
    await staffed.decide(replace(SERVER, user_id=MEMBER), Decision.DISMISSED)
    assert ("dismissed", "own") in await staffed.logged()


@pytest.mark.parametrize(("moderator", "details"), [(SERVER, ""), (MANAGER, "own")])
async def test_the_log_says_whether_staff_have_granted_and_trusted_themselves(
    staffed: Staffed, moderator: Moderator, details: str
) -> None:
    people, me, guild = staffed.people, MANAGER.user_id, GuildId(1)
    await people.set_person(SERVER, me, StandingKind.BLOCKED)
    case = await people.appeal(AppealKind.BLOCK, 1, me, guild, "it is harmless")
    await staffed.cases.decide(case.id, moderator, Ruling(decision=Decision.GRANTED))
    await people.set_person(moderator, me, StandingKind.TRUSTED)
    assert ("granted", details) in await staffed.logged()
    assert ("trusted", details) in await staffed.logged()


async def test_delivery_is_woken_by_all_that_changes_what_is_to_be_said(staffed: Staffed) -> None:
    """Cards, pictures that go or come, and members who are told."""
    people = staffed.people
    author = Author(actor="operator", source="command line")
    await staffed.decide(SERVER, Decision.WARNED)
    assert staffed.has_woken_delivery()
    await people.set_person(SERVER, ADA, StandingKind.BLOCKED)
    assert staffed.has_woken_delivery()
    case = await people.appeal(AppealKind.BLOCK, 1, ADA, GuildId(1), "it is harmless")
    assert staffed.has_woken_delivery()
    await staffed.cases.decide(case.id, SERVER, Ruling(decision=Decision.GRANTED))
    assert staffed.has_woken_delivery()
    await people.set_everywhere(ADA, StandingKind.BLOCKED, author)
    assert staffed.has_woken_delivery()


# ------------------------------------------------------------------------------------------------
# Time-outs.


async def test_a_time_out_is_discords_and_has_a_reason_there(staffed: Staffed) -> None:
    case = await staffed.decide(SERVER, Decision.TIMED_OUT, reason="spam", lasts_us=2 * HOUR_US)
    until = staffed.clock.now_us() + 2 * HOUR_US
    said = f"case {case.id}, by 900: spam"
    assert staffed.discord.timed_out == [(1, MEMBER, until, said)]


@pytest.mark.parametrize(("asked", "done"), [(None, HOUR_US), (60 * DAY_US, 28 * DAY_US)])
async def test_a_time_out_is_never_longer_than_discord_takes(
    staffed: Staffed, asked: int | None, done: int
) -> None:
    await staffed.decide(SERVER, Decision.TIMED_OUT, lasts_us=asked)
    assert staffed.discord.timed_out[0][2] == staffed.clock.now_us() + done


@pytest.mark.parametrize("bar", TimeOutBar)
async def test_where_discord_refuses_the_case_stays_open(staffed: Staffed, bar: TimeOutBar) -> None:
    staffed.discord.refuses = bar
    with pytest.raises(TimeOutRefused) as refused:
        await staffed.decide(SERVER, Decision.TIMED_OUT)
    assert refused.value.bar is bar
    assert (await staffed.case()).is_open
    await staffed.decide(SERVER, Decision.WARNED)


@pytest.mark.parametrize("decision", [Decision.BLOCKED, Decision.TIMED_OUT])
async def test_moderators_of_a_place_decide_nothing_for_the_whole_guild(
    staffed: Staffed, decision: Decision
) -> None:
    """They may take the picture away, as before."""
    with pytest.raises(NotModerator):
        await staffed.decide(OF_THE_PLACE, decision)
    assert (await staffed.case()).is_open
    assert await staffed.held(MEMBER) == []
    assert staffed.discord.timed_out == []
    await staffed.decide(OF_THE_PLACE, Decision.WARNED)


@pytest.mark.parametrize("decision", [Decision.GRANTED, Decision.DENIED])
async def test_an_appeal_of_words_is_decided_for_the_whole_guild(
    staffed: Staffed, decision: Decision
) -> None:
    """Word rules are the guild's, so moderators of a place decide nothing about them."""
    case = await staffed.appealed_words()
    with pytest.raises(NotModerator):
        await staffed.cases.decide(case.id, OF_THE_PLACE, Ruling(decision=decision))
    await staffed.cases.decide(case.id, AT_THE_DESK, Ruling(decision=decision))


async def test_who_may_not_time_out_members_does_not_by_the_bot(staffed: Staffed) -> None:
    """Managing messages is another right."""
    with pytest.raises(TimeOutRefused) as refused:
        await staffed.decide(replace(AT_THE_DESK, may_time_out=False), Decision.TIMED_OUT)
    assert refused.value.bar is TimeOutBar.PRESSER
    assert staffed.discord.timed_out == []
    await staffed.decide(replace(AT_THE_DESK, may_time_out=False), Decision.BLOCKED)


async def test_nobody_is_timed_out_for_a_case_that_is_decided(staffed: Staffed) -> None:
    await staffed.decide(SERVER, Decision.DISMISSED)
    with pytest.raises(AlreadyDecided):
        await staffed.decide(AT_THE_DESK, Decision.TIMED_OUT)
    assert staffed.discord.timed_out == []


# ------------------------------------------------------------------------------------------------
# Members.


async def test_reporters_who_abuse_it_are_ignored(staffed: Staffed) -> None:
    """Those of the case; a forged card names nobody else."""
    case = await staffed.case()
    others = [ADA, UserId(777)]
    assert await staffed.people.ignore_reporters(case.id, AT_THE_DESK, others) == 1
    assert await staffed.people.ignore_reporters(case.id, AT_THE_DESK, [ADA]) == 0
    assert await staffed.held(ADA) == [StandingKind.UNHEARD]
    assert await staffed.held(UserId(777)) == []


@pytest.mark.parametrize("moderator", [OF_THE_PLACE, OF_ANOTHER, PLAIN])
async def test_what_holds_in_the_whole_server_is_set_by_who_sees_it_all(
    staffed: Staffed, moderator: Moderator
) -> None:
    case = await staffed.case()
    people = staffed.people
    for refused in (
        people.set_person(moderator, ADA, StandingKind.BLOCKED),
        people.unset_person(moderator, ADA, StandingKind.BLOCKED),
        people.ignore_reporters(case.id, moderator, [ADA]),
        people.check_may_set(moderator),
    ):
        with pytest.raises(NotModerator):
            await refused
    assert await staffed.held(ADA) == []


async def test_staff_of_another_guild_set_nothing_here(staffed: Staffed) -> None:
    """Theirs holds there."""
    await staffed.people.set_person(FOREIGN, ADA, StandingKind.BLOCKED)
    assert await staffed.held(ADA) == []
    seen = await staffed.people.person(FOREIGN, MEMBER)
    assert seen.person.cases == ()
    with pytest.raises(UnknownCase):  # how many have reported there is not theirs to know
        await staffed.people.ignore_reporters((await staffed.case()).id, FOREIGN, [ADA])
    assert await staffed.held(ADA) == []


async def test_a_plain_member_is_shown_nobody(staffed: Staffed) -> None:
    for moderator in (PLAIN, replace(SERVER, guild_id=None)):
        with pytest.raises(NotModerator):
            await staffed.people.person(moderator, MEMBER)
    assert not (await staffed.people.person(OF_THE_PLACE, MEMBER)).may_set
    assert (await staffed.people.person(AT_THE_DESK, MEMBER)).may_set


async def test_the_operator_sets_and_takes_back_for_all(staffed: Staffed) -> None:
    author = Author(actor="operator", source="command line")
    people = staffed.people
    waiting = 0
    assert await people.set_everywhere(ADA, StandingKind.BLOCKED, author, reason="x") == waiting
    assert [one.user_id for one in await people.everywhere()] == [ADA]
    assert await staffed.held(ADA) == [StandingKind.BLOCKED]
    assert await people.unset_everywhere(ADA, StandingKind.BLOCKED, author)
    assert await staffed.held(ADA) == []


@pytest.mark.parametrize(
    ("typed", "lasts_us"),
    [
        ("", None),
        ("  ", None),
        ("30m", HOUR_US // 2),
        ("12 H", 12 * HOUR_US),
        ("７d", 7 * DAY_US),
        ("2w", 14 * DAY_US),
        ("3650d", 3650 * DAY_US),
    ],
)
def test_durations_as_they_are_typed(typed: str, lasts_us: int | None) -> None:
    assert lasts_us_of(typed) == lasts_us


@pytest.mark.parametrize("typed", ["7", "d", "0d", "1y", "3651d", "1.5h", "-2h", "9999999w"])
def test_what_is_no_duration_is_refused(typed: str) -> None:
    with pytest.raises(DurationNotUnderstood):
        lasts_us_of(typed)
