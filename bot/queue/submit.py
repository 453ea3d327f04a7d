"""A request becomes jobs, if there is room for them and a wait that is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.policy.quotas import check_quotas
from bot.policy.rows import Asking, load_policy
from bot.policy.rules import Review
from bot.policy.standing import StandingKind, first_of, standings
from bot.queue import ledger, quota_use
from bot.queue.breaker import OF_THE_ACCOUNT
from bot.queue.cases import CaseKind, about_block, find_case
from bot.queue.counters import Counters
from bot.queue.fairness import Weights, cost_of
from bot.queue.forecast import Forecast
from bot.queue.jobs import insert_job, insert_request, select_jobs
from bot.queue.records import NOBODY, Job, JobId, JobState, Message, RequestId, Surface
from bot.queue.refusals import waits_until_us
from bot.records import replace
from bot.refusals import (
    BatchTooLarge,
    BlockedHere,
    CoolingDown,
    GuildNotAllowed,
    OutsideNotAllowed,
    PlaceNotAllowed,
    PressedTwice,
    ProviderDown,
    QueueFull,
    QueueScope,
    RefusedTooOften,
    RewritingOff,
    RoleNotAllowed,
    SizeOverLimit,
    TokenTooShort,
    WaitTooLong,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.db import Transaction
    from bot.policy.quotas import QuotaState
    from bot.policy.rules import Limits, Policy
    from bot.policy.standing import PersonStanding
    from bot.providers import Pricing
    from bot.providers.image import ImageRequest
    from bot.queue.breaker import Breaker
    from bot.queue.records import InteractionId, Origin, RoleId


SURELY_IN_TIME = 0.05
DOUBLE_CLICK_US = 2_000_000
DAY_US = 86_400_000_000
LAST_STEPS_S = 60.0  # kept of a token's life: for the upload, and for trying it again


class Submitted(Struct, frozen=True):
    """The jobs that a request has become."""

    job: Job  # the first of them
    is_new: bool  # False when this interaction had made its job before
    nearly_used_up: tuple[QuotaState, ...] = ()  # limits of which the member is to be warned


def submit(
    tx: Transaction,
    request: ImageRequest,
    origin: Origin,
    *,
    price: Pricing,
    role_ids: Collection[RoleId] = (),
    more: Sequence[ImageRequest] = (),
    is_suspect: bool = False,
    now_us: int,
) -> Submitted:
    """One interaction makes one request, however often it comes. The policy of this moment holds.

    This is the one door to pictures: what each may come to is reserved here, and counts for every
    limit until its job has ended.

    Args:
        more: further pictures of the same request, which differ in prompt and seed alone; all are
            queued, or none.
        price: the provider's; what is reserved.
        role_ids: of the member; some may weigh more, or be granted more, than others.
        is_suspect: a word rule holds them, so that their words are shown to nobody before.

    Raises:
        BlockedHere, GuildNotAllowed, OutsideNotAllowed, PlaceNotAllowed, RoleNotAllowed,
        SizeOverLimit, RewritingOff, BatchTooLarge, CoolingDown, RefusedTooOften, SwitchedOff,
        QuotaUsedUp, QueueFull, WaitTooLong, TokenTooShort, ProviderDown: nothing was queued.
        PressedTwice: nothing more was queued.
        PolicyUnreadable: nothing was queued.
        ValueError: `more` differ in something else; nothing was queued.
    """
    if any(replace(one, prompt=request.prompt, seed=request.seed) != request for one in more):
        raise ValueError("pictures of one request differ in prompt and seed alone")
    counters = Counters(tx)
    known = _known(tx, origin.interaction_id)
    if known is not None:
        return Submitted(known, is_new=False)
    _check_twice(tx, request, origin, now_us)
    asking = asking_of(origin, role_ids)
    policy = load_policy(tx, asking)
    jobs = _checked(
        tx, counters, policy, [request, *more], origin, role_ids=role_ids, now_us=now_us
    )
    if is_suspect:
        jobs = [replace(one, review=_at_least_flagged(one.review)) for one in jobs]
    _enter(tx, counters, jobs, policy)
    micros = [price(one.request, policy.prices) for one in jobs]
    warned = quota_use.take(
        tx, policy, asking, pictures=len(jobs), micros=sum(micros), now_us=now_us
    )
    for job, most in zip(jobs, micros, strict=True):
        ledger.reserve(tx, job.id, job.origin, job.request, micros=most, now_us=now_us)
    return Submitted(jobs[0], is_new=True, nearly_used_up=warned)


def check_submit(
    tx: Transaction,
    requests: Sequence[ImageRequest],
    origin: Origin,
    *,
    price: Pricing,
    role_ids: Collection[RoleId] = (),
    beside_micros: int = 0,
    now_us: int,
) -> Policy:
    """Whether these would be queued at this moment, and so much money spent beside; writes nothing.

    Raises as `submit` does. Returns the policy that holds for them.
    """
    asking = asking_of(origin, role_ids)
    policy = load_policy(tx, asking)
    _checked(tx, Counters(tx), policy, requests, origin, role_ids=role_ids, now_us=now_us)
    micros = beside_micros + sum(price(one, policy.prices) for one in requests)
    states = quota_use.states_of(tx, policy, asking, now_us=now_us)
    check_quotas(states, pictures=len(requests), micros=micros)
    return policy


def _checked(
    tx: Transaction,
    counters: Counters,
    policy: Policy,
    requests: Sequence[ImageRequest],
    origin: Origin,
    *,
    role_ids: Collection[RoleId],
    now_us: int,
) -> list[Job]:
    """The jobs that they would be, whatever the quotas say."""
    known = standings(tx, origin.tenant_id, origin.user_id, now_us=now_us)
    _check_standing(tx, origin, known)
    check_request(policy, requests[0], origin, role_ids)
    if len(requests) > policy.largest_batch:
        raise BatchTooLarge(count=len(requests), limit=policy.largest_batch)
    _check_cooldown(tx, policy, origin, now_us)
    _check_refusals(tx, policy, origin, now_us)
    if policy.language:
        origin = replace(origin, guild_locale=policy.language)
    review = review_of(policy, origin, known, now_us=now_us)
    first = counters.queue.last_job_id + 1
    jobs = _jobs(first, requests, origin, review, role_ids, now_us)
    _check_queue(tx, counters, jobs, policy.limits)
    return jobs


def asking_of(origin: Origin, role_ids: Collection[RoleId]) -> Asking:
    """Whose policy holds for a request from there."""
    return Asking(origin.guild_id, origin.root_channel_id, origin.user_id, role_ids)


def check_request(
    policy: Policy, request: ImageRequest, origin: Origin, role_ids: Collection[RoleId]
) -> None:
    """What operator and staff allow, whatever was used before. Raises as `submit` does."""
    if origin.guild_id is None and not policy.is_open_outside:
        raise OutsideNotAllowed
    if origin.guild_id is not None and not policy.is_allowed:
        raise GuildNotAllowed
    if policy.channels and origin.root_channel_id not in policy.channels:
        raise PlaceNotAllowed(policy.channels)
    if policy.roles and set(policy.roles).isdisjoint(role_ids):
        raise RoleNotAllowed(policy.roles)
    area_px, most_px = request.size.area_px, policy.largest_area_px
    if most_px is not None and area_px > most_px:
        raise SizeOverLimit(area_px=area_px, most_px=most_px)
    if request.rewrite and not policy.rewriting_allowed:
        raise RewritingOff


def _check_standing(tx: Transaction, origin: Origin, known: Sequence[PersonStanding]) -> None:
    held = first_of(StandingKind.BLOCKED, known)
    if held is not None:
        raise BlockedHere(
            until_at_us=held.until_at_us,
            reason=held.reason,
            by_operator=held.by_operator,
            appeal_to=origin.guild_id if _may_appeal(tx, held) else None,
        )


def _may_appeal(tx: Transaction, block: PersonStanding) -> bool:
    """Whether its guild's staff have not heard an appeal against it yet."""
    return not block.by_operator and find_case(tx, CaseKind.APPEAL, about_block(block)) is None


