"""The board: status messages follow their jobs, and Discord's limits are left alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.delivery.status import EDITS_PER_ROUND, LONGEST_EDIT_S, REFRESH_S
from bot.errors import StorageUnavailable
from bot.policy.rules import ResultsIn
from bot.queue import postings
from bot.queue.authority import Asker
from bot.queue.records import InteractionId, Surface
from bot.records import replace
from tests.delivery.scene import turns, until
from tests.delivery.scripted import answer
from tests.delivery.test_manner import want
from tests.queue.world import a_request, an_origin
from tests.running import running

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.delivery.scene import Scene


def its_member(job: Job) -> Asker:
    origin = job.origin
    assert origin.guild_id is not None
    return Asker(
        user_id=origin.user_id,
        guild_id=origin.guild_id,
        channel_id=origin.channel_id,
        root_channel_id=origin.root_channel_id,
        may_moderate=False,
    )


async def test_a_round_shows_what_has_changed_and_nothing_else(scene: Scene) -> None:
    """Queued, then painting."""
    job = await scene.submitted()
    await scene.show_round()
    assert "Place **1**" in scene.status(job)
    await scene.show_round()
    assert scene.discord.asked == ["edit 10"]
    await scene.claimed()
    await scene.show_round()
    assert "painting" in scene.status(job)


async def test_one_message_of_a_channel_in_a_round(scene: Scene) -> None:
    """At first those whose turn is near; over all channels only so many."""
    jobs = [await scene.submitted(user=user) for user in (1, 2)]
    await scene.show_round()
    assert scene.discord.asked == ["edit 10"]
    assert "Place **1**" in scene.status(jobs[0])
    for guild in range(2, EDITS_PER_ROUND + 5):
        await scene.submitted(guild)
    scene.discord.asked.clear()
    await scene.show_round()
    assert len(scene.discord.asked) == EDITS_PER_ROUND


async def test_the_bar_of_a_picture_moves_with_the_rounds(scene: Scene) -> None:
    """And stands still where nothing would be seen to move."""
    job = await scene.submitted()
    await scene.claimed()
    bars = []
    for _ in range(6):
        await scene.show_round()
        bars.append(scene.status(job).count("▰"))
        scene.clock.advance(REFRESH_S)
    assert bars == sorted(bars)
    assert (bars[0], bars[-1]) == (0, 9)
    edits = len(scene.discord.asked)
    await scene.show_round()
    assert len(scene.discord.asked) == edits


async def test_a_message_of_two_pictures_tells_of_both(scene: Scene) -> None:
    """The first is painted, the other is being painted."""
    origin = replace(an_origin(1, 1), interaction_id=InteractionId(77))
    first = (await scene.service.submit(a_request(), origin, more=[a_request()])).job
    await scene.answer(first)
    await scene.complete(await scene.claimed())
    await scene.claimed()
    for _ in range(3):
        scene.clock.advance(REFRESH_S)
        await scene.show_round()
    assert "1 of 2 painted" in scene.status(await scene.job(first))


async def test_what_is_about_to_end_is_not_edited_before(scene: Scene) -> None:
    """Two edits within seconds would be two notices of nothing; who is late is shown again."""
    job = await scene.submitted()
    await scene.claimed()
    (one,) = await scene.service.jobs.open_jobs()
    assert one.drawing is not None
    scene.clock.advance(one.drawing.usual_s - REFRESH_S + 0.5)
    await scene.show_round()
    assert scene.discord.asked == []
    scene.clock.advance(REFRESH_S)
    await scene.show_round()
    assert scene.status(job).count("▰") == 9


async def test_a_new_process_goes_on_where_the_old_one_was(scene: Scene) -> None:
    """What a board has shown is not kept; the first round of the next says it anew."""
    job = await scene.submitted()
    await scene.claimed()
    await scene.show_round()
    scene.clock.advance(7)
    scene.board._shown.clear()
    await scene.show_round()
    assert scene.status(job).count("▰") > 0


async def test_a_picture_that_is_drawn_is_said_to_be_on_its_way(scene: Scene) -> None:
    """Once that takes long; it can be cancelled all the while."""
    job = await scene.drawn()
    await scene.show_round()
    assert scene.discord.asked == []
    scene.clock.advance(5)
    await scene.show_round()
    assert "Painted and on its way" in scene.status(job)
    assert f"zeuxis:2:cancel:{job.id}" in scene.marks(job)
    await scene.show_round()
    assert scene.discord.asked == ["edit 10"]


@pytest.mark.parametrize("place", ["thread", "direct message", "channel"])
async def test_an_edit_stands_in_the_way_of_no_picture(scene: Scene, place: str) -> None:
    """Where the status message becomes the picture, it is left alone as soon as that is drawn."""
    if place == "channel":
        await want(scene, "results_in", ResultsIn.CHANNEL)
    surface = Surface.DIRECT if place == "direct message" else Surface.GUILD
    await scene.drawn(is_thread=place == "thread", surface=surface)
    scene.clock.advance(5)
    await scene.show_round()
    assert scene.discord.asked == []


async def test_what_happens_to_a_drawn_picture_meanwhile_is_left_to_the_outbox(
    scene: Scene,
) -> None:
    """The card would stand over its end, or over the picture."""
    posted, cancelled = await scene.drawn(), await scene.drawn(guild=2)
    scene.clock.advance(5)
    followed = await scene.service.jobs.followed_jobs()
    await scene.database.write(postings.record_post_attempt, posted.id, now_us=1)
    await scene.service.jobs.cancel(cancelled.id, its_member(cancelled))
    for one in followed:
        await scene.board._show(one)
    assert scene.discord.asked == []


async def test_a_job_that_ended_meanwhile_is_left_to_the_outbox(scene: Scene) -> None:
    """Else an old state would stand over the new one."""
    job = await scene.submitted()
    (waiting,) = await scene.service.jobs.open_jobs()
    await scene.service.jobs.cancel(job.id, its_member(job))
    await scene.board._show(waiting)
    assert scene.discord.asked == []


@pytest.mark.parametrize("error", [answer(503), answer(403, 50013), OSError(), TimeoutError()])
async def test_an_edit_that_fails_concerns_its_own_message(scene: Scene, error: Exception) -> None:
    """The next channel's is shown; the next round says the same better."""
    first, second = await scene.submitted(1), await scene.submitted(2)
    scene.discord.refuse("edit", error, channel=10)
    with capture_logs() as logs:
        await scene.show_round()
    assert "status not shown" in [one["event"] for one in logs]
    assert "Place" not in scene.status(first)
    assert "Place" in scene.status(second)


