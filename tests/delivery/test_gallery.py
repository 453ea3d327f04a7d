"""Several pictures of one request: one card that fills as they come, whatever happens between."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from discord.ui import MediaGallery

from bot import queue
from bot.delivery.pace import BETWEEN_EDITS_S
from bot.errors import PictureTooLarge
from bot.queue import postings
from bot.queue.jobs import select_jobs_of_request
from bot.queue.records import JobState, PictureState
from bot.records import replace
from bot.texts.gallery_cards import MOST_ON_A_MESSAGE, state_card
from bot.texts.picture_cards import status_texts
from tests.delivery.scene import URL
from tests.delivery.scripted import Said, answer
from tests.delivery.test_becoming import prefer
from tests.delivery.test_manner import want
from tests.delivery.test_notify import posted_again
from tests.queue.world import a_request, an_origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.queue.records import Job
    from tests.delivery.scene import Scene

LOST = ConnectionResetError()
TOO_LARGE = PictureTooLarge(size_bytes=2, limit_bytes=1)


async def asked(scene: Scene, count: int = 4, **origin: Any) -> tuple[Job, ...]:
    """A request for so many, its status message in the channel; in a thread unless told else."""
    first, *more = (replace(a_request(), seed=n) for n in range(1, count + 1))
    made = replace(an_origin(), **{"is_thread": True, **origin})
    job = (await scene.service.submit(first, made, more=more)).job
    jobs = await scene.service.jobs.jobs_of_request(job)
    card = state_card(jobs, None, status_texts(job))
    message_id = scene.discord.put(Said(channel_id=made.channel_id, view=card))
    await scene.service.record_answer(job.id, made.channel_id, message_id)
    return await now(scene, jobs)


async def now(scene: Scene, jobs: Sequence[Job]) -> tuple[Job, ...]:
    return await scene.database.read(select_jobs_of_request, jobs[0].request_id)


async def paint(scene: Scene, count: int = 1) -> None:
    """The next ones, which are due then."""
    for _ in range(count):
        await scene.complete(await scene.claimed())


async def asked_and_painted(scene: Scene, count: int = 4, **origin: Any) -> tuple[Job, ...]:
    jobs = await asked(scene, count, **origin)
    await paint(scene, count)
    return jobs


def alone(scene: Scene, channel_id: int = 10) -> Said:
    """The one message in the place."""
    (said,) = scene.discord.in_channel(channel_id)
    return said


def shown(said: Said) -> list[str]:
    """What its gallery shows, in order."""
    return [one.removeprefix("attachment://") for one in said.images]


def files(jobs: Sequence[Job], ending: str = "png") -> list[str]:
    return [f"zeuxis-{job.id}.{ending}" for job in jobs]


async def test_the_card_fills_as_the_pictures_come(scene: Scene) -> None:
    """The first becomes the status message; each further one is one edit, and nothing else."""
    jobs = await asked(scene)
    for count in range(1, 5):
        await paint(scene)
        await scene.deliver()
        assert shown(alone(scene)) == alone(scene).files == files(jobs[:count])
        assert f"{count} of 4 painted" in alone(scene).text
        assert ("zeuxis:2:cancel:1" in alone(scene).marks) == (count < 4)
    assert [one for one in scene.discord.asked if "look" not in one] == ["fill 10"] * 4
    assert scene.discord.asked.count("look 10") == 3
    assert {one.picture.state for one in await now(scene, jobs) if one.picture} == {
        PictureState.SHOWN
    }


async def test_in_a_channel_the_gallery_hangs_in_the_thread_and_the_status_counts(
    scene: Scene,
) -> None:
    """One message in each place; the board counts until the end, which the outbox says."""
    jobs = await asked(scene, is_thread=False)
    thread = jobs[0].message.message_id or 0
    await paint(scene, 2)
    await scene.deliver()
    assert shown(alone(scene, thread)) == files(jobs[:2])
    await scene.board._show_round()
    assert "In the queue · 2 of 4 painted" in alone(scene).text
    await paint(scene, 2)
    await scene.deliver()
    assert shown(alone(scene, thread)) == files(jobs)
    assert "Done · 4 of 4 painted" in alone(scene).text
    assert len(scene.discord.threads) == 1


async def test_they_hang_in_the_order_of_their_numbers(scene: Scene) -> None:
    """Whichever was painted first."""
    jobs = await asked(scene)
    claimed = [await scene.claimed() for _ in jobs]
    for number in (2, 0, 3, 1):
        await scene.complete(claimed[number])
        await scene.deliver()
    assert shown(alone(scene)) == files(jobs)


async def test_what_comes_within_three_seconds_of_an_edit_is_added_by_one(scene: Scene) -> None:
    """Nobody waits three seconds for each."""
    jobs = await asked(scene)
    await paint(scene)
    await scene.deliver()
    await paint(scene, 3)
    await scene.deliver()
    assert shown(alone(scene)) == files(jobs)
    assert scene.discord.asked.count("fill 10") == 2
    ((first, second),) = scene.discord.edited_at_us.values()
    assert second - first == BETWEEN_EDITS_S * 1e6
    assert await scene.due() == []


@pytest.mark.parametrize("is_thread", [True, False])
async def test_pictures_that_cannot_go_together_go_one_by_one(
    scene: Scene, *, is_thread: bool
) -> None:
    """One that is too large is made smaller for itself, and holds none back."""
    jobs = await asked_and_painted(scene, is_thread=is_thread)
    scene.relay.fail(TOO_LARGE, TOO_LARGE)
    await scene.deliver()
    place = 10 if is_thread else jobs[0].message.message_id or 0
    assert shown(alone(scene, place)) == [*files(jobs[:1], "jpg"), *files(jobs[1:])]
    assert scene.discord.in_channel(place) == [alone(scene, place)]
    assert await scene.due() == []


async def test_no_message_of_a_request_is_edited_twice_in_three_seconds(scene: Scene) -> None:
    """Whoever edits it: board, pictures, ends, and what is deleted."""
    jobs = await asked(scene, is_thread=False)
    for _ in jobs:
        await scene.board._show_round()
        await paint(scene)
        await scene.deliver()
    await delete(scene, jobs[0])
    await delete(scene, jobs[1])
    edited = scene.discord.edited_at_us
    assert len(edited) == 2
    for times in edited.values():
        assert len(times) > 2
        assert all(b - a >= BETWEEN_EDITS_S * 1e6 for a, b in pairwise(times))


async def test_one_goes_after_the_other(scene: Scene) -> None:
    """Also if all are due at once: they share a message."""
    jobs = await asked_and_painted(scene)
    scene.relay.drip(jobs[0].id)
    await scene.outbox._start_due()
    await scene.outbox._start_due()
    assert len(scene.outbox._active) == 1
    scene.relay.drip(jobs[0].id).set()
    await scene.deliver()
    assert shown(alone(scene)) == files(jobs)


@pytest.mark.parametrize("verb", ["fill", "look"])
@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize("number", [1, 2, 3])
async def test_an_answer_that_was_lost_leads_to_nothing_twice(
    scene: Scene, verb: str, number: int, *, is_done: bool
) -> None:
    """At each of them."""
    jobs = await asked(scene)
    await paint(scene, number)
    await scene.deliver()
    scene.discord.refuse(verb, LOST, times=1, is_done=is_done)
    await paint(scene, 4 - number)
    await scene.deliver_for(10)
    assert shown(alone(scene)) == sorted(alone(scene).files) == files(jobs)
    assert await scene.due() == []


@pytest.mark.parametrize("is_done", [True, False])
async def test_in_a_thread_of_its_own_the_first_post_leads_to_nothing_twice(
    scene: Scene, *, is_done: bool
) -> None:
    """Nor are the others posted beside it."""
    jobs = await asked_and_painted(scene, is_thread=False)
    scene.discord.refuse("post", LOST, times=1, is_done=is_done)
    await scene.deliver()
    scene.discord.forget_nonces()
    await scene.deliver_for(10)
    thread = jobs[0].message.message_id or 0
    assert sorted(alone(scene, thread).files) == files(jobs)
    assert shown(alone(scene, thread)) == files(jobs)


async def test_an_end_without_a_picture_has_its_line(scene: Scene) -> None:
    """With the reason; the others are not held up."""
    jobs = await asked(scene)
    await paint(scene)
    await scene.fail(await scene.claimed())
    await paint(scene, 2)
    await scene.deliver()
    assert shown(alone(scene)) == files([jobs[0], *jobs[2:]])
    assert "3 of 4 painted" in alone(scene).text
    (line,) = [one for one in alone(scene).text.split("\n") if one.startswith("-# **2**")]
    assert "Refused" in line
    assert "content check" in line
    assert await scene.due() == []


async def test_where_nothing_was_painted_each_end_is_said(scene: Scene) -> None:
    """By the status message."""
    await asked(scene, 2)
    for _ in range(2):
        await scene.fail(await scene.claimed())
    await scene.deliver()
    said = alone(scene).text
    assert "Refused · 0 of 2 painted" in said
    assert [line[:7] for line in said.split("\n") if line.startswith("-# **")] == [
        "-# **1*",
        "-# **2*",
    ]


async def test_cancel_takes_all_that_is_open(scene: Scene) -> None:
    """In one step; what hangs stays, and what is being painted is not posted."""
    jobs = await asked(scene)
    await paint(scene)
    await scene.deliver()
    running = await scene.claimed()
    cancelled = await scene.database.write(
        queue.cancel_request, jobs[0].id, now_us=scene.clock.now_us()
    )
    assert [job.state for job in cancelled] == [
        *(JobState.DRAWN, JobState.RUNNING, JobState.CANCELLED, JobState.CANCELLED)
    ]
    await scene.complete(running)
    await scene.deliver()
    assert shown(alone(scene)) == files(jobs[:1])
    assert alone(scene).text.count("Cancelled") == 3
    assert "2 of 4 painted" in alone(scene).text, "what is charged was painted"
    assert "zeuxis:2:cancel:1" not in alone(scene).marks


async def delete(scene: Scene, job: Job) -> bool:
    """As its button does; returns whether the message is to go with it."""
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    is_shared = await scene.database.read(postings.shares_message, job.id)
    await scene.deliver()
    return not is_shared


@pytest.mark.parametrize("is_thread", [True, False])
async def test_a_deleted_picture_leaves_the_card(scene: Scene, *, is_thread: bool) -> None:
    """By an edit; the message goes with the last."""
    jobs = await asked_and_painted(scene, 3, is_thread=is_thread)
    await scene.deliver()
    place = 10 if is_thread else jobs[0].message.message_id or 0
    assert not await delete(scene, jobs[1])
    assert shown(alone(scene, place)) == alone(scene, place).files == files([jobs[0], jobs[2]])
    assert "The picture was deleted." in alone(scene, place).text
    assert not await delete(scene, jobs[0])
    assert await delete(scene, jobs[2])
    assert scene.discord.in_channel(place) == []
    assert await scene.due() == []


@pytest.mark.parametrize("is_copied", [False, True])
async def test_a_message_that_tells_of_others_to_come_outlives_its_first_picture(
    scene: Scene, *, is_copied: bool
) -> None:
    """And shows those. Only a message that shows it again goes with it."""
    jobs = await asked(scene, 2)
    await paint(scene)
    await scene.deliver()
    if is_copied:
        await posted_again(scene, jobs[0], 20)
    assert not await delete(scene, jobs[0])
    assert alone(scene).files == shown(alone(scene)) == []
    await paint(scene)
    await scene.deliver()
    assert shown(alone(scene)) == files(jobs[1:])
    assert scene.discord.in_channel(20) == []


@pytest.mark.parametrize("error", [answer(429, 30046), answer(404, 10008)], ids=str)
async def test_a_card_that_takes_no_more_is_followed_by_another(
    scene: Scene, error: Exception
) -> None:
    """Which the further ones fill."""
    jobs = await asked(scene)
    await paint(scene)
    await scene.deliver()
    scene.discord.refuse("fill", error, times=1)
    await paint(scene, 3)
    await scene.deliver()
    first, second = scene.discord.in_channel(10)
    assert (shown(first), shown(second)) == (files(jobs[:1]), files(jobs[1:]))


async def test_more_than_a_message_holds_hang_on_two(scene: Scene) -> None:
    """Discord's limit is ten."""
    await want(scene, "largest_batch", MOST_ON_A_MESSAGE + 1)
    jobs = await asked_and_painted(scene, MOST_ON_A_MESSAGE + 1)
    await scene.deliver()
    first, second = scene.discord.in_channel(10)
    assert (shown(first), shown(second)) == (files(jobs[:10]), files(jobs[10:]))
    assert all("Done · 11 of 11 painted" in one.text for one in (first, second))
    assert not any("cancel" in mark for one in (first, second) for mark in one.marks)


