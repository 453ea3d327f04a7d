"""How an end reaches its member: edit, else a new message, else for them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from discord.ui import ActionRow, TextDisplay
from structlog.testing import capture_logs

from bot.delivery.outbox import FIRST_ANSWER_S
from bot.queue import postings, shown
from bot.queue.records import ChannelId, InteractionId, PictureState
from bot.records import replace
from bot.texts import Texts
from bot.texts.cards import Card, Colour, Verb, job_button
from bot.texts.result_cards import result_card
from tests.delivery.scene import URL
from tests.delivery.scripted import DIRECT, Said, answer
from tests.queue.world import a_request, an_origin

if TYPE_CHECKING:
    from bot.queue.records import Job, MessageId
    from tests.delivery.scene import Scene

REFUSAL = "content check refused this prompt"


async def test_an_end_is_told_by_an_edit(scene: Scene) -> None:
    """The message that the member watches."""
    job = await scene.refused()
    await scene.deliver()
    assert scene.discord.asked == ["edit 10"]
    assert REFUSAL in scene.status(job)
    assert await scene.due() == []


@pytest.mark.parametrize("error", [answer(404, 10008), answer(429, 30046)], ids=str)
async def test_what_cannot_be_edited_is_told_by_a_new_message(
    scene: Scene, error: Exception
) -> None:
    """The old one was deleted, or is older than an hour and was edited too often."""
    job = await scene.refused()
    scene.discord.refuse("edit", error)
    await scene.deliver()
    assert scene.discord.asked == ["edit 10", "search 10", "send 10", "delete 10"]
    (told,) = scene.discord.in_channel(10)
    assert REFUSAL in told.text
    assert told.reply_to == job.message.message_id
    message = (await scene.job(job)).message
    assert message.message_id == max(scene.discord.messages)


async def test_an_answer_that_no_row_knows_is_found_and_edited(scene: Scene) -> None:
    """A crash came between Discord's answer and its record."""
    job = await scene.submitted(is_answered=False)
    await scene.answer(job, is_stored=False)
    await scene.fail(await scene.claimed())
    scene.clock.advance(FIRST_ANSWER_S + 1)
    await scene.deliver()
    (told,) = scene.discord.in_channel(10)
    assert REFUSAL in told.text


@pytest.mark.parametrize("is_drawn", [False, True])
async def test_an_answer_in_other_words_is_known_by_its_button(
    scene: Scene, is_drawn: bool
) -> None:
    """The version before this one wrote it, and was killed before it could note it."""
    job = await scene.submitted(is_answered=False)
    older = Card(
        Colour.WAITING,
        TextDisplay("Queued."),
        ActionRow(job_button(Verb.CANCEL, job.id, Texts("en-US"))),
    )
    scene.discord.put(Said(channel_id=10, view=older))
    running = await scene.claimed()
    await (scene.complete(running) if is_drawn else scene.fail(running))
    scene.clock.advance(FIRST_ANSWER_S + 1)
    await scene.deliver()
    (told,) = scene.discord.in_channel(10)
    assert ("Done" if is_drawn else REFUSAL) in told.text


async def test_a_new_message_whose_answer_was_lost_is_not_sent_twice(scene: Scene) -> None:
    """It is recognised by what it says."""
    await scene.refused()
    scene.discord.refuse("edit", answer(404, 10008), times=2)
    scene.discord.refuse("send", ConnectionResetError(), times=1, is_done=True)
    await scene.deliver()
    scene.discord.forget_nonces()
    await scene.deliver_for(10)
    assert len([said for said in scene.discord.in_channel(10) if REFUSAL in said.text]) == 1


async def test_the_last_way_is_the_interaction_s_token(scene: Scene) -> None:
    """It needs no permission."""
    await scene.refused(token="aW50ZXJ")
    for verb in ("edit", "search", "send"):
        scene.discord.refuse(verb, answer(403, 50013))
    await scene.deliver()
    assert REFUSAL in scene.discord.follow_ups["aW50ZXJ"].text
    assert await scene.due() == []


async def test_a_dead_token_is_not_tried(scene: Scene) -> None:
    """Discord counts refused requests."""
    await scene.refused(token="aW50ZXJ")
    for verb in ("edit", "search", "send"):
        scene.discord.refuse(verb, answer(403, 50013))
    scene.clock.advance(16 * 60)
    with capture_logs() as logs:
        await scene.deliver()
    closed = [(one["way"], one["code"]) for one in logs if one["event"] == "way closed"]
    assert closed == [("edit", 50013), ("post", 50013), ("direct", 50013)]
    assert "follow_up" not in scene.discord.asked
    assert "member not notified" in [one["event"] for one in logs]
    assert await scene.due() == []


