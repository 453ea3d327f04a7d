"""Staff look at pictures before they are shown: the real bot over real sockets."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.cogs.playing import is_private, parts, words
from tests.journeys.test_imagine import SMALL, text_of

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

MEMBER, STRANGER, MODERATOR, OWNER = 0, 1, 3, 4
STAFF = "general"
FORM = {"kind": "violent", "reason": "too much blood", "note": "third time", "tells": True}


@dataclass
class Desk:
    """A guild whose staff look at every picture, in a channel of theirs."""

    stage: Stage

    async def set_up(self, **more: str) -> None:
        """By a file of settings, as staff bring it along."""
        control = self.stage.control
        guild = control.guild["id"]
        values = {"review": "always", "staff_channel": control.channel(STAFF), **more}
        rows = [
            {"scope": "guild", "id": guild, "name": name, "value": value}
            for name, value in values.items()
        ]
        file = json.dumps({"zeuxis settings": 1, "guild": guild, "values": rows}).encode()
        options = {
            "file": {"filename": "a.json", "content_base64": base64.b64encode(file).decode()}
        }
        started = await control.act(
            "command", name="settings import", member=MODERATOR, options=options
        )
        settled = await control.settled(started)
        assert "Nothing was changed" not in text_of(settled["messages"][-1])

    async def ask(self, prompt: str = "a cat", *, member: int = MEMBER) -> Any:
        """Returns the interaction that asked for a picture."""
        return await self.stage.imagine(prompt, size=SMALL, member=member)

    async def cards(self, count: int) -> list[Any]:
        """Of cases, once there are so many."""
        messages = self.stage.sandbox.state.messages
        staff = self.stage.control.channel(STAFF)
        await self.stage.until(lambda: len(messages.get(staff, ())) >= count)
        found = await self.stage.control.messages(STAFF)
        return sorted(found, key=lambda one: int(one["id"]))

    async def held(self, prompt: str = "a cat", *, member: int = MEMBER) -> Any:
        """The card of a picture that was asked for; no other one has this prompt."""
        messages = self.stage.sandbox.state.messages
        staff = self.stage.control.channel(STAFF)
        await self.ask(prompt, member=member)
        await self.stage.until(
            lambda: any(prompt in str(one.components) for one in messages.get(staff, {}).values())
        )
        found = await self.stage.control.messages(STAFF)
        return next(one for one in found if prompt in words(one))

    async def press(self, card: Any, verb: str, *, member: int = MODERATOR, **act: Any) -> Any:
        """Returns what whoever presses sees."""
        (custom_id,) = [
            one["custom_id"]
            for one in parts(card)
            if (one.get("custom_id") or "").startswith(f"zeuxis:2:case:{verb}:")
        ]
        started = await self.stage.control.act(
            "component",
            message_id=card["id"],
            channel=card["channel_id"],
            custom_id=custom_id,
            member=member,
            **act,
        )
        return await self.stage.control.settled(started)

    async def reject(self, card: Any, *, member: int = MODERATOR, **fields: Any) -> Any:
        """By the form."""
        opened = await self.press(card, "reject", member=member)
        if opened.get("modal") is None:
            return opened
        started = await self.stage.control.act(
            "modal",
            member=member,
            channel=card["channel_id"],
            custom_id=opened["modal"]["custom_id"],
            fields={**FORM, **fields},
        )
        return await self.stage.control.settled(started)

    async def decide(self, card: Any, verb: str, member: int) -> str:
        """What whoever decides reads, for themselves alone."""
        if verb == "reject":
            seen = await self.reject(card, member=member)
        else:
            seen = await self.press(card, verb, member=member)
        message = seen["messages"][-1]
        assert is_private(message)
        return words(message)

    async def decided(self, card: Any) -> Any:
        """The card, once it says how it ended."""

        def is_decided() -> bool:
            messages = self.stage.sandbox.state.messages[card["channel_id"]]
            return "case:approve" not in str(messages[card["id"]].components)

        await self.stage.until(is_decided)
        found = await self.stage.control.messages(STAFF)
        return next(one for one in found if one["id"] == card["id"])

    def pictures(self) -> list[str]:
        """Of the messages with a picture outside of the staff's channel."""
        staff = self.stage.control.channel(STAFF)
        return [
            one.id
            for channel_id, messages in self.stage.sandbox.state.messages.items()
            for one in messages.values()
            if one.attachments and channel_id != staff
        ]


@pytest.fixture
async def desk(stage: Stage) -> Desk:
    opened = Desk(stage)
    await opened.set_up()
    return opened


