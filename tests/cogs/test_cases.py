"""Staff press what hangs in their channel, and what they have open alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bot.features.moderation.rows.case_views import view_case
from bot.features.moderation.service import ModerationService
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Review, Scope
from bot.policy.standing import StandingKind, holds
from bot.queue import reports, review
from bot.queue.cases import Case, CaseKind, Decision, open_case, record_card, select_case
from bot.queue.jobs import insert_picture, select_job
from bot.queue.records import (
    ChannelId,
    JobId,
    MessageId,
    PictureState,
    TenantId,
    UserId,
)
from bot.queue.reports import ReportReason
from bot.records import replace
from bot.texts import Texts
from bot.texts.case_cards import case_card
from bot.texts.case_controls import DAY_US, HOUR_US
from cogs.answers import in_time, promptly
from tests.cogs.playing import Scene, buttons, is_private, parts, words
from tests.cogs.test_buttons import MODERATOR, REQUESTER, STRANGER, record_post
from tests.queue.world import an_outcome
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.cases import CaseEnd

OWNER = 4
VIEW_CHANNEL, MANAGE_MESSAGES = 1 << 10, 1 << 13
UNKNOWN = "There is no such case, or none that you may decide here."
FORM: dict[str, Any] = {
    "kind": "violent",
    "reason": "too much blood",
    "note": "third time",
    "tells": True,
}


@dataclass
class StaffRoom:
    """A guild with a channel for its staff, in which cards hang."""

    scene: Scene

    @property
    def guild(self) -> int:
        return int(self.scene.control.guild["id"])

    async def let_in(self, member: int, allow: int = 0) -> None:
        """They see the channel of the staff, where members do not; as the bot and its moderator."""
        control = self.scene.control
        inside = {control.member(member): allow, control.member(MODERATOR): 0}
        inside[self.scene.sandbox.state.bot_id] = 0
        overwrites = [
            {"id": one, "type": 1, "allow": str(VIEW_CHANNEL | rights)}
            for one, rights in inside.items()
        ]
        overwrites.append({"id": str(self.guild), "type": 0, "deny": str(VIEW_CHANNEL)})
        path = f"/channels/{control.channel('staff')}"
        answer = await control.call("PATCH", path, {"overwrites": overwrites})
        assert answer.status == 200

    async def set(self, name: str, value: object) -> None:
        key = Key(Scope.GUILD, self.guild, name, self.guild)
        write = self.scene.service.database.write
        await write(set_policy, key, value, by="staff", now_us=1)  # type: ignore[arg-type] # any value

    async def held(self, *, channel: str = "pictures", has_card: bool = True) -> Case:
        """A picture that waits, with its card."""
        await self.scene.imagine("a cat", channel=channel)
        case = await self.scene.service.database.write(_hold)
        return await self.card(case) if has_card else case

    async def reported(self) -> Case:
        await self.scene.imagine("a cat")
        member = UserId(int(self.scene.control.member(STRANGER)))
        return await self.card(await self.scene.service.database.write(_report, member))

    async def appealed(self, kind: CaseKind = CaseKind.APPEAL) -> Case:
        member = UserId(int(self.scene.control.member(REQUESTER)))
        place = ChannelId(int(self.scene.control.channel("pictures")))
        write = self.scene.service.database.write
        return await self.card(await write(_open, kind, TenantId(self.guild), place, member))

    async def card(self, case: Case) -> Case:
        """Hangs in the staff's channel, as delivery posts it."""
        database = self.scene.service.database
        view = await database.read(view_case, case.id)
        channel_id = ChannelId(int(self.scene.control.channel("staff")))
        place = self.scene.bot.get_partial_messageable(channel_id)
        sent = await place.send(view=case_card(view, Texts("en-US"), image=None))
        await database.write(record_card, case.id, channel_id, MessageId(sent.id))
        return await self.now(case)

    async def now(self, case: Case) -> Case:
        return await self.scene.service.database.read(select_case, case.id)

    async def end(self, case: Case) -> CaseEnd:
        end = (await self.now(case)).end
        assert end is not None
        return end

    async def state(self, case: Case) -> PictureState:
        assert case.job_id is not None
        picture = (await self.scene.service.jobs.job(case.job_id)).picture
        assert picture is not None
        return picture.state

    async def press(
        self,
        case: Case,
        verb: str,
        *,
        member: int = MODERATOR,
        channel: str = "staff",
        **act: Any,
    ) -> dict[str, Any]:
        """On the card; returns what whoever presses sees."""
        started = await self.scene.control.act(
            "component",
            message_id=str(case.card_message_id),
            custom_id=f"zeuxis:2:case:{verb}:{case.id}",
            member=member,
            channel=self.scene.control.channel(channel),
            **act,
        )
        assert "interaction_id" in started, started
        await self.scene.acknowledged(started)
        return await self.scene.seen(started)

    async def fill_in(
        self, opened: dict[str, Any], member: int = MODERATOR, **fields: Any
    ) -> dict[str, Any]:
        custom_id = opened["modal"]["custom_id"]
        return await self.scene.submit(opened, custom_id, member=member, fields=fields)


