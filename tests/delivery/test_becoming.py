"""Where a picture hangs beside its status message, that becomes it: one message stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from discord.ui import MediaGallery

from bot.policy.rules import ResultsIn
from bot.queue import postings
from bot.queue.records import PictureState, Surface
from bot.records import replace
from tests.delivery.scripted import answer
from tests.delivery.test_manner import want
from tests.queue.world import a_request, an_origin

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.delivery.scene import Scene
    from tests.delivery.scripted import Said

LOST = ConnectionResetError()
PERSON = 1


async def in_a_thread(scene: Scene) -> Job:
    return await scene.drawn(is_thread=True)


async def in_a_channel(scene: Scene) -> Job:
    await want(scene, "results_in", ResultsIn.CHANNEL)
    return await scene.drawn()


async def in_a_direct_message(scene: Scene) -> Job:
    await scene.open_outside()
    origin = replace(an_origin(), guild_id=None, surface=Surface.DIRECT)
    job = (await scene.service.submit(a_request(), origin)).job
    await scene.answer(job)
    return await scene.complete(await scene.claimed())


async def where_no_thread_can_be(scene: Scene) -> Job:
    """As in the chat of a voice channel."""
    scene.discord.refuse("thread", answer(400, 50024))
    return await scene.drawn()


async def prefer(scene: Scene, **preferences: Any) -> None:
    """The member's own defaults."""
    columns = ", ".join(preferences)
    marks = ", ".join("?" * len(preferences))
    query = f"INSERT INTO person_default (user_id, {columns}) VALUES (?, {marks})"
    await scene.database.write(lambda tx: tx.execute(query, (PERSON, *preferences.values())))


def alone(scene: Scene, job: Job) -> Said:
    """The one message in the job's place."""
    (said,) = scene.discord.in_channel(job.origin.channel_id)
    return said


@pytest.mark.parametrize(
    "asked", [in_a_thread, in_a_channel, in_a_direct_message, where_no_thread_can_be]
)
async def test_the_status_message_becomes_the_picture(scene: Scene, asked: Any) -> None:
    """No card stays behind, and the rows name one message twice."""
    job = await asked(scene)
    await scene.deliver()
    shown = alone(scene, job)
    assert shown.files == [f"zeuxis-{job.id}.png"]
    assert "AI-generated" in shown.text
    picture, message = await scene.picture(job), (await scene.job(job)).message
    assert picture.state is PictureState.SHOWN
    assert (picture.channel_id, picture.message_id) == (message.channel_id, message.message_id)
    assert message.message_id == job.message.message_id or job.origin.guild_id is None
    assert not [one for one in scene.discord.asked if one.split()[0] in ("post", "edit", "send")]


@pytest.mark.parametrize(
    "error", [answer(429, 30046), answer(404, 10008), answer(400, 200000)], ids=str
)
async def test_a_refused_edit_leads_to_a_new_message_in_its_place(
    scene: Scene, error: Exception
) -> None:
    """Older than an hour, deleted, AutoMod: the old one goes."""
    job = await in_a_thread(scene)
    scene.discord.refuse("fill", error)
    await scene.deliver()
    assert alone(scene, job).files == [f"zeuxis-{job.id}.png"]
    picture, message = await scene.picture(job), (await scene.job(job)).message
    assert message.message_id == picture.message_id != job.message.message_id
    assert scene.discord.asked == ["fill 10", "post 10", "delete 10"]


@pytest.mark.parametrize("verb", ["fill", "post", "delete"])
@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize("pings", [True, False])
async def test_an_answer_that_was_lost_leads_to_nothing_twice(
    scene: Scene, verb: str, *, is_done: bool, pings: bool
) -> None:
    """Whether or not the request had acted; Discord's memory of nonces has passed."""
    await want(scene, "pings", value=pings)
    job = await in_a_thread(scene)
    scene.discord.refuse(verb, LOST, times=1, is_done=is_done)
    await scene.deliver()
    scene.discord.forget_nonces()
    await scene.deliver_for(10)
    assert alone(scene, job).files == [f"zeuxis-{job.id}.png"]
    assert (await scene.picture(job)).state is PictureState.SHOWN
    assert await scene.due() == []


async def test_an_edit_that_was_not_heard_of_is_found_and_not_made_again(scene: Scene) -> None:
    """By the file that hangs on the message."""
    job = await in_a_thread(scene)
    scene.discord.refuse("fill", LOST, times=1, is_done=True)
    await scene.deliver()
    assert (await scene.picture(job)).message_id is None
    scene.discord.asked.clear()
    await scene.deliver_for(10)
    assert scene.discord.asked == ["look 10"]
    assert len(scene.relay.opened) == 1


@pytest.mark.parametrize("error", [answer(404, 10008), answer(403, 50013)], ids=str)
async def test_a_status_message_that_cannot_be_looked_at_shows_nothing(
    scene: Scene, error: Exception
) -> None:
    """It is gone, or nobody can see it."""
    job = await in_a_thread(scene)
    scene.discord.refuse("fill", LOST, times=1)
    await scene.deliver()
    scene.discord.refuse("look", error)
    await scene.deliver_for(10)
    assert alone(scene, job).files == [f"zeuxis-{job.id}.png"]