async def test_it_rests_while_the_database_fails(scene: Scene) -> None:
    """And goes on with the next round."""
    job = await scene.submitted()
    with capture_logs() as logs:
        async with running(scene.board.run()):
            await scene.clock.until_slept()
            scene.database._is_open = False
            scene.clock.advance(REFRESH_S)
            await scene.clock.until_slept()
            assert [one["event"] for one in logs] == ["status board paused"]
            scene.database._is_open = True
            scene.clock.advance(REFRESH_S)
            await scene.clock.until_slept()
            assert "Place **1**" in scene.status(job)


async def test_a_database_that_fails_within_a_round_ends_it(scene: Scene) -> None:
    """What cannot be read again may have changed, so it is not shown."""
    job = await scene.submitted()
    assert job.message.message_id is not None
    async with scene.discord.locked(job.message.message_id):
        showing = asyncio.create_task(scene.show_round())
        await until(lambda: scene.board._shown)
        scene.database._is_open = False
    with pytest.raises(StorageUnavailable):
        await showing
    scene.database._is_open = True
    assert scene.discord.asked == []


async def test_a_job_without_a_message_has_nothing_to_edit(scene: Scene) -> None:
    """Its first answer is still on the way; others' are shown."""
    await scene.submitted(is_answered=False)
    answered = await scene.submitted(2)
    await scene.show_round()
    assert scene.discord.asked == ["edit 20"]
    assert "Place" in scene.status(answered)


