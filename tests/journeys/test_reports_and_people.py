"""Reports, appeals and blocks as everybody sees them: the real bot over real sockets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from bot.moderation.word_rule_rows import put_rule
from bot.moderation.word_rules import RuleOutcome, WordRule
from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from tests.cogs.playing import is_private, parts, words
from tests.journeys.reviewing import guild_id, pictures_outside, review_everything, waiting, write
from tests.journeys.test_hands import Hands, told
from tests.journeys.test_imagine import SMALL
from tests.journeys.test_rewritten_words import MORNING
from tests.journeys.test_word_rules import a_rule

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

MEMBER, REPORTER, LOCAL, MODERATOR, OWNER = range(5)
STAFF = "general"
MANAGE_MESSAGES, MODERATE_MEMBERS = 1 << 13, 1 << 40
UNKNOWN = "There is no such case, or none that you may decide here."
TELLS = {"reason": "", "note": "", "tells": True}


@dataclass(slots=True)
class Guild:
    """A guild whose staff have a channel, and a picture that hangs in it."""

    stage: Stage
    picture: Hands

    async def report(self, member: int = REPORTER) -> str:
        filled = {"reason": "other", "words": f"by {member}"}
        return told(await self.picture.fill("report", member, filled))

    async def press_report(self, member: int = REPORTER) -> str:
        """The button alone: no form opens."""
        seen = await self.picture.press("report", member)
        assert not seen.get("modal")
        return told(seen)

    async def card(self, sign: str = "🚩") -> Any:
        """Of the newest case of that kind, as it stands in the staff's channel."""
        await self.stage.until(lambda: sign in self.raw(STAFF))
        found = await self.stage.control.messages(STAFF)
        return max((one for one in found if sign in words(one)), key=lambda one: int(one["id"]))

    def raw(self, channel: str) -> str:
        found = self.stage.sandbox.state.messages.get(self.stage.control.channel(channel), {})
        return "".join(str(one.components) for one in found.values())

    async def decide(self, card: Any, verb: str, member: int = MODERATOR, **fields: Any) -> str:
        """What whoever decides reads, for themselves alone."""
        (custom_id,) = [
            one["custom_id"]
            for one in parts(card)
            if (one.get("custom_id") or "").startswith(f"zeuxis:2:case:{verb}:")
        ]
        seen = await self.act("component", card, custom_id, member)
        if seen.get("modal"):
            seen = await self.act("modal", card, custom_id, member, fields={**TELLS, **fields})
        assert is_private(seen["messages"][-1])
        return words(seen["messages"][-1])

    async def act(self, kind: str, message: Any, custom_id: str, member: int, **more: Any) -> Any:
        where: dict[str, Any] = {"channel": message["channel_id"], "custom_id": custom_id}
        if kind == "component":
            where["message_id"] = message["id"]
        started = await self.stage.control.act(kind, member=member, **where, **more)
        return await self.stage.control.settled(started)

    def direct(self, member: int) -> str:
        """All that the bot has written to a member alone."""
        state, user_id = self.stage.sandbox.state, self.stage.control.member(member)
        return "".join(
            str(one.components)
            for channel_id, messages in state.messages.items()
            if user_id in (state.channels[channel_id].recipient_ids or ())
            for one in messages.values()
        )

    async def until_told(self, member: int, said: str) -> None:
        await self.stage.until(lambda: said in self.direct(member))

    async def moderate(self, member: int, channel: str) -> None:
        """From now on they may, there alone."""
        user_id = self.stage.control.member(member)
        allowed = {"id": user_id, "type": 1, "deny": "0", "allow": str(MANAGE_MESSAGES)}
        path = f"/channels/{self.stage.control.channel(channel)}"
        answer = await self.stage.control.call("PATCH", path, {"overwrites": [allowed]})
        assert answer.status == 200, answer.body

    async def see(self, member: int, whom: int, channel: str = "pictures") -> Any:
        """The card of a member, for whoever asks for it."""
        started = await self.stage.control.act(
            "command",
            name="moderation member",
            member=member,
            channel=channel,
            options={"user": self.stage.control.member(whom)},
        )
        if "interaction_id" not in started:
            return started
        (message,) = (await self.stage.control.settled(started))["messages"]
        assert is_private(message)
        return message


def put(stage: Stage, name: str, value: Any) -> None:
    """As the staff may."""
    key = Key(Scope.GUILD, guild_id(stage), name, guild_id(stage))
    write(stage, set_policy, key, value, by="7", now_us=1)


@pytest.fixture
async def guild(stage: Stage) -> Guild:
    put(stage, "staff_channel", int(stage.control.channel(STAFF)))
    started = await stage.imagine("a cat", size=SMALL, seed=7)
    (picture,) = await stage.pictures(started)
    return Guild(stage, Hands(stage, picture))