async def test_a_look_that_fails_is_taken_again_before_anything_is_posted(scene: Scene) -> None:
    """Else the picture might stand there twice."""
    job = await in_a_thread(scene)
    scene.discord.refuse("fill", LOST, times=1, is_done=True)
    await scene.deliver()
    scene.discord.refuse("look", answer(503), times=2)
    scene.discord.asked.clear()
    await scene.deliver_for(30)
    assert scene.discord.asked == ["look 10"] * 3
    assert (await scene.picture(job)).state is PictureState.SHOWN


@pytest.mark.parametrize("error", [answer(503), answer(429), LOST], ids=str)
async def test_a_failure_that_passes_is_waited_for(scene: Scene, error: BaseException) -> None:
    """Nothing else is tried in the meantime."""
    job = await in_a_thread(scene)
    scene.discord.refuse("fill", error, times=3)
    await scene.deliver_for(60)
    assert alone(scene, job).files == [f"zeuxis-{job.id}.png"]
    assert [one for one in scene.discord.asked if one.startswith("fill")] == ["fill 10"] * 4
    assert not [one for one in scene.discord.asked if one.startswith("post")]


async def test_a_place_in_which_nothing_can_be_posted_is_said(scene: Scene) -> None:
    """By an edit without a file, which needs no permission to attach any."""
    job = await in_a_thread(scene)
    for verb in ("fill", "post"):
        scene.discord.refuse(verb, answer(403, 50013))
    await scene.deliver()
    assert "Find it with /queue" in alone(scene, job).text
    assert (await scene.picture(job)).state is PictureState.UNDELIVERABLE


async def test_an_archived_thread_is_opened_again(scene: Scene) -> None:
    """As members do by writing in it."""
    job = await in_a_thread(scene)
    scene.discord.refuse("fill", answer(400, 50083), channel=10)
    await scene.deliver()
    assert scene.discord.asked == ["fill 10", "unarchive 10", "fill 10"]
    assert alone(scene, job).files == [f"zeuxis-{job.id}.png"]


@pytest.mark.parametrize("is_linked", [False, True])
async def test_a_picture_over_the_limit_fits_as_it_does_elsewhere(
    scene: Scene, *, is_linked: bool
) -> None:
    """A smaller file, or the link in the same message."""
    job = await in_a_thread(scene)
    scene.discord.refuse("fill", answer(413, 40005), times=2 if is_linked else 1)
    await scene.deliver()
    assert alone(scene, job).files == ([] if is_linked else [f"zeuxis-{job.id}.jpg"])
    assert ("own link" if is_linked else "made the file smaller") in alone(scene, job).text
    assert (await scene.job(job)).message.message_id == job.message.message_id


async def test_a_deleted_picture_takes_its_status_message_along(scene: Scene) -> None:
    """Should its button not have done so; once is enough."""
    job = await in_a_thread(scene)
    await scene.deliver()
    for _ in range(2):
        await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
        await scene.deliver()
        assert scene.discord.in_channel(10) == []
    assert await scene.due() == []


async def test_a_status_message_that_cannot_be_taken_away_says_done(scene: Scene) -> None:
    """It never goes on to say that the picture is on its way."""
    await want(scene, "pings", value=True)
    job = await in_a_thread(scene)
    scene.discord.refuse("delete", answer(403, 50013))
    await scene.deliver()
    assert "Done" in scene.status(job)
    assert (await scene.picture(job)).state is PictureState.SHOWN
    assert await scene.due() == []


async def test_a_ping_wants_a_new_message_and_one_stays(scene: Scene) -> None:
    """An edit notifies nobody."""
    await want(scene, "pings", value=True)
    job = await in_a_thread(scene)
    await scene.deliver()
    assert alone(scene, job).pinged == job.origin.user_id
    assert scene.discord.asked == ["post 10", "delete 10"]


@pytest.mark.parametrize("guild", [True, False])
@pytest.mark.parametrize("member", [True, False, None])
async def test_the_member_s_word_on_pings_counts_for_more_than_the_guild_s(
    scene: Scene, *, guild: bool, member: bool | None
) -> None:
    """Where they have said nothing, the guild's holds."""
    await want(scene, "pings", value=guild)
    await prefer(scene, pings=member)
    job = await in_a_thread(scene)
    await scene.deliver()
    is_pinged = alone(scene, job).pinged == PERSON
    assert is_pinged == (guild if member is None else member)


def alternative(said: Said) -> str | None:
    (gallery,) = [one for one in said.view.walk_children() if isinstance(one, MediaGallery)]
    return gallery.items[0].description


@pytest.mark.parametrize(
    ("alt_words", "own", "expected"),
    [
        (None, None, "AI-generated picture: a cat"),
        (1, None, "AI-generated picture: a cat"),
        (0, None, "AI-generated picture"),
        (0, "my cat", "my cat"),
        (None, "my cat", "my cat"),
    ],
)
async def test_the_alternative_text_is_as_its_member_wants_it(
    scene: Scene, alt_words: int | None, own: str | None, expected: str
) -> None:
    """Their own words, else the prompt unless they keep that to themselves."""
    await prefer(scene, alt_words=alt_words)
    job = await in_a_thread(scene)
    await scene.database.write(lambda tx: tx.execute("UPDATE picture SET alt_text = ?", (own,)))
    await scene.deliver()
    assert alternative(alone(scene, job)) == expected
