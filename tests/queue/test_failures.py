"""How a job ends after each of the provider's errors, and what is kept of it."""

from __future__ import annotations

import pytest

from bot.errors import (
    AccessRefused,
    AccountBlocked,
    AnswerLost,
    AnswerUnreadable,
    ContentRefused,
    Inspected,
    KeyRejected,
    NoImage,
    NotSent,
    ProviderError,
    ProviderFailed,
    RateLimited,
    RequestRejected,
    Throttle,
    UnexpectedAnswer,
)
from bot.queue.failures import evidence_of, evidence_of_check, failure_of, is_own_fault, state_after
from bot.queue.records import Failure, JobState
from bot.refusals import (
    Outage,
)

FREE = (NotSent, NoImage, RequestRejected, KeyRejected, AccessRefused, AccountBlocked, RateLimited)


@pytest.mark.parametrize("error", [AnswerLost, AnswerUnreadable])
def test_what_may_have_been_billed_is_uncertain(error: type[ProviderError]) -> None:
    """Nobody claims that it was free."""
    assert state_after(error("gone")) is JobState.UNCERTAIN


def test_the_content_check_ends_a_job_as_refused() -> None:
    """A refusal is no failure of the bot."""
    assert state_after(ContentRefused("no")) is JobState.REFUSED


@pytest.mark.parametrize("error", [*FREE, ProviderFailed])
def test_every_other_end_is_a_free_failure(error: type[ProviderError]) -> None:
    """The member is told that nothing was charged."""
    assert state_after(error("no")) is JobState.FAILED


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (KeyRejected, Outage.KEY),
        (AccessRefused, Outage.ACCESS),
        (AccountBlocked, Outage.ACCOUNT),
        (ProviderFailed, Outage.FAILING),
        (UnexpectedAnswer, Outage.FAILING),
        (NotSent, Outage.UNREACHABLE),
        (RateLimited, None),
        (ContentRefused, None),
        (RequestRejected, None),
        (NoImage, None),
        (AnswerLost, None),
    ],
)
def test_an_error_is_evidence_of_what_may_be_in_everybodys_way(
    error: type[ProviderError], outage: Outage | None
) -> None:
    """Everything else concerns one call."""
    assert evidence_of(error("no")) is outage


@pytest.mark.parametrize("error", [NotSent, KeyRejected, AccessRefused, AccountBlocked])
def test_what_stops_every_job_counts_against_none(error: type[ProviderError]) -> None:
    """They wait for as long as it takes."""
    assert not is_own_fault(error("no"))


@pytest.mark.parametrize("error", [ProviderFailed, UnexpectedAnswer, RateLimited])
def test_what_a_job_may_have_brought_on_itself_counts(error: type[ProviderError]) -> None:
    """So that it ends at last."""
    assert is_own_fault(error("no"))


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (KeyRejected, Outage.KEY),
        (NotSent, Outage.UNREACHABLE),
        (ProviderFailed, Outage.FAILING),
        (UnexpectedAnswer, None),
        (AccessRefused, None),
        (RequestRejected, None),
    ],
)
def test_the_free_question_blames_only_what_it_can_see(
    error: type[ProviderError], outage: Outage | None
) -> None:
    """A proxy may know the path that draws and no other."""
    assert evidence_of_check(error("no")) is outage


def test_a_failure_keeps_what_a_reader_of_any_language_needs() -> None:
    """Kind, the provider's code and number, never its sentence."""
    error = ProviderFailed("oh no", status=500, code="InternalError", request_id="r-1")
    assert failure_of(error) == Failure(
        kind="ProviderFailed", detail="", code="InternalError", provider_request_id="r-1"
    )


def test_a_failure_says_what_was_inspected_and_which_limit_was_hit() -> None:
    """The two details that texts depend on."""
    refused = ContentRefused("no", inspected=Inspected.OUTPUT)
    limited = RateLimited("slow down", throttle=Throttle.BURST)
    assert failure_of(refused).detail == "output"
    assert failure_of(limited).detail == "burst"
