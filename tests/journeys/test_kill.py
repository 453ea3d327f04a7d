"""`kill -9` between each two steps of a job: one picture, one bill, or a plain word."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.test_imagine import SMALL, text_of

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

BY_DISCORD = {18, 21}  # a thread was made; the message that it hangs on
POST_PICTURE = "POST */channels/*/messages"
# Where the bot hangs when it is killed; each is one step of docs/design.md's list.
STEPS: dict[str, dict[str, Any]] = {
    "the answer was not taken": {
        "server": "discord",
        "kind": "hang_before",
        "match": "POST */callback*",
    },
    "the answer stands, the bot does not know": {
        "server": "discord",
        "kind": "hang_after",
        "match": "POST */callback*",
    },
    "the download was asked for": {"server": "links", "kind": "hang_before"},
    "the thread was asked for": {
        "server": "discord",
        "kind": "hang_before",
        "match": "POST */threads",
    },
    "the thread stands, the bot does not know": {
        "server": "discord",
        "kind": "hang_after",
        "match": "POST */threads",
    },
    "the picture was on its way": {
        "server": "discord",
        "kind": "hang_before",
        "match": POST_PICTURE,
    },
    "the picture stands, the bot does not know": {
        "server": "discord",
        "kind": "hang_after",
        "match": POST_PICTURE,
    },
    "the status was to be edited": {
        "server": "discord",
        "kind": "hang_before",
        "match": "PATCH */channels/*/messages/*",
    },
    "the status says done, the bot does not know": {
        "server": "discord",
        "kind": "hang_after",
        "match": "PATCH */channels/*/messages/*",
    },
}


async def all_messages(stage: Stage) -> list[Any]:
    """Of every channel and thread, as a moderator sees them."""
    guild = stage.control.guild["id"]
    view = await stage.control.get(f"/guilds/{guild}")
    places = [*view["channels"], *view["threads"]]
    found: list[Any] = []
    for place in places:
        answer = await stage.control.call(
            "GET", f"/channels/{place['id']}/messages?viewer={stage.control.member(3)}"
        )
        found += answer.body if answer.status == 200 else []
    return found


async def spoken(stage: Stage) -> list[Any]:
    """What the bot itself has said, without what Discord says of threads."""
    return [one for one in await all_messages(stage) if one["type"] not in BY_DISCORD]


async def pictures_anywhere(stage: Stage) -> list[Any]:
    return [one for one in await all_messages(stage) if one["attachments"]]


@pytest.mark.parametrize("step", STEPS)
async def test_the_member_gets_the_picture_once_after_a_kill_where(stage: Stage, step: str) -> None:
    """Drawn once, billed once, posted once, whatever the bot knew."""
    stage.fault(STEPS[step])
    await stage.imagine("a cat", seed=7, size=SMALL)
    await stage.until(lambda: stage.fired() and '"event": "generated"' in stage.log)
    await stage.kill_bot()
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: '"event": "delivered"' in stage.log)
    (picture,) = await pictures_anywhere(stage)
    assert "seed 7" in text_of(picture)
    others = [one for one in await spoken(stage) if not one["attachments"]]
    (status,) = others  # a second one, true or stale, would be one too many
    assert "See the picture" in text_of(status)
    assert stage.ledger()["billed"] == 1
    assert stage.ledger()["accepted"] == 1


@pytest.mark.parametrize("kind", ["hang_before", "hang_after"])
async def test_a_call_that_was_out_at_the_kill_is_uncertain_said_so_and_not_sent_again(
    stage: Stage, kind: str
) -> None:
    """Whether or not it was drawn and billed: nobody can know."""
    stage.fault({"server": "zimage", "kind": kind, "match": "POST *"})
    await stage.imagine("a cat", size=SMALL)
    await stage.until(stage.fired)
    billed = stage.ledger()["billed"]
    await stage.kill_bot()
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: '"event": "notified"' in stage.log, 60)
    (status,) = await all_messages(stage)
    assert re.search("perhaps|may have", text_of(status))
    assert stage.ledger()["billed"] == billed
    assert await pictures_anywhere(stage) == []


def is_queued_again(stage: Stage) -> bool:
    """On disk: a kill before that would leave a call that was out."""
    with closing(sqlite3.connect(stage.database)) as database:
        return ("queued", 1) in database.execute("SELECT state, attempts FROM job").fetchall()


async def test_a_job_that_waited_at_the_kill_is_drawn_after_the_restart(stage: Stage) -> None:
    """What was acknowledged is on disk."""
    stage.fault({"server": "zimage", "kind": "error", "code": "Throttling", "times": 1})
    await stage.imagine("a cat", size=SMALL)
    await stage.until(lambda: is_queued_again(stage))
    await stage.kill_bot()
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: '"event": "delivered"' in stage.log, 60)
    assert len(await pictures_anywhere(stage)) == 1
    assert stage.ledger()["billed"] == 1
