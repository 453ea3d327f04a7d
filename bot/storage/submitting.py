"""Wishes become jobs: the only way into the queue.

Wishes that come together are written together, in a few statements for all of them: the counters
are read once and written once, whatever the number of wishes. That, and not the disk, is what
bounds how many members can ask in one second.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.breaker import OF_THE_ACCOUNT
from bot.domain.fairness import cost_of
from bot.domain.ids import JobId
from bot.domain.job import Job, JobState, Posting
from bot.domain.wish import EVERYBODY, Submitted, Wish
from bot.errors import ProviderDown, QueueFull, QueueScope, Refusal, WaitTooLong
from bot.storage import usage
from bot.storage.books import Books
from bot.storage.forecast import Forecast
from bot.storage.rows import JOB, job_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from bot.domain.fairness import Weights
    from bot.domain.ids import InteractionId
    from bot.domain.job import Origin
    from bot.domain.limits import Limits
    from bot.domain.request import ImageRequest

_NOTHING = Posting()
SURELY_IN_TIME = 0.05


def submit(
    tx: sqlite3.Connection,
    request: ImageRequest,
    origin: Origin,
    *,
    now_us: int,
    limits: Limits,
    priority: int = 0,
    weights: Weights = EVERYBODY,
) -> Submitted:
    """One wish.

    Raises:
        QueueFull, WaitTooLong, ProviderDown: nothing was queued.
    """
    wish = Wish(request=request, origin=origin, priority=priority, weights=weights)
    (answer,) = submit_all(tx, [wish], now_us=now_us, limits=limits)
    if isinstance(answer, Refusal):
        raise answer
    return answer


def submit_all(
    tx: sqlite3.Connection, wishes: Sequence[Wish], *, now_us: int, limits: Limits
) -> list[Submitted | Refusal]:
    """In their order. One interaction makes one job, however often it comes.

    A refusal (QueueFull, WaitTooLong, ProviderDown) concerns its own wish only.
    """
    entry = _Entry(tx, wishes, now_us=now_us, limits=limits)
    answers = [entry.add(wish) for wish in wishes]
    entry.save()
    return answers


class _Entry:
    """The wishes of one transaction on their way in."""

    def __init__(
        self, tx: sqlite3.Connection, wishes: Sequence[Wish], *, now_us: int, limits: Limits
    ) -> None:
        self._tx = tx
        self._now_us = now_us
        self._limits = limits
        self._books = Books(tx)
        self._forecast = Forecast(tx, self._books, now_us=now_us)
        self._surely_in_time = _surely_in_time(self._forecast, limits)
        self._known = _known(tx, wishes)
        self._last_id = _last_id(tx)
        self._new: list[Job] = []

    def add(self, wish: Wish) -> Submitted | Refusal:
        known = self._known.get(wish.origin.interaction_id)
        if known is not None:
            return Submitted(known, is_new=False)
        refusal = self._outage() or self._no_room(wish.origin) or self._too_long(wish)
        if refusal is not None:
            return refusal
        job = self._job(wish)
        self._known[wish.origin.interaction_id] = job
        self._new.append(job)
        self._books.enter(job, wish.weights, self._limits.running_per_guild)
        self._forecast.note_change(wish.origin.guild_id, wish.origin.user_id)
        return Submitted(job, is_new=True)

    def save(self) -> None:
        if self._new:
            self._tx.executemany(_INSERT, map(_row, self._new))
            usage.reserve(self._tx, self._new, now_us=self._now_us)
            self._books.count_arrivals(now_us=self._now_us)
            self._books.save()

    def _outage(self) -> Refusal | None:
        """What passes by itself is waited for; what the operator must mend may last for days."""
        breaker = self._books.gate.breaker
        if breaker.outage not in OF_THE_ACCOUNT or breaker.is_checked:
            return None  # half open: who comes now may be the one to try
        return ProviderDown(breaker.outage, until_at_us=breaker.probe_at_us or self._now_us)

    def _no_room(self, origin: Origin) -> Refusal | None:
        waiting = self._books.member(origin.guild_id, origin.user_id).waiting
        limit = self._limits.waiting_per_member
        if waiting >= limit:
            return QueueFull(scope=QueueScope.MEMBER, waiting=waiting, limit=limit)
        waiting = self._books.guild(origin.guild_id).waiting
        limit = self._limits.waiting_per_guild
        if waiting >= limit:
            return QueueFull(scope=QueueScope.GUILD, waiting=waiting, limit=limit)
        return None

    def _too_long(self, wish: Wish) -> Refusal | None:
        limit_s = self._limits.expected_wait_s
        if self._books.gate.ready < self._surely_in_time:
            return None
        place = self._forecast.of_wish(wish, unsaved_ahead=self._unsaved_ahead(wish))
        expected_s = place.expected_s
        if expected_s <= limit_s:
            return None
        return WaitTooLong(expected_s=expected_s, limit_s=limit_s)

    def _unsaved_ahead(self, wish: Wish) -> int:
        whose = wish.origin.guild_id, wish.origin.user_id
        return sum(
            (job.origin.guild_id, job.origin.user_id) == whose and job.priority >= wish.priority
            for job in self._new
        )

    def _job(self, wish: Wish) -> Job:
        self._last_id += 1
        return Job(
            id=JobId(self._last_id),
            state=JobState.QUEUED,
            request=wish.request,
            origin=wish.origin,
            priority=wish.priority,
            attempts=0,
            created_at_us=self._now_us,
            posting=_NOTHING,
        )


def _surely_in_time(forecast: Forecast, limits: Limits) -> float:
    """With so few jobs waiting no wait comes near the limit, and none need be foreseen.

    Newcomers are foreseen to take at most 95 % of the rate, which makes a wait twenty times longer.
    """
    speed = forecast.speed(rewrite=True)
    spare_s = limits.expected_wait_s - speed.delay_s - speed.drawing_s
    return SURELY_IN_TIME * spare_s * speed.per_s


def _known(tx: sqlite3.Connection, wishes: Sequence[Wish]) -> dict[InteractionId, Job]:
    ids = json.dumps([wish.origin.interaction_id for wish in wishes])
    rows = tx.execute(
        f"SELECT {JOB} FROM job WHERE interaction_id IN (SELECT value FROM json_each(?))", (ids,)
    )
    return {job.origin.interaction_id: job for job in map(job_of, rows)}


def _last_id(tx: sqlite3.Connection) -> int:
    row = tx.execute("SELECT seq FROM sqlite_sequence WHERE name = 'job'").fetchone()
    return int(row[0]) if row else 0


_INSERT = (
    "INSERT INTO job (state, is_due, id, priority, cost, created_at_us,"
    " prompt, width_px, height_px, seed, rewrite, negative,"
    " interaction_id, guild_id, channel_id, parent_channel_id, user_id, is_thread, locale,"
    " guild_locale, upload_limit_bytes, interaction_token, interaction_expires_at_us, parent_id)"
    f" VALUES ('queued', 1, {', '.join('?' * 22)})"
)


def _row(job: Job) -> tuple[object, ...]:
    request, origin = job.request, job.origin
    return (
        job.id,
        job.priority,
        cost_of(request),
        job.created_at_us,
        request.prompt,
        request.size.width_px,
        request.size.height_px,
        request.seed,
        request.rewrite,
        request.negative,
        origin.interaction_id,
        origin.guild_id,
        origin.channel_id,
        origin.parent_channel_id,
        origin.user_id,
        origin.is_thread,
        origin.locale,
        origin.guild_locale,
        origin.upload_limit_bytes,
        origin.interaction_token,
        origin.interaction_expires_at_us,
        origin.parent_id,
    )
