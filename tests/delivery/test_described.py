"""Another alternative text, at whatever shows the picture, and whoever edits that just then."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.delivery.pace import BETWEEN_EDITS_S, EditPace
from bot.delivery.shown import Describer
from bot.policy.rules import ResultsIn
from bot.queue.jobs import update_picture
from bot.queue.records import MessageId
from bot.queue.shown import Repost, begin_repost, record_repost
from bot.records import replace
from bot.texts.gallery_cards import state_card
from bot.texts.picture_cards import status_texts
from tests.delivery.playing import drawn, pictures
from tests.delivery.room import QuickPosts
from tests.delivery.scene import make_outbox, turns
from tests.delivery.test_manner import want
from tests.delivery.test_shown import hanging, hangs_at, press, shown, take_away, unheard
from tests.queue.world import a_request, an_origin

if TYPE_CHECKING:
    from bot.delivery.shown import ShownPictures
    from bot.queue.records import Job
    from tests.delivery.room import Room
    from tests.delivery.scene import Scene

TEXT = "a cat on a wall"

__all__ = ["shown"]  # a fixture


@pytest.fixture
def pace(scene: Scene) -> EditPace:
    """Of all that edits in the process."""
    return EditPace(scene.clock)


@pytest.fixture
def posts(scene: Scene, room: Room, pace: EditPace) -> QuickPosts:
    """Delivery's."""
    room.clock = scene.clock
    return QuickPosts(room.client, on_closed=unheard, clock=scene.clock, pace=pace)


@pytest.fixture
def seated(scene: Scene, posts: QuickPosts) -> Scene:
    """The scene's outbox speaks through the room."""
    scene.outbox = make_outbox(scene.database, posts, scene.relay, scene.wakeup, scene.clock)
    return scene


@pytest.fixture
def describer(seated: Scene, room: Room, pace: EditPace) -> Describer:
    posts = QuickPosts(room.client, on_closed=unheard, clock=seated.clock, pace=pace)
    return Describer(database=seated.database, posts=posts)


async def describe(seated: Scene, describer: Describer, job: Job, text: str = TEXT) -> bool:
    await seated.database.write(update_picture, job.id, "alt_text = ?", text)
    return await describer.redescribe(await seated.job(job))


def told(room: Room, channel_id: int, message_id: int) -> list[str]:
    """The alternative texts of a message's pictures."""
    (found,) = [one for one in room.messages(channel_id) if one.id == str(message_id)]
    waiting: list[Any] = list(room.shown(found)["components"])
    items: list[Any] = []
    while waiting:
        one = waiting.pop()
        waiting += one.get("components", ())
        items += one.get("items", ())
    return [item["description"] for item in items]


async def test_a_picture_in_a_thread_says_it_and_so_does_its_preview(
    seated: Scene, room: Room, describer: Describer
) -> None:
    await want(seated, "preview", value=True)
    job = await hanging(seated, room)
    message = job.message
    assert await describe(seated, describer, job)
    assert told(room, *hangs_at(job)) == [TEXT]
    assert message.message_id is not None
    assert told(room, room.id, message.message_id) == [TEXT]


async def test_the_message_s_buttons_are_not_listened_to_twice(
    seated: Scene, room: Room, describer: Describer
) -> None:
    """discord.py would keep each view that it was given, for as long as the process lives."""
    job = await hanging(seated, room)
    assert await describe(seated, describer, job)
    assert room.client.persistent_views == []


async def test_a_status_message_that_shows_no_preview_is_left_alone(
    seated: Scene, room: Room, describer: Describer
) -> None:
    job = await hanging(seated, room)
    room.fault("latency", f"PATCH */channels/{room.id}/messages/*", seconds=0)  # counts
    assert await describe(seated, describer, job)
    assert told(room, *hangs_at(job)) == [TEXT]
    assert room.fired() == 0


async def test_whoever_edits_the_message_comes_first(
    seated: Scene, room: Room, posts: QuickPosts, describer: Describer
) -> None:
    """As when a gallery fills: what is added meanwhile would be taken away again."""
    job = await hanging(seated, room)
    channel_id, message_id = hangs_at(job)
    async with posts.locked(MessageId(message_id)):
        task = asyncio.create_task(describe(seated, describer, job))
        await turns(200)
        assert not task.done()
        await seated.database.write(update_picture, job.id, "alt_text = ?", "later")
    assert await task
    assert told(room, channel_id, message_id) == ["later"]


async def test_the_message_has_rested_before(
    seated: Scene, room: Room, posts: QuickPosts, describer: Describer
) -> None:
    """No message is edited twice in three seconds."""
    await want(seated, "results_in", ResultsIn.CHANNEL)
    job = await hanging(seated, room)
    channel_id, message_id = hangs_at(job)
    assert not posts.is_rested(MessageId(message_id))
    became_us = seated.clock.now_us()
    assert await describe(seated, describer, job)
    assert seated.clock.now_us() - became_us == BETWEEN_EDITS_S * 1e6
    assert told(room, channel_id, message_id) == [TEXT]


async def test_an_archived_thread_is_opened_for_it(
    seated: Scene, room: Room, describer: Describer
) -> None:
    job = await hanging(seated, room)
    channel_id, message_id = hangs_at(job)
    room.archive(channel_id)
    assert await describe(seated, describer, job)
    assert told(room, channel_id, message_id) == [TEXT]


async def test_a_picture_that_is_gone_or_nowhere_is_not_said_to_tell_it(
    seated: Scene, room: Room, describer: Describer
) -> None:
    job, waiting = await hanging(seated, room), await drawn(seated, room)
    assert not await describe(seated, describer, waiting)
    take_away(room, job)
    assert not await describe(seated, describer, job)


async def test_a_copy_says_it_too(
    seated: Scene, room: Room, describer: Describer, shown: ShownPictures
) -> None:
    job = await hanging(seated, room)
    origin = press(room, job)
    message_id = await shown.post_again(job, origin, [])
    copy = Repost(
        interaction_id=origin.interaction_id, channel_id=origin.channel_id, message_id=message_id
    )
    write = seated.database.write
    await write(begin_repost, copy.interaction_id, job.id, copy.channel_id)
    await write(record_repost, job.id, copy, now_us=1)
    assert await describe(seated, describer, job)
    assert len(pictures(room)) == 2
    assert told(room, copy.channel_id, message_id) == told(room, *hangs_at(job)) == [TEXT]


async def test_of_several_in_a_message_the_one_tells_it(
    seated: Scene, room: Room, describer: Describer
) -> None:
    """The others keep what they tell."""
    await want(seated, "results_in", ResultsIn.CHANNEL)
    first, second = await several_hang(seated, room)
    channel_id, message_id = hangs_at(first)
    assert hangs_at(second) == (channel_id, message_id)
    before = told(room, channel_id, message_id)
    assert await describe(seated, describer, second)
    assert told(room, channel_id, message_id) == [before[0], TEXT]


async def several_hang(seated: Scene, room: Room) -> list[Job]:
    """Two pictures of one request, in the channel."""
    origin = an_origin(user=int(room.control.member()))
    origin = replace(origin, channel_id=room.id)
    asked = await seated.service.submit(a_request(), origin, more=[a_request()])
    jobs = await seated.service.jobs.jobs_of_request(asked.job)
    card = state_card(jobs, None, status_texts(asked.job))
    message_id = await room.posts.send(room.id, card, nonce="several")
    await seated.service.record_answer(asked.job.id, room.id, message_id)
    for _ in jobs:
        await seated.complete(await seated.claimed())
    await seated.deliver()
    return [await seated.job(job) for job in jobs]
