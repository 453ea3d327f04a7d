"""A picture's way into its thread: each step once, whatever happens between two of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from discord.ui import MediaGallery
from structlog.testing import capture_logs

from bot.delivery.outbox import FIRST_ANSWER_S
from bot.delivery.place import LONGEST_CLEARING_S, PATIENT_ATTEMPTS
from bot.errors import BytesAfterPicture, LinkExpired, PictureTooLarge
from bot.pictures.formats import PictureType
from bot.pictures.provenance import Provenance
from bot.providers.image import Size
from bot.queue import postings
from bot.queue.records import ChannelId, PictureState
from bot.records import replace
from bot.refusals import UnknownJob
from tests.delivery.scene import URL, until
from tests.delivery.scripted import answer
from tests.delivery.test_manner import want
from tests.queue.world import a_request, an_origin, an_outcome

if TYPE_CHECKING:
    from bot.queue.records import MessageId
    from tests.delivery.scene import Scene

LOST = ConnectionResetError()
TOO_LARGE = PictureTooLarge(size_bytes=2, limit_bytes=1)


@pytest.mark.parametrize("verb", ["send", "thread", "post", "edit"])
async def test_an_answer_that_was_lost_leads_to_nothing_twice(scene: Scene, verb: str) -> None:
    """Each step acted and nobody heard of it; Discord's memory of nonces has passed."""
    job = await scene.drawn(is_answered=False)
    scene.clock.advance(FIRST_ANSWER_S + 1)
    scene.discord.refuse(verb, LOST, times=1, is_done=True)
    await scene.deliver()
    scene.discord.forget_nonces()
    await scene.deliver_for(10)
    assert (await scene.picture(job)).state is PictureState.SHOWN
    assert len(scene.discord.in_channel(10)) == 1
    assert len(scene.discord.pictures()) == 1
    assert len(scene.discord.threads) == 1


async def test_each_step_is_stored_before_the_next_begins(scene: Scene) -> None:
    """So a crash between two begins at the step after the last."""
    job = await scene.drawn()
    scene.discord.refuse("post", LOST, times=1)
    await scene.deliver()
    message, picture = (await scene.job(job)).message, await scene.picture(job)
    assert job.message.message_id is not None
    assert message.thread_id == ChannelId(job.message.message_id)
    assert picture.post_attempted_at_us is not None
    assert picture.message_id is None
    scene.discord.asked.clear()
    scene.discord.refuse("edit", LOST, times=1)
    await scene.deliver_for(5)
    assert "thread 10" not in scene.discord.asked
    assert scene.discord.asked[-1] == "edit 10"
    assert [one for one in scene.discord.asked if one.startswith("post")] == [
        f"post {message.thread_id}"
    ]


async def test_a_second_attempt_searches_before_it_posts(scene: Scene) -> None:
    """The status message, the thread and the channel; a first attempt has nothing to look for."""
    job = await scene.drawn()
    scene.discord.refuse("post", LOST, times=1)
    await scene.deliver()
    assert not [one for one in scene.discord.asked if one.startswith("search")]
    scene.discord.asked.clear()
    await scene.deliver_for(5)
    searched = [one for one in scene.discord.asked if one.startswith("search")]
    assert len(searched) == 2
    assert scene.discord.asked[:3] == ["look 10", *searched]
    assert scene.discord.asked[3] == f"post {job.message.message_id}"


async def test_a_place_that_cannot_be_searched_counts_as_empty(scene: Scene) -> None:
    """Whatever stands in a closed channel, nobody sees it."""
    await scene.drawn()
    scene.discord.refuse("post", LOST, times=1)
    await scene.deliver()
    scene.discord.refuse("search", answer(403, 50013))
    await scene.deliver_for(5)
    assert len(scene.discord.pictures()) == 1