async def test_a_picture_waits_for_the_staff_and_is_shown_once_they_approve(desk: Desk) -> None:
    """Behind a spoiler on their card; nowhere else before."""
    card = await desk.held("an orange cat")
    assert "an orange cat" in words(card)
    (gallery,) = [one for one in parts(card) if one["type"] == 12]
    assert gallery["items"][0]["spoiler"] is True
    assert desk.pictures() == []
    assert await desk.decide(card, "approve", MODERATOR) == "Decided: approved."
    await desk.stage.until(desk.pictures)
    decided = words(await desk.decided(card))
    assert f"**approved** · <@{desk.stage.control.member(MODERATOR)}>" in decided


@pytest.mark.parametrize(
    ("first", "second"), [("approve", "trust"), ("approve", "reject"), ("reject", "trust")]
)
async def test_of_two_moderators_at_once_one_decides(desk: Desk, first: str, second: str) -> None:
    """The other one reads who did, and the card and the picture follow that one."""
    card = await desk.held()
    said = await asyncio.gather(
        desk.decide(card, first, MODERATOR), desk.decide(card, second, OWNER)
    )
    won = [index for index, one in enumerate(said) if one.startswith("Decided: ")]
    assert len(won) == 1, said
    winner = desk.stage.control.member((MODERATOR, OWNER)[won[0]])
    assert said[1 - won[0]].startswith(f"<@{winner}> has decided this")
    shown = words(await desk.decided(card))
    assert f"<@{winner}>" in shown
    is_rejected = (first, second)[won[0]] == "reject"
    if is_rejected:
        assert desk.pictures() == []
    else:
        await desk.stage.until(desk.pictures)
        assert len(desk.pictures()) == 1


async def test_a_rejected_picture_is_never_shown_and_its_member_learns_why(desk: Desk) -> None:
    """It was drawn, so it stays charged."""
    started = await desk.ask()
    (card,) = await desk.cards(1)
    assert await desk.decide(card, "reject", MODERATOR) == "Decided: rejected."
    decided = words(await desk.decided(card))
    assert "> Violent or disturbing: too much blood" in decided
    assert "-# Note: third time" in decided

    def learned() -> bool:
        state = desk.stage.sandbox.state
        answers = [one for each in state.messages.values() for one in each.values()]
        return any("too much blood" in str(one.components) for one in answers[1:])

    await desk.stage.until(learned)
    settled = await desk.stage.control.settled(started)
    assert not any(one["attachments"] for one in settled["messages"])
    assert desk.pictures() == []
    assert desk.stage.ledger()["billed"] == 1


async def test_whoever_is_trusted_waits_no_more(desk: Desk) -> None:
    """From the next picture on; another member does."""
    await desk.decide(await desk.held(), "trust", MODERATOR)
    await desk.stage.until(desk.pictures)
    await desk.ask("a pear")
    await desk.stage.until(lambda: len(desk.pictures()) == 2)
    assert len(await desk.cards(1)) == 1
    await desk.held("a plum", member=STRANGER)
    assert len(desk.pictures()) == 2


@pytest.mark.parametrize("verb", ["approve", "trust", "reject"])
async def test_a_plain_member_decides_nothing(desk: Desk, verb: str) -> None:
    """Though they see the channel and press."""
    card = await desk.held()
    said = await desk.decide(card, verb, MEMBER)
    assert said == "There is no such case, or none that you may decide here."
    assert desk.pictures() == []


async def test_a_backlog_is_approved_together(desk: Desk) -> None:
    """From the list, by one press after the choice; each picture is then shown."""
    for prompt in ("a pear", "a plum", "a fig"):
        await desk.held(prompt)
    control = desk.stage.control
    started = await control.act("command", name="moderation queue", member=MODERATOR, channel=STAFF)
    (listed,) = (await control.settled(started))["messages"]
    assert "3 cases" in words(listed)
    ids = [one["value"] for one in parts(listed)[-1].get("options", ())]
    for verb, values in (("choose", ids[:2]), ("approve", None)):
        started = await control.act(
            "component",
            member=MODERATOR,
            channel=listed["channel_id"],
            message_id=listed["id"],
            custom_id=f"zeuxis:2:cases:{verb}:0:0",
            **({} if values is None else {"values": values}),
        )
        settled = await control.settled(started)
        listed = next(one for one in settled["messages"] if one["id"] == listed["id"])
    assert "**Decided: 2**" in words(listed)
    await desk.stage.until(lambda: len(desk.pictures()) == 2)
