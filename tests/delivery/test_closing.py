"""A place that is closed: what waits for it is not drawn, what is drawn goes to its member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.queue import ledger
from bot.queue.records import ChannelId, GuildId, JobState
from tests.delivery.scene import URL
from tests.delivery.scripted import DIRECT, answer

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.delivery.scene import Scene

CLOSED = [answer(404, 10003), answer(403, 50001), answer(404, 10004), answer(400, 160005)]
ONLY_NOT_ALLOWED = [
    *(answer(403, 50013), answer(400, 50024), answer(400, 160006), answer(404, 10008)),
    *(answer(403), answer(404), answer(503), answer(400, 200000), answer(413, 40005)),
]


async def states(scene: Scene, jobs: list[Job]) -> list[JobState]:
    return [(await scene.job(job)).state for job in jobs]


@pytest.mark.parametrize("error", CLOSED, ids=str)
async def test_the_first_answer_that_says_so_ends_what_waits(
    scene: Scene, error: Exception
) -> None:
    """In that channel alone, unbilled, and each member is told once for all of theirs."""
    await scene.drawn()
    waiting = [await scene.submitted(user=user) for user in (1, 1, 2)]
    elsewhere = await scene.submitted(channel=77)
    scene.discord.refuse("thread", error)
    with capture_logs() as logs:
        await scene.deliver()
    assert await states(scene, waiting) == [JobState.CANCELLED] * 3
    assert (await scene.job(elsewhere)).state is JobState.QUEUED
    (said,) = [one for one in logs if one["event"].startswith("place closed")]
    assert (said["channel"], said["jobs"]) == (10, 3)
    first, second = scene.discord.in_channel(DIRECT + 1), scene.discord.in_channel(DIRECT + 2)
    assert [told.links for told in first] == [[URL], []]
    assert "others, 2 in all" in first[1].text
    assert "I did not have it painted" in second[0].text
    assert "Nothing was charged" in second[0].text
    assert await scene.due() == []
    view = await scene.database.read(
        ledger.usage_view, waiting[0].origin.tenant_id, waiting[0].origin.user_id, now_us=0
    )
    assert view.all_time.images == 1


@pytest.mark.parametrize("error", ONLY_NOT_ALLOWED, ids=str)
@pytest.mark.parametrize("verb", ["thread", "post", "edit"])
async def test_a_place_in_which_something_is_not_allowed_is_not_closed(
    scene: Scene, verb: str, error: Exception
) -> None:
    """A missing permission, a filter, a deleted message, an outage: who waits goes on waiting."""
    await scene.drawn()
    waiting = await scene.submitted()
    scene.discord.refuse(verb, error)
    await scene.deliver()
    await scene.board._show_round()
    assert (await scene.job(waiting)).state is JobState.QUEUED


async def test_the_board_hears_it_before_anything_is_drawn(scene: Scene) -> None:
    """An edit of a waiting picture's message may be the first answer."""
    waiting = [await scene.submitted() for _ in range(3)]
    scene.discord.refuse("edit", answer(403, 50001))
    await scene.board._show_round()
    assert await states(scene, waiting) == [JobState.CANCELLED] * 3
    await scene.deliver()
    assert len(scene.discord.in_channel(DIRECT + 1)) == 1


async def test_a_closed_place_is_asked_no_more(scene: Scene) -> None:
    """Discord counts refused requests, and shuts out whoever has ten thousand."""
    await scene.drawn()
    for _ in range(20):
        await scene.submitted()
    for verb in ("thread", "post", "edit", "send", "search"):
        scene.discord.refuse(verb, answer(403, 50001), channel=10)
    await scene.deliver()
    assert len([one for one in scene.discord.asked if one.endswith(" 10")]) == 1
    assert scene.relay.opened == [], "nothing is downloaded for it"