async def test_one_that_came_where_no_thread_could_be_says_at_the_end_that_all_is_done(
    scene: Scene,
) -> None:
    """The others hang in the thread that could be opened after all."""
    jobs = await asked(scene, 2, is_thread=False)
    scene.discord.refuse("thread", answer(404, 10008), times=1)
    await paint(scene)
    await scene.deliver()
    assert "zeuxis:2:cancel:1" in alone(scene).marks
    await paint(scene)
    await scene.deliver()
    assert shown(alone(scene)) == files(jobs[:1])
    assert "Done · 2 of 2 painted" in alone(scene).text
    assert "zeuxis:2:cancel:1" not in alone(scene).marks


async def test_a_card_that_takes_no_edit_any_more_keeps_no_end_waiting(scene: Scene) -> None:
    """What it said then, it says for ever."""
    await want(scene, "largest_batch", MOST_ON_A_MESSAGE + 1)
    await asked(scene, MOST_ON_A_MESSAGE + 1)
    await paint(scene, MOST_ON_A_MESSAGE)
    await scene.deliver()
    scene.discord.refuse("edit", answer(429, 30046))
    await paint(scene)
    await scene.deliver()
    assert await scene.due() == []


async def test_a_picture_over_the_limit_is_made_smaller_for_itself(scene: Scene) -> None:
    """Or shown by its link, which stays on the card as others come and go."""
    jobs = await asked(scene)
    await paint(scene)
    scene.relay.fail(TOO_LARGE)
    await scene.deliver()
    await paint(scene)
    scene.relay.fail(TOO_LARGE)
    scene.relay.fail_smaller(TOO_LARGE)
    await scene.deliver()
    await paint(scene, 2)
    await scene.deliver()
    await delete(scene, jobs[3])
    assert shown(alone(scene)) == [*files(jobs[:1], "jpg"), URL, *files(jobs[2:3])]
    assert alone(scene).files == [*files(jobs[:1], "jpg"), *files(jobs[2:3])]


