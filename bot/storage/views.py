"""What members may see of the queue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.job import JobState
from bot.domain.views import QueueView, Waiting
from bot.storage.books import Counters
from bot.storage.forecast import Forecast
from bot.storage.rows import JOB, job_of, select_job
from bot.storage.upcoming import upcoming

if TYPE_CHECKING:
    from bot.domain.ids import GuildId, JobId, UserId
    from bot.domain.job import Job
    from bot.domain.views import Place
    from bot.storage.transaction import Transaction

MOST_SHOWN = 60  # nearest jobs whose status messages are worth keeping up
MOST_MINE = 50
MOST_UNPOSTED = 500  # with a link that lives: a day's worth


def place(tx: Transaction, job_id: JobId, *, now_us: int) -> Place:
    """Of a job that has just been submitted; who runs already has the first place.

    Raises:
        UnknownJob: it is gone.
    """
    return Forecast(tx, Counters(tx), now_us=now_us).of_job(select_job(tx, job_id))


def open_jobs(tx: Transaction, *, now_us: int) -> tuple[Waiting, ...]:
    """Running jobs, those in a backoff, and the next ones in fair order, nearest first."""
    forecast = Forecast(tx, Counters(tx), now_us=now_us)
    running = _jobs(tx, "state = 'running' ORDER BY id", ())
    delayed = _jobs(
        tx, "state = 'queued' AND is_due = 0 ORDER BY not_before_us LIMIT ?", (MOST_SHOWN,)
    )
    waiting = [
        Waiting(job=job, place=replace(forecast.of_job(job), position=position))
        for position, job in enumerate(upcoming(tx, MOST_SHOWN), start=1)
    ]
    return (
        *(Waiting(job=job, place=None) for job in running),
        *waiting,
        *(Waiting(job=job, place=forecast.of_job(job)) for job in delayed),
    )


def queue_view(tx: Transaction, guild_id: GuildId, user_id: UserId, *, now_us: int) -> QueueView:
    """A member's open jobs in the order of their turns, and the guild's numbers."""
    forecast = Forecast(tx, Counters(tx), now_us=now_us)
    mine = [
        Waiting(
            job=job,
            place=forecast.of_job(job) if job.state is JobState.QUEUED else None,
        )
        for job in _mine(tx, guild_id, user_id)
    ]
    row = tx.execute("SELECT waiting, running FROM guild WHERE id = ?", (guild_id,)).fetchone()
    waiting, running = row or (0, 0)
    return QueueView(
        mine=tuple(mine),
        undelivered=tuple(
            _jobs(
                tx,
                "guild_id = ? AND user_id = ? AND undeliverable_at_us IS NOT NULL"
                " AND state = 'generated' AND url > '' ORDER BY id LIMIT ?",
                (guild_id, user_id, MOST_UNPOSTED),
            )
        ),
        guild_waiting=waiting,
        guild_running=running,
        guild_expected_s=_guild_expected_s(tx, forecast, guild_id),
    )


def _mine(tx: Transaction, guild_id: GuildId, user_id: UserId) -> list[Job]:
    """Running first, then due ones in their order, then those in a backoff."""
    whose = (guild_id, user_id)
    return [
        *_jobs(tx, "guild_id = ? AND user_id = ? AND state = 'running' ORDER BY id", whose),
        *_jobs(
            tx,
            "guild_id = ? AND user_id = ? AND state = 'queued' AND is_due = 1"
            " ORDER BY priority DESC, id LIMIT ?",
            (*whose, MOST_MINE),
        ),
        *_jobs(
            tx,
            "guild_id = ? AND user_id = ? AND state = 'queued' AND is_due = 0"
            " ORDER BY not_before_us LIMIT ?",
            (*whose, MOST_MINE),
        ),
    ]


def _guild_expected_s(tx: Transaction, forecast: Forecast, guild_id: GuildId) -> float:
    """Until the guild's last job is drawn: the expected wait of whoever's tag is furthest."""
    row = tx.execute(
        "SELECT user_id FROM member WHERE guild_id = ? AND ready > 0"
        " ORDER BY tag + ready_cost * 100 / weight DESC LIMIT 1",
        (guild_id,),
    ).fetchone()
    if row is None:
        return 0.0
    last = _jobs(
        tx,
        "guild_id = ? AND user_id = ? AND state = 'queued' AND is_due = 1"
        " ORDER BY priority, id DESC LIMIT 1",
        (guild_id, row[0]),
    )
    return forecast.of_job(last[0]).expected_s


def _jobs(tx: Transaction, where: str, values: tuple[object, ...]) -> list[Job]:
    return [job_of(row) for row in tx.execute(f"SELECT {JOB} FROM job WHERE {where}", values)]