def review_of(
    policy: Policy, origin: Origin, known: Sequence[PersonStanding], *, now_us: int
) -> Review:
    """Of the pictures of this member, of whom this is known; a trusted one's wait for nobody."""
    if origin.guild_id is None or first_of(StandingKind.TRUSTED, known) is not None:
        return Review.OFF
    if _is_newcomer(policy, origin, now_us):
        return Review.ALWAYS
    return policy.review


def _is_newcomer(policy: Policy, origin: Origin, now_us: int) -> bool:
    """Also a guest, of whom Discord says no day; not whoever is asked about in general."""
    if policy.newcomer_days == 0 or origin.user_id == NOBODY:
        return False
    joined_at_us = origin.joined_at_us
    return joined_at_us is None or (now_us - joined_at_us) / DAY_US < policy.newcomer_days


def _at_least_flagged(review: Review) -> Review:
    """Whoever is trusted or not: what a rule holds waits."""
    return Review.FLAGGED if review is Review.OFF else review


def _check_twice(tx: Transaction, request: ImageRequest, origin: Origin, now_us: int) -> None:
    """Each press is an interaction of its own, and a double click must not be billed twice.

    Of the same member, by a button of the same job, for the same words. Rerolling draws a seed of
    its own each time, so of seeds only whether it is the other's counts.
    """
    if origin.parent_id is None:
        return
    row = tx.execute(
        "SELECT job.id FROM request JOIN job ON job.request_id = request.id"
        " JOIN job AS parent ON parent.id = request.parent_id"
        " WHERE request.parent_id = ? AND job.user_id = ? AND job.prompt = ? AND negative = ?"
        " AND width_px = ? AND height_px = ? AND rewrite = ? AND job.state <> 'cancelled'"
        " AND (job.seed = parent.seed) = (parent.seed = ?)"
        " AND job.created_at_us BETWEEN ? AND ? ORDER BY job.id DESC LIMIT 1",
        (
            origin.parent_id,
            origin.user_id,
            request.prompt,
            request.negative,
            request.size.width_px,
            request.size.height_px,
            request.rewrite,
            request.seed,
            now_us - DOUBLE_CLICK_US,
            now_us,
        ),
    ).fetchone()
    if row is not None:
        raise PressedTwice(row[0])


