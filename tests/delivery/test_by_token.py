"""By a user's own install, where nothing but the interaction's token reaches the one who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.policy.rows import set_policy
from bot.policy.rules import Key, Scope
from bot.queue import postings
from bot.queue.records import PictureState, Surface
from tests.delivery.scripted import DIRECT, answer

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.delivery.scene import Scene

LOST = ConnectionResetError()
TOKEN = "secret"
LIVES_S = 900
DEAD, NEVER_ANSWERED = answer(401, 50027), answer(404, 10015)


async def asked(scene: Scene, **how: Any) -> Job:
    """In a conversation that the bot cannot enter; the answer stands there."""
    await scene.open_outside()
    job = await scene.submitted(
        token=TOKEN, channel=70, surface=Surface.INTERACTION, guild_id=None, **how
    )
    scene.discord.asked.clear()
    return job


async def drawn(scene: Scene, **how: Any) -> Job:
    job = await asked(scene, **how)
    await scene.complete(await scene.claimed())
    return job


async def test_the_answer_becomes_the_picture_and_nothing_else_is_asked(scene: Scene) -> None:
    job = await drawn(scene)
    await scene.deliver()
    (said,) = scene.discord.in_channel(70)
    assert said.files == [f"zeuxis-{job.id}.png"]
    assert scene.discord.asked == ["fill by token"]
    assert TOKEN not in repr(job) + repr(job.address)
    told = await scene.job(job)
    assert told.origin.interaction_token is None, "told, so it is wiped"
    assert (await scene.picture(job)).state is PictureState.SHOWN


async def test_a_wish_to_be_notified_changes_nothing_there(scene: Scene) -> None:
    """A new message would be a follow-up, and of those there are few."""
    await drawn(scene)
    pings = Key(Scope.OPERATOR, 0, "pings")
    await scene.database.write(set_policy, pings, True, by="operator", now_us=1)
    await scene.deliver()
    assert scene.discord.asked == ["fill by token"]


@pytest.mark.parametrize("is_done", [True, False])
async def test_an_edit_that_was_not_heard_of_is_looked_for_first(
    scene: Scene, *, is_done: bool
) -> None:
    """Nothing is uploaded twice, and nothing stands there twice."""
    job = await drawn(scene)
    scene.discord.refuse("fill by token", LOST, times=1, is_done=is_done)
    await scene.deliver()
    await scene.deliver_for(10)
    (said,) = scene.discord.in_channel(70)
    assert said.files == [f"zeuxis-{job.id}.png"]
    again = [] if is_done else ["fill by token"]
    assert scene.discord.asked == ["fill by token", "look by token", *again]


async def test_an_answer_whose_message_no_row_knows_is_found_by_the_token(scene: Scene) -> None:
    """A crash came between Discord's word and the row."""
    job = await asked(scene, is_answered=False)
    await scene.answer(job, is_stored=False)
    await scene.complete(await scene.claimed())
    scene.clock.advance(6)
    await scene.deliver()
    assert scene.discord.asked == ["answer", "fill by token"]
    assert (await scene.picture(job)).state is PictureState.SHOWN


async def test_an_outage_of_two_minutes_is_waited_for(scene: Scene) -> None:
    """429 and 5xx alike, as long as the token lives."""
    job = await drawn(scene)
    scene.discord.refuse("fill by token", answer(503))
    await scene.deliver_for(120)
    assert (await scene.picture(job)).state is PictureState.DUE
    scene.discord.accept_everything()
    await scene.deliver_for(120)
    assert (await scene.picture(job)).state is PictureState.SHOWN
    assert len(scene.discord.in_channel(70)) == 1


async def test_an_outage_for_as_long_as_the_token_lives_ends_with_its_link(scene: Scene) -> None:
    """The last try is shortly before its death; what says so then comes by a direct message."""
    job = await drawn(scene)
    for verb in ("fill by token", "edit by token"):
        scene.discord.refuse(verb, answer(503))
    await scene.deliver_for(LIVES_S + 300)
    picture = await scene.picture(job)
    assert picture.state is PictureState.UNDELIVERABLE
    (said,) = scene.discord.in_channel(DIRECT + 1)
    assert "15 minutes only" in said.text
    assert said.links, "whoever has the link needs no permission"
    assert await scene.due() == []


@pytest.mark.parametrize("has_died", [True, False])
async def test_a_token_that_died_while_it_was_drawn_leaves_the_link(
    scene: Scene, *, has_died: bool
) -> None:
    """By our clock, or by Discord's word; with /queue the picture is found for a day."""
    job = await drawn(scene)
    if has_died:
        scene.clock.advance(LIVES_S)
    else:
        for verb in ("fill by token", "edit by token", "follow_up"):
            scene.discord.refuse(verb, DEAD)
    scene.discord.refuse("open", answer(403, 50007))
    await scene.deliver()
    assert (await scene.picture(job)).state is PictureState.UNDELIVERABLE
    view = await scene.service.jobs.queue(None, job.origin.user_id)
    assert [one.id for one in view.undelivered] == [job.id]
    assert await scene.due() == []
    asked_for = {one.split()[0] for one in scene.discord.asked}
    assert not asked_for & {"post", "send", "search", "thread"}


@pytest.mark.parametrize("error", [answer(404, 10008), NEVER_ANSWERED, answer(400, 200000)])
async def test_what_that_place_refuses_is_told_by_what_is_left(
    scene: Scene, error: Exception
) -> None:
    """Somebody took the answer away, or a filter of a guild that is not ours holds it back."""
    job = await drawn(scene)
    for verb in ("fill by token", "edit by token"):
        scene.discord.refuse(verb, error)
    await scene.deliver()
    assert (await scene.picture(job)).state is PictureState.UNDELIVERABLE
    assert scene.discord.follow_ups[TOKEN].links
    assert scene.discord.asked == ["fill by token", "edit by token", "follow_up"]


async def test_an_end_without_a_picture_is_told_by_the_token(scene: Scene) -> None:
    job = await asked(scene)
    await scene.fail(await scene.claimed())
    await scene.deliver()
    assert "content check" in scene.status(job)
    assert scene.discord.asked == ["edit by token"]


async def test_the_status_lives_by_the_token(scene: Scene) -> None:
    """And is silent once the token is gone: the bot's own gets nowhere there."""
    await asked(scene)
    await scene.board._show_round()
    assert scene.discord.asked == ["edit by token"]
    scene.clock.advance(LIVES_S)
    await scene.database.write(postings.wipe_dead_secrets, now_us=scene.clock.now_us())
    await scene.claimed(is_sent=False)
    await scene.board._show_round()
    assert scene.discord.asked == ["edit by token"]


async def test_a_place_of_others_is_never_taken_for_closed(scene: Scene) -> None:
    """What waits there has tokens of its own."""
    first = await drawn(scene)
    second = await scene.submitted(
        user=2, token="another", channel=70, surface=Surface.INTERACTION, guild_id=None
    )
    scene.discord.refuse("fill by token", answer(403, 50001))
    await scene.deliver()
    assert (await scene.picture(first)).state is PictureState.UNDELIVERABLE
    assert (await scene.job(second)).is_open


async def test_a_deleted_picture_leaves_nothing_to_be_erased_there(scene: Scene) -> None:
    """Its button took the message away, and the token is wiped."""
    job = await drawn(scene)
    await scene.deliver()
    scene.discord.asked.clear()
    await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())
    await scene.deliver()
    assert scene.discord.asked == []
    assert await scene.due() == []