async def test_a_thread_that_was_made_for_a_picture_is_not_the_channel(scene: Scene) -> None:
    """Its deletion sends the picture to the channel, and ends only what was asked for in it."""
    job = await scene.drawn()
    thread = job.message.message_id
    in_channel = await scene.submitted()
    in_thread = await scene.submitted(channel=thread, is_thread=True)
    scene.discord.refuse("post", answer(404, 10003), channel=thread)
    await scene.deliver()
    assert [said.channel_id for said in scene.discord.pictures()] == [10]
    assert await states(scene, [in_channel, in_thread]) == [JobState.QUEUED, JobState.CANCELLED]


async def test_a_channel_takes_its_threads_along(scene: Scene) -> None:
    """Jobs name the channel that their thread hangs in."""
    inside = await scene.submitted(channel=11, is_thread=True, parent_channel_id=ChannelId(10))
    beside = await scene.submitted(channel=12, is_thread=True, parent_channel_id=ChannelId(20))
    ended = await scene.service.jobs.close_channel(ChannelId(10))
    assert [job.id for job in ended] == [inside.id]
    assert (await scene.job(beside)).state is JobState.QUEUED


async def test_a_guild_that_is_gone_takes_all_along(scene: Scene) -> None:
    """Due and delayed, of all members; other guilds are not touched."""
    jobs = [await scene.submitted(user=user, channel=user) for user in (1, 2, 3)]
    other = await scene.submitted(2)
    ended = await scene.service.jobs.close_guild(GuildId(1))
    assert [job.id for job in ended] == [job.id for job in jobs]
    assert (await scene.job(other)).state is JobState.QUEUED
    assert await scene.service.jobs.close_guild(GuildId(1)) == ()
    await scene.deliver()
    assert len(scene.discord.messages) == 4 + 3


async def test_a_call_that_is_out_ends_in_a_direct_message(scene: Scene) -> None:
    """It cannot be called back, so it is paid and the member gets the link."""
    running = await scene.submitted()
    await scene.claimed()
    await scene.service.jobs.close_channel(ChannelId(10))
    assert (await scene.job(running)).state is JobState.RUNNING
    await scene.complete(running)
    scene.discord.refuse("thread", answer(404, 10003))
    await scene.deliver()
    (told,) = scene.discord.in_channel(DIRECT + 1)
    assert told.links == [URL]
    assert "charged once" in told.text


async def test_what_was_made_in_an_age_restricted_place_is_told_of_without_words_and_link(
    scene: Scene,
) -> None:
    """A direct message is none. With /queue it is found in another such place of the server."""
    await scene.submitted(is_restricted=True)
    running = await scene.claimed()
    await scene.submitted(is_restricted=True)
    await scene.service.jobs.close_channel(ChannelId(10))
    await scene.complete(running)
    scene.discord.refuse("thread", answer(404, 10003))
    await scene.deliver()
    told = scene.discord.in_channel(DIRECT + 1)
    assert [one.links for one in told] == [[], []]
    assert not any("a cat" in one.text for one in told)
    (found,) = [one.text for one in told if "Painted, but not posted" in one.text]
    assert "Find it with /queue" in found
    assert "made in an age-restricted channel; open it there" in found


async def test_an_archived_thread_that_cannot_be_opened_is_closed(scene: Scene) -> None:
    """It is locked; what was asked for in it goes to the members."""
    await scene.drawn(channel=11, is_thread=True)
    waiting = await scene.submitted(channel=11, is_thread=True)
    scene.discord.refuse("post", answer(400, 50083), channel=11)
    scene.discord.refuse("fill", answer(400, 50083), channel=11)
    scene.discord.refuse("edit", answer(400, 50083), channel=11)
    scene.discord.refuse("send", answer(400, 50083), channel=11)
    scene.discord.refuse("unarchive", answer(403, 50013), channel=11)
    await scene.deliver()
    assert (await scene.job(waiting)).state is JobState.CANCELLED
    assert [URL] in [told.links for told in scene.discord.in_channel(DIRECT + 1)]
