"""The outbox with the real client before Discord's own rules: nonces, archives, pauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.delivery.posts import MOST_LOOKED_AT
from bot.queue.records import ChannelId, JobState, PictureState
from sandbox.discord.permissions import Permission
from sandbox.discord.posting import NONCE_REMEMBERED_US
from tests.delivery.playing import asked, drawn, pictures, text
from tests.delivery.room import QuickPosts
from tests.delivery.scene import make_outbox

if TYPE_CHECKING:
    from bot.queue.records import Job
    from sandbox.discord.records import Message
    from tests.delivery.room import Room
    from tests.delivery.scene import Scene

POST = "POST */channels/*/messages"
THREAD = "POST */messages/*/threads"
EDIT = "PATCH */channels/*/messages/*"
UNARCHIVE = "PATCH */channels/*"


@pytest.fixture
def seated(scene: Scene, room: Room) -> Scene:
    """The scene's outbox speaks through the room."""
    room.clock = scene.clock

    async def close(channel_id: ChannelId) -> None:
        await scene.service.close_channel(channel_id)

    posts = QuickPosts(room.client, on_closed=close, clock=scene.clock)
    scene.outbox = make_outbox(scene.database, posts, scene.relay, scene.wakeup, scene.clock)
    return scene


async def test_a_picture_is_posted_into_its_thread(seated: Scene, room: Room) -> None:
    """With the status message edited to say so; every answer and request keeps Discord's rules."""
    job = await drawn(seated, room)
    await seated.deliver()
    (picture,) = pictures(room)
    assert (picture.channel_id, picture.nonce) == (str(job.message.message_id), f"zx{job.id}r")
    assert "See the picture" in text(room, job.message.message_id)
    stored = await seated.picture(job)
    assert (stored.state, str(stored.message_id)) == (PictureState.SHOWN, picture.id)


@pytest.mark.parametrize("late_s", [0.0, NONCE_REMEMBERED_US / 1e6 + 1], ids=["soon", "forgotten"])
async def test_an_upload_whose_answer_was_lost_is_found(
    seated: Scene, room: Room, late_s: float
) -> None:
    """It is looked for, so one picture stands also when Discord's memory of nonces is over."""
    job = await drawn(seated, room)
    room.fault("drop_after", POST, times=1)
    await seated.deliver()
    (posted,) = pictures(room)
    assert (await seated.picture(job)).message_id is None
    room.pass_time(late_s + 60)
    room.fault("latency", POST, seconds=0)  # counts
    await seated.deliver()
    assert room.fired() == 0, "nothing is sent a second time"
    assert pictures(room) == [posted]
    stored = await seated.picture(job)
    assert (stored.state, str(stored.message_id)) == (PictureState.SHOWN, posted.id)


async def test_a_lost_answer_in_the_channel_is_looked_for_there(seated: Scene, room: Room) -> None:
    """Where the picture went as there could be no thread."""
    job = await drawn(seated, room)
    await room.deny(Permission.CREATE_PUBLIC_THREADS)
    room.fault("drop_after", POST, times=1)
    await seated.deliver()
    (posted,) = pictures(room)
    room.pass_time(NONCE_REMEMBERED_US / 1e6 + 60)
    await seated.deliver()
    assert pictures(room) == [posted]
    stored = await seated.picture(job)
    assert (stored.channel_id, str(stored.message_id)) == (room.id, posted.id)


async def posted_and_not_heard_of(seated: Scene, room: Room, job: Job) -> Message:
    """The bot's picture in the channel, whose answer was lost long ago."""
    await room.deny(Permission.CREATE_PUBLIC_THREADS)
    await seated.complete(job)
    room.fault("drop_after", POST, times=1)
    await seated.deliver()
    (posted,) = pictures(room)
    room.pass_time(NONCE_REMEMBERED_US / 1e6 + 60)
    return posted


async def test_the_search_begins_at_the_attempt(seated: Scene, room: Room) -> None:
    """In a busy channel much was said since the member asked; only so much is looked through."""
    await asked(seated, room)
    job = await seated.claimed()
    for _ in range(MOST_LOOKED_AT):
        room.put("chatter", by_member=True)
    room.pass_time(120)
    posted = await posted_and_not_heard_of(seated, room, job)
    await seated.deliver()
    assert pictures(room) == [posted]


