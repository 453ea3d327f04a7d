"""Outbox and board together, from the login on."""

from __future__ import annotations

from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.delivery.composition import Delivery
from bot.delivery.status import REFRESH_S
from bot.moderation.word_check import WordCheck
from bot.queue.records import ChannelId, JobState
from sandbox.discord.permissions import Permission
from tests.delivery.playing import asked, drawn, pictures, text
from tests.delivery.scene import PATIENCE_S, turns, until
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.delivery.room import Room
    from tests.delivery.scene import Scene


@pytest.fixture
def delivery(scene: Scene, room: Room) -> Delivery:
    room.clock = scene.clock
    return Delivery(
        client=room.client,
        database=scene.database,
        jobs=scene.service.jobs,
        relay=scene.relay,
        copies=scene.relay,
        words=WordCheck(database=scene.database),
        checks={},
        model="z-image-turbo",
        clock=scene.clock,
        randomness=Random(7),
        wakeup=scene.wakeup,
    )


@asynccontextmanager
async def connected(room: Room) -> AsyncIterator[None]:
    """The client is on the gateway while the block runs."""
    async with running(room.client.connect()):
        await room.client.wait_until_ready()
        yield
        await room.client.close()


async def test_nothing_is_sent_before_the_login(
    scene: Scene, room: Room, delivery: Delivery
) -> None:
    """Then the outbox delivers and the board shows what waits."""
    finished = await drawn(scene, room)
    async with running(delivery.run()):
        await turns()
        await delivery.drain(PATIENCE_S)
        assert (scene.relay.opened, pictures(room)) == ([], [])
        assert delivery.outbox.pulse.age_s() == 0
        async with connected(room):
            await until(lambda: "See the picture" in text(room, finished.message.message_id))
            waiting = await asked(scene, room)
            await turns()
            scene.clock.advance(REFRESH_S)
            await until(lambda: "Place **1**" in text(room, waiting.message.message_id))
    assert len(pictures(room)) == 1


async def test_all_that_health_asks_about_runs_once_it_is_connected(
    room: Room, delivery: Delivery
) -> None:
    """Of a part that never began health would say nothing."""
    parts = (
        *(delivery.outbox, delivery.screener, delivery.staff_cards),
        *(delivery.notices, delivery.keeper),
    )
    async with running(delivery.run()), connected(room):
        await until(lambda: all(part.pulse.age_s() > 0 for part in parts))


async def test_a_drain_delivers_what_is_due(scene: Scene, room: Room, delivery: Delivery) -> None:
    """Once connected; the outbox need not run any more."""
    await drawn(scene, room)
    async with connected(room):
        await delivery.drain(PATIENCE_S)
    assert len(pictures(room)) == 1
    assert await scene.due() == []


async def test_a_drain_ends_with_its_grace(scene: Scene, room: Room, delivery: Delivery) -> None:
    """What hangs waits in its row."""
    job = await drawn(scene, room)
    scene.relay.drip(job.id)
    async with connected(room):
        await delivery.drain(0.01)
    assert await scene.due() == [job.id]
    for task in delivery.outbox._tasks():
        task.cancel()


async def test_a_place_that_is_closed_ends_what_waits_for_it(
    scene: Scene, room: Room, delivery: Delivery
) -> None:
    """The first refusal says so, whichever verb meets it."""
    await drawn(scene, room)
    waiting = await asked(scene, room)
    await room.deny(Permission.VIEW_CHANNEL)
    async with connected(room):
        await delivery.drain(PATIENCE_S)
    assert (await scene.job(waiting)).state is JobState.CANCELLED


async def test_a_closed_place_that_cannot_be_noted_is_said(
    scene: Scene, delivery: Delivery
) -> None:
    """The disk is full, say; the next answer of the kind comes soon enough."""
    scene.database._is_open = False
    with capture_logs() as logs:
        await delivery._close(ChannelId(10))
    scene.database._is_open = True
    assert [(one["event"], one["channel"]) for one in logs] == [("closed place not noted", 10)]