def _check_cooldown(tx: Transaction, policy: Policy, origin: Origin, now_us: int) -> None:
    """Counted from the member's last picture here, not from what was refused or failed."""
    if policy.cooldown_s == 0:
        return
    drawn_at_us = ledger.last_drawn_at_us(tx, origin.tenant_id, origin.user_id, now_us=now_us)
    until_at_us = drawn_at_us + policy.cooldown_s * 1_000_000
    if now_us < until_at_us:
        raise CoolingDown(until_at_us=until_at_us)


def _check_refusals(tx: Transaction, policy: Policy, origin: Origin, now_us: int) -> None:
    """By the provider, whose account all members share."""
    if policy.refusals_per_hour == 0:
        return
    until_at_us = waits_until_us(
        tx, origin.tenant_id, origin.user_id, most=policy.refusals_per_hour, now_us=now_us
    )
    if until_at_us is not None:
        raise RefusedTooOften(until_at_us=until_at_us)


def _jobs(
    first: int,
    requests: Sequence[ImageRequest],
    origin: Origin,
    review: Review,
    role_ids: Collection[RoleId],
    now_us: int,
) -> list[Job]:
    """Numbered from `first` on."""
    return [
        Job(
            id=JobId(first + before),
            request_id=RequestId(first),
            number=before + 1,
            count=len(requests),
            state=JobState.QUEUED,
            request=request,
            origin=origin,
            priority=0,
            attempts=0,
            created_at_us=now_us,
            message=Message(),
            review=review,
            role_ids=tuple(role_ids) if origin.guild_id else (),
        )
        for before, request in enumerate(requests)
    ]