async def test_a_reported_picture_is_removed_with_a_warning(guild: Guild) -> None:
    """Two members tell of it, in one case; the staff decide, and everybody learns their part."""
    assert "This server's staff are told." in await guild.report(REPORTER)
    assert "This server's staff are told." in await guild.report(LOCAL)
    await guild.stage.until(lambda: "Reported by 2 members" in guild.raw(STAFF))
    card = await guild.card()
    said = await guild.decide(card, "warn", reason="not here")
    assert "removed, and the member was warned" in said
    await guild.until_told(MEMBER, "This is a warning.")
    assert "They say: not here" in guild.direct(MEMBER)
    for member in (REPORTER, LOCAL):
        await guild.until_told(member, "removed it")
        assert "not here" not in guild.direct(member)
    hangs = guild.stage.sandbox.state.messages[guild.picture.picture["channel_id"]]
    await guild.stage.until(lambda: guild.picture.picture["id"] not in hangs)


async def test_of_two_moderators_at_once_one_decides(guild: Guild) -> None:
    """The other one reads who did, and the picture follows that one."""
    await guild.report()
    card = await guild.card()
    said = await asyncio.gather(
        guild.decide(card, "dismiss", MODERATOR), guild.decide(card, "remove", OWNER)
    )
    (won,) = [index for index, one in enumerate(said) if one.startswith("Decided: ")]
    winner = guild.stage.control.member((MODERATOR, OWNER)[won])
    assert said[1 - won].startswith(f"<@{winner}> has decided this")
    outcome = ("let it stay", "removed it")[won]
    await guild.until_told(REPORTER, outcome)
    await guild.stage.until(lambda: len(files(guild.stage)) == 1 - won)


async def test_whoever_has_reported_a_picture_before_fills_in_no_second_form(
    guild: Guild,
) -> None:
    await guild.report()
    assert "You have reported this picture before" in await guild.press_report()


async def test_a_dismissed_picture_stays_and_reports_come_too_late(guild: Guild) -> None:
    await guild.report()
    await guild.decide(await guild.card(), "dismiss")
    await guild.until_told(REPORTER, "let it stay")
    for member in (REPORTER, LOCAL):
        assert "The staff have looked at this picture, and let it stay." in (
            await guild.press_report(member)
        )
    assert len(await pictures_outside(guild.stage)) == 1


async def test_so_many_reports_hide_a_picture_until_it_is_dismissed(guild: Guild) -> None:
    """The staff see it on their card meanwhile."""
    put(guild.stage, "hides_after_reports", 2)
    await guild.report(REPORTER)
    assert len(await pictures_outside(guild.stage)) == 1
    await guild.report(LOCAL)
    await guild.stage.until(lambda: "This picture is hidden" in everywhere(guild.stage))
    assert await pictures_outside(guild.stage) == []
    await guild.stage.until(lambda: attachments(guild.stage, STAFF) == 1)
    await guild.decide(await guild.card(), "dismiss")
    await guild.stage.until(lambda: "This picture is hidden" not in everywhere(guild.stage))
    (shown,) = await pictures_outside(guild.stage)
    assert shown["id"] == guild.picture.picture["id"]
    assert "reroll" in str(shown), "with its hands"


def everywhere(stage: Stage) -> str:
    found = stage.sandbox.state.messages.values()
    return "".join(str(one.components) for each in found for one in each.values())


def attachments(stage: Stage, channel: str) -> int:
    found = stage.sandbox.state.messages.get(stage.control.channel(channel), {})
    return sum(len(one.attachments) for one in found.values())


async def test_a_time_out_needs_the_right_and_the_case_waits_for_it(guild: Guild) -> None:
    await guild.report()
    card = await guild.card()
    refused = await guild.decide(card, "timeout", lasts="3600000000")
    assert "Discord does not let me time this member out" in refused
    assert "Nothing was decided." in refused
    state = guild.stage.sandbox.state
    roles = state.guilds[guild.stage.control.guild["id"]].roles.values()
    (own,) = [one for one in roles if one.bot_id is not None]
    own.permissions |= MODERATE_MEMBERS
    said = await guild.decide(card, "timeout", lasts="3600000000")
    assert "timed out" in said
    members = state.guilds[guild.stage.control.guild["id"]].members
    assert members[guild.stage.control.member(MEMBER)].timed_out_until_us is not None
    await guild.until_told(MEMBER, "They have timed you out for it.")


