"""Pictures that hang already: their links, and a further message with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.delivery.shown import ShownPictures
from bot.errors import PictureTooLarge
from bot.queue.records import Address, ChannelId, InteractionId, JobId, MessageId, Surface
from bot.queue.shown import Repost
from bot.records import replace
from bot.refusals import PictureGone, RepostRefused, RepostUncertain
from sandbox.discord.permissions import Permission
from tests.delivery.playing import drawn, pictures
from tests.delivery.room import QuickPosts
from tests.delivery.scene import make_outbox

if TYPE_CHECKING:
    from bot.queue.records import Job, Origin
    from tests.delivery.room import Room
    from tests.delivery.scene import Scene

LOOK = "GET */channels/*/messages/*"
SEARCH = "GET */channels/*/messages"


async def unheard(_: ChannelId) -> None:
    """Nothing here is about closed places."""


@pytest.fixture
def seated(scene: Scene, room: Room) -> Scene:
    """The scene's outbox speaks through the room."""
    room.clock = scene.clock
    posts = QuickPosts(room.client, on_closed=unheard, clock=scene.clock)
    scene.outbox = make_outbox(scene.database, posts, scene.relay, scene.wakeup, scene.clock)
    return scene


@pytest.fixture
def shown(seated: Scene, room: Room) -> ShownPictures:
    return ShownPictures(
        client=room.client,
        database=seated.database,
        relay=seated.relay,
        model="z-image-turbo",
        clock=seated.clock,
    )


async def hanging(seated: Scene, room: Room) -> Job:
    """A job whose picture hangs in its thread."""
    job = await drawn(seated, room)
    await seated.deliver()
    return await seated.job(job)


def press(room: Room, job: Job) -> Origin:
    """Of whoever asks for it once more, in the channel."""
    last = room.put("chatter", by_member=True)
    return replace(job.origin, interaction_id=InteractionId(last), channel_id=room.id)


def hangs_at(job: Job) -> tuple[int, int]:
    assert job.picture is not None
    assert job.picture.channel_id is not None
    assert job.picture.message_id is not None
    return job.picture.channel_id, job.picture.message_id


def take_away(room: Room, job: Job) -> None:
    channel_id, message_id = hangs_at(job)
    del room.sandbox.state.messages[str(channel_id)][str(message_id)]


async def test_each_picture_that_hangs_has_a_fresh_link(
    seated: Scene, room: Room, shown: ShownPictures
) -> None:
    """To its own file; what never hung, or hangs where the bot is not, has none."""
    job = await hanging(seated, room)
    elsewhere = replace(job, origin=replace(job.origin, surface=Surface.INTERACTION))
    waiting = await drawn(seated, room)
    links = await shown.links([job, waiting])
    assert list(links) == [job.id]
    assert f"/zeuxis-{job.id}.png?" in links[job.id]
    assert await shown.links([elsewhere]) == {}
    assert await shown.links([]) == {}


async def test_a_picture_is_seen_in_any_message_that_has_it(
    seated: Scene, room: Room, shown: ShownPictures
) -> None:
    """Its file, and no other's; where Discord fails, or nothing is, there is none."""
    job = await hanging(seated, room)
    at = hangs_at(job)
    channel_id, message_id = ChannelId(at[0]), MessageId(at[1])
    link = await shown.link_at(channel_id, message_id, job.id)
    assert link is not None
    assert f"/zeuxis-{job.id}.png?" in link
    assert await shown.link_at(channel_id, message_id, JobId(job.id + 1)) is None
    assert await shown.link_at(channel_id, MessageId(message_id + 1), job.id) is None
    room.fault("status", LOOK, status=503)
    assert await shown.link_at(channel_id, message_id, job.id) is None


async def test_messages_are_taken_away_as_far_as_they_can_be(
    room: Room, shown: ShownPictures
) -> None:
    """One that is gone, or stands where the bot is no more, keeps no other."""
    gone, standing = MessageId(room.put("waits") + 1), room.put("waits as well")
    places = [(room.id, gone), (ChannelId(1), gone), (room.id, standing)]
    await shown.take_away([Address(channel_id=at, message_id=one) for at, one in places])
    assert [one.content for one in room.messages()] == ["waits"]


async def test_what_discord_does_not_show_has_no_link(
    seated: Scene, room: Room, shown: ShownPictures
) -> None:
    """The page shows its words; nothing is raised."""
    job = await hanging(seated, room)
    take_away(room, job)
    assert await shown.links([job]) == {}


