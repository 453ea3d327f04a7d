"""Who of a guild's staff sees and decides which case, and what then holds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bot import queue
from bot.db.sqlite import Database
from bot.features.moderation.rows.case_views import CASES_ON_A_PAGE
from bot.features.moderation.rows.notices import Notice, NoticeKind, due_notices
from bot.features.moderation.rules import Moderator, Ruling, check_may_decide
from bot.features.moderation.service import CasePicture, DecidedTogether, ModerationService
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Review, Scope
from bot.policy.standing import StandingKind, holds
from bot.providers.zimage import price
from bot.queue import review
from bot.queue.cases import Case, CaseKind, Decision, open_case, record_card
from bot.queue.jobs import select_job
from bot.queue.postings import mark_deleted
from bot.queue.records import (
    ChannelId,
    GuildId,
    JobId,
    MessageId,
    PictureState,
    TenantId,
    UserId,
)
from bot.records import replace
from bot.runtime.clock import Wakeup, Wakeups
from bot.staff_refusals import AlreadyDecided, NotModerator, OwnCase, UnknownCase
from tests.clock import ManualClock
from tests.features.test_service import ServiceBench, a_service
from tests.queue.world import ACCOUNT, START_US, a_request, an_origin, an_outcome, migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.db import Transaction
    from bot.errors import ZeuxisError

GUILD, PLACE, OTHER_PLACE, STAFF = GuildId(1), ChannelId(10), ChannelId(12), ChannelId(99)
MEMBER, REPORTER, MODERATOR = UserId(1), UserId(2), UserId(3)
APPROVE, TRUST = Ruling(decision=Decision.APPROVED), Ruling(decision=Decision.TRUSTED)
REJECT = Ruling(decision=Decision.REJECTED, reason=" too dark ", note="again", tells_member=True)


def a_moderator(user: int = MODERATOR, **how: Any) -> Moderator:
    """By default one of the staff's channel, by a command."""
    channel_id = how.pop("channel_id", STAFF)
    return Moderator(
        user_id=UserId(user),
        guild_id=how.pop("guild_id", GUILD),
        channel_id=channel_id,
        root_channel_id=how.pop("root_channel_id", channel_id),
        may_moderate=how.pop("may_moderate", True),
        manages_server=how.pop("manages_server", False),
        **how,
    )


class PlayedMessages:
    """Discord, as far as pictures in messages go."""

    def __init__(self) -> None:
        self.links: dict[tuple[int, int], str] = {}

    async def link_at(self, channel_id: ChannelId, message_id: MessageId, _: JobId) -> str | None:
        return self.links.get((channel_id, message_id))


class NoDiscipline:
    """Nobody is timed out for a picture that waits."""

    async def time_out(self, *_: object, **__: object) -> None:
        raise AssertionError


@dataclass
class Desk:
    """A guild with a channel for its staff, in which every picture waits."""

    bench: ServiceBench
    service: ModerationService
    wakeups: Wakeups
    messages: PlayedMessages
    clock: ManualClock

    async def held(self, user: int = MEMBER) -> Case:
        """A case of a picture that waits."""
        write = self.bench.database.write
        receipt = await self.bench.service.submit(a_request(), an_origin(GUILD, user))
        job_id = receipt.job.id
        now_us = START_US + job_id * 1_000_000  # the account is not asked faster
        await write(queue.claim, ACCOUNT, now_us=now_us, lease_token="w", lease_s=30.0)
        await write(queue.mark_sent, job_id, "w", now_us=now_us)
        drawn = await write(queue.complete, job_id, "w", an_outcome(), price=price, now_us=now_us)
        assert drawn.is_held
        case = await write(
            review.hold_for_staff, job_id, reasons=("always",), is_spoiler=False, now_us=START_US
        )
        assert case is not None
        return case

    async def told(self) -> tuple[Notice, ...]:
        """Whom the bot is to write to."""
        return await self.bench.database.read(due_notices, now_us=1 << 62, limit=9)

    async def state(self, case: Case) -> PictureState:
        assert case.job_id is not None
        job = await self.bench.database.read(select_job, case.job_id)
        assert job.picture is not None
        return job.picture.state

    async def log(self) -> list[tuple[str, str, str]]:
        """Action, actor and details, the oldest first; of what staff did."""
        return await self.bench.database.read(_log)


