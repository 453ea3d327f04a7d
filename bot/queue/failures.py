"""Whether a provider's error ends a job, when it is tried again, and what is kept to say why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import (
    AccessRefused,
    AccountBlocked,
    AnswerLost,
    AnswerUnreadable,
    ContentRefused,
    KeyRejected,
    NotSent,
    ProviderError,
    ProviderFailed,
    RateLimited,
    UnexpectedAnswer,
)
from bot.queue.records import Failure, JobState
from bot.refusals import (
    Outage,
)

if TYPE_CHECKING:
    from random import Random


# Why a picture did not reach its place; not errors, since nothing is wrong with the picture.
PLACE_CLOSED = "PlaceClosed"  # not drawn: nothing can be posted there any more
NO_PLACE = "NoPlace"  # drawn; `detail` is CLOSED, TOO_LATE, or empty where it was only not allowed
POST_REFUSED = "PostRefused"  # drawn; Discord's or the guild's filter does not let it pass
REJECTED = "RejectedByStaff"  # drawn; why, they tell its member alone
APPEALED = "Appealed"  # against that or a rule; `detail` is the kind before
DENIED = "AppealDenied"  # the same, in vain
MEMBER_BLOCKED = "MemberBlocked"  # not drawn: its member may ask for no pictures any more
REFUSED_BY_RULE = "RefusedByRule"  # drawn; the guild's word rules, or what checks its pictures
APPEALABLE = frozenset({REJECTED, REFUSED_BY_RULE})
CLOSED = "closed"
TOO_LATE = "too late"  # likewise; Discord takes nothing more for an interaction whose token is dead


def failure_of(error: ProviderError) -> Failure:
    """The error as a record that can be said in any language later."""
    return Failure(
        kind=type(error).__name__,
        detail=_detail(error),
        code=error.code,
        provider_request_id=error.request_id,
    )


def state_after(error: ProviderError) -> JobState:
    """The end that a job comes to when nothing more is tried."""
    if isinstance(error, ContentRefused):
        return JobState.REFUSED
    if isinstance(error, AnswerLost | AnswerUnreadable):
        return JobState.UNCERTAIN
    return JobState.FAILED


def evidence_of(error: ProviderError) -> Outage | None:
    """What would explain the error, if it is not this request's own fault; see the breaker."""
    match error:
        case NotSent():
            return Outage.UNREACHABLE
        case ProviderFailed() | UnexpectedAnswer():
            return Outage.FAILING
        case KeyRejected():
            return Outage.KEY
        case AccessRefused():
            return Outage.ACCESS
        case AccountBlocked():
            return Outage.ACCOUNT
        case _:
            return None


def evidence_of_check(error: ProviderError) -> Outage | None:
    """Likewise of the free question. Where a proxy knows only the path that draws, it is no use."""
    return None if isinstance(error, UnexpectedAnswer | AccessRefused) else evidence_of(error)


def is_own_fault(error: ProviderError) -> bool:
    """Whether a try that ends so counts against the job; not what would stop any other as well."""
    return evidence_of(error) in (None, Outage.FAILING)


def _detail(error: ProviderError) -> str:
    match error:
        case ContentRefused(inspected=inspected):
            return inspected
        case RateLimited(throttle=throttle):
            return throttle
        case _:
            return ""


# ------------------------------------------------------------------------------------------------
# When a refused or failed attempt may be made again: exponential backoff with full jitter.
#
# Only attempts that cannot have been billed come here (see `bot.errors.Retry`). The wait is drawn
# uniformly from [base, base·2ⁿ], so that many jobs hit by one outage do not return together
# (Brooker, "Exponential Backoff And Jitter", 2015). What the provider asks for comes on top, where
# no other account may draw it (bot/queue/finish.py).


BASE_S = 1.0
LONGEST_S = 60.0
MOST_ATTEMPTS = 6


def next_wait_s(*, attempt: int, randomness: Random) -> float:
    """Seconds to wait after the `attempt`-th try (1 is the first)."""
    highest_s = min(LONGEST_S, BASE_S * 2**attempt)
    return randomness.uniform(BASE_S, highest_s)


def may_try_again(*, attempt: int) -> bool:
    """Whether a job that failed its `attempt`-th try gets another, however long it has waited."""
    return attempt < MOST_ATTEMPTS
