"""A picture that is cancelled or deleted on its way is posted whole, or not at all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from bot import queue
from bot.policy.rules import ResultsIn
from bot.queue import postings
from bot.queue.records import PictureState, UserId
from bot.refusals import AlreadyFinished
from tests.delivery.reviewing import set_here
from tests.delivery.test_gallery import asked, paint

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.records import Job
    from tests.delivery.scene import Scene

CHARGED = "It had been painted, so it was charged once."


async def cancel(scene: Scene, job: Job) -> None:
    await scene.database.write(queue.cancel, job.id, now_us=scene.clock.now_us())


def when(scene: Scene, monkeypatch: pytest.MonkeyPatch, step: str, act: Any) -> None:
    """Just after delivery has taken this step."""
    take = getattr(scene.discord, step)

    async def taken(*args: Any, **options: Any) -> Any:
        done = await take(*args, **options)
        await act()
        return done

    monkeypatch.setattr(scene.discord, step, taken)


async def test_a_cancelled_picture_is_not_posted(scene: Scene) -> None:
    job = await scene.drawn()
    await cancel(scene, job)
    await scene.deliver()
    assert scene.discord.asked == ["edit 10"]
    assert "Cancelled" in scene.status(job)
    assert CHARGED in scene.status(job)
    assert scene.marks(job).isdisjoint({f"zeuxis:2:cancel:{job.id}"})
    assert (await scene.picture(job)).link is None
    assert await scene.due() == []


async def test_one_that_is_cancelled_while_its_thread_is_opened_leaves_none(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await scene.drawn()
    when(scene, monkeypatch, "start_thread", lambda: cancel(scene, job))
    await scene.deliver()
    assert scene.discord.pictures() == []
    assert scene.discord.threads == {}
    assert CHARGED in scene.status(job)
    assert (await scene.picture(job)).state is PictureState.WITHHELD
    assert await scene.due() == []


async def test_one_that_is_deleted_while_its_thread_is_opened_is_not_posted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await scene.drawn()

    async def delete() -> None:
        await scene.database.write(postings.mark_deleted, job.id, now_us=scene.clock.now_us())

    when(scene, monkeypatch, "start_thread", delete)
    await scene.deliver()
    assert scene.discord.pictures() == []
    assert "The picture was deleted." in scene.status(job)
    assert await scene.due() == []


@pytest.mark.parametrize(
    ("step", "manner"),
    [
        ("start_thread", ResultsIn.THREAD),
        ("send", ResultsIn.THREAD),
        ("start_thread", ResultsIn.DAILY),
        ("send", ResultsIn.DAILY),
        ("_edit", ResultsIn.CHANNEL),
    ],
)
async def test_of_a_member_who_is_forgotten_meanwhile_nothing_is_posted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, step: str, manner: ResultsIn
) -> None:
    """No row would know it, so nobody could take it away."""
    await set_here(scene, "results_in", manner)
    await scene.drawn()
    when(scene, monkeypatch, step, partial(forget, scene))
    with capture_logs() as logs:
        await scene.deliver_for(60)
    assert "delivery broke" not in [one["event"] for one in logs]
    assert scene.discord.pictures() == []
    assert scene.discord.threads == {}


async def forget(scene: Scene) -> None:
    now_us = scene.clock.now_us()
    await scene.database.write(queue.forget_member, UserId(1), now_us=now_us)


async def test_nor_is_what_was_forgotten_once_it_hung_delivered_any_further(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Discord shows by then stays."""
    await scene.drawn(is_thread=True)
    record = postings.record_result_message

    def recorded(tx: Transaction, *args: Any) -> Any:
        done = record(tx, *args)
        queue.forget_member(tx, UserId(1), now_us=scene.clock.now_us())
        return done

    monkeypatch.setattr(postings, "record_result_message", recorded)
    with capture_logs() as logs:
        await scene.deliver_for(60)
    assert len(scene.discord.pictures()) == 1
    assert "delivery broke" not in [one["event"] for one in logs]


async def test_who_cancels_once_the_post_has_begun_is_too_late(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture hangs before the row knows its message."""
    job = await scene.drawn()

    async def press() -> None:
        with pytest.raises(AlreadyFinished):
            await cancel(scene, job)

    when(scene, monkeypatch, "send", press)
    await scene.deliver()
    assert len(scene.discord.pictures()) == 1
    assert (await scene.picture(job)).state is PictureState.SHOWN


async def test_of_several_the_one_that_is_cancelled_stays_away(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its line says so beside the others, whose thread stays."""
    jobs = await asked(scene, 2, is_thread=False)
    await paint(scene, 2)
    when(scene, monkeypatch, "start_thread", lambda: cancel(scene, jobs[1]))
    await scene.deliver()
    (said,) = scene.discord.pictures()
    assert said.files == [f"zeuxis-{jobs[0].id}.png"]
    assert len(scene.discord.threads) == 1
    await scene.deliver_for(10)
    assert said.text.count(CHARGED) == 1
    assert await scene.due() == []