async def test_the_search_bears_a_clock_that_is_ahead(seated: Scene, room: Room) -> None:
    """The ids in the channel follow Discord's, by which the picture came before its attempt."""
    await asked(seated, room)
    job = await seated.claimed()
    seated.clock.advance(55)
    posted = await posted_and_not_heard_of(seated, room, job)
    await seated.deliver()
    assert pictures(room) == [posted]


async def test_the_picture_of_another_job_is_not_taken_for_the_lost_one(
    seated: Scene, room: Room
) -> None:
    """Both hang in one thread; each is known by its own buttons."""
    thread_id = await room.posts.start_thread(room.id, room.put("a thread"), "cats")
    first, second = [await drawn(seated, room, thread_id) for _ in range(2)]
    room.fault("drop_before", POST, times=1)
    await seated.outbox._do(first)
    room.pass_time(10)
    await seated.deliver()
    assert len(pictures(room)) == 2
    stored = [(await seated.picture(job)).message_id for job in (first, second)]
    assert {str(one) for one in stored} == {one.id for one in pictures(room)}


async def in_archived_thread(scene: Scene, room: Room) -> tuple[Job, ChannelId]:
    """A job that was asked for in a thread of the bot's, which has fallen asleep since."""
    thread_id = await room.posts.start_thread(room.id, room.put("an earlier one"), "cats")
    job = await asked(scene, room, thread_id)
    room.archive(thread_id)
    return job, thread_id


async def test_an_end_is_told_in_a_thread_that_was_archived(seated: Scene, room: Room) -> None:
    """Nothing can be edited there before it is opened again."""
    job, thread_id = await in_archived_thread(seated, room)
    await seated.fail(await seated.claimed())
    room.fault("latency", f"PATCH */channels/{thread_id}", seconds=0)  # counts
    await seated.deliver()
    assert room.fired() == 1, "it was opened by hand"
    assert not room.thread(thread_id).is_archived
    told = room.messages(thread_id)[-1]
    assert told.id == str(job.message.message_id)
    assert "content check refused this prompt" in str(room.shown(told)["components"])
    assert await seated.due() == []


async def test_a_picture_wakes_the_thread_that_it_is_posted_to(seated: Scene, room: Room) -> None:
    """Discord opens it by itself for a new message, and so the edit passes."""
    job, thread_id = await in_archived_thread(seated, room)
    await seated.complete(await seated.claimed())
    await seated.deliver()
    assert [one.channel_id for one in pictures(room)] == [str(thread_id)]
    assert not room.thread(thread_id).is_archived
    assert (await seated.picture(job)).state is PictureState.SHOWN


async def test_a_locked_thread_is_closed_and_its_member_told_directly(
    seated: Scene, room: Room
) -> None:
    """What waits for it is not drawn."""
    job, thread_id = await in_archived_thread(seated, room)
    waiting = await asked_before_archived(seated, room, thread_id)
    room.give_to_member(thread_id)
    room.archive(thread_id, is_locked=True)
    await seated.fail(await seated.claimed())
    await seated.deliver()
    assert (await seated.job(waiting)).state is JobState.CANCELLED
    direct = await room.posts.open_direct(job.origin.user_id)
    assert len(room.messages(direct)) >= 1
    assert await seated.due() == []


async def asked_before_archived(scene: Scene, room: Room, thread_id: ChannelId) -> Job:
    room.thread(thread_id).is_archived = False
    return await asked(scene, room, thread_id)


async def test_a_pause_that_discord_asks_for_is_kept(seated: Scene, room: Room) -> None:
    """Longer ones than the client waits out are the outbox's: nothing is sent before their end."""
    job = await drawn(seated, room)
    room.fault("rate_limited", POST, scope="user", retry_after=90.0)
    await seated.deliver()
    assert room.fired() == 1
    for _ in range(8):
        room.pass_time(10)
        await seated.deliver()
    assert room.fired() == 1
    room.fault("latency", POST, seconds=0)
    room.pass_time(60)
    await seated.deliver()
    assert (await seated.picture(job)).state is PictureState.SHOWN


async def test_a_long_pause_of_threads_sends_the_picture_to_the_channel(
    seated: Scene, room: Room
) -> None:
    """Discord may pause them for minutes, and says so; asking again would break its rules."""
    job = await drawn(seated, room)
    room.fault("rate_limited", THREAD, scope="shared", retry_after=219.0)
    await seated.deliver()
    assert room.fired() == 1
    (picture,) = pictures(room)
    assert picture.channel_id == str(room.id)
    assert (await seated.picture(job)).state is PictureState.SHOWN
