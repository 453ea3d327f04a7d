"""Every hand of a picture, by everybody, in a channel and a thread, before and after a kill."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.cogs.playing import parts
from tests.journeys.test_imagine import SMALL, custom_id, hand, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.stage import Stage

REQUESTER, STRANGER, MODERATOR = 0, 1, 3
DATA = Path(__file__).parents[1] / "data"
FILLED = {"prompt": "two cats", "negative": "", "size": SMALL, "seed": "9", "rewriting": "off"}
NEW_PICTURES = ("reroll", "again", "rewritten", "edit", "resize")
FORBIDDEN = "Only they and moderators may do that."


class Hands:
    """Of one picture, on a stage."""

    def __init__(self, stage: Stage, picture: dict[str, Any]) -> None:
        self.stage = stage
        self.picture = picture
        self.job = custom_id(picture, "more").rpartition(":")[2]

    async def press(self, verb: str, member: int, message: Any = None, **act: Any) -> Any:
        """A button, or the menu's choice; returns what it has led to, once that has settled."""
        message = message or self.picture
        started = await self.stage.control.act(
            "component",
            channel=message["channel_id"],
            message_id=message["id"],
            member=member,
            **{**hand(message, verb), **act},
        )
        return await self.stage.control.settled(started)

    async def fill(self, verb: str, member: int, filled: dict[str, str]) -> Any:
        opened = await self.press(verb, member)
        if not opened.get("modal"):
            return opened
        started = await self.stage.control.act(
            "modal",
            channel=self.picture["channel_id"],
            custom_id=f"zeuxis:2:{verb}:{self.job}",
            fields=filled,
            member=member,
        )
        return await self.stage.control.settled(started)

    async def use(self, verb: str, member: int) -> Any:
        """To its end."""
        match verb:
            case "edit":
                # Of each member another wish, and another one before and after the kill.
                return await self.fill(verb, member, FILLED)
            case "alt":
                return await self.fill(verb, member, {"alt": f"a cat, said by {member}"})
            case "report":
                return await self.fill(verb, member, {"reason": "other", "words": "look"})
            case "resize":
                offered = await self.press(verb, member)
                menu = offered["messages"][-1]
                return await self.press("size", member, menu, values=[last_size(menu)])
            case _:
                return await self.press(verb, member)


def last_size(message: Any) -> str:
    (menu,) = [one for one in parts(message) if one["type"] == 3]
    return str(menu["options"][-1]["value"])


def told(seen: Any) -> str:
    return "\n".join(text_of(one) for one in seen["messages"])


async def painted(stage: Stage, place: str) -> Hands:
    """A picture with a rewritten prompt, asked for in a channel or in a thread."""
    channel = "pictures" if place == "channel" else await a_thread(stage)
    started = await stage.imagine("a cat", size=SMALL, seed=7, rewrite="on", channel=channel)
    (picture,) = await stage.pictures(started)
    return Hands(stage, picture)


async def a_thread(stage: Stage) -> str:
    """That an earlier picture has opened."""
    (picture,) = await stage.pictures(await stage.imagine("an earlier wish", size=SMALL))
    return str(picture["channel_id"])


async def use_all(stage: Stage, hands: Hands, member: int) -> None:
    """Each hand once, by one member."""
    for verb in NEW_PICTURES:
        seen = await hands.use(verb, member)
        pictures = [one for one in seen["messages"] if one["attachments"]]
        assert len(pictures) == 1, (verb, told(seen))
    assert "You keep this picture" in told(await hands.use("keep", member))
    assert "```\na cat\n```" in told(await hands.use("prompt", member))
    assert "Only you" not in told(await hands.use("lineage", member))
    described = told(await hands.use("alt", member))
    assert (FORBIDDEN if member == STRANGER else "is changed") in described
    assert "turn to a moderator" in told(await hands.use("report", member))
    assert "reported this picture before" in told(await hands.use("report", member))
    assert "no longer keep" in told(await hands.use("keep", member))


@pytest.mark.parametrize("place", ["channel", "thread"])
@pytest.mark.parametrize("member", [REQUESTER, STRANGER, MODERATOR])
async def test_every_hand_works_before_and_after_a_kill(
    stage: Stage, place: str, member: int
) -> None:
    """Ids carry all that there is to know; the second process has never seen the card."""
    hands = await painted(stage, place)
    await use_all(stage, hands, member)
    await stage.kill_bot()
    await stage.start_bot()
    before = stage.ledger()["billed"]
    seen = await hands.use("reroll", member)
    assert [one for one in seen["messages"] if one["attachments"]]
    assert stage.ledger()["billed"] == before + 1
    assert "You keep this picture" in told(await hands.use("keep", member))
    await hands.use("edit", member)
    deleted = await hands.press("delete", member)
    left = [one["id"] for one in await stage.control.messages(hands.picture["channel_id"])]
    if member == STRANGER:
        assert FORBIDDEN in told(deleted)
        assert hands.picture["id"] in left
    else:
        assert hands.picture["id"] not in left


