"""What the service finds, and how long it waits for small pictures."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot.db.sqlite import Database
from bot.features.lineage.rules import Visibility, visibility_of
from bot.features.lineage.service import AT_ONCE, EACH_US, MOST_ASKED, LineageService
from bot.pictures import Thumbnail
from bot.queue.authority import Asker, Button
from bot.queue.records import ChannelId, GuildId, JobId, MessageId, PictureState, UserId
from bot.records import replace
from bot.refusals import MadeRestricted, UnknownJob
from tests.clock import ManualClock
from tests.features.lineage.descent import ADA, BEN, CHANNEL, GUILD, Descent
from tests.queue.conftest import world
from tests.queue.world import migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.providers.image import Size
    from bot.queue.records import Job
    from tests.queue.world import World

__all__ = ["world"]

SECRET = ChannelId(66)


@dataclass
class Fetching:
    """Stands for the downloads, which are played in tests/pictures."""

    at_once: int = 0
    most_at_once: int = 0
    links: list[str] = field(default_factory=list)
    forever: frozenset[str] = frozenset()

    async def fetch(self, link: str, size: Size, **_: int) -> Thumbnail | None:
        self.links.append(link)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await (asyncio.Event().wait() if link in self.forever else asyncio.sleep(0))
        self.at_once -= 1
        return Thumbnail(content=link.encode(), media_type="image/png", size=size)


@pytest.fixture
def fetching() -> Fetching:
    return Fetching()


@pytest.fixture
def descent(world: World) -> Descent:
    return Descent(world)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def service(
    world: World, tmp_path: Path, fetching: Fetching, clock: ManualClock
) -> AsyncIterator[LineageService]:
    async with Database.open(migrated_file(tmp_path / "queue.db")) as database:
        yield LineageService(database=database, thumbnails=fetching, clock=clock)  # type: ignore[arg-type]


def asker(
    user: UserId = ADA, channel: ChannelId = CHANNEL, guild: GuildId = GUILD, message: int = 0
) -> Asker:
    return Asker(
        user_id=user,
        guild_id=guild,
        channel_id=channel,
        root_channel_id=channel,
        may_moderate=False,
        button=Button(message_id=MessageId(message), is_private=False) if message else None,
    )


async def a_link(job: Job) -> str | None:
    return str(job.id)


async def test_what_is_unknown_by_the_common_rule_is_unknown_here(
    service: LineageService, descent: Descent
) -> None:
    job_id = descent.draw(channel=SECRET)
    assert (await service.find(job_id, asker(channel=SECRET))).asked.id == job_id
    assert (await service.find(job_id, asker())).asked.id == job_id  # one's own
    for stranger in (asker(BEN), asker(channel=SECRET, guild=GuildId(9))):
        with pytest.raises(UnknownJob):
            await service.find(job_id, stranger)
    with pytest.raises(UnknownJob):
        await service.find(JobId(999), asker())


async def test_relatives_in_a_place_that_is_closed_to_them_are_left_out(
    service: LineageService, descent: Descent
) -> None:
    first = descent.draw()
    descent.draw(first, user=BEN, channel=SECRET)
    mine = descent.draw(first, channel=SECRET)
    assert (await service.find(first, asker())).family.ids == (first, mine)
    assert (await service.find(first, asker(BEN))).family.ids == (first, first + 1)
    assert (await service.find(first, asker(UserId(7)))).family.ids == (first,)


async def test_relatives_of_an_age_restricted_place_are_frames_elsewhere(
    service: LineageService, descent: Descent, fetching: Fetching
) -> None:
    """They count and are linked; their words and their pictures stay there."""
    first = descent.draw()
    child = descent.draw(first, restricted=True)
    found = await service.find(first, asker())
    assert found.family.ids == (first, child)
    assert [found.job(node.index).is_veiled for node in found.nodes] == [False, True]
    assert visibility_of(found.jobs[child]) is Visibility.VEILED
    await service.thumbnails(found, ADA, a_link)
    assert fetching.links == [str(first)]
    there = replace(asker(), is_restricted=True)
    assert (await service.find(child, there)).asked.request.prompt
    with pytest.raises(MadeRestricted):
        await service.find(child, asker())


async def test_a_button_shows_relatives_that_are_younger_than_its_message(
    service: LineageService, descent: Descent
) -> None:
    first = descent.draw()
    child = descent.draw(first)
    found = await service.find(first, asker(message=1000 + first + 1))
    assert found.family.ids == (first, child)
    with pytest.raises(UnknownJob):
        await service.find(child, asker(message=1000 + child))


async def test_only_pictures_that_hang_are_fetched_the_asked_one_first(
    service: LineageService, descent: Descent, fetching: Fetching
) -> None:
    first = descent.draw()
    descent.draw(first, state=PictureState.DELETED)
    descent.draw(first, state=PictureState.HELD)
    descent.draw(first, state=None)
    hidden = descent.draw(first)
    descent.world.tx.execute("UPDATE picture SET hidden_at_us = 1 WHERE job_id = ?", (hidden,))
    covered = descent.draw(first)
    descent.world.tx.execute("UPDATE picture SET is_spoiler = 1 WHERE job_id = ?", (covered,))
    child = descent.draw(first)
    found = await service.find(child, asker())
    come = await service.thumbnails(found, ADA, a_link)
    assert fetching.links == [str(child), str(first)]
    assert set(come) == {first, child}


async def test_40_are_fetched_at_most_and_a_few_at_a_time_for_all_who_look(
    service: LineageService, descent: Descent, fetching: Fetching
) -> None:
    for number in range(60):
        descent.draw(max(1, number - 5) if number else None)
    found = await service.find(JobId(1), asker())
    await service.thumbnails(found, ADA, a_link)
    assert 0 < len(fetching.links) <= 40
    looking = (service.thumbnails(found, UserId(number), a_link) for number in range(50, 55))
    await asyncio.gather(*looking)
    assert fetching.most_at_once == AT_ONCE


async def test_who_looks_at_many_trees_at_once_sees_frames(
    service: LineageService, descent: Descent, fetching: Fetching, clock: ManualClock
) -> None:
    """Each picture asks Discord for a message: 40 of them in ten seconds, the asked one first."""
    for number in range(MOST_ASKED):
        descent.draw(max(1, number - 5) if number else None)
    found = await service.find(JobId(1), asker())
    whole = await service.thumbnails(found, ADA, a_link)
    assert len(whole) > MOST_ASKED // 2
    left = MOST_ASKED - len(whole)
    assert len(await service.thumbnails(found, ADA, a_link)) == left
    assert await service.thumbnails(found, ADA, a_link) == {}
    assert await service.thumbnails(found, BEN, a_link) == whole
    clock.advance(EACH_US / 1e6)
    assert set(await service.thumbnails(found, ADA, a_link)) == {1}
    clock.advance(MOST_ASKED * EACH_US / 1e6)
    assert await service.thumbnails(found, ADA, a_link) == whole


async def test_what_does_not_come_in_time_is_left_out(
    service: LineageService, descent: Descent, fetching: Fetching
) -> None:
    """As is what Discord gives no link to."""
    first = descent.draw()
    slow, lost, good = (descent.draw(first) for _ in range(3))
    fetching.forever = frozenset({str(slow)})

    async def link_of(job: Job) -> str | None:
        return None if job.id == lost else str(job.id)

    found = await service.find(first, asker())
    come = await service.thumbnails(found, ADA, link_of, longest_s=0.2)
    assert set(come) == {first, good}
