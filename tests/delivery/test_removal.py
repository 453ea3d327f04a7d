"""A picture that the staff have removed is gone from Discord, wherever it hung."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.features.moderation.rows.decisions import decide_report
from bot.queue import reports
from bot.queue.cases import CaseEnd, CaseKind, Decision, about_job, find_case
from bot.queue.records import ChannelId, InteractionId, UserId
from bot.queue.reports import ReportReason
from bot.queue.shown import Repost, begin_repost, record_repost
from bot.texts.cards import notice
from tests.delivery.scripted import Said, answer

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.delivery.scene import Scene

ADA, MODERATOR = UserId(501), UserId(900)


async def delivered(scene: Scene) -> Job:
    job = await scene.drawn()
    await scene.deliver()
    return await scene.job(job)


async def remove(scene: Scene, job: Job, decision: Decision = Decision.REMOVED) -> int:
    now_us = scene.clock.now_us()
    await scene.database.write(
        reports.report, job.id, ADA, ReportReason.OTHER, "look", now_us=now_us
    )
    case = await scene.database.read(find_case, CaseKind.REPORT, about_job(job.id))
    assert case is not None
    end = CaseEnd(decision=decision, by=MODERATOR, at_us=now_us, reason="not\nhere")
    await scene.database.write(decide_report, case.id, end)
    return case.id


@pytest.mark.parametrize("decision", [Decision.REMOVED, Decision.WARNED, Decision.BLOCKED])
async def test_its_message_is_deleted_with_a_reason(scene: Scene, decision: Decision) -> None:
    """Though nobody has pressed its own button."""
    job = await delivered(scene)
    assert len(scene.discord.pictures()) == 1
    case_id = await remove(scene, job, decision)
    await scene.deliver()
    assert scene.discord.pictures() == []
    assert scene.discord.reasons[0] == f"case {case_id}, by 900: not here"
    assert await scene.due() == []


async def test_a_dismissed_one_hangs_on(scene: Scene) -> None:
    job = await delivered(scene)
    await remove(scene, job, Decision.DISMISSED)
    await scene.deliver()
    assert len(scene.discord.pictures()) == 1


async def post_again(scene: Scene, job: Job, channel_id: ChannelId) -> None:
    copy = scene.discord.put(
        Said(channel_id=channel_id, view=notice("a copy"), files=[f"zeuxis-{job.id}.png"])
    )
    hung = Repost(interaction_id=InteractionId(5), channel_id=channel_id)
    await scene.database.write(begin_repost, hung.interaction_id, job.id, hung.channel_id)
    where = Repost(interaction_id=hung.interaction_id, channel_id=hung.channel_id, message_id=copy)
    await scene.database.write(record_repost, job.id, where, now_us=1)


async def test_copies_go_with_it(scene: Scene) -> None:
    job = await delivered(scene)
    await post_again(scene, job, ChannelId(10))
    await remove(scene, job)
    await scene.deliver()
    assert scene.discord.pictures() == []


async def test_an_outage_delays_it(scene: Scene) -> None:
    job = await delivered(scene)
    scene.discord.refuse("delete", answer(502), times=1)
    await remove(scene, job)
    await scene.deliver()
    assert await scene.due() == [job.id]
    await scene.deliver_for(600)
    assert scene.discord.pictures() == []
    assert await scene.due() == []


async def test_a_copy_is_deleted_from_a_thread_that_was_archived_since(scene: Scene) -> None:
    """Discord deletes nothing there before it is opened again."""
    job = await delivered(scene)
    await post_again(scene, job, ChannelId(77))
    scene.discord.refuse("delete", answer(400, 50083), channel=77)
    await remove(scene, job)
    await scene.deliver()
    assert scene.discord.pictures() == []
    assert await scene.due() == []


async def test_a_place_that_is_closed_keeps_it_and_the_rest_is_done(scene: Scene) -> None:
    job = await delivered(scene)
    scene.discord.refuse("delete", answer(403, 50013))
    await remove(scene, job)
    await scene.deliver()
    assert await scene.due() == []
    assert (await scene.job(job)).request.prompt == ""