async def test_what_was_not_as_usual_is_still_said_when_others_have_come(scene: Scene) -> None:
    """In the line of its picture."""
    await asked(scene, 2)
    await paint(scene)
    scene.relay.fail(TOO_LARGE)
    await scene.deliver()
    await paint(scene)
    await scene.deliver()
    (line,) = [one for one in alone(scene).text.split("\n") if one.startswith("-# **1**")]
    assert "I made the file smaller" in line


async def test_a_thread_that_cannot_be_is_told_of_once(scene: Scene) -> None:
    """On the gallery that the status message becomes."""
    await asked(scene, is_thread=False)
    scene.discord.refuse("thread", answer(403, 50013))
    await paint(scene, 2)
    await scene.deliver()
    await paint(scene, 2)
    await scene.deliver()
    assert alone(scene).text.count("I could not open a thread") == 1


@pytest.mark.parametrize("last_fails", [True, False])
async def test_the_member_is_notified_once_when_the_last_is_there(
    scene: Scene, *, last_fails: bool
) -> None:
    """By a reply to the card."""
    await want(scene, "pings", value=True)
    jobs = await asked(scene)
    await paint(scene, 3)
    await scene.deliver()
    assert [one.pinged for one in scene.discord.in_channel(10)] == [None]
    claimed = await scene.claimed()
    await (scene.fail(claimed) if last_fails else scene.complete(claimed))
    scene.discord.refuse("send", LOST, times=1, is_done=True)
    await scene.deliver()
    scene.discord.forget_nonces()
    await scene.deliver_for(10)
    card, ping = scene.discord.in_channel(10)
    assert len(card.files) == (3 if last_fails else 4)
    assert (ping.pinged, ping.reply_to) == (1, jobs[0].message.message_id)
    assert ping.text == "<@1>, your pictures are ready."


