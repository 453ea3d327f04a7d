"""When calls stop for everybody, when the free question is asked, and when one job may try."""

from __future__ import annotations

import pytest

from bot.queue.breaker import (
    CLOSED,
    FAILING_TO_OPEN,
    OF_THE_ACCOUNT,
    TRIAL_ANSWER_US,
    UNREACHED_TO_OPEN,
    Breaker,
    after_check,
    after_failure,
    opened,
    trying,
)
from bot.queue.records import JobId
from bot.records import replace
from bot.refusals import Outage

NOW_US = 1_800_000_000_000_000
SECOND_US = 1_000_000
JOB = JobId(7)


def failed(breaker: Breaker, evidence: Outage, *jobs: int) -> Breaker:
    for job in jobs:
        breaker = after_failure(breaker, evidence, JobId(job), now_us=NOW_US)
    return breaker


@pytest.mark.parametrize("outage", sorted(OF_THE_ACCOUNT))
def test_the_providers_word_about_the_account_opens_at_once(outage: Outage) -> None:
    """Every job would get the same answer."""
    breaker = failed(CLOSED, outage, 7)
    assert breaker.outage is outage
    assert breaker.probe_at_us == NOW_US + 30 * SECOND_US


def test_one_job_never_opens_it_by_errors_that_may_be_its_own() -> None:
    """However often a firewall refuses the same prompt."""
    assert not failed(CLOSED, Outage.FAILING, *[7] * 100).is_open


def test_different_jobs_in_a_row_open_it() -> None:
    """With a short wait."""
    assert not failed(CLOSED, Outage.FAILING, *range(1, FAILING_TO_OPEN)).is_open
    breaker = failed(CLOSED, Outage.FAILING, *range(1, FAILING_TO_OPEN + 1))
    assert breaker.outage is Outage.FAILING
    assert breaker.probe_at_us == NOW_US + 5 * SECOND_US


def test_requests_that_do_not_leave_open_it_whosever_they_are() -> None:
    """No job is to blame for a dead uplink; but one closed connection is none."""
    assert not failed(CLOSED, Outage.UNREACHABLE, *[7] * (UNREACHED_TO_OPEN - 1)).is_open
    breaker = failed(CLOSED, Outage.UNREACHABLE, *[7] * UNREACHED_TO_OPEN)
    assert breaker.outage is Outage.UNREACHABLE
    assert breaker.failing == ()


def test_an_answer_in_between_shows_that_the_network_is_there() -> None:
    """Even if it is an error."""
    breaker = failed(CLOSED, Outage.UNREACHABLE, *[7] * (UNREACHED_TO_OPEN - 1))
    breaker = failed(breaker, Outage.FAILING, 8)
    assert not failed(breaker, Outage.UNREACHABLE, 9).is_open


def test_each_failed_question_doubles_the_wait_up_to_a_bound() -> None:
    """An unpaid bill is not looked at every half minute all night."""
    breaker, now_us, waits = opened(CLOSED, Outage.ACCOUNT, now_us=NOW_US), NOW_US, []
    for _ in range(8):
        assert breaker.probe_at_us is not None
        waits.append((breaker.probe_at_us - now_us) // SECOND_US)
        now_us = breaker.probe_at_us
        breaker = after_check(breaker, Outage.FAILING, now_us=now_us)
    assert waits == [30, 60, 120, 240, 480, 600, 600, 600]
    assert (breaker.outage, breaker.since_us) == (Outage.ACCOUNT, NOW_US)


def test_calls_that_were_out_when_it_opened_change_nothing() -> None:
    """Sixty of them would make the first wait ten minutes long."""
    breaker = failed(CLOSED, Outage.KEY, 7)
    assert failed(breaker, Outage.KEY, *range(100, 160)) == breaker


@pytest.mark.parametrize("outage", [Outage.KEY, Outage.UNREACHABLE])
def test_a_good_answer_to_the_question_ends_what_it_can_see(outage: Outage) -> None:
    """The key is accepted, the network is there."""
    assert after_check(opened(CLOSED, outage, now_us=NOW_US), None, now_us=NOW_US) == CLOSED


@pytest.mark.parametrize("outage", [Outage.ACCESS, Outage.ACCOUNT, Outage.FAILING])
def test_in_the_other_outages_one_job_may_try(outage: Outage) -> None:
    """The question says nothing about bills and rights."""
    breaker = after_check(opened(CLOSED, outage, now_us=NOW_US), None, now_us=NOW_US + 9)
    assert breaker.is_open
    assert (breaker.is_checked, breaker.probe_at_us) == (True, NOW_US + 9)
    breaker = trying(breaker, JOB, now_us=NOW_US + 10)
    assert breaker.probe_at_us == NOW_US + 10 + TRIAL_ANSWER_US


def test_a_failed_try_asks_the_question_again_after_twice_the_wait() -> None:
    """A 500 to it does not hide that the bill is unpaid."""
    tried = trying(opened(CLOSED, Outage.ACCOUNT, now_us=NOW_US), JOB, now_us=NOW_US)
    breaker = failed(replace(tried, is_checked=True), Outage.FAILING, 7)
    assert (breaker.outage, breaker.is_checked, breaker.trial) == (Outage.ACCOUNT, False, None)
    assert breaker.probe_at_us == NOW_US + 60 * SECOND_US


def test_a_try_may_find_another_outage() -> None:
    """The service is back, but the key was revoked meanwhile."""
    tried = trying(opened(CLOSED, Outage.FAILING, now_us=NOW_US), JOB, now_us=NOW_US)
    breaker = failed(tried, Outage.KEY, 7)
    assert (breaker.outage, breaker.probe_at_us) == (Outage.KEY, NOW_US + 30 * SECOND_US)


def test_the_question_alone_opens_it_when_it_fails() -> None:
    """Few jobs are under way, one has failed: is it the job or the service?"""
    assert after_check(CLOSED, Outage.FAILING, now_us=NOW_US).outage is Outage.FAILING
    assert after_check(CLOSED, None, now_us=NOW_US) == CLOSED


def test_jobs_that_failed_stand_back_until_another_had_its_try() -> None:
    """The one that brought it on itself must not be the one that tries, for ever."""
    breaker = failed(CLOSED, Outage.KEY, 7)
    assert breaker.rests_until_us == (breaker.probe_at_us or 0) + TRIAL_ANSWER_US
    assert CLOSED.rests_until_us == 0