def _log(tx: Transaction) -> list[tuple[str, str, str]]:
    rows = tx.execute(
        "SELECT action, actor, details FROM audit WHERE case_id IS NOT NULL ORDER BY id"
    )
    return [(str(action), str(actor), str(details)) for action, actor, details in rows]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        clock = ManualClock(START_US)
        wakeups = Wakeups(work=Wakeup(clock), result=Wakeup(clock))
        pictures = PlayedMessages()
        service = ModerationService(
            database=database,
            clock=clock,
            wakeups=wakeups,
            pictures=pictures,
            discipline=NoDiscipline(),
        )
        bench = ServiceBench(database, a_service(database))
        await bench.set(Key(Scope.GUILD, GUILD, "staff_channel", GUILD), STAFF)
        always = Key(Scope.GUILD, GUILD, "review", GUILD)
        await database.write(set_policy, always, Review.ALWAYS, by="somebody", now_us=START_US)
        yield Desk(bench, service, wakeups, pictures, clock)


# ------------------------------------------------------------------------------------------------
# Who may.

DENIED, OWN = UnknownCase, OwnCase
AUTHORITY: dict[str, tuple[Moderator, type[ZeuxisError] | None]] = {
    "its member": (a_moderator(MEMBER, channel_id=PLACE, may_moderate=False), DENIED),
    "reporter": (a_moderator(REPORTER, channel_id=PLACE, may_moderate=False), DENIED),
    "plain member in the staff's channel": (a_moderator(may_moderate=False), DENIED),
    "moderator in the staff's channel": (a_moderator(), None),
    "moderator in a thread of the staff's channel": (
        a_moderator(channel_id=ChannelId(7), root_channel_id=STAFF),
        None,
    ),
    "moderator of the place": (a_moderator(channel_id=PLACE), None),
    "moderator in a thread of the place": (
        a_moderator(channel_id=ChannelId(7), root_channel_id=PLACE),
        None,
    ),
    "moderator of another place": (a_moderator(channel_id=OTHER_PLACE), DENIED),
    "who manages the server, anywhere": (
        a_moderator(channel_id=OTHER_PLACE, may_moderate=False, manages_server=True),
        None,
    ),
    "staff of another guild": (a_moderator(guild_id=GuildId(2), manages_server=True), DENIED),
    "staff of no guild": (a_moderator(guild_id=None, manages_server=True), DENIED),
    "its member, a moderator": (a_moderator(MEMBER), OWN),
    "its member, a moderator of the place": (a_moderator(MEMBER, channel_id=PLACE), OWN),
    "its member, who manages the server": (a_moderator(MEMBER, manages_server=True), None),
}


@pytest.mark.parametrize(("moderator", "refused"), AUTHORITY.values(), ids=AUTHORITY)
async def test_only_who_may_decides(
    desk: Desk, moderator: Moderator, refused: type[ZeuxisError] | None
) -> None:
    """For everybody else there is no such case, and nothing changes."""
    case = await desk.held()
    for ruling in (APPROVE, REJECT, TRUST):
        if refused is not None:
            with pytest.raises(refused):
                await desk.service.decide(case.id, moderator, ruling)
            with pytest.raises(refused):
                await desk.service.to_decide(case.id, moderator)
            assert await desk.state(case) is PictureState.HELD
    if refused is None:
        await desk.service.decide(case.id, moderator, APPROVE)
        assert await desk.state(case) is PictureState.DUE


