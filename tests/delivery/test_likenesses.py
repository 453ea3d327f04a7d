"""Pictures that hang are looked at once, from a small copy, and found by it later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.delivery.likenesses import REST_S, Likenesses
from bot.errors import DownloadFailed, NotAPicture, PictureTooLarge, StorageUnavailable
from bot.pictures.likeness import NONE
from bot.queue import postings
from bot.queue.jobs import update_request
from bot.queue.records import TenantId
from bot.queue.shown import (
    await_likeness,
    job_that_looks,
    likeness_of_job,
    likenesses_of,
    without_likeness,
)
from bot.records import replace
from tests.delivery.playing import drawn
from tests.delivery.scene import turns
from tests.delivery.test_shown import hanging, seated, take_away
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.queue.records import Job
    from tests.delivery.room import Room
    from tests.delivery.scene import Scene

__all__ = ["seated"]


class Looking:
    """Stands for the download, which is played in tests/pictures."""

    def __init__(self) -> None:
        self.links: list[str] = []
        self.error: Exception | None = None
        self.fails_for = "none"

    async def likeness(self, link: str) -> int:
        self.links.append(link)
        if self.error is not None:
            raise self.error
        if self.fails_for in link:
            raise DownloadFailed("away")
        return 77


@pytest.fixture
def looking() -> Looking:
    return Looking()


@pytest.fixture
def likenesses(seated: Scene, room: Room, looking: Looking) -> Likenesses:
    return Likenesses(
        client=room.client,
        database=seated.database,
        uploads=looking,  # type: ignore[arg-type] # all that is asked of it
        clock=seated.clock,
    )


async def known(scene: Scene, job: Job) -> int | None:
    return await scene.database.read(likeness_of_job, job.id)


async def is_due(scene: Scene, job: Job) -> bool:
    return job.id in [one.id for one in await scene.database.read(without_likeness, limit=9)]


async def test_a_picture_that_hangs_is_looked_at_once(
    seated: Scene, room: Room, likenesses: Likenesses, looking: Looking
) -> None:
    """By a small copy of Discord's proxy, and known in its guild alone."""
    await drawn(seated, room)
    assert await likenesses.look_at_due() == 0
    job = await hanging(seated, room)
    assert await is_due(seated, job)
    assert await likenesses.look_at_due() >= 1
    assert f"/zeuxis-{job.id}." in looking.links[-1]
    assert looking.links[-1].endswith("width=128&height=128")
    assert await known(seated, job) == 77
    assert await likenesses.look_at_due() == 0
    tenant_id = job.origin.tenant_id
    assert await seated.database.read(likenesses_of, tenant_id) == [77]
    assert await seated.database.read(job_that_looks, tenant_id, 77) == job.id
    assert await seated.database.read(likenesses_of, TenantId(tenant_id + 1)) == []


async def test_with_the_picture_goes_its_likeness(
    seated: Scene, room: Room, likenesses: Likenesses
) -> None:
    job = await hanging(seated, room)
    await likenesses.look_at_due()
    await seated.database.write(postings.mark_deleted, job.id, now_us=seated.clock.now_us())
    assert await known(seated, job) is None
    assert job.picture is not None
    assert job.picture.channel_id is not None
    assert job.picture.message_id is not None
    late = (job.id, job.picture.channel_id, job.picture.message_id)
    await seated.database.write(postings.record_result_message, *late)
    assert not await is_due(seated, job), "a message that is recorded late brings none back"


def _gone(room: Room, looking: Looking, job: Job) -> None:
    take_away(room, job)


def _broken(room: Room, looking: Looking, job: Job) -> None:
    looking.error = NotAPicture("broken")


def _slips(room: Room, looking: Looking, job: Job) -> None:
    """A fault of ours would end the bot, and again after each start."""
    looking.error = ZeroDivisionError()


@pytest.mark.parametrize("happens", [_gone, _broken, _slips])
async def test_what_nobody_can_look_at_is_not_tried_again(
    seated: Scene,
    room: Room,
    likenesses: Likenesses,
    looking: Looking,
    happens: Callable[[Room, Looking, Job], None],
) -> None:
    job = await hanging(seated, room)
    happens(room, looking, job)
    await likenesses.look_at_due()
    assert await known(seated, job) == NONE


async def test_a_picture_that_is_shown_by_its_link_is_not_asked_for_again(
    seated: Scene, room: Room, likenesses: Likenesses, looking: Looking
) -> None:
    """The link is the provider's, and signed: with a word more it is another one."""
    job = await drawn(seated, room)
    too_large = PictureTooLarge(size_bytes=2, limit_bytes=1)
    seated.relay.fail(too_large)
    seated.relay.fail_smaller(too_large)
    await seated.deliver()
    job = await seated.job(job)
    assert await is_due(seated, job)
    await likenesses.look_at_due()
    assert looking.links == []
    assert await known(seated, job) == NONE


async def test_while_discord_is_away_it_stays_due(
    seated: Scene, room: Room, likenesses: Likenesses, looking: Looking
) -> None:
    job = await hanging(seated, room)
    looking.error = DownloadFailed("away")
    assert await likenesses.look_at_due() == 0
    assert await is_due(seated, job)
    looking.error = None
    assert await likenesses.look_at_due() == 1


async def test_one_that_cannot_be_seen_now_keeps_no_other_waiting(
    seated: Scene, room: Room, likenesses: Likenesses, looking: Looking
) -> None:
    first, second = await hanging(seated, room), await hanging(seated, room)
    looking.fails_for = f"/zeuxis-{first.id}."
    assert await likenesses.look_at_due() == 1
    assert await known(seated, second) == 77
    assert await is_due(seated, first)


async def test_as_many_as_are_looked_at_together_keep_no_other_waiting(
    seated: Scene,
    room: Room,
    likenesses: Likenesses,
    looking: Looking,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They come again once all others had their turn."""
    monkeypatch.setattr("bot.delivery.likenesses.AT_A_TIME", 1)
    first, second = await hanging(seated, room), await hanging(seated, room)
    looking.fails_for = f"/zeuxis-{first.id}."
    assert [await likenesses.look_at_due() for _ in range(2)] == [0, 1]
    assert await known(seated, second) == 77
    looking.fails_for = "none"
    assert sum([await likenesses.look_at_due() for _ in range(2)]) == 1
    assert await known(seated, first) == 77


async def test_a_database_that_is_away_delays_it(
    seated: Scene, room: Room, likenesses: Likenesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look finds what is due."""
    job = await hanging(seated, room)
    looks: list[int] = []
    look_at_due = likenesses.look_at_due

    async def look() -> int:
        looks.append(1)
        if len(looks) == 1:
            raise StorageUnavailable("full")
        return await look_at_due()

    monkeypatch.setattr(likenesses, "look_at_due", look)
    async with running(likenesses.run()):
        while await known(seated, job) != 77:
            seated.clock.advance(REST_S)
            await turns()
    assert len(looks) > 1


async def test_where_the_bot_is_not_it_looks_at_nothing(
    seated: Scene, room: Room, likenesses: Likenesses, looking: Looking
) -> None:
    job = await hanging(seated, room)
    await seated.database.write(update_request, job.id, "surface = 'interaction'")
    await likenesses.look_at_due()
    assert await known(seated, job) == NONE
    assert looking.links == []


async def test_noting_a_picture_twice_changes_nothing(
    seated: Scene, room: Room, likenesses: Likenesses
) -> None:
    job = await hanging(seated, room)
    await likenesses.look_at_due()
    await seated.database.write(await_likeness, replace(job))
    assert await known(seated, job) == 77