def _hold(tx: Transaction) -> Case:
    (job_id,) = tx.execute("SELECT max(id) FROM job WHERE state = 'queued'").fetchone()
    request = select_job(tx, JobId(job_id)).request
    outcome = replace(an_outcome(size=request.size), shown_prompt=request.prompt)
    tx.execute("UPDATE job SET state = 'drawn' WHERE id = ?", (job_id,))
    insert_picture(tx, JobId(job_id), outcome, PictureState.HELD, cost_micros=1, now_us=1)
    tx.execute("INSERT OR IGNORE INTO screening (job_id, due_at_us) VALUES (?, 1)", (job_id,))
    case = review.hold_for_staff(
        tx, JobId(job_id), reasons=("rule:insults",), is_spoiler=False, now_us=1
    )
    assert case is not None
    return case


def _report(tx: Transaction, user_id: UserId) -> Case:
    (job_id,) = tx.execute("SELECT max(id) FROM job").fetchone()
    record_post(tx, JobId(job_id), ChannelId(1), 2)
    reports.report(tx, JobId(job_id), user_id, ReportReason.VIOLENT, "look", now_us=1)
    (case_id,) = tx.execute("SELECT id FROM case_file WHERE kind = 'report'").fetchone()
    return select_case(tx, case_id)


def _open(
    tx: Transaction, kind: CaseKind, tenant_id: TenantId, place: ChannelId, user_id: UserId
) -> Case:
    return open_case(
        tx,
        kind,
        tenant_id=tenant_id,
        channel_id=place,
        user_id=user_id,
        about=f"block:{user_id}:1",
        now_us=1,
    )


@pytest.fixture
async def room(scene: Scene) -> StaffRoom:
    opened = StaffRoom(scene)
    await opened.let_in(MODERATOR)
    await opened.set("review", Review.ALWAYS)
    await opened.set("staff_channel", int(scene.control.channel("staff")))
    return opened


def said_to(seen: dict[str, Any]) -> str:
    message = seen["messages"][-1]
    assert is_private(message)
    return words(message)


@pytest.mark.parametrize(
    ("verb", "decision", "says"),
    [
        ("approve", Decision.APPROVED, "Decided: approved."),
        ("trust", Decision.TRUSTED, "Decided: approved, and the member is trusted."),
    ],
)
async def test_approving_is_one_press(
    room: StaffRoom, verb: str, decision: Decision, says: str
) -> None:
    """The picture is due, and its moderator hears so, alone."""
    case = await room.held()
    assert said_to(await room.press(case, verb)) == says
    end = await room.end(case)
    assert (end.decision, end.by) == (decision, int(room.scene.control.member(MODERATOR)))
    assert await room.state(case) is PictureState.DUE


async def test_the_picture_of_who_left_is_decided_like_any_other(room: StaffRoom) -> None:
    """It was asked for, drawn and paid; who else is there may want to see it."""
    case = await room.held()
    guild = room.scene.sandbox.state.guilds[str(room.guild)]
    del guild.members[room.scene.control.member(REQUESTER)]
    assert said_to(await room.press(case, "approve")) == "Decided: approved."
    assert await room.state(case) is PictureState.DUE


async def test_rejecting_asks_why(room: StaffRoom) -> None:
    """Nothing is decided before the form is back."""
    case = await room.held()
    opened = await room.press(case, "reject")
    assert await room.state(case) is PictureState.HELD
    assert said_to(await room.fill_in(opened, **FORM)) == "Decided: rejected."
    end = await room.end(case)
    assert end.reason == "Violent or disturbing: too much blood"
    assert (end.note, end.tells_member) == ("third time", True)
    assert await room.state(case) is PictureState.WITHHELD


async def test_a_rejection_need_not_be_told(room: StaffRoom) -> None:
    """As its moderator has ticked."""
    case = await room.held()
    await room.fill_in(await room.press(case, "reject"), **{**FORM, "tells": False})
    end = await room.end(case)
    assert end.tells_member is False


async def test_of_two_moderators_the_first_press_counts(room: StaffRoom) -> None:
    """The other one sees who decided what, and a form that is open decides nothing any more."""
    case = await room.held()
    opened = await room.press(case, "reject", member=OWNER)
    await room.press(case, "approve")
    said = said_to(await room.fill_in(opened, member=OWNER, **FORM))
    who = room.scene.control.member(MODERATOR)
    assert said.startswith(f"<@{who}> has decided this")
    assert said.endswith(": approved.")
    again = await room.press(case, "reject", member=OWNER)
    assert again.get("modal") is None
    assert said_to(again).endswith(": approved.")
    assert await room.state(case) is PictureState.DUE