@pytest.mark.parametrize("stands_in", ["thread", "channel"])
async def test_a_place_that_cannot_be_searched_does_not_hide_the_other(
    scene: Scene, stands_in: str
) -> None:
    """Whichever is looked through first."""
    job = await scene.drawn()
    thread = job.message.message_id
    assert thread is not None
    if stands_in == "channel":
        scene.discord.refuse("post", answer(403, 50013), channel=thread)
    scene.discord.refuse(
        "post", LOST, times=1, is_done=True, channel=10 if stands_in == "channel" else thread
    )
    await scene.deliver()
    assert len(scene.discord.pictures()) == 1
    scene.discord.forget_nonces()
    scene.discord.refuse(
        "search", answer(403, 50013), channel=thread if stands_in == "channel" else 10
    )
    await scene.deliver_for(5)
    assert len(scene.discord.pictures()) == 1
    assert (await scene.picture(job)).state is PictureState.SHOWN


async def test_a_search_that_fails_is_made_again_before_anything_is_posted(scene: Scene) -> None:
    """Else the picture might stand there twice."""
    await scene.drawn()
    scene.discord.refuse("post", LOST, times=1, is_done=True)
    await scene.deliver()
    scene.discord.forget_nonces()
    scene.discord.refuse("search", answer(503), times=2)
    await scene.deliver_for(30)
    assert len(scene.discord.pictures()) == 1


async def test_an_archived_thread_is_opened_again(scene: Scene) -> None:
    """Members come back to it."""
    job = await scene.drawn()
    thread = job.message.message_id
    scene.discord.refuse("post", answer(400, 50083), channel=thread)
    await scene.deliver()
    assert scene.discord.asked == [
        *("thread 10", f"post {thread}", f"unarchive {thread}", f"post {thread}", "edit 10")
    ]


@pytest.mark.parametrize(
    "error", [answer(403, 50013), answer(400, 160005), answer(404, 10003)], ids=str
)
async def test_a_closed_thread_sends_the_picture_to_the_channel(
    scene: Scene, error: Exception
) -> None:
    """Without rights, locked, deleted; it says why it is there, and its status message goes."""
    job = await scene.drawn()
    scene.discord.refuse("post", error, channel=job.message.message_id)
    await scene.deliver()
    (picture,) = scene.discord.in_channel(10)
    assert picture.files == [f"zeuxis-{job.id}.png"]
    assert "could not open a thread" in picture.text
    assert (await scene.picture(job)).state is PictureState.SHOWN


@pytest.mark.parametrize(
    "error",
    [answer(403, 50013), answer(400, 160006), answer(400, 50024), answer(404, 10008)],
    ids=str,
)
async def test_a_refused_thread_sends_the_picture_to_the_channel_at_once(
    scene: Scene, error: Exception
) -> None:
    """Without rights, too many threads, a kind of channel without any, no message to begin at."""
    job = await scene.drawn()
    scene.discord.refuse("thread", error)
    await scene.deliver()
    (picture,) = scene.discord.pictures()
    assert picture.channel_id == 10
    assert (await scene.picture(job)).state is PictureState.SHOWN


async def test_a_thread_that_does_not_come_for_a_while_is_not_waited_for(scene: Scene) -> None:
    """Discord may pause threads for minutes."""
    job = await scene.drawn()
    scene.discord.refuse("thread", answer(503))
    await scene.deliver_for(60)
    assert scene.discord.asked.count("thread 10") == PATIENT_ATTEMPTS + 1
    (picture,) = scene.discord.pictures()
    assert picture.channel_id == 10
    assert (await scene.picture(job)).state is PictureState.SHOWN


async def test_what_was_asked_for_in_a_thread_comes_right_there(scene: Scene) -> None:
    """And it is not called a fallback."""
    await scene.drawn(is_thread=True)
    await scene.deliver()
    assert scene.discord.asked == ["fill 10"]
    assert "could not open" not in scene.discord.pictures()[0].text