async def test_a_way_that_may_open_again_is_waited_for(scene: Scene) -> None:
    """A new message beside the old one would say it twice."""
    job = await scene.refused()
    scene.discord.refuse("edit", answer(503), times=1)
    await scene.deliver()
    assert len(scene.discord.messages) == 1
    await scene.deliver_for(5)
    assert REFUSAL in scene.status(job)


async def test_the_old_message_may_stay_if_it_cannot_be_taken_away(scene: Scene) -> None:
    """The new one says what is true."""
    await scene.refused()
    scene.discord.refuse("edit", answer(429, 30046))
    scene.discord.refuse("delete", answer(503))
    await scene.deliver()
    assert REFUSAL in scene.discord.in_channel(10)[-1].text
    assert await scene.due() == []


async def test_an_archived_thread_is_opened_to_tell_an_end(scene: Scene) -> None:
    """A thread sleeps after a day; its job may have waited as long."""
    job = await scene.refused(is_thread=True)
    scene.discord.refuse("edit", answer(400, 50083), channel=10)
    await scene.deliver()
    assert scene.discord.asked == ["edit 10", "unarchive 10", "edit 10"]
    assert REFUSAL in scene.status(job)


async def test_a_direct_message_is_the_last_way(scene: Scene) -> None:
    """Once the token is dead as well; in the member's own language."""
    await scene.refused(locale="de")
    for verb in ("edit", "search", "send"):
        scene.discord.refuse(verb, answer(403, 50013), channel=10)
    await scene.deliver()
    (told,) = scene.discord.in_channel(DIRECT + 1)
    assert "Abgelehnt" in told.text
    assert not [mark for mark in told.marks if mark.startswith("zeuxis:")], "nothing to press"
    assert await scene.due() == []


async def test_a_direct_message_whose_answer_was_lost_is_not_sent_twice(scene: Scene) -> None:
    """It is recognised like any other."""
    await scene.refused()
    for verb in ("edit", "search", "send"):
        scene.discord.refuse(verb, answer(403, 50013), channel=10)
    scene.discord.refuse("send", ConnectionResetError(), channel=DIRECT + 1, times=1, is_done=True)
    await scene.deliver()
    scene.discord.forget_nonces()
    await scene.deliver_for(10)
    assert len(scene.discord.in_channel(DIRECT + 1)) == 1


@pytest.mark.parametrize("error", [answer(403, 50007), answer(403, 50278)], ids=str)
async def test_who_takes_no_direct_messages_is_left_to_the_queue_card(
    scene: Scene, error: Exception
) -> None:
    """Once asked, not again and again."""
    job = await scene.drawn()
    scene.discord.refuse("post", answer(403, 50001))
    scene.discord.refuse("thread", answer(403, 50001))
    scene.discord.refuse("send", error)
    with capture_logs() as logs:
        await scene.deliver()
    assert "member not notified" in [one["event"] for one in logs]
    assert await scene.due() == []
    view = await scene.service.jobs.queue(job.origin.guild_id, job.origin.user_id)
    assert [one.id for one in view.undelivered] == [job.id]


async def test_opening_directs_too_fast_is_waited_for(scene: Scene) -> None:
    """Discord bounds how fast conversations are opened."""
    job = await scene.drawn()
    scene.discord.refuse("thread", answer(404, 10003))
    scene.discord.refuse("open", answer(400, 40003), times=1)
    await scene.deliver()
    assert scene.discord.in_channel(DIRECT + 1) == []
    await scene.deliver_for(10)
    (told,) = scene.discord.in_channel(DIRECT + 1)
    assert told.links == [URL]
    assert (await scene.picture(job)).state is PictureState.UNDELIVERABLE


async def test_a_whisper_carries_the_link_where_no_direct_message_passes(scene: Scene) -> None:
    """After a kick from the only guild they share, it is the one way left."""
    await scene.drawn(token="aW50ZXJ")
    scene.discord.refuse("thread", answer(403, 50001))
    scene.discord.refuse("send", answer(403, 50278))
    await scene.deliver()
    follow_up = scene.discord.follow_ups["aW50ZXJ"]
    assert follow_up.links == [URL]
    assert "Painted, but not posted" in follow_up.text


async def deleted(scene: Scene) -> Job:
    """A picture that hung in its thread; its words are to be taken out of Discord."""
    job = await scene.drawn()
    await scene.deliver()
    scene.discord.asked.clear()
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    return job


async def test_a_deleted_picture_s_words_leave_status_and_thread(scene: Scene) -> None:
    """Each by an edit; then nothing is due."""
    job = await deleted(scene)
    await scene.deliver()
    thread = job.message.message_id
    assert scene.discord.asked == ["edit 10", f"rename {thread}"]
    assert list(scene.discord.threads.values()) == ["The picture was deleted."]
    assert "a cat" not in scene.status(job)
    assert await scene.due() == []


