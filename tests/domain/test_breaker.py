"""When calls stop for everybody, and when one is let through."""

from __future__ import annotations

import pytest

from bot.domain.breaker import CLOSED, FAILURES_TO_OPEN, Breaker, after_failure, opened, probing
from bot.errors import Outage

NOW_US = 1_800_000_000_000_000
SECOND_US = 1_000_000


def test_an_outage_opens_at_once() -> None:
    """One answer that blames the account is enough."""
    breaker = opened(CLOSED, Outage.KEY, now_us=NOW_US)
    assert breaker.is_open
    assert breaker.probe_at_us == NOW_US + 30 * SECOND_US


def test_each_failed_probe_doubles_the_wait_up_to_a_bound() -> None:
    """An unpaid bill is not looked at every half minute all night."""
    breaker, now_us, waits = CLOSED, NOW_US, []
    for _ in range(8):
        breaker = opened(breaker, Outage.ACCOUNT, now_us=now_us)
        assert breaker.probe_at_us is not None
        waits.append((breaker.probe_at_us - now_us) // SECOND_US)
        now_us = breaker.probe_at_us
    assert waits == [30, 60, 120, 240, 480, 600, 600, 600]
    assert breaker.since_us == NOW_US


def test_single_failures_do_not_open_it() -> None:
    """Only a row of them does, with a short wait."""
    breaker = CLOSED
    for _ in range(FAILURES_TO_OPEN - 1):
        breaker = after_failure(breaker, now_us=NOW_US)
    assert not breaker.is_open
    breaker = after_failure(breaker, now_us=NOW_US)
    assert breaker.outage is Outage.FAILING
    assert breaker.probe_at_us == NOW_US + 5 * SECOND_US


def test_a_failure_during_an_outage_keeps_its_name() -> None:
    """A 500 to the probe does not hide that the bill is unpaid."""
    breaker = Breaker(failures=FAILURES_TO_OPEN, outage=Outage.ACCOUNT, since_us=1, probe_at_us=2)
    assert after_failure(breaker, now_us=NOW_US).outage is Outage.ACCOUNT


@pytest.mark.parametrize("outage", list(Outage))
def test_only_one_probe_leaves_at_a_time(outage: Outage) -> None:
    """The next one waits until it had time to answer."""
    breaker = probing(opened(CLOSED, outage, now_us=NOW_US), now_us=NOW_US)
    assert breaker.probe_at_us == NOW_US + 150 * SECOND_US