@pytest.mark.parametrize("error", [answer(404, 10008), answer(429, 30046)], ids=str)
async def test_a_status_message_that_cannot_be_edited_does_not_hold_the_picture_up(
    scene: Scene, error: Exception
) -> None:
    """It is there; its status may lag behind for ever."""
    job = await scene.drawn()
    scene.discord.refuse("edit", error)
    await scene.deliver()
    assert (await scene.picture(job)).state is PictureState.SHOWN


async def test_a_picture_over_the_limit_is_made_smaller(scene: Scene) -> None:
    """Known before a byte flows, or told by Discord."""
    await scene.drawn()
    scene.relay.fail(TOO_LARGE)
    await scene.deliver()
    await scene.drawn()
    scene.discord.refuse("post", answer(413, 40005), times=1)
    await scene.deliver()
    assert [said.files for said in scene.discord.pictures()] == [["zeuxis-1.jpg"], ["zeuxis-2.jpg"]]
    for said in scene.discord.pictures():
        assert "made the file smaller" in said.text


async def test_a_picture_that_cannot_be_made_small_enough_is_linked(scene: Scene) -> None:
    """Nothing fits, or Discord does not take what should."""
    first = await scene.drawn()
    scene.relay.fail(TOO_LARGE)
    scene.relay.fail_smaller(TOO_LARGE)
    await scene.deliver()
    second = await scene.drawn()
    scene.discord.refuse("post", answer(413, 40005), times=2)
    await scene.deliver()
    linked = [said for said in scene.discord.messages.values() if "own link" in said.text]
    assert len(linked) == 2
    assert set(scene.discord.nonces) == {f"zx{first.id}r", f"zx{second.id}r"}
    assert scene.discord.pictures() == []


@pytest.mark.parametrize("code", [200001, 200000, 240000])
async def test_a_thread_whose_title_a_filter_refuses_gets_another(scene: Scene, code: int) -> None:
    """The prompt stands there in the card, if it may."""
    job = await scene.drawn()
    scene.discord.refuse("thread", answer(400, code), times=1)
    await scene.deliver()
    assert list(scene.discord.threads.values()) == ["Z-Image"]
    assert (await scene.picture(job)).state is PictureState.SHOWN


@pytest.mark.parametrize("code", [20009, 200000, 240000])
async def test_a_picture_that_a_filter_refuses_leaves_no_empty_thread(
    scene: Scene, code: int
) -> None:
    """It is said so, and not tried in the channel, where the same words would be refused."""
    job = await scene.drawn()
    scene.discord.refuse("post", answer(400, code))
    await scene.deliver()
    assert scene.discord.threads == {}
    assert [one for one in scene.discord.asked if one.startswith("post")] == [
        f"post {job.message.message_id}"
    ]
    assert "filter" in scene.status(job)
    view = await scene.service.jobs.queue(job.origin.guild_id, job.origin.user_id)
    assert [one.id for one in view.undelivered] == [job.id]


async def test_no_picture_leaves_an_empty_thread(scene: Scene) -> None:
    """Whatever it was that kept it away: no right to attach files, or no picture any more."""
    await scene.drawn()
    scene.discord.refuse("post", answer(403, 50013))
    await scene.deliver()
    scene.discord.accept_everything()
    await scene.drawn()
    scene.relay.fail(LinkExpired("gone"))
    await scene.deliver()
    assert scene.discord.threads == {}


async def test_a_thread_that_the_picture_left_is_taken_away(scene: Scene) -> None:
    """It went into the channel; nobody shall look for it in a thread."""
    job = await scene.drawn()
    scene.discord.refuse("post", answer(403, 50013), channel=job.message.message_id)
    await scene.deliver()
    assert len(scene.discord.pictures()) == 1
    assert scene.discord.threads == {}


async def test_a_thread_that_cannot_be_taken_away_stays(scene: Scene) -> None:
    """That changes nothing about the end."""
    job = await scene.drawn()
    scene.discord.refuse("post", answer(400, 200000))
    scene.discord.refuse("remove", answer(403, 50013))
    await scene.deliver()
    assert len(scene.discord.threads) == 1
    assert "filter" in scene.status(job)
    assert await scene.due() == []