async def test_a_moderator_of_a_place_trusts_nobody_for_the_whole_guild(desk: Desk) -> None:
    case = await desk.held()
    of_the_place = a_moderator(channel_id=PLACE)
    with pytest.raises(NotModerator):
        await desk.service.decide(case.id, of_the_place, TRUST)
    with pytest.raises(NotModerator):
        await desk.service.to_decide(case.id, of_the_place, Decision.BLOCKED)
    await desk.service.to_decide(case.id, of_the_place, Decision.REJECTED)
    assert await desk.state(case) is PictureState.HELD


@pytest.mark.parametrize(("moderator", "refused"), AUTHORITY.values(), ids=AUTHORITY)
async def test_only_who_may_sees_it(
    desk: Desk, moderator: Moderator, refused: type[ZeuxisError] | None
) -> None:
    """A moderator sees the case of their own picture, and decides it no more than a member does."""
    case = await desk.held()
    place_id = None if moderator.manages_server or moderator.may_moderate else PLACE
    if refused is UnknownCase:
        with pytest.raises(UnknownCase):
            await desk.service.view(case.id, moderator)
        if moderator.guild_id != GuildId(2):
            with pytest.raises(UnknownCase):
                await desk.service.queue(moderator, place_id=place_id)
        return
    view = await desk.service.view(case.id, moderator)
    assert view.case == case
    place_id = moderator.root_channel_id if moderator.root_channel_id == PLACE else None
    listed = await desk.service.queue(moderator, place_id=place_id)
    assert [line.case for line in listed.lines] == [case]


async def test_the_list_of_another_guild_is_its_own(desk: Desk) -> None:
    """Who manages that server sees nothing of this one."""
    await desk.held()
    elsewhere = a_moderator(guild_id=GuildId(2), manages_server=True)
    listed = await desk.service.queue(elsewhere, place_id=None)
    assert (listed.lines, listed.count) == ((), 0)


async def test_a_right_that_is_lost_between_two_presses_is_gone(desk: Desk) -> None:
    """Each press brings its own."""
    first, second = await desk.held(), await desk.held()
    await desk.service.decide(first.id, a_moderator(), APPROVE)
    with pytest.raises(UnknownCase):
        await desk.service.decide(second.id, a_moderator(may_moderate=False), APPROVE)
    assert await desk.state(second) is PictureState.HELD


async def test_another_channel_of_the_staff_moves_who_decides_there(desk: Desk) -> None:
    """The old one is a place like any other."""
    case = await desk.held()
    await desk.bench.set(Key(Scope.GUILD, GUILD, "staff_channel", GUILD), OTHER_PLACE)
    with pytest.raises(UnknownCase):
        await desk.service.decide(case.id, a_moderator(), APPROVE)
    await desk.service.decide(case.id, a_moderator(channel_id=OTHER_PLACE), APPROVE)


def test_a_card_of_a_database_that_was_lost_decides_nothing() -> None:
    """It is older than the case that has its number now."""
    case = Case(
        id=1,
        kind=CaseKind.REVIEW,
        tenant_id=TenantId(GUILD),
        channel_id=PLACE,
        user_id=MEMBER,
        job_id=JobId(1),
        about="job:1",
        opened_at_us=START_US,
        attempts=0,
    )
    card = replace(case, card_channel_id=STAFF, card_message_id=MessageId(500))
    for message_id, its_case in ((500, card), (499, case), (None, card)):
        press = a_moderator(message_id=message_id)
        assert check_may_decide(press, its_case, STAFF) is False
    with pytest.raises(UnknownCase):
        check_may_decide(a_moderator(message_id=MessageId(499)), card, STAFF)


# ------------------------------------------------------------------------------------------------
# What then holds.


async def test_who_decides_about_themselves_stands_so_in_the_log(desk: Desk) -> None:
    """As only who manages the server may."""
    own, other = await desk.held(MODERATOR), await desk.held()
    manager = a_moderator(manages_server=True)
    await desk.service.decide(own.id, manager, APPROVE)
    await desk.service.decide(other.id, manager, REJECT)
    done = [entry for entry in await desk.log() if entry[1] == "3"]
    assert done == [("approved", "3", "own"), ("rejected", "3", "")]


