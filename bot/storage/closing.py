"""A place in Discord is closed: nobody can receive what waits for it there, so it is not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.failures import PLACE_CLOSED
from bot.domain.job import JobState
from bot.storage import usage
from bot.storage.books import Counters
from bot.storage.rows import JOB, job_of
from bot.storage.running import update

if TYPE_CHECKING:
    from bot.domain.ids import ChannelId, GuildId
    from bot.domain.job import Job
    from bot.storage.transaction import Transaction


def close_channel(tx: Transaction, channel_id: ChannelId, *, now_us: int) -> tuple[Job, ...]:
    """The channel and its threads, or one thread. Returns the jobs that were ended."""
    return _close(tx, "(channel_id = ? OR parent_channel_id = ?)", (channel_id,) * 2, now_us)


def close_guild(tx: Transaction, guild_id: GuildId, *, now_us: int) -> tuple[Job, ...]:
    """All of the guild's places, likewise."""
    return _close(tx, "guild_id = ?", (guild_id,), now_us)


def _close(tx: Transaction, where: str, key: tuple[int, ...], now_us: int) -> tuple[Job, ...]:
    """What waits is withdrawn and nothing is charged.

    A call that is out cannot be called back: its picture is paid, and told like any that finds no
    place. Each member is told once, by the first of their jobs, for all of them.
    """
    counters = Counters(tx)
    waiting = [
        job for is_due in (1, 0) for job in _waiting(tx, where, key, counters, is_due=is_due)
    ]
    if not waiting:
        return ()
    counters.save()
    counts: dict[tuple[int, int], int] = {}
    for job in waiting:
        whose = job.origin.guild_id, job.origin.user_id
        counts[whose] = counts.get(whose, 0) + 1
    return tuple(_withdraw(tx, job, counts, now_us) for job in waiting)


def _waiting(
    tx: Transaction, where: str, key: tuple[int, ...], counters: Counters, *, is_due: int
) -> list[Job]:
    """Uncounted. By `is_due`, so that an index of what waits is read and not all."""
    rows = tx.execute(
        f"SELECT cost, {JOB} FROM job WHERE state = 'queued' AND is_due = {is_due} AND {where}"
        " ORDER BY id",
        key,
    ).fetchall()
    jobs = []
    for cost, *row in rows:
        job = job_of(row)
        if is_due:
            counters.remove_ready(job.origin.guild_id, job.origin.user_id, cost)
        counters.add_waiting(job.origin.guild_id, job.origin.user_id, -1)
        jobs.append(job)
    return jobs


def _withdraw(tx: Transaction, job: Job, counts: dict[tuple[int, int], int], now_us: int) -> Job:
    usage.release(tx, job.id)
    count = counts.pop((job.origin.guild_id, job.origin.user_id), None)  # the member's first
    return update(
        tx,
        job.id,
        "state = ?, is_due = 0, finished_at_us = ?, deliver_at_us = ?, failure_kind = ?,"
        " failure_detail = ?, interaction_token = CASE WHEN ? = 1 THEN interaction_token END",
        JobState.CANCELLED,
        now_us,
        None if count is None else now_us,
        PLACE_CLOSED,
        str(count or ""),
        count is not None,
    )