async def test_a_wiped_link_is_told_as_a_lost_picture(scene: Scene) -> None:
    """It died while nothing could be posted."""
    job = await scene.drawn()
    await scene.database.write(lambda tx: tx.execute("UPDATE picture SET link = NULL"))
    await scene.deliver()
    assert (await scene.picture(job)).state is PictureState.LOST
    assert "gone before I could fetch it" in scene.status(job)


async def test_a_picture_with_bytes_behind_it_is_carried_again_up_to_its_end(scene: Scene) -> None:
    """Once, and at once: what follows a picture is nothing that anybody asked for."""
    await scene.drawn()
    scene.relay.fail(BytesAfterPicture(ends_at_bytes=77))
    await scene.deliver()
    assert scene.relay.ended_at_bytes == [77]
    assert len(scene.relay.opened) == 2
    assert len(scene.discord.pictures()) == 1


async def test_a_picture_that_is_deleted_while_it_is_posted_is_not_called_done(
    scene: Scene,
) -> None:
    """Its words are forgotten by then; the outbox takes out what it has posted."""
    job = await scene.drawn()
    drip = scene.relay.drip(job.id)
    delivering = asyncio.create_task(scene.outbox._do(job))
    await until(lambda: bool(scene.relay.under_way))
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    drip.set()
    await delivering
    assert not [one for one in scene.discord.asked if one.startswith("edit")]
    assert "See the picture" not in scene.status(job)
    assert await scene.due() == [job.id]


async def test_of_a_picture_that_is_deleted_while_it_is_posted_beside_its_status_nothing_stays(
    scene: Scene,
) -> None:
    """As of one that is deleted later."""
    await want(scene, "pings", value=True)
    job = await scene.drawn(is_thread=True)
    drip = scene.relay.drip(job.id)
    delivering = asyncio.create_task(scene.outbox._do(job))
    await until(lambda: bool(scene.relay.under_way))
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    drip.set()
    await delivering
    await scene.deliver()
    assert scene.discord.in_channel(10) == []


async def test_a_link_that_is_wiped_while_its_thread_is_made_is_a_lost_picture(
    scene: Scene,
) -> None:
    """Housekeeping wipes what has died, whoever is about to fetch it."""
    job = await scene.drawn(is_answered=False)
    posts = scene.discord
    send = posts.send

    async def send_late(*arguments: Any, **named: Any) -> MessageId:
        await scene.database.write(lambda tx: tx.execute("UPDATE picture SET link = NULL"))
        return await send(*arguments, **named)

    posts.send = send_late  # type: ignore[method-assign] # for this test
    scene.clock.advance(FIRST_ANSWER_S + 1)
    await scene.deliver()
    assert (await scene.picture(job)).state is PictureState.LOST
    assert posts.pictures() == []


@pytest.mark.parametrize("error", [answer(403, 50013), answer(503)], ids=str)
async def test_a_smaller_file_meets_the_same_refusals(scene: Scene, error: Exception) -> None:
    """It is no reason to show the link instead."""
    await scene.drawn()
    scene.relay.fail(TOO_LARGE)
    scene.discord.refuse("post", error)
    await scene.deliver()
    assert [said for said in scene.discord.messages.values() if "own link" in said.text] == []
    assert scene.discord.pictures() == []


async def test_what_was_not_drawn_is_not_delivered(scene: Scene) -> None:
    """The outbox notifies its member instead."""
    job = await scene.submitted()
    with pytest.raises(UnknownJob):
        await scene.outbox._results.deliver(job)
    assert scene.discord.asked == []