async def test_the_member_is_notified_below_the_newest_pictures(scene: Scene) -> None:
    """Which hang on the second of two messages here."""
    await want(scene, "pings", value=True)
    await want(scene, "largest_batch", MOST_ON_A_MESSAGE + 1)
    *_, last = await asked_and_painted(scene, MOST_ON_A_MESSAGE + 1)
    await scene.deliver()
    *_, ping = scene.discord.in_channel(10)
    assert (ping.pinged, ping.reply_to) == (1, (await scene.picture(last)).message_id)
    assert ping.reply_to != last.message.message_id


async def test_without_the_wish_nobody_is_notified(scene: Scene) -> None:
    """Nor is there anything to be notified of if no picture came."""
    await asked_and_painted(scene, 2)
    await scene.deliver()
    assert len(scene.discord.in_channel(10)) == 1
    await want(scene, "pings", value=True)
    await asked(scene, 2, channel_id=20)
    for _ in range(2):
        await scene.fail(await scene.claimed())
    await scene.deliver()
    assert len(scene.discord.in_channel(20)) == 1


async def test_the_alternative_texts_are_as_their_member_wants_them(scene: Scene) -> None:
    """Of each picture its own."""
    await prefer(scene, alt_words=0)
    await asked_and_painted(scene, 2)
    await scene.database.write(
        lambda tx: tx.execute("UPDATE picture SET alt_text = 'mine' WHERE job_id = 2")
    )
    await scene.deliver()
    (gallery,) = [one for one in alone(scene).view.walk_children() if isinstance(one, MediaGallery)]
    assert [item.description for item in gallery.items] == ["AI-generated picture", "mine"]


