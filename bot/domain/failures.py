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
    Outage,
    ProviderError,
    RateLimited,
)


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


def outage_of(error: ProviderError) -> Outage | None:
    """What stands in the way of every call, not of this one alone; the operator must act."""
    match error:
        case KeyRejected():
            return Outage.KEY
        case AccessRefused():
            return Outage.ACCESS
        case AccountBlocked():
            return Outage.ACCOUNT
        case _:
            return None


def _detail(error: ProviderError) -> str:
    match error:
        case ContentRefused(inspected=inspected):
            return inspected
        case RateLimited(throttle=throttle):
            return throttle
        case _:
            return ""
