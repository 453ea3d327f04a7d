"""One press posts a picture once more, whatever was lost on the way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.db.sqlite import Database
from bot.features.history.service import ONCE_WITHIN_MS, HistoryService
from bot.queue import shown
from bot.queue.authority import Asker
from bot.queue.jobs import insert_picture, select_job
from bot.queue.records import InteractionId, MessageId, PictureState
from bot.records import replace
from bot.refusals import RepostRefused, RepostUncertain
from tests.clock import ManualClock
from tests.queue.world import START_US, a_price, a_request, an_origin, an_outcome, migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence
    from pathlib import Path

    from bot.db import Transaction
    from bot.queue.records import Job, JobId, Origin
    from bot.queue.shown import Repost

COPY = MessageId(77)


class Crash(BaseException):
    """The process ends."""


@dataclass
class Channel:
    """What hangs there, and what happens while something is posted."""

    hanging: list[MessageId] = field(default_factory=list)
    fault: BaseException | None = None  # before it is posted
    crash: BaseException | None = None  # once it is

    async def links(self, _: Sequence[Job], /) -> Mapping[JobId, str]:
        return {}

    async def post_again(self, _: Job, __: Origin, ___: Sequence[Repost], /) -> MessageId:
        fault, self.fault = self.fault, None
        if fault is not None:
            raise fault
        self.hanging.append(MessageId(COPY + len(self.hanging)))
        crash, self.crash = self.crash, None
        if crash is not None:
            raise crash
        return self.hanging[-1]

    async def find(self, _: Job, __: Repost, known: Collection[MessageId], /) -> MessageId | None:
        return next((one for one in self.hanging if one not in known), None)


@dataclass
class Desk:
    database: Database
    service: HistoryService
    channel: Channel
    job: Job

    async def press(self, number: int = 0, *, later_s: float = 0) -> Repost:
        interaction = InteractionId(((1_000_000 + round(later_s * 1000)) << 22) + number)
        origin = replace(self.job.origin, interaction_id=interaction)
        asker = Asker(
            user_id=origin.user_id,
            guild_id=origin.guild_id,
            channel_id=origin.channel_id,
            root_channel_id=origin.channel_id,
            may_moderate=False,
        )
        return await self.service.post_again(asker, self.job.id, origin)

    async def noted(self) -> list[MessageId | None]:
        copies = await self.database.read(shown.reposts_of, self.job.id)
        return [one.message_id for one in copies]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        submitted = await database.write(
            queue.submit, a_request(), an_origin(), price=a_price, now_us=START_US
        )
        await database.write(hang, submitted.job.id)
        channel = Channel()
        service = HistoryService(database=database, clock=ManualClock(START_US), messages=channel)
        job = await database.read(select_job, submitted.job.id)
        yield Desk(database, service, channel, job)


def hang(tx: Transaction, job_id: JobId) -> None:
    insert_picture(tx, job_id, an_outcome(), PictureState.SHOWN, cost_micros=1, now_us=1)


async def test_two_presses_at_once_and_one_soon_after_post_one(desk: Desk) -> None:
    first, second = await asyncio.gather(desk.press(1), desk.press(2))
    assert first == second == await desk.press(3, later_s=ONCE_WITHIN_MS / 1000 - 1)
    assert desk.channel.hanging == await desk.noted() == [COPY]
    again = await desk.press(4, later_s=ONCE_WITHIN_MS / 1000)
    assert again.message_id == COPY + 1


async def test_what_a_crash_left_hanging_is_found_and_not_posted_twice(desk: Desk) -> None:
    """It was begun on disk before it was posted."""
    desk.channel.crash = Crash()
    with pytest.raises(Crash):
        await desk.press(1)
    assert await desk.noted() == [None]
    assert (await desk.press(2)).message_id == COPY
    assert desk.channel.hanging == await desk.noted() == [COPY]


@pytest.mark.parametrize("fault", [Crash(), RepostUncertain()])
async def test_what_was_begun_and_hangs_nowhere_is_posted_by_the_next_press(
    desk: Desk, fault: BaseException
) -> None:
    desk.channel.fault = fault
    with pytest.raises(type(fault)):
        await desk.press(1)
    assert await desk.noted() == [None]
    assert (await desk.press(2)).message_id == COPY
    assert await desk.noted() == [COPY]


async def test_what_was_refused_leaves_nothing_to_look_for(desk: Desk) -> None:
    desk.channel.fault = RepostRefused()
    with pytest.raises(RepostRefused):
        await desk.press(1)
    assert await desk.noted() == []