async def test_nonsense_in_a_members_default_holds_no_gallery_back(scene: Scene) -> None:
    """The pictures are paid; whether their words may be told is unknown, so they are not."""
    await prefer(scene, size="huge")
    jobs = await asked_and_painted(scene, 2)
    await scene.deliver()
    assert shown(alone(scene)) == files(jobs)
    (gallery,) = [one for one in alone(scene).view.walk_children() if isinstance(one, MediaGallery)]
    assert {item.description for item in gallery.items} == {"AI-generated picture"}


async def test_the_board_edits_a_request_once_and_leaves_its_gallery_alone(scene: Scene) -> None:
    """It tells of the next one; once a picture hangs, the card is the outbox's."""
    await asked(scene)
    await scene.board._show_round()
    assert scene.discord.asked == ["edit 10"]
    assert "In the queue · 0 of 4 painted" in alone(scene).text
    assert "Place **1**" in alone(scene).text
    await paint(scene)
    await scene.deliver()
    scene.discord.asked.clear()
    await scene.board._show_round()
    assert scene.discord.asked == []


async def test_the_board_counts_what_is_painted_while_another_goes_on(scene: Scene) -> None:
    """Whichever is ready first; its bar stays."""
    await asked(scene, 2, is_thread=False)
    await scene.claimed()
    second = await scene.claimed()
    await scene.show_round()
    assert "Z-Image is painting · 0 of 2 painted" in alone(scene).text
    assert "▱" in alone(scene).text
    await scene.complete(second)
    await scene.deliver()
    await scene.show_round()
    assert "Z-Image is painting · 1 of 2 painted" in alone(scene).text
    assert "▱" in alone(scene).text


async def test_a_lost_status_message_is_posted_once_for_all(scene: Scene) -> None:
    """A crash around the first answer."""
    first, *more = (replace(a_request(), seed=n) for n in range(4))
    await scene.service.submit(first, replace(an_origin(), is_thread=True), more=more)
    await paint(scene, 4)
    scene.clock.advance(10)
    await scene.deliver()
    assert len(alone(scene).files) == 4