async def test_the_relay_is_told_all_that_the_picture_s_metadata_says(scene: Scene) -> None:
    """And how large the file may be where it goes."""
    await scene.submitted(upload_limit_bytes=12_345)
    outcome = an_outcome(size=Size(512, 768))
    job = await scene.complete(await scene.claimed(), outcome)
    scene.relay.fail(TOO_LARGE)
    await scene.deliver()
    provenance = Provenance(
        prompt="a cat",
        seed=7,
        size=Size(512, 768),
        model="z-image-turbo",
        job_id=str(job.id),
        rewritten_prompt="",
        provider_request_id="r-1",
    )
    assert scene.relay.asked == [(outcome.url, provenance, 12_345)] * 2


async def test_the_rewritten_prompt_goes_into_the_metadata(scene: Scene) -> None:
    """If it was rewritten, that is what was drawn."""
    origin = an_origin()
    await scene.service.submit(a_request(rewrite=True), origin)
    outcome = replace(an_outcome(), shown_prompt="a ginger cat")
    await scene.complete(await scene.claimed(), outcome)
    scene.clock.advance(FIRST_ANSWER_S + 1)
    await scene.deliver()
    ((_, provenance, _),) = scene.relay.asked
    assert (provenance.prompt, provenance.rewritten_prompt) == ("a cat", "a ginger cat")


@pytest.mark.parametrize("way", ["whole", "smaller", "linked"])
async def test_a_picture_that_is_not_as_it_was_asked_for_says_so(scene: Scene, way: str) -> None:
    """By what it shows, whatever the provider's answer said."""
    await scene.drawn()
    scene.relay.drawn_as = Size(512, 768), PictureType.JPEG
    if way != "whole":
        scene.relay.fail(TOO_LARGE)
    if way == "linked":
        scene.relay.fail_smaller(TOO_LARGE)
    await scene.deliver()
    (said,) = [one for one in scene.discord.messages.values() if "AI-generated" in one.text]
    assert "512 × 768" in said.text
    assert "1024 × 1024 was asked for" in said.text
    assert ("another type of file" in said.text) == (way != "smaller"), "that one was made here"
    if way == "linked":
        (gallery,) = [one for one in said.view.walk_children() if isinstance(one, MediaGallery)]
        assert [item.media.url for item in gallery.items] == [URL]


async def test_a_picture_as_it_was_asked_for_says_nothing_of_it(scene: Scene) -> None:
    """No note at all."""
    await scene.drawn()
    await scene.deliver()
    (said,) = scene.discord.pictures()
    for note in ("was asked for", "another type", "could not open", "smaller", "own link"):
        assert note not in said.text
    assert said.reply_to is None, "alone in its thread"


async def test_each_message_of_a_job_has_a_nonce_of_its_own(scene: Scene) -> None:
    """With one for two of them Discord would answer with the first, and the second never stand."""
    job = await scene.drawn(is_answered=False)
    other = await scene.drawn(is_answered=False)
    scene.clock.advance(FIRST_ANSWER_S + 1)
    await scene.deliver()
    assert set(scene.discord.nonces) == {
        f"zx{one.id}{letter}" for one in (job, other) for letter in "sr"
    }
    assert len(set(scene.discord.nonces.values())) == 4


async def test_a_notice_is_no_repetition_of_the_status_message(scene: Scene) -> None:
    """Which was posted and deleted within the minutes for which Discord knows its nonce."""
    job = await scene.drawn(is_answered=False)
    scene.clock.advance(FIRST_ANSWER_S + 1)
    scene.discord.refuse("post", answer(403, 50013))
    scene.discord.refuse("edit", answer(404, 10008))
    await scene.deliver()
    assert set(scene.discord.nonces) == {f"zx{job.id}s", f"zx{job.id}t"}
    (told,) = scene.discord.in_channel(10)
    assert "Find it with /queue" in told.text
    message = (await scene.job(job)).message
    assert (message.channel_id, message.message_id) == (10, scene.discord.nonces[f"zx{job.id}t"])