async def test_two_presses_at_once_make_one_decision(room: StaffRoom) -> None:
    """Whichever comes first."""
    case = await room.held()
    answers = await asyncio.gather(
        room.press(case, "approve"), room.press(case, "trust", member=OWNER)
    )
    said = sorted(said_to(one).split(" ")[0] for one in answers)
    assert said[1] == "Decided:"
    assert said[0].startswith("<@")


async def test_who_is_no_moderator_finds_no_case(room: StaffRoom) -> None:
    """Also if they see the channel: neither button nor form works."""
    case = await room.held()
    await room.let_in(STRANGER)
    for verb in ("approve", "reject", "show"):
        seen = await room.press(case, verb, member=STRANGER)
        assert seen.get("modal") is None
        assert said_to(seen) == UNKNOWN
    assert await room.state(case) is PictureState.HELD


async def test_a_moderator_who_lost_the_right_decides_nothing_more(room: StaffRoom) -> None:
    """Not even by the form that they have open."""
    case = await room.held()
    opened = await room.press(case, "reject")
    guild = room.scene.sandbox.state.guilds[str(room.guild)]
    guild.members[room.scene.control.member(MODERATOR)].role_ids.clear()
    assert said_to(await room.fill_in(opened, **FORM)) == UNKNOWN
    assert said_to(await room.press(case, "approve")) == UNKNOWN
    assert await room.state(case) is PictureState.HELD


async def test_nobody_decides_about_their_own_picture(room: StaffRoom) -> None:
    """A moderator of the staff's channel, who manages no server."""
    case = await room.held()
    await room.let_in(REQUESTER, MANAGE_MESSAGES)
    own = "This is about your own picture: somebody else must decide it."
    for verb in ("approve", "trust", "reject"):
        assert said_to(await room.press(case, verb, member=REQUESTER)) == own
    assert await room.state(case) is PictureState.HELD


@pytest.mark.parametrize(
    ("verb", "fields", "decision"),
    [
        ("remove", None, Decision.REMOVED),
        ("dismiss", None, Decision.DISMISSED),
        ("warn", {"reason": "no blood here"}, Decision.WARNED),
        ("timeout", {"lasts": str(HOUR_US), "note": "x"}, Decision.TIMED_OUT),
        ("block", {"lasts": "0"}, Decision.BLOCKED),
    ],
)
async def test_reports_are_decided_with_what_the_form_says(
    room: StaffRoom, verb: str, fields: dict[str, Any] | None, decision: Decision
) -> None:
    """Why, and a note; what needs no words is one press."""
    case = await room.reported()
    seen = await room.press(case, verb)
    if fields is not None:
        await room.fill_in(seen, **fields)
    end, filled = await room.end(case), fields or {}
    assert end.decision is decision
    assert (end.reason, end.note) == (filled.get("reason", ""), filled.get("note", ""))


async def test_who_may_time_nobody_out_is_told_before_they_fill_in_a_form(room: StaffRoom) -> None:
    """They may block all the same."""
    case = await room.reported()
    await room.let_in(STRANGER, MANAGE_MESSAGES)
    seen = await room.press(case, "timeout", member=STRANGER)
    assert seen.get("modal") is None
    assert said_to(seen).startswith("You may not time out members yourself.")
    assert (await room.press(case, "block", member=STRANGER)).get("modal") is not None


async def test_a_block_lasts_as_long_as_was_chosen(room: StaffRoom) -> None:
    """From the press on."""
    case = await room.reported()
    await room.fill_in(await room.press(case, "block"), lasts=str(7 * DAY_US))
    read, now_us = room.scene.service.database.read, room.scene.service.clock.now_us()
    block = await read(holds, StandingKind.BLOCKED, case.tenant_id, case.user_id, now_us=now_us)
    assert block is not None
    assert block.until_at_us == now_us + 7 * DAY_US


@pytest.mark.parametrize(
    ("kind", "verb", "decision"),
    [
        (CaseKind.APPEAL, "grant", Decision.GRANTED),
        (CaseKind.REFUSALS, "dismiss", Decision.DISMISSED),
    ],
)
async def test_appeals_and_refusals_are_decided_by_a_press(
    room: StaffRoom, kind: CaseKind, verb: str, decision: Decision
) -> None:
    """By the same way as reports."""
    case = await room.appealed(kind)
    await room.press(case, verb)
    assert (await room.end(case)).decision is decision


async def test_denying_asks_why(room: StaffRoom) -> None:
    """The member is told."""
    case = await room.appealed()
    await room.fill_in(await room.press(case, "deny"), reason="it is what it is")
    end = await room.end(case)
    assert (end.decision, end.reason) == (Decision.DENIED, "it is what it is")