@pytest.mark.parametrize("verb", ["edit", "rename"])
async def test_words_that_cannot_be_taken_out_now_are_taken_out_later(
    scene: Scene, verb: str
) -> None:
    """What passes by itself is waited for, whichever of the two it met."""
    job = await deleted(scene)
    scene.discord.refuse(verb, answer(503), times=2)
    await scene.deliver()
    assert await scene.due() == [job.id]
    await scene.deliver_for(30)
    assert list(scene.discord.threads.values()) == ["The picture was deleted."]
    assert "a cat" not in scene.status(job)
    assert await scene.due() == []


async def test_words_that_can_never_be_taken_out_stay(scene: Scene) -> None:
    """The other place loses them all the same, and the log tells."""
    job = await deleted(scene)
    scene.discord.refuse("edit", answer(404, 10008))
    with capture_logs() as logs:
        await scene.deliver()
    (said,) = [one for one in logs if one["event"] == "not changed in Discord"]
    assert (said["job"], said["what"], said["code"]) == (job.id, "erase_status", 10008)
    assert list(scene.discord.threads.values()) == ["The picture was deleted."]
    assert await scene.due() == []


async def test_the_title_tells_the_first_that_is_left(scene: Scene) -> None:
    """Also once that is deleted, whose words it had taken over."""
    request = a_request()
    words = [replace(request, prompt=one) for one in ("a dog", "a hen")]
    origin = replace(an_origin(1, 1), interaction_id=InteractionId(77))
    first = (await scene.service.submit(request, origin, more=words)).job
    await scene.answer(first)
    jobs = [await scene.complete(await scene.claimed()) for _ in range(3)]
    await scene.deliver()
    titles: list[str] = []
    for job in jobs:
        titles += scene.discord.threads.values()
        await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
        await scene.deliver()
    assert titles == ["a cat", "a dog", "a hen"]
    assert list(scene.discord.threads.values()) == ["The picture was deleted."]


async def test_an_archived_thread_is_opened_to_take_the_picture_out(scene: Scene) -> None:
    job = await scene.drawn(is_thread=True)
    await scene.deliver()
    scene.discord.asked.clear()
    scene.discord.refuse("delete", answer(400, 50083), channel=10)
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    await scene.deliver()
    assert scene.discord.asked == ["delete 10", "unarchive 10", "delete 10"]
    assert scene.discord.messages == {}


async def posted_again(
    scene: Scene, job: Job, channel: int, *, press: int | None = None, is_known: bool = True
) -> MessageId:
    """A copy, perhaps one of whose post nobody has heard."""
    card = result_card(job, "attachment://zeuxis-1.png", "", Texts("en-US"))
    copy = scene.discord.put(Said(channel_id=channel, view=card))
    asked_in, place = InteractionId(press or channel), ChannelId(channel)
    await scene.database.write(shown.begin_repost, asked_in, job.id, place)
    if is_known:
        hung = shown.Repost(interaction_id=asked_in, channel_id=place, message_id=copy)
        await scene.database.write(shown.record_repost, job.id, hung, now_us=scene.clock.now_us())
    return copy


async def test_copies_of_a_deleted_picture_go_with_it(scene: Scene) -> None:
    """Also the one that no row knows, and the picture itself."""
    job = await scene.drawn()
    await scene.deliver()
    await posted_again(scene, job, 20)
    await posted_again(scene, job, 30, is_known=False)
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    await scene.deliver()
    assert [one.channel_id for one in scene.discord.messages.values()] == [10], "the status"
    assert await scene.database.read(shown.reposts_of, job.id) == ()
    assert await scene.due() == []


async def test_a_copy_that_no_row_knows_is_told_from_one_beside_it(scene: Scene) -> None:
    job = await scene.drawn()
    await scene.deliver()
    await posted_again(scene, job, 20)
    await posted_again(scene, job, 20, press=21, is_known=False)
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    await scene.deliver()
    assert [one.channel_id for one in scene.discord.messages.values()] == [10], "the status"
    assert await scene.due() == []


async def test_a_copy_in_a_closed_place_keeps_no_other(scene: Scene) -> None:
    """Its row stays, so that its own button can still take it away."""
    job = await scene.drawn()
    await scene.deliver()
    left = [await posted_again(scene, job, channel) for channel in (20, 30, 40)][1]
    scene.discord.refuse("delete", answer(403, 50013), channel=30)
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    await scene.deliver()
    assert [one.channel_id for one in scene.discord.messages.values()] == [10, 30]
    (row,) = await scene.database.read(shown.reposts_of, job.id)
    assert row.message_id == left
    assert await scene.due() == []


async def test_a_deleted_picture_without_a_thread_has_none_to_rename(scene: Scene) -> None:
    """It was its status message, in the channel or in a thread that is not the bot's to name."""
    job = await scene.drawn(is_thread=True)
    await scene.deliver()
    scene.discord.asked.clear()
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    await scene.deliver()
    assert scene.discord.asked == ["delete 10"]
