"""How many messages a request leaves, and that a `kill -9` leaves no more, whatever it hits."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.test_imagine import SMALL, hand, text_of
from tests.journeys.test_kill import pictures_anywhere, spoken

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

SEVERAL = "tests.journeys.several_bot"
EDIT = "PATCH */channels/*/messages/*"
DELIVERED = '"event": "delivered"'


def want_no_threads(stage: Stage) -> None:
    """As staff would on the panel."""
    guild_id = int(stage.control.guild["id"])
    with closing(sqlite3.connect(stage.database)) as database, database:
        columns = "scope, scope_id, name, tenant_id, value, version, changed_by, changed_at_us"
        database.execute(
            f"INSERT INTO policy ({columns}) VALUES"
            " ('guild', ?, 'results_in', ?, 'channel', 1, '7', 1)",
            (guild_id, guild_id),
        )


async def settle(stage: Stage, pictures: int) -> None:
    await stage.until(lambda: stage.log.count(DELIVERED) == pictures)


async def press(stage: Stage, message: Any, verb: str) -> Any:
    started = await stage.control.act(
        "component",
        channel=message["channel_id"],
        message_id=message["id"],
        **hand(message, verb),
    )
    return await stage.control.settled(started)


async def test_in_a_channel_a_request_leaves_a_status_and_a_picture_in_its_thread(
    stage: Stage,
) -> None:
    """Two messages, of which one is in the channel."""
    await stage.imagine(size=SMALL)
    await settle(stage, 1)
    assert len(await spoken(stage)) == 2
    assert len(await stage.control.messages("pictures")) == 1


async def test_where_staff_want_it_in_the_channel_a_request_leaves_one_message(
    stage: Stage,
) -> None:
    """It was two."""
    want_no_threads(stage)
    await stage.imagine(size=SMALL)
    await settle(stage, 1)
    (message,) = await spoken(stage)
    assert len(message["attachments"]) == 1


async def test_ten_rerolls_in_a_thread_leave_ten_messages(stage: Stage) -> None:
    """It was twenty. Deleting one takes its only message away."""
    await stage.imagine(size=SMALL)
    await settle(stage, 1)
    (first,) = await pictures_anywhere(stage)
    newest = first
    for number in range(10):  # each of the picture before: who presses twice gets one
        await press(stage, newest, "reroll")
        await settle(stage, 2 + number)
        newest = max(await pictures_anywhere(stage), key=lambda one: int(one["id"]))
    in_thread = [m for m in await spoken(stage) if m["channel_id"] == first["channel_id"]]
    assert len(in_thread) == 1 + 10
    assert all(len(message["attachments"]) == 1 for message in in_thread)
    (reroll, *_) = [message for message in in_thread if message["id"] != first["id"]]
    await press(stage, reroll, "delete")
    await stage.until(lambda: '"event": "deleted"' in stage.log)
    left = [m for m in await spoken(stage) if m["channel_id"] == first["channel_id"]]
    assert len(left) == 10


@pytest.mark.parametrize("kind", ["hang_before", "hang_after"])
async def test_a_kill_around_the_edit_leaves_one_message_and_one_bill(
    stage: Stage, kind: str
) -> None:
    """Whether the status message had become the picture or not."""
    want_no_threads(stage)
    stage.fault({"server": "discord", "kind": kind, "match": EDIT})
    await stage.imagine("a cat", size=SMALL)
    await stage.until(lambda: stage.fired() and '"event": "generated"' in stage.log)
    await stage.kill_bot()
    stage.fault()
    await stage.start_bot()
    await settle(stage, 1)
    (message,) = await spoken(stage)
    assert len(message["attachments"]) == 1
    assert stage.ledger()["billed"] == 1


@pytest.mark.parametrize("kind", ["hang_before", "hang_after"])
@pytest.mark.parametrize("edits", [0, 1])
async def test_a_kill_in_the_middle_of_four_leaves_four_pictures_four_bills_and_one_card(
    stage: Stage, kind: str, edits: int
) -> None:
    """Killed at the first edit, or at the one that adds what came within three seconds."""
    await stage.kill_bot()
    stage.program = SEVERAL
    # So that the others are painted while the card rests from its first edit.
    stage.environment = {**stage.environment, "ZIMAGE_REQUESTS_PER_SECOND": "2"}
    await stage.start_bot()
    want_no_threads(stage)
    stage.fault({"server": "discord", "kind": kind, "match": EDIT, "skip": edits})
    await stage.imagine("four cats", seed=7, size=SMALL)
    await stage.until(lambda: stage.fired() and stage.log.count('"event": "generated"') == 4)
    await stage.kill_bot()
    stage.fault()
    delivered = stage.log.count(DELIVERED)
    await stage.start_bot()
    await settle(stage, 4)
    assert delivered < 4
    (card,) = await spoken(stage)
    assert len(card["attachments"]) == 4
    assert len({one["filename"] for one in card["attachments"]}) == 4
    assert "4 of 4 painted" in text_of(card)
    assert stage.ledger()["billed"] == stage.ledger()["accepted"] == 4