async def test_a_rejection_tells_why(desk: Desk) -> None:
    """Its member the reason, alone; the staff the note too."""
    case = await desk.held()
    decided = await desk.service.decide(case.id, a_moderator(), REJECT)
    end = decided.end
    assert end is not None
    assert (end.by, end.reason, end.note) == (MODERATOR, "too dark", "again")
    assert case.job_id is not None
    job = await desk.bench.service.jobs.job(case.job_id)
    assert job.failure is not None
    assert job.failure.detail == "", "everybody reads that"
    (told,) = await desk.told()
    assert (told.user_id, told.kind, told.case.id) == (MEMBER, NoticeKind.REJECTED, case.id)
    assert await desk.state(case) is PictureState.WITHHELD


async def test_a_silent_rejection_keeps_the_reason_from_its_member(desk: Desk) -> None:
    """It stands in the case."""
    case = await desk.held()
    silent = replace(REJECT, tells_member=False)
    decided = await desk.service.decide(case.id, a_moderator(), silent)
    assert await desk.told() == ()
    assert decided.end is not None
    assert decided.end.reason == "too dark"


async def test_who_is_trusted_waits_no_more(desk: Desk) -> None:
    """From the next request on; the log has both."""
    case = await desk.held()
    await desk.service.decide(case.id, a_moderator(), TRUST)
    read = desk.bench.database.read
    standing = await read(holds, StandingKind.TRUSTED, GUILD, MEMBER, now_us=START_US)
    assert standing is not None
    assert standing.set_by == MODERATOR
    receipt = await desk.bench.service.submit(a_request(), an_origin(GUILD, MEMBER))
    assert receipt.job.review is Review.OFF
    assert [entry[0] for entry in await desk.log()] == ["approved", "trusted"]


async def test_a_decision_wakes_delivery(desk: Desk) -> None:
    """The picture, the card and the member wait for it."""
    case = await desk.held()
    await desk.service.decide(case.id, a_moderator(), APPROVE)
    assert desk.wakeups.result._event.is_set()


async def test_a_review_ends_as_a_review_may(desk: Desk) -> None:
    """Not by what staff decide about reports and appeals."""
    case = await desk.held()
    for decision in (Decision.DISMISSED, Decision.GRANTED, Decision.BLOCKED):
        with pytest.raises(UnknownCase):
            await desk.service.decide(case.id, a_moderator(), Ruling(decision=decision))
    assert await desk.state(case) is PictureState.HELD


async def test_of_two_at_once_the_first_counts(desk: Desk) -> None:
    """The other one learns who has decided what; one entry stands in the log."""
    case = await desk.held()
    answers = await asyncio.gather(
        desk.service.decide(case.id, a_moderator(3), APPROVE),
        desk.service.decide(case.id, a_moderator(4), REJECT),
        return_exceptions=True,
    )
    (lost,) = [one for one in answers if isinstance(one, AlreadyDecided)]
    (won,) = [one for one in answers if not isinstance(one, BaseException)]
    assert won.end is not None
    assert (lost.by, lost.decision) == (won.end.by, won.end.decision)
    assert len(await desk.log()) == 1
    with pytest.raises(AlreadyDecided):
        await desk.service.to_decide(case.id, a_moderator(5))


async def test_what_its_member_has_deleted_needs_no_decision(desk: Desk) -> None:
    """It comes too late."""
    case = await desk.held()
    assert case.job_id is not None
    await desk.bench.database.write(mark_deleted, case.job_id, now_us=START_US)
    with pytest.raises(AlreadyDecided) as refused:
        await desk.service.decide(case.id, a_moderator(), APPROVE)
    assert refused.value.decision == Decision.WITHDRAWN
    assert await desk.state(case) is PictureState.DELETED


