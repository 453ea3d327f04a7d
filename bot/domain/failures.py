"""How a provider's error ends a job, and what is kept of it to say why."""

from __future__ import annotations

from bot.domain.job import Failure, JobState
from bot.errors import (
    AccessRefused,
    AccountBlocked,
    AnswerLost,
    AnswerUnreadable,
    ContentRefused,
    KeyRejected,
    NotSent,
    Outage,
    ProviderError,
    ProviderFailed,
    RateLimited,
    UnexpectedAnswer,
)

# Why a picture did not reach its place; not errors, since nothing is wrong with the picture.
PLACE_CLOSED = "PlaceClosed"  # not drawn: nothing can be posted there any more
NO_PLACE = "NoPlace"  # drawn; `detail` is CLOSED, or empty where it was only not allowed
POST_REFUSED = "PostRefused"  # drawn; Discord's or the guild's filter does not let it pass
CLOSED = "closed"


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