async def test_a_blocked_member_appeals_and_paints_again(guild: Guild) -> None:
    """From the report to the block, its refusal, the appeal, and the end of it."""
    await guild.report()
    await guild.decide(await guild.card(), "block", lasts="86400000000", reason="enough")
    await guild.until_told(MEMBER, "no longer let you ask for pictures there")
    refused = (await settled(guild.stage, "a dog"))["messages"][-1]
    assert "This server's staff do not let you ask for pictures." in words(refused)
    assert "They say: enough" in words(refused)
    await appeal(guild, refused, "I will behave")
    card = await guild.card("✋")
    assert "I will behave" in words(card)
    assert "granted" in await guild.decide(card, "grant")
    await guild.until_told(MEMBER, "you may ask for pictures again")
    assert await guild.stage.pictures(await guild.stage.imagine("a dog", size=SMALL))


async def settled(stage: Stage, prompt: str, member: int = MEMBER) -> Any:
    return await stage.control.settled(await stage.imagine(prompt, size=SMALL, member=member))


async def appeal(
    guild: Guild, message: Any, said: str, member: int = MEMBER, *, reads: str = ""
) -> str:
    """Args: reads: what the form says, to whoever has opened it alone."""
    (custom_id,) = [
        one["custom_id"]
        for one in parts(message)
        if (one.get("custom_id") or "").startswith("zeuxis:2:appeal:")
    ]
    opened = await guild.act("component", message, custom_id, member)
    if not opened.get("modal"):
        return words(opened["messages"][-1])
    assert reads in str(opened["modal"])
    seen = await guild.act("modal", message, custom_id, member, fields={"words": said})
    return words(seen["messages"][-1])


async def test_refused_words_pass_once_their_appeal_is_granted(guild: Guild) -> None:
    """For whoever appealed; another member is refused still."""
    rule = WordRule(id=0, name="Beasts", outcome=RuleOutcome.REFUSE, words=("wolf",))
    await guild.stage.kill_bot()  # it keeps the rules in memory
    write(guild.stage, put_rule, guild_id(guild.stage), rule, by=7, now_us=1)
    await guild.stage.start_bot()
    refused = (await settled(guild.stage, "a wolf"))["messages"][-1]
    assert "Your appeal is with" in await appeal(guild, refused, "a fairy tale")
    assert "You have appealed before" in await appeal(guild, refused, "once more")
    await guild.decide(await guild.card("✋"), "grant")
    await guild.until_told(MEMBER, "you may ask for the same words now")
    assert await guild.stage.pictures(await guild.stage.imagine("a wolf", size=SMALL))
    others = (await settled(guild.stage, "a wolf", REPORTER))["messages"][-1]
    assert "does not allow this" in words(others)


@pytest.mark.parametrize("verb", ["grant", "deny"])
async def test_a_rejected_picture_is_appealed_once(guild: Guild, verb: str) -> None:
    review_everything(guild.stage)
    started = await guild.stage.imagine("a pear", size=SMALL)
    await guild.stage.until(lambda: waiting(guild.stage))
    await guild.decide(await guild.card("🔎"), "reject", kind="rules", reason="no fruit")
    await guild.until_told(MEMBER, "no fruit")
    await guild.stage.until(lambda: "zeuxis:2:appeal" in guild.raw("pictures"))
    (status,) = (await guild.stage.control.settled(started))["messages"]
    await appeal(guild, status, "it is a vegetable", reads="no fruit")
    await guild.decide(await guild.card("✋"), verb, reason="still no fruit")
    if verb == "grant":
        await guild.until_told(MEMBER, "your picture is on its way")
        await guild.stage.until(lambda: len(files(guild.stage)) == 2)
        return
    await guild.until_told(MEMBER, "still no fruit")
    await guild.stage.until(lambda: "looked at your appeal" in guild.raw("pictures"))
    assert "zeuxis:2:appeal" not in guild.raw("pictures")
    assert "fruit" not in guild.raw("pictures"), "why is for its member alone"
    assert len(files(guild.stage)) == 1


async def test_a_picture_that_a_rule_refused_is_shown_once_its_appeal_is_granted(
    guild: Guild,
) -> None:
    """Nobody of the staff was asked before; their card has the picture, which hangs nowhere."""
    await a_rule(guild.stage, name="No dawn", words="morning light")
    started = await guild.stage.imagine("a cat", seed=MORNING, size=SMALL, rewrite="on")
    await guild.stage.until(lambda: "zeuxis:2:appeal" in guild.raw("pictures"))
    assert guild.raw(STAFF) == ""
    (status,) = (await guild.stage.control.settled(started))["messages"]
    assert "Your appeal is with" in await appeal(guild, status, "it is noon")
    card = await guild.card("✋")
    assert "No dawn" in words(card)
    assert len(card["attachments"]) == 1
    await guild.stage.until(lambda: "Your appeal is with" in guild.raw("pictures"))
    assert len(files(guild.stage)) == 1
    await guild.decide(card, "grant")
    await guild.stage.until(lambda: len(files(guild.stage)) == 2)
    assert guild.stage.ledger()["billed"] == 2