# ------------------------------------------------------------------------------------------------
# The picture of a case.


async def test_the_picture_comes_from_the_card_of_the_staff(desk: Desk) -> None:
    """Discord signs its link anew with each look."""
    case = await desk.held()
    await desk.bench.database.write(record_card, case.id, STAFF, MessageId(77))
    desk.messages.links[STAFF, 77] = "https://cdn.example/zeuxis-1.png"
    view = await desk.service.view(case.id, a_moderator())
    picture = await desk.service.picture(view)
    assert picture == CasePicture(link="https://cdn.example/zeuxis-1.png")


async def test_without_a_card_it_is_the_file_that_is_kept(desk: Desk) -> None:
    """The provider's link may be dead for long."""
    case = await desk.held()
    await desk.bench.database.write(_keep_file, case.job_id)
    view = await desk.service.view(case.id, a_moderator())
    picture = await desk.service.picture(view)
    assert picture == CasePicture(name="zeuxis-1.png", content=b"png")


def _keep_file(tx: Transaction, job_id: JobId | None) -> None:
    tx.execute(
        "INSERT INTO held_file (job_id, name, bytes) VALUES (?, 'zeuxis-1.png', ?)",
        (job_id, b"png"),
    )


async def test_else_it_is_the_providers_link_while_that_lives(desk: Desk) -> None:
    """For a day."""
    case = await desk.held()
    view = await desk.service.view(case.id, a_moderator())
    assert view.job is not None
    assert view.job.picture is not None
    assert await desk.service.picture(view) == CasePicture(link=view.job.picture.link)
    desk.clock.advance(86_400 + 60)
    assert await desk.service.picture(view) is None


async def test_a_deleted_picture_is_gone(desk: Desk) -> None:
    """Whatever still hangs somewhere."""
    case = await desk.held()
    assert case.job_id is not None
    await desk.bench.database.write(mark_deleted, case.job_id, now_us=START_US)
    view = await desk.service.view(case.id, a_moderator())
    assert await desk.service.picture(view) is None


# ------------------------------------------------------------------------------------------------
# Many.


async def test_many_are_decided_each_by_itself(desk: Desk) -> None:
    """What others have decided stays, and what is their own is left out."""
    cases = [await desk.held() for _ in range(3)]
    own = await desk.held(MODERATOR)
    await desk.service.decide(cases[1].id, a_moderator(4), REJECT)
    ids = [*(case.id for case in cases), own.id, 10**9]
    done = await desk.service.decide_together(ids, a_moderator(), APPROVE)
    assert done == DecidedTogether(decided=2, by_others=1, not_theirs=2)
    states = [await desk.state(case) for case in (*cases, own)]
    due, withheld, held = PictureState.DUE, PictureState.WITHHELD, PictureState.HELD
    assert states == [due, withheld, due, held]


async def test_the_list_has_pages_and_begins_with_the_oldest(desk: Desk) -> None:
    """A page that is gone is the last one."""
    for number in range(CASES_ON_A_PAGE + 2):
        await desk.bench.database.write(_open, number)
    moderator = a_moderator()
    first = await desk.service.queue(moderator, place_id=None)
    assert [line.case.opened_at_us for line in first.lines] == list(range(CASES_ON_A_PAGE))
    assert (first.page, first.pages, first.count) == (0, 2, CASES_ON_A_PAGE + 2)
    last = await desk.service.queue(moderator, place_id=None, page=9)
    assert (last.page, len(last.lines)) == (1, 2)
    here = await desk.service.queue(moderator, place_id=OTHER_PLACE)
    assert here.count == (CASES_ON_A_PAGE + 2) // 2


def _open(tx: Transaction, number: int) -> None:
    open_case(
        tx,
        CaseKind.REFUSALS,
        tenant_id=TenantId(GUILD),
        channel_id=(PLACE, OTHER_PLACE)[number % 2],
        user_id=MEMBER,
        about=f"refusals:{number}",
        now_us=number,
    )