def _check_queue(tx: Transaction, counters: Counters, jobs: Sequence[Job], limits: Limits) -> None:
    """Whether somebody draws, and whether there is room for the jobs and a wait worth it.

    The wait is the first one's: what follows waits behind a picture of its own member.
    """
    first = jobs[0]
    forecast = Forecast(tx, counters, now_us=first.created_at_us)
    _check_outage([one.breaker for one in forecast.serving], first.created_at_us)
    _check_room(counters, first.origin, limits, wanted=len(jobs))
    _check_wait(forecast, first, counters.queue.ready, limits)
    if first.origin.surface is Surface.INTERACTION:
        _check_token(forecast, first)


def _enter(tx: Transaction, counters: Counters, jobs: Sequence[Job], policy: Policy) -> None:
    """The jobs wait among the others. Saves the counters."""
    counters.queue.last_job_id = jobs[-1].id
    weights = Weights(tenant=policy.guild_weight, member=policy.member_weight)
    for job in jobs:
        counters.enter(job, weights, policy.limits.running_per_guild, now_us=job.created_at_us)
    counters.save()
    insert_request(tx, jobs[0])
    for job in jobs:
        insert_job(tx, job, cost=cost_of(job.request))


def _check_outage(breakers: Sequence[Breaker], now_us: int) -> None:
    """What passes by itself is waited for; what the operator must mend may last for days."""
    first = breakers[0]
    if all(one.outage in OF_THE_ACCOUNT and not one.is_checked for one in breakers):
        assert first.outage is not None  # noqa: S101 - in the set
        raise ProviderDown(first.outage, until_at_us=first.probe_at_us or now_us)
    # checked, one is half open: who comes now may be the one to try


def _check_room(counters: Counters, origin: Origin, limits: Limits, *, wanted: int) -> None:
    waiting = counters.member(origin.tenant_id, origin.user_id).waiting
    limit = limits.waiting_per_member
    if waiting + wanted > limit:
        raise QueueFull(scope=QueueScope.MEMBER, waiting=waiting, limit=limit)
    waiting = counters.tenant(origin.tenant_id).waiting
    limit = limits.waiting_per_guild
    if waiting + wanted > limit:
        scope = QueueScope.MEMBER if origin.guild_id is None else QueueScope.GUILD
        raise QueueFull(scope=scope, waiting=waiting, limit=limit)


def _check_wait(forecast: Forecast, job: Job, ready: int, limits: Limits) -> None:
    if ready < _surely_in_time(forecast, limits):
        return
    expected_s = forecast.of_newcomer(job).expected_s
    if expected_s > limits.expected_wait_s:
        raise WaitTooLong(expected_s=expected_s, limit_s=limits.expected_wait_s)


def _check_token(forecast: Forecast, first: Job) -> None:
    """What comes after the token's death reaches nobody, and would be paid.

    Of several pictures the last counts: each waits about as long as the one before it.
    """
    place = forecast.of_newcomer(first)
    if place.outage is not None:
        raise ProviderDown(place.outage, until_at_us=forecast.next_try_at_us)
    drawing_s = forecast.speed(rewrite=first.request.rewrite).drawing_s
    waiting_s = max(0.0, place.expected_s - drawing_s)
    expected_s = place.expected_s + (first.count - 1) * waiting_s
    left_s = (first.origin.interaction_expires_at_us - first.created_at_us) / 1e6 - LAST_STEPS_S
    if expected_s > left_s or place.is_tenant_paused:
        raise TokenTooShort(expected_s=max(expected_s, left_s), left_s=left_s)


def _surely_in_time(forecast: Forecast, limits: Limits) -> float:
    """With so few jobs waiting no wait comes near the limit, and none need be foreseen.

    Newcomers are foreseen to take at most 95 % of the rate, which makes a wait twenty times longer.
    """
    speed = forecast.speed(rewrite=True)
    spare_s = limits.expected_wait_s - speed.all_from_s - speed.drawing_s
    return SURELY_IN_TIME * spare_s * speed.per_s


def _known(tx: Transaction, interaction_id: InteractionId) -> Job | None:
    which = "request.interaction_id = ? ORDER BY job.number LIMIT 1"
    return next(iter(select_jobs(tx, which, interaction_id)), None)
