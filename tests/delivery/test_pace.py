"""When a message may be edited again, and what waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.delivery.pace import BETWEEN_EDITS_S, EditPace
from bot.queue.records import MessageId
from tests.clock import ManualClock

if TYPE_CHECKING:
    from tests.delivery.scene import Scene

ONE, OTHER = MessageId(1), MessageId(2)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pace(clock: ManualClock) -> EditPace:
    return EditPace(clock)


def test_each_message_rests_for_itself(pace: EditPace, clock: ManualClock) -> None:
    """From the end of its last edit."""
    pace.note(ONE)
    assert not pace.is_free(ONE)
    assert pace.is_free(OTHER)
    clock.advance(BETWEEN_EDITS_S - 0.001)
    assert not pace.is_free(ONE)
    clock.advance(0.001)
    assert pace.is_free(ONE)


def test_a_clock_that_was_set_back_holds_nothing_back(pace: EditPace, clock: ManualClock) -> None:
    """Nor makes three seconds an hour."""
    pace.note(ONE)
    clock.adopt(-3_600_000_000)
    assert pace.is_free(ONE)


def test_what_may_be_edited_again_is_forgotten(pace: EditPace, clock: ManualClock) -> None:
    """So memory holds the messages of three seconds."""
    for number in range(100):
        pace.note(MessageId(number))
        clock.advance(1)
    assert len(pace._edited_at_us) <= BETWEEN_EDITS_S


async def test_a_picture_in_a_thread_does_not_wait_for_its_status_message(scene: Scene) -> None:
    """Which the board has just edited: only the word that it is done waits."""
    job = await scene.submitted()
    await scene.board._show_round()
    await scene.complete(await scene.claimed())
    posted_at_us = scene.clock.now_us()
    await scene.deliver()
    (picture,) = scene.discord.pictures()
    message_id = next(one for one, said in scene.discord.messages.items() if said is picture)
    assert (message_id >> 22) == (job.message.message_id or 0) >> 22
    assert scene.clock.now_us() == posted_at_us + BETWEEN_EDITS_S * 1e6
    assert "Done" in scene.status(job)


async def test_no_download_is_open_while_a_message_rests(scene: Scene) -> None:
    """It would be cut off, or hold its place for three seconds."""
    job = await scene.submitted(is_thread=True)
    await scene.board._show_round()
    await scene.complete(await scene.claimed())
    at_rest: list[bool] = []
    rest = scene.discord._rest

    async def watched(message_id: MessageId) -> None:
        at_rest.append(not scene.relay.under_way or scene.discord.is_rested(message_id))
        await rest(message_id)

    scene.discord._rest = watched  # type: ignore[method-assign]
    await scene.deliver()
    assert len(scene.discord.pictures()) == 1
    assert len(at_rest) > 1
    assert all(at_rest)
    assert len(scene.discord.edited_at_us[job.message.message_id or MessageId(0)]) == 2


async def test_the_board_does_not_wait_for_a_message_that_rests(scene: Scene) -> None:
    """Others have their turn; it is said the next time."""
    job = await scene.submitted()
    message_id = job.message.message_id or MessageId(0)
    scene.discord._pace.note(message_id)
    async with asyncio.timeout(5):
        await scene.board._show_round()
    assert scene.discord.asked == []
    scene.clock.advance(BETWEEN_EDITS_S)
    await scene.board._show_round()
    assert scene.discord.asked == ["edit 10"]
