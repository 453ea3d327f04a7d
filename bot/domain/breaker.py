"""The breaker: when the provider refuses the account itself, no more calls are made.

A wrong key, missing rights or an unpaid bill stand in the way of every job alike. Calls then only
fill the log, so the breaker opens: jobs stay queued, members are told, and one job is let through
now and then as a probe. The first success closes it. A row of failures of any kind does the same
with shorter waits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Mapping

SECOND_US = 1_000_000
FAILURES_TO_OPEN = 8  # of the provider, in a row, over all jobs
PROBE_ANSWER_US = 150 * SECOND_US  # a probe that has not answered by then is given up for another
_FIRST_WAIT_US: Mapping[Outage, int] = {
    Outage.KEY: 30 * SECOND_US,
    Outage.ACCESS: 30 * SECOND_US,
    Outage.ACCOUNT: 30 * SECOND_US,
    Outage.FAILING: 5 * SECOND_US,
}
_LONGEST_WAIT_US: Mapping[Outage, int] = {
    Outage.KEY: 600 * SECOND_US,
    Outage.ACCESS: 600 * SECOND_US,
    Outage.ACCOUNT: 600 * SECOND_US,
    Outage.FAILING: 60 * SECOND_US,
}


@dataclass(frozen=True, slots=True)
class Breaker:
    """Closed while `outage` is None."""

    failures: int = 0
    outage: Outage | None = None
    since_us: int | None = None
    probe_at_us: int | None = None
    probes: int = 0

    @property
    def is_open(self) -> bool:
        return self.outage is not None


CLOSED = Breaker()


def opened(breaker: Breaker, outage: Outage, *, now_us: int) -> Breaker:
    """After an answer that says so, or a probe that failed: the next wait is twice as long."""
    probes = breaker.probes + 1 if breaker.outage is outage else 0
    wait_us = min(_LONGEST_WAIT_US[outage], _FIRST_WAIT_US[outage] << min(probes, 10))
    return replace(
        breaker,
        outage=outage,
        since_us=breaker.since_us if breaker.is_open else now_us,
        probe_at_us=now_us + wait_us,
        probes=probes,
    )


def after_failure(breaker: Breaker, *, now_us: int) -> Breaker:
    """One more failure that lies with the provider and not with the request."""
    breaker = replace(breaker, failures=breaker.failures + 1)
    if breaker.failures < FAILURES_TO_OPEN:
        return breaker
    return opened(breaker, breaker.outage or Outage.FAILING, now_us=now_us)


def probing(breaker: Breaker, *, now_us: int) -> Breaker:
    """A probe leaves; no other until it has answered or had its time."""
    return replace(breaker, probe_at_us=now_us + PROBE_ANSWER_US)
