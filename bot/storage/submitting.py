"""A wish becomes a job: the only way into the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.fairness import Weights, cost_of
from bot.domain.job import JobState
from bot.domain.views import Place, Receipt
from bot.errors import ProviderDown, QueueFull, QueueScope, WaitTooLong
from bot.storage import usage
from bot.storage.books import Books
from bot.storage.forecast import Candidate, Forecast
from bot.storage.latency import count_arrival, learn_arrival
from bot.storage.rows import JOB, job_of

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.job import Job, Origin
    from bot.domain.limits import Limits
    from bot.domain.request import ImageRequest

EVERYBODY = Weights()


def submit(
    tx: sqlite3.Connection,
    request: ImageRequest,
    origin: Origin,
    *,
    now_us: int,
    limits: Limits,
    priority: int = 0,
    weights: Weights = EVERYBODY,
    reserve_micros: int = 0,
) -> Receipt:
    """One interaction makes one job, however often it comes.

    Args:
        priority: orders the member's own jobs; higher first.
        weights: shares of guild and member from now on.
        reserve_micros: what the picture will cost, kept aside until it is settled.

    Raises:
        QueueFull, WaitTooLong, ProviderDown: nothing was queued.
    """
    books = Books(tx)
    known = _known(tx, origin)
    if known is not None:
        return Receipt(job=known, place=_place_now(tx, books, known, now_us), is_new=False)
    outage = books.gate.breaker.outage
    if outage is not None:
        raise ProviderDown(outage, until_at_us=books.gate.breaker.probe_at_us or now_us)
    _check_room(books, origin, limits)
    place = _foresee(tx, books, request, origin, priority=priority, now_us=now_us)
    if place.expected_s > limits.expected_wait_s:
        raise WaitTooLong(expected_s=place.expected_s, limit_s=limits.expected_wait_s)
    job = _insert(tx, request, origin, priority=priority, place=place, now_us=now_us)
    _enter(tx, books, job, limits=limits, weights=weights, now_us=now_us)
    usage.reserve(tx, job, cost_micros=reserve_micros, now_us=now_us)
    return Receipt(job=job, place=place, is_new=True)


def _known(tx: sqlite3.Connection, origin: Origin) -> Job | None:
    row = tx.execute(
        f"SELECT {JOB} FROM job WHERE interaction_id = ?", (origin.interaction_id,)
    ).fetchone()
    return None if row is None else job_of(row)


def _place_now(tx: sqlite3.Connection, books: Books, job: Job, now_us: int) -> Place:
    if job.state is not JobState.QUEUED:
        return Place(position=0, ahead_in_guild=0, expected_s=0.0)
    return Forecast(tx, books.gate, now_us=now_us).place_of_job(job)


def _check_room(books: Books, origin: Origin, limits: Limits) -> None:
    for scope, waiting, limit in (
        (
            QueueScope.MEMBER,
            books.member(origin.guild_id, origin.user_id).waiting,
            limits.waiting_per_member,
        ),
        (QueueScope.GUILD, books.guild(origin.guild_id).waiting, limits.waiting_per_guild),
    ):
        if waiting >= limit:
            raise QueueFull(scope=scope, waiting=waiting, limit=limit)


def _foresee(
    tx: sqlite3.Connection,
    books: Books,
    request: ImageRequest,
    origin: Origin,
    *,
    priority: int,
    now_us: int,
) -> Place:
    candidate = Candidate(
        guild_id=origin.guild_id,
        user_id=origin.user_id,
        priority=priority,
        cost=cost_of(request),
        rewrite=request.rewrite,
    )
    return Forecast(tx, books.gate, now_us=now_us).place(candidate)


def _enter(
    tx: sqlite3.Connection,
    books: Books,
    job: Job,
    *,
    limits: Limits,
    weights: Weights,
    now_us: int,
) -> None:
    guild_id, user_id = job.origin.guild_id, job.origin.user_id
    books.weigh(guild_id, user_id, weights, limits.running_per_guild)
    is_burst = books.member(guild_id, user_id).waiting == 0
    books.add_waiting(guild_id, user_id, +1)
    books.add_ready(guild_id, user_id, cost_of(job.request))
    count_arrival(books.gate, is_burst=is_burst, now_us=now_us)
    books.save()
    learn_arrival(tx, guild_id, user_id, now_us=now_us)


_INSERT = (
    "INSERT INTO job (state, is_due, priority, cost, created_at_us, expected_at_us,"
    " prompt, width_px, height_px, seed, rewrite, negative,"
    " interaction_id, guild_id, channel_id, user_id, is_thread, locale, guild_locale,"
    " upload_limit_bytes, interaction_token, interaction_expires_at_us, parent_id)"
    f" VALUES ('queued', 1, {', '.join('?' * 21)}) RETURNING {JOB}"
)


def _insert(
    tx: sqlite3.Connection,
    request: ImageRequest,
    origin: Origin,
    *,
    priority: int,
    place: Place,
    now_us: int,
) -> Job:
    row = tx.execute(
        _INSERT,
        (
            priority,
            cost_of(request),
            now_us,
            now_us + round(place.expected_s * 1e6),
            request.prompt,
            request.size.width_px,
            request.size.height_px,
            request.seed,
            request.rewrite,
            request.negative,
            origin.interaction_id,
            origin.guild_id,
            origin.channel_id,
            origin.user_id,
            origin.is_thread,
            origin.locale,
            origin.guild_locale,
            origin.upload_limit_bytes,
            origin.interaction_token,
            origin.interaction_expires_at_us,
            origin.parent_id,
        ),
    ).fetchone()
    return job_of(row)
