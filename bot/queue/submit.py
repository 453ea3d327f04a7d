"""A request becomes a job, if there is room for it and a wait that is worth it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import ProviderDown, QueueFull, QueueScope, WaitTooLong
from bot.policy.rows import load_policy
from bot.queue import ledger
from bot.queue.breaker import OF_THE_ACCOUNT
from bot.queue.counters import Counters
from bot.queue.fairness import Weights, cost_of
from bot.queue.forecast import Forecast
from bot.queue.jobs import JOB, JOBS, insert_job, insert_request, job_of
from bot.queue.records import Job, JobId, JobState, Message

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.db import Transaction
    from bot.policy.rules import Limits
    from bot.providers.image import ImageRequest
    from bot.queue.breaker import Breaker
    from bot.queue.records import InteractionId, Origin, RoleId


SURELY_IN_TIME = 0.05


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job that a request has become."""

    job: Job
    is_new: bool  # False when this interaction had made its job before


def submit(
    tx: Transaction,
    request: ImageRequest,
    origin: Origin,
    *,
    role_ids: Collection[RoleId] = (),
    now_us: int,
) -> Submitted:
    """One interaction makes one job, however often it comes. The policy of this moment holds.

    Args:
        role_ids: of the member; some may weigh more than others from now on.

    Raises:
        QueueFull, WaitTooLong, ProviderDown: nothing was queued.
        PolicyUnreadable: likewise.
    """
    counters = Counters(tx)
    known = _known(tx, origin.interaction_id)
    if known is not None:
        return Submitted(known, is_new=False)
    policy = load_policy(tx, origin.guild_id, role_ids)
    job = _job(counters, request, origin, now_us)
    forecast = Forecast(tx, counters, now_us=now_us)
    _check_outage([one.breaker for one in forecast.serving], now_us)
    _check_room(counters, origin, policy.limits)
    _check_wait(forecast, job, counters.queue.ready, policy.limits)
    counters.queue.last_job_id = job.id
    weights = Weights(tenant=policy.guild_weight, member=policy.member_weight)
    counters.enter(job, weights, policy.limits.running_per_guild, now_us=now_us)
    counters.save()
    insert_request(tx, job)
    insert_job(tx, job, cost=cost_of(request))
    ledger.reserve(tx, job, now_us=now_us)
    return Submitted(job, is_new=True)


def _job(counters: Counters, request: ImageRequest, origin: Origin, now_us: int) -> Job:
    return Job(
        id=JobId(counters.queue.last_job_id + 1),
        state=JobState.QUEUED,
        request=request,
        origin=origin,
        priority=0,
        attempts=0,
        created_at_us=now_us,
        message=Message(),
    )


def _check_outage(breakers: Sequence[Breaker], now_us: int) -> None:
    """What passes by itself is waited for; what the operator must mend may last for days."""
    first = breakers[0]
    if all(one.outage in OF_THE_ACCOUNT and not one.is_checked for one in breakers):
        assert first.outage is not None  # noqa: S101 - in the set
        raise ProviderDown(first.outage, until_at_us=first.probe_at_us or now_us)
    # checked, one is half open: who comes now may be the one to try


def _check_room(counters: Counters, origin: Origin, limits: Limits) -> None:
    waiting = counters.member(origin.tenant_id, origin.user_id).waiting
    limit = limits.waiting_per_member
    if waiting >= limit:
        raise QueueFull(scope=QueueScope.MEMBER, waiting=waiting, limit=limit)
    waiting = counters.tenant(origin.tenant_id).waiting
    limit = limits.waiting_per_guild
    if waiting >= limit:
        raise QueueFull(scope=QueueScope.GUILD, waiting=waiting, limit=limit)


def _check_wait(forecast: Forecast, job: Job, ready: int, limits: Limits) -> None:
    if ready < _surely_in_time(forecast, limits):
        return
    expected_s = forecast.of_newcomer(job).expected_s
    if expected_s > limits.expected_wait_s:
        raise WaitTooLong(expected_s=expected_s, limit_s=limits.expected_wait_s)


def _surely_in_time(forecast: Forecast, limits: Limits) -> float:
    """With so few jobs waiting no wait comes near the limit, and none need be foreseen.

    Newcomers are foreseen to take at most 95 % of the rate, which makes a wait twenty times longer.
    """
    speed = forecast.speed(rewrite=True)
    spare_s = limits.expected_wait_s - speed.all_from_s - speed.drawing_s
    return SURELY_IN_TIME * spare_s * speed.per_s


def _known(tx: Transaction, interaction_id: InteractionId) -> Job | None:
    row = tx.execute(
        f"SELECT {JOB} FROM {JOBS} WHERE request.interaction_id = ?", (interaction_id,)
    ).fetchone()
    return None if row is None else job_of(row)