async def test_a_described_picture_stays_and_says_it(stage: Stage) -> None:
    """The uploaded file is still the one that hangs."""
    hands = await painted(stage, "channel")
    await hands.use("alt", REQUESTER)
    (now,) = [
        one
        for one in await stage.control.messages(hands.picture["channel_id"])
        if one["id"] == hands.picture["id"]
    ]
    assert [one["id"] for one in now["attachments"]] == [
        one["id"] for one in hands.picture["attachments"]
    ]
    (gallery,) = [one for one in parts(now) if one["type"] == 12]
    assert gallery["items"][0]["description"] == "a cat, said by 0"
    url = gallery["items"][0]["media"]["url"]
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert (await answer.read())[:8] == b"\x89PNG\r\n\x1a\n"


async def test_a_report_reaches_the_staff_though_the_bot_was_killed(stage: Stage) -> None:
    """Once, in the channel that they have named."""
    hands = await painted(stage, "channel")
    general = stage.control.channel("general")
    opened = await stage.control.act(
        "command", name="settings panel", member=MODERATOR, channel="pictures"
    )
    if "interaction_id" not in opened:
        pytest.fail(f"the moderator is no staff: {opened}")
    panel = (await stage.control.settled(opened))["messages"][-1]
    for verb, values in (
        ("page:where:-", ["moderation"]),
        ("set:moderation:staff_channel", [general]),
    ):
        ids = [one.get("custom_id") or "" for one in parts(panel)]
        custom_id = next(one for one in ids if one.startswith(f"zeuxis:settings:{verb}:"))
        started = await stage.control.act(
            "component",
            channel=panel["channel_id"],
            message_id=panel["id"],
            custom_id=custom_id,
            values=values,
            member=MODERATOR,
        )
        panel = (await stage.control.settled(started))["messages"][-1]
    stage.fault(
        {"server": "discord", "kind": "hang_after", "match": f"POST */channels/{general}/messages"}
    )
    assert "staff are told" in told(await hands.use("report", STRANGER))
    await stage.until(stage.fired)
    await stage.kill_bot()
    stage.sandbox.faults.clear()
    await stage.start_bot()
    messages = stage.sandbox.state.messages
    await stage.until(lambda: messages.get(general))
    assert len(messages[general]) == 1


# ------------------------------------------------------------------------------------------------
# Buttons of the first version, under the database that it wrote.


@pytest.mark.parametrize("verb", ["reroll", "again"])
async def test_a_button_of_the_first_version_paints(
    stage_with: Callable[..., Any], verb: str
) -> None:
    """8c0c53b has posted it; its database was brought to this version at the start."""
    async with stage_with(bot=False) as stage:
        seen = await press_of_the_first_version(stage, verb)
        job = re.search(r"job (\d+)", told(seen))
        assert job, told(seen)
        await stage.until(lambda: is_delivered(stage, int(job[1])), 60)


async def test_a_button_of_the_first_version_deletes(stage_with: Callable[..., Any]) -> None:
    async with stage_with(bot=False) as stage:
        await press_of_the_first_version(stage, "delete")
        messages = stage.sandbox.state.messages[stage.control.channel("pictures")]
        await stage.until(lambda: "zeuxis:delete:" not in str(messages))


async def test_a_button_of_the_first_version_cancels(stage_with: Callable[..., Any]) -> None:
    """Its job has ended since, uncertain: this is said."""
    async with stage_with(bot=False) as stage:
        seen = await press_of_the_first_version(stage, "cancel")
        assert "come to its end" in told(seen)


async def press_of_the_first_version(stage: Stage, verb: str) -> Any:
    said = json.loads((DATA / "8c0c53b.json").read_text())
    shutil.copy(DATA / "8c0c53b.sqlite3", stage.database)
    with closing(sqlite3.connect(stage.database)) as old, old:
        old.execute("UPDATE gate SET outage = NULL, failures = 0")  # as its end left it
    await stage.start_bot()
    name = next(one for one in said["buttons"] if one.startswith(f"zeuxis:{verb}:"))
    message_id = await post_as_the_bot(stage, name)
    with closing(sqlite3.connect(stage.database)) as now, now:  # this Discord is another one
        row = (stage.control.channel("pictures"), message_id, name.rpartition(":")[2])
        now.execute("UPDATE picture SET channel_id = ?, message_id = ? WHERE job_id = ?", row)
    started = await stage.control.act(
        "component",
        channel="pictures",
        message_id=message_id,
        custom_id=name,
        member=MODERATOR,
    )
    return await stage.control.settled(started, 60)


def is_delivered(stage: Stage, job_id: int) -> bool:
    said = map(json.loads, stage.log.splitlines())
    return any(one["event"] == "delivered" and one.get("job") == job_id for one in said)


async def post_as_the_bot(stage: Stage, custom_id: str) -> str:
    """A message as that version made it."""
    button = {"type": 2, "style": 1, "label": "Reroll", "custom_id": custom_id}
    body = {"flags": 1 << 15, "components": [{"type": 1, "components": [button]}]}
    addresses, channel = stage.sandbox.addresses, stage.control.channel("pictures")
    url = f"{addresses['discord_api_base_url']}/channels/{channel}/messages"
    headers = {"Authorization": f"Bot {addresses['bot_token']}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=headers) as answer,
    ):
        sent = await answer.json()
    return str(sent["id"])