def files(stage: Stage) -> list[str]:
    """Names of what hangs outside of the staff's channel."""
    staff = stage.control.channel(STAFF)
    return [
        one.id
        for channel_id, messages in stage.sandbox.state.messages.items()
        for one in messages.values()
        if one.attachments and channel_id != staff
    ]


async def test_reporters_who_abuse_it_are_thanked_and_not_heard(guild: Guild) -> None:
    desk = await guild.see(OWNER, REPORTER)
    user_id = guild.stage.control.member(REPORTER)
    await guild.act("component", desk, f"zeuxis:2:person:ignore:{user_id}", OWNER)
    assert "This server's staff are told." in await guild.report()
    assert waiting(guild.stage) == ()
    await guild.report(LOCAL)
    await guild.card()


async def test_a_trusted_member_waits_for_nobody(guild: Guild) -> None:
    review_everything(guild.stage)
    user_id = guild.stage.control.member(MEMBER)
    desk = await guild.see(OWNER, MEMBER)
    await guild.act("component", desk, f"zeuxis:2:person:trust:{user_id}", OWNER)
    assert await guild.stage.pictures(await guild.stage.imagine("a dog", size=SMALL))
    assert waiting(guild.stage) == ()


async def test_a_moderator_of_one_channel_decides_what_is_about_it(guild: Guild) -> None:
    """By the list there; in the card of a member nothing of elsewhere, and nothing to set."""
    await guild.moderate(LOCAL, "pictures")
    await guild.report()
    (case,) = await guild_cases(guild)
    seen = await guild.see(LOCAL, MEMBER)
    assert f"case {case.id}" in words(seen)
    assert "zeuxis:2:person" not in str(seen)
    card = await guild.card()
    assert await guild.decide(card, "remove", LOCAL) == UNKNOWN, "they do not moderate there"
    started = await guild.stage.control.act(
        "command", name="moderation queue", member=LOCAL, channel="pictures"
    )
    (listed,) = (await guild.stage.control.settled(started))["messages"]
    (select,) = [
        one for one in parts(listed) if str(one.get("custom_id")).startswith("zeuxis:2:cases:open:")
    ]
    opened = await guild.act("component", listed, select["custom_id"], LOCAL, values=[str(case.id)])
    await guild.act("component", opened["messages"][-1], f"zeuxis:2:case:remove:{case.id}", LOCAL)
    await guild.until_told(REPORTER, "removed it")


async def guild_cases(guild: Guild) -> Any:
    await guild.stage.until(lambda: waiting(guild.stage))
    return waiting(guild.stage)


@pytest.mark.parametrize("verb", ["remove", "dismiss"])
async def test_a_plain_member_decides_nothing_and_sees_nobody(guild: Guild, verb: str) -> None:
    """The command is not even offered to them."""
    await guild.report()
    assert await guild.decide(await guild.card(), verb, MEMBER) == UNKNOWN
    assert "Missing Permissions" in str(await guild.see(MEMBER, REPORTER))
    assert len(waiting(guild.stage)) == 1


async def test_staff_of_another_guild_see_nothing(guild: Guild) -> None:
    await guild.report()
    await guild.card()
    (_, harbour, *_) = guild.stage.control.addresses["guilds"]
    started = await guild.stage.control.act(
        "command",
        name="moderation member",
        guild_id=harbour["id"],
        channel_id=harbour["channels"][0]["id"],
        user_id=owner_of(guild.stage, harbour["id"]),
        options={"user": guild.stage.control.member(MEMBER)},
    )
    (message,) = (await guild.stage.control.settled(started))["messages"]
    assert "No cases." in words(message)
    assert "reported" not in words(message).replace("Pictures they reported", "")


def owner_of(stage: Stage, guild: str) -> str:
    return stage.sandbox.state.guilds[guild].owner_id


async def test_whoever_the_provider_refuses_again_and_again_is_shown_to_the_staff(
    guild: Guild,
) -> None:
    """And waits."""
    put(guild.stage, "refusals_per_hour", 1)
    guild.stage.fault({"server": "zimage", "kind": "error", "code": "DataInspectionFailed"})
    await settled(guild.stage, "something awful")
    card = await guild.card("⚠️")
    assert "refused within one hour: 1" in words(card)
    guild.stage.sandbox.faults.clear()
    refused = (await settled(guild.stage, "a dog"))["messages"][-1]
    assert "Z-Image has refused several of your prompts" in words(refused)
    others = await guild.stage.imagine("a dog", size=SMALL, member=REPORTER)
    assert await guild.stage.pictures(others)
    assert "dismissed" in await guild.decide(card, "dismiss")