async def test_the_rows_know_where_everything_stands(scene: Scene) -> None:
    """Thread, picture and status message, each by its own id and its channel's."""
    job = await scene.drawn(is_answered=False)
    scene.clock.advance(FIRST_ANSWER_S + 1)
    await scene.deliver()
    status, posted = (scene.discord.nonces[f"zx{job.id}{letter}"] for letter in "sr")
    message, picture = (await scene.job(job)).message, await scene.picture(job)
    thread = ChannelId(status)
    assert (message.channel_id, message.message_id) == (ChannelId(10), status)
    assert message.thread_id == thread
    assert (picture.channel_id, picture.message_id) == (thread, posted)


async def test_clearing_up_that_hangs_is_cut(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty thread more is no reason to leave the end untold."""
    assert LONGEST_CLEARING_S == 20
    monkeypatch.setattr("bot.delivery.place.LONGEST_CLEARING_S", 0.01)
    scene.discord.hang("remove")
    job = await scene.drawn()
    scene.discord.refuse("post", answer(400, 200000))
    with capture_logs() as logs:
        await scene.deliver()
    (said,) = [one for one in logs if one["event"] == "empty thread stays"]
    assert (said["job"], said["thread"]) == (job.id, job.message.message_id)
    assert "filter" in scene.status(job)
    assert await scene.due() == []


async def test_a_thread_that_the_bot_did_not_make_is_not_cleared_up(scene: Scene) -> None:
    """Its members opened it, and asked there for a picture that is lost."""
    await scene.drawn(is_thread=True)
    scene.relay.fail(LinkExpired("gone"))
    await scene.deliver()
    assert scene.discord.asked == ["edit 10"]


async def test_a_thread_in_which_the_picture_hangs_is_left_alone(scene: Scene) -> None:
    """Though its status message could not be edited before the bot was away for a day."""
    job = await scene.drawn()
    scene.discord.refuse("edit", answer(503))
    await scene.deliver()
    scene.clock.advance(25 * 3600)
    await scene.deliver()
    assert f"remove {job.message.message_id}" not in scene.discord.asked
    assert len(scene.discord.pictures()) == 1
    assert (await scene.picture(job)).state is PictureState.SHOWN
    assert await scene.due() == []


# ------------------------------------------------------------------------------------------------
# Age-restricted places.


async def test_what_was_asked_for_in_a_restricted_place_is_not_posted_in_another(
    scene: Scene,
) -> None:
    """Staff have taken the mark away meanwhile: its member finds it with /queue."""
    scene.discord.is_marked = False
    job = await scene.drawn(is_restricted=True)
    await scene.deliver()
    assert scene.discord.pictures() == []
    assert "Find it with /queue" in scene.status(job)
    assert (await scene.picture(job)).state is PictureState.UNDELIVERABLE
    assert await scene.due() == []


async def test_in_its_own_place_it_is_posted_and_others_are_not_asked_about(scene: Scene) -> None:
    """Of a thread its channel is asked, whose mark is the thread's."""
    await scene.drawn()
    job = await scene.drawn(is_restricted=True, is_thread=True, parent_channel_id=ChannelId(5))
    await scene.deliver()
    assert [one for one in scene.discord.asked if one.startswith("mark")] == ["mark 5"]
    assert (await scene.picture(job)).state is PictureState.SHOWN


async def test_a_mark_that_cannot_be_read_now_is_read_later(scene: Scene) -> None:
    job = await scene.drawn(is_restricted=True)
    scene.discord.refuse("mark", answer(503), times=1)
    await scene.deliver()
    assert scene.discord.pictures() == []
    await scene.deliver_for(10)
    assert (await scene.picture(job)).state is PictureState.SHOWN


async def test_what_hangs_already_is_told_though_the_mark_has_gone_since(scene: Scene) -> None:
    """Its status message still says done."""
    job = await scene.drawn(is_restricted=True)
    scene.discord.refuse("edit", answer(503), times=1)
    await scene.deliver()
    scene.discord.is_marked = False
    await scene.deliver_for(10)
    assert "Done" in scene.status(job)