async def test_a_round_comes_every_three_seconds(scene: Scene) -> None:
    """Discord grants about one edit a second in a channel, and the results need most of it."""
    assert (REFRESH_S, EDITS_PER_ROUND) == (3.0, 30)
    await scene.submitted()
    async with running(scene.board.run()):
        await turns()
        scene.clock.advance(2.9)
        await turns()
        assert scene.discord.asked == []
        scene.clock.advance(0.1)
        await until(lambda: scene.discord.asked)
    assert scene.discord.asked == ["edit 10"]


async def test_the_others_of_a_channel_follow_in_the_next_rounds(scene: Scene) -> None:
    """In their order, one in each; then none is left to be shown."""
    jobs = [await scene.submitted(user=user) for user in (1, 2, 3)]
    for number, job in enumerate(jobs, 1):
        await scene.show_round()
        assert f"Place **{number}**" in scene.status(job)
    await scene.show_round()
    assert len(scene.discord.asked) == 3


async def test_no_message_of_a_channel_stands_still_beside_a_bar_that_moves(scene: Scene) -> None:
    """Whose message has stood longest is next, also where others change in every round."""
    jobs = [await scene.submitted(user=user) for user in (1, 2, 3)]
    for _ in jobs:
        await scene.show_round()
    await scene.claimed()
    await scene.claimed()
    for _ in jobs:
        await scene.show_round()
        scene.clock.advance(REFRESH_S)
    assert ["painting" in scene.status(job) for job in jobs] == [True, True, False]
    assert "Place **1**" in scene.status(jobs[2])


async def test_newcomers_wait_for_their_turn_to_be_shown(scene: Scene) -> None:
    """Their message was just written; else a busy channel would show nothing else."""
    first = await scene.submitted(user=1)
    await scene.show_round()
    await scene.claimed()
    for user in (2, 3):
        await scene.submitted(user=user)
        await scene.show_round()
    assert "painting" in scene.status(first)


async def test_what_a_member_would_not_notice_is_not_edited(scene: Scene) -> None:
    """Some seconds of an expected wait; a wish to cancel is noticed."""
    job = await scene.submitted()
    await scene.show_round()
    scene.clock.advance(2)
    await scene.show_round()
    assert scene.discord.asked == ["edit 10"]
    await scene.claimed()
    await scene.show_round()
    await scene.service.jobs.cancel(job.id, its_member(job))
    await scene.show_round()
    assert scene.discord.asked == ["edit 10"] * 3


async def test_a_message_is_shown_again_when_it_is_another(scene: Scene) -> None:
    """What ended is forgotten, so that memory does not grow."""
    job = await scene.submitted()
    await scene.show_round()
    assert list(scene.board._shown) == [job.id]
    await scene.fail(await scene.claimed())
    await scene.show_round()
    assert scene.board._shown == {}


async def test_an_edit_that_hangs_is_cut(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next channel's message need not wait for it."""
    assert LONGEST_EDIT_S == 10
    monkeypatch.setattr("bot.delivery.status.LONGEST_EDIT_S", 0.3)
    hanging, other = await scene.submitted(1), await scene.submitted(2)
    assert hanging.message.message_id is not None
    async with scene.discord.locked(hanging.message.message_id):
        with capture_logs() as logs:
            await scene.show_round()
    assert [(one["job"], one["error"]) for one in logs] == [(hanging.id, "TimeoutError")]
    assert "Place" in scene.status(other)


async def test_a_place_that_moves_up_is_shown(scene: Scene) -> None:
    """As soon as the one before has left the queue."""
    await scene.submitted(1)
    second = await scene.submitted(2)
    await scene.show_round()
    assert "Place **2**" in scene.status(second)
    await scene.claimed()
    await scene.show_round()
    assert "Place **1**" in scene.status(second)
