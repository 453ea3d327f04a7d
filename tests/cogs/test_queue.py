"""/queue, as members use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import queue
from bot.queue import postings
from bot.queue.failures import NO_PLACE
from bot.queue.records import Failure, JobId, JobState
from tests.cogs.playing import buttons, is_private, words
from tests.queue.world import ACCOUNT, a_price, an_outcome

if TYPE_CHECKING:
    from tests.cogs.playing import Scene


async def test_queue_lists_what_the_member_has_waiting(scene: Scene) -> None:
    """Their own pictures with places and cancel buttons, for them alone."""
    await scene.imagine("first grapes")
    await scene.imagine("second grapes")
    await scene.imagine("somebody else's", member=1)
    (answer,) = (await scene.command("queue"))["messages"][-1:]
    assert is_private(answer)
    assert "> first grapes" in words(answer)
    assert "> second grapes" in words(answer)
    assert "somebody else" not in words(answer)
    assert "This server: 3 waiting" in words(answer)
    assert [one["custom_id"] for one in buttons(answer)] == [
        *("zeuxis:2:why:1", "zeuxis:2:cancel:1"),
        *("zeuxis:2:why:2", "zeuxis:2:cancel:2"),
    ]


async def test_empty_queue_is_answered_in_the_member_s_language(scene: Scene) -> None:
    """With the way to fill it."""
    (answer,) = (await scene.command("queue", locale="ko"))["messages"]
    assert "/imagine으로 시작해 보세요" in words(answer)


async def test_picture_is_cancelled_from_the_list(scene: Scene) -> None:
    """The list changes in place; the other picture still waits."""
    await scene.imagine("first grapes")
    await scene.imagine("second grapes")
    (answer,) = (await scene.command("queue"))["messages"][-1:]
    seen = await scene.press(answer, "cancel", job=1)
    assert (await scene.service.jobs.job(JobId(1))).state is JobState.CANCELLED
    (changed,) = [one for one in seen["messages"] if one["id"] == answer["id"]]
    assert "first grapes" not in words(changed)
    assert "second grapes" in words(changed)


async def test_what_has_ended_meanwhile_leaves_the_list_when_it_is_pressed(scene: Scene) -> None:
    """And whoever pressed is told why."""
    await scene.imagine("first grapes")
    await scene.imagine("second grapes")
    (answer,) = (await scene.command("queue"))["messages"][-1:]
    await scene.service.database.write(queue.cancel, JobId(1), now_us=1)
    seen = await scene.press(answer, "cancel", job=1)
    (changed,) = [one for one in seen["messages"] if one["id"] == answer["id"]]
    assert "first grapes" not in words(changed)
    assert words((await scene.control.settled(seen))["messages"][-1]).startswith("Too late")


async def unposted_pictures(scene: Scene, count: int) -> None:
    """Drawn and paid, but nowhere to be posted."""
    for number in range(1, count + 1):
        await scene.imagine(f"grapes {number}")
    write, now_us = scene.service._database.write, scene.service._clock.now_us()
    for _ in range(count):
        now_us += 10_000_000
        claim = await write(queue.claim, ACCOUNT, now_us=now_us, lease_token="w", lease_s=60.0)
        assert isinstance(claim, queue.Claimed)
        job_id = claim.job.id
        await write(queue.mark_sent, job_id, "w", now_us=now_us)
        await write(queue.complete, job_id, "w", an_outcome(), price=a_price, now_us=now_us)
        await write(postings.mark_undeliverable, job_id, Failure(kind=NO_PLACE), now_us=now_us)


async def test_pictures_that_were_not_posted_are_paged(scene: Scene) -> None:
    """To and fro, in place."""
    await unposted_pictures(scene, 7)
    (answer,) = (await scene.command("queue"))["messages"][-1:]
    assert "> grapes 3" in words(answer)
    assert "> grapes 4" not in words(answer)
    seen = await scene.turn(answer, 1)
    assert "> grapes 4" in words(seen)
    assert "> grapes 3" not in words(seen)
    assert is_private(seen)
    seen = await scene.turn(seen, 2)
    assert "> grapes 7" in words(seen)
    seen = await scene.turn(await scene.turn(seen, 1), 0)
    assert "> grapes 1" in words(seen)


async def test_a_page_that_is_no_more_shows_what_is_left(scene: Scene) -> None:
    """Links die, and then their pictures are not listed any more."""
    await unposted_pictures(scene, 7)
    (answer,) = (await scene.command("queue"))["messages"][-1:]
    answer = await scene.turn(await scene.turn(answer, 1), 2)
    await scene.service._database.write(
        lambda tx: tx.execute("UPDATE picture SET link = NULL WHERE job_id > 2")
    )
    assert "> grapes 1" in words(await scene.turn(answer, 1))
    await scene.service._database.write(lambda tx: tx.execute("UPDATE picture SET link = NULL"))
    assert "could not post" not in words((await scene.command("queue"))["messages"][-1])