async def test_reporters_are_chosen_to_be_ignored(room: StaffRoom) -> None:
    """Whoever is chosen in the menu of the card."""
    case = await room.reported()
    reporter = room.scene.control.member(STRANGER)
    seen = await room.press(case, "ignore", values=[reporter])
    assert said_to(seen) == "From now on nobody is told what they report: 1 more."
    read, now_us = room.scene.service.database.read, room.scene.service.clock.now_us()
    unheard = StandingKind.UNHEARD
    assert await read(holds, unheard, case.tenant_id, int(reporter), now_us=now_us) is not None


@pytest.mark.parametrize("verb", ["remove", "grant", "block"])
async def test_what_a_case_does_not_offer_is_not_done(room: StaffRoom, verb: str) -> None:
    """A client that makes buttons up decides nothing."""
    case = await room.held()
    button = f"zeuxis:2:case:{verb}:{case.id}"
    await _forge(room, case, button)
    await room.press(case, verb)
    assert (await room.now(case)).is_open
    assert await room.state(case) is PictureState.HELD


async def _forge(room: StaffRoom, case: Case, custom_id: str) -> None:
    """The card has this button instead of its first."""
    messages = room.scene.sandbox.state.messages[room.scene.control.channel("staff")]
    for one in _components(messages[str(case.card_message_id)].components):
        if getattr(one, "custom_id", "").endswith(f"approve:{case.id}"):
            one.custom_id = custom_id


def _components(rows: list[Any]) -> list[Any]:
    inner = [_components(getattr(one, "components", None) or []) for one in rows]
    return [*rows, *(one for each in inner for one in each)]


async def test_showing_is_for_whoever_asks(room: StaffRoom) -> None:
    """All of the case, with buttons that work there as well."""
    case = await room.held()
    seen = await room.press(case, "show")
    message = seen["messages"][-1]
    assert is_private(message)
    assert "- word rule “insults”" in words(message)
    started = await room.scene.control.act(
        "component",
        message_id=message["id"],
        custom_id=f"zeuxis:2:case:approve:{case.id}",
        member=MODERATOR,
        channel=message["channel_id"],
    )
    await room.scene.acknowledged(started)
    (changed,) = [
        one for one in (await room.scene.seen(started))["messages"] if one["id"] == message["id"]
    ]
    assert "**approved**" in words(changed)
    assert buttons(changed) == []
    assert await room.state(case) is PictureState.DUE


async def test_a_picture_that_is_kept_here_is_shown_as_a_file(room: StaffRoom) -> None:
    """The provider's link may be dead for long."""
    case = await room.held()
    await room.scene.service.database.write(_keep, case.job_id)
    seen = await room.press(case, "show")
    (gallery,) = [one for one in parts(seen["messages"][-1]) if one["type"] == 12]
    (item,) = gallery["items"]
    assert item["spoiler"] is True
    assert "zeuxis-1.png" in item["media"]["url"]


def _keep(tx: Transaction, job_id: JobId | None) -> None:
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360f8cf00000301010018dd8db00000000049454e44ae426082"
    )
    tx.execute(
        "INSERT INTO held_file (job_id, name, bytes) VALUES (?, 'zeuxis-1.png', ?)", (job_id, png)
    )


async def test_a_form_that_cannot_be_read_in_time_says_so(
    room: StaffRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can only be the first answer."""

    case = await room.held()
    assert in_time.__kwdefaults__ is not None
    monkeypatch.setitem(in_time.__kwdefaults__, "patience_s", 0.0)
    seen = await room.press(case, "reject")
    assert seen.get("modal") is None
    assert await room.state(case) is PictureState.HELD


async def test_a_decision_is_acknowledged_while_its_case_is_read(
    room: StaffRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the card that whoever asks alone sees, which changes when it is read."""
    case = await room.held()
    message = (await room.press(case, "show"))["messages"][-1]
    is_read, view = asyncio.Event(), ModerationService.view

    async def slowly(*asked: Any) -> Any:
        await is_read.wait()
        return await view(*asked)

    monkeypatch.setattr(ModerationService, "view", slowly)
    assert promptly.__kwdefaults__ is not None
    monkeypatch.setitem(promptly.__kwdefaults__, "patience_s", 0.5)  # the writing is done
    started = await room.scene.control.act(
        "component",
        message_id=message["id"],
        custom_id=f"zeuxis:2:case:approve:{case.id}",
        member=MODERATOR,
        channel=message["channel_id"],
    )
    async with asyncio.timeout(PATIENCE_S):
        await room.scene.acknowledged(started)
    is_read.set()
    assert (await room.end(case)).decision is Decision.APPROVED