async def test_a_picture_is_posted_once_more_with_its_hands(
    seated: Scene, room: Room, shown: ShownPictures
) -> None:
    """From the file that hangs, with the interaction's own nonce: a second try posts no other."""
    job = await hanging(seated, room)
    origin = press(room, job)
    message_id = await shown.post_again(job, origin, [])
    assert await shown.post_again(job, origin, []) == message_id
    (copy,) = [one for one in pictures(room) if one.id == str(message_id)]
    assert copy.channel_id == str(room.id)
    assert copy.nonce == f"zx{origin.interaction_id}"
    assert f"zeuxis:2:more:{job.id}" in str(room.shown(copy)["components"])
    link, provenance, _ = seated.relay.asked[-1]
    assert f"/zeuxis-{job.id}.png?" in link
    assert (provenance.job_id, provenance.prompt) == (str(job.id), "a cat")


async def test_a_file_over_the_limit_is_made_smaller(
    seated: Scene, room: Room, shown: ShownPictures
) -> None:
    """As at the first time."""
    job = await hanging(seated, room)
    seated.relay.fail(PictureTooLarge(size_bytes=9, limit_bytes=1))
    message_id = await shown.post_again(job, press(room, job), [])
    (copy,) = [one for one in pictures(room) if one.id == str(message_id)]
    assert copy.attachments[0].filename.startswith(f"zeuxis-{job.id}.")


async def test_a_copy_serves_when_the_first_message_is_gone(
    seated: Scene, room: Room, shown: ShownPictures
) -> None:
    """The newest that still shows it; where none does, it is gone for good."""
    job = await hanging(seated, room)
    origin = press(room, job)
    copy_id = await shown.post_again(job, origin, [])
    copies = [
        Repost(interaction_id=InteractionId(1), channel_id=room.id),
        Repost(interaction_id=InteractionId(2), channel_id=room.id, message_id=MessageId(3)),
        Repost(
            interaction_id=origin.interaction_id, channel_id=room.id, message_id=MessageId(copy_id)
        ),
    ]
    take_away(room, job)
    assert await shown.post_again(job, press(room, job), copies) != copy_id
    with pytest.raises(PictureGone):
        await shown.post_again(job, press(room, job), copies[:2])


async def test_a_refusal_is_certain_and_an_outage_is_not(
    seated: Scene, room: Room, shown: ShownPictures
) -> None:
    """Whoever pressed is told which; a refused one may be asked for elsewhere."""
    job = await hanging(seated, room)
    await room.deny(Permission.ATTACH_FILES)
    with pytest.raises(RepostRefused):
        await shown.post_again(job, press(room, job), [])
    room.fault("status", LOOK, status=503)
    with pytest.raises(RepostUncertain):
        await shown.post_again(job, press(room, job), [])


async def test_a_copy_that_no_row_knows_is_found(
    seated: Scene, room: Room, shown: ShownPictures
) -> None:
    """By what only a message with this picture has; those that are known are others."""
    job = await hanging(seated, room)
    origin = press(room, job)
    began = Repost(interaction_id=origin.interaction_id, channel_id=room.id)
    assert await shown.find(job, began, set()) is None
    copy_id = await shown.post_again(job, origin, [])
    assert await shown.find(job, began, set()) == copy_id
    assert await shown.find(job, began, {copy_id}) is None


async def test_a_search_in_an_outage_tells_nothing(
    seated: Scene, room: Room, shown: ShownPictures
) -> None:
    """And in a closed place there is nothing to be seen."""
    job = await hanging(seated, room)
    began = Repost(interaction_id=press(room, job).interaction_id, channel_id=room.id)
    room.fault("status", SEARCH, status=503)
    with pytest.raises(RepostUncertain):
        await shown.find(job, began, set())
    room.fault("latency", SEARCH, seconds=0)
    await room.deny(Permission.VIEW_CHANNEL)
    assert await shown.find(job, began, set()) is None


async def test_a_hidden_picture_has_no_link(
    shown: ShownPictures, seated: Scene, room: Room
) -> None:
    """Though its message may still show it for a moment."""
    job = await hanging(seated, room)
    assert job.picture is not None
    hidden = replace(job, picture=replace(job.picture, hidden_at_us=1))
    assert set(await shown.links([job])) == {job.id}
    assert await shown.links([hidden]) == {}
