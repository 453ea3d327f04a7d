"""Closing a place in the rows; what members see of it is in tests/delivery/test_closing.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import queue
from bot.queue import postings
from bot.queue.jobs import JOBS, select_job
from bot.queue.records import ChannelId, GuildId, JobId, JobState
from bot.records import replace
from tests.queue.world import a_price, a_request, an_origin

if TYPE_CHECKING:
    from bot.queue.records import Job
    from tests.queue.world import World


def asked(world: World, *, channel: int, guild: int = 1, user: int = 1, parent: int = 0) -> Job:
    origin = replace(
        an_origin(guild, user),
        channel_id=ChannelId(channel),
        parent_channel_id=ChannelId(parent) if parent else None,
        interaction_token="secret",
        interaction_expires_at_us=world.now_us + 1,
    )
    return world.run(queue.submit, a_request(), origin, price=a_price, now_us=world.now_us).job


def close(world: World, channel: int) -> list[JobId]:
    ended = world.run(queue.close_channel, ChannelId(channel), now_us=world.now_us)
    return [job.id for job in ended]


def test_due_and_delayed_jobs_end_and_the_books_are_right(world: World) -> None:
    """The fixture recounts them; nothing is reserved any more."""
    delayed = asked(world, channel=10)
    world.run(
        queue.retry,
        world.sent().id,
        world.token,
        not_before_us=world.now_us + 10**9,
        throttled=False,
        now_us=world.now_us,
    )
    due = asked(world, channel=10)
    assert close(world, 10) == [due.id, delayed.id]
    assert world.owed() == []
    assert isinstance(world.claim(), queue.Nothing)


def test_a_thread_goes_with_its_channel_and_not_the_other_way_round(world: World) -> None:
    """Its parent is stored with the job."""
    inside, outside = asked(world, channel=11, parent=10), asked(world, channel=10)
    assert select_job(world.tx, inside.id).origin.parent_channel_id == 10
    assert close(world, 11) == [inside.id]
    again = asked(world, channel=11, parent=10)
    assert close(world, 10) == [outside.id, again.id]


def test_each_member_is_told_once_and_keeps_one_token_for_it(world: World) -> None:
    """The others' tokens are wiped: nothing is to be said by them."""
    for user in (1, 1, 2):
        asked(world, channel=10, user=user)
    close(world, 10)
    due = postings.deliverable(world.tx, now_us=world.now_us, limit=10)
    assert [(job.id, job.failure and job.failure.detail) for job in due] == [(1, "2"), (3, "1")]
    tokens = world.tx.execute(
        "SELECT id FROM request WHERE interaction_token IS NOT NULL"
    ).fetchall()
    assert tokens == [(1,), (3,)]


def test_what_runs_or_was_drawn_is_not_touched(world: World) -> None:
    """It is paid, or will be."""
    running = asked(world, channel=10)
    world.sent()
    drawn = asked(world, channel=10)
    world.complete(world.sent())
    assert close(world, 10) == []
    assert select_job(world.tx, running.id).state is JobState.RUNNING
    assert select_job(world.tx, drawn.id).state is JobState.DRAWN


def test_a_guild_is_closed_whole(world: World) -> None:
    """A repeat finds nothing."""
    here, there = asked(world, channel=10), asked(world, channel=20, guild=2)
    for ended in ([here.id], []):
        found = world.run(queue.close_guild, GuildId(1), now_us=world.now_us)
        assert [job.id for job in found] == ended
    assert select_job(world.tx, there.id).state is JobState.QUEUED
    assert world.owed() == [there.id]


def test_closing_reads_what_waits_and_not_all_that_ever_was(world: World) -> None:
    """A million delivered jobs are no matter."""
    for where in ("(request.channel_id = ? OR parent_channel_id = ?)", "request.guild_id = ?"):
        for is_due in (0, 1):
            plan = world.tx.execute(
                f"EXPLAIN QUERY PLAN SELECT job.id FROM {JOBS} WHERE job.state = 'queued'"
                f" AND is_due = {is_due} AND {where}",
                (1,) * where.count("?"),
            ).fetchall()
            assert "USING INDEX job_d" in plan[0][3], plan
            assert all("SEARCH" in row[3] for row in plan[1:]), plan
