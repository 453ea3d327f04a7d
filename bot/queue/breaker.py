"""The breaker: when no call can succeed, whoever makes it, no more calls are made.

Jobs stay queued meanwhile and members are told. New requests are refused if the operator must mend
it, and wait if it may pass by itself. What opens it:

* the provider's own word about the account (a wrong key, missing rights, an unpaid bill): one
  answer is enough, since every job would get it;
* requests that do not leave: a few in a row, of whichever jobs, since no job is to blame for that;
* errors that one job may have brought on itself, such as a firewall that dislikes its prompt: only
  when different jobs meet them in a row, or when the free question fails as well.

The free question is the check of the key. It is asked when errors begin and before each new try.
Answered well, it ends an outage of key or network. In the others it cannot tell, so one job may
try: another than those that failed, if there is one, since these rest for longer. Any picture, and
any answer about a request alone, closes the breaker; a failed try doubles the wait for the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.records import replace
from bot.refusals import Outage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.queue.records import JobId


SECOND_US = 1_000_000
FAILING_TO_OPEN = 8  # different jobs in a row
UNREACHED_TO_OPEN = 3  # requests in a row; one alone may be a connection that was just closed
TRIAL_ANSWER_US = 150 * SECOND_US  # a try without an answer by then is given up for another
OF_THE_ACCOUNT = frozenset({Outage.KEY, Outage.ACCESS, Outage.ACCOUNT})
_SEEN_BY_A_CHECK = frozenset({Outage.KEY, Outage.UNREACHABLE})
_FIRST_WAIT_US: Mapping[Outage, int] = {
    Outage.KEY: 30 * SECOND_US,
    Outage.ACCESS: 30 * SECOND_US,
    Outage.ACCOUNT: 30 * SECOND_US,
    Outage.FAILING: 5 * SECOND_US,
    Outage.UNREACHABLE: 5 * SECOND_US,
}
_LONGEST_WAIT_US: Mapping[Outage, int] = {
    Outage.KEY: 600 * SECOND_US,
    Outage.ACCESS: 600 * SECOND_US,
    Outage.ACCOUNT: 600 * SECOND_US,
    Outage.FAILING: 60 * SECOND_US,
    Outage.UNREACHABLE: 30 * SECOND_US,
}


class Breaker(Struct, frozen=True, kw_only=True):
    """Closed while `outage` is None; half open while `is_checked`."""

    failing: tuple[JobId, ...] = ()  # different jobs that failed in a row
    unreached: int = 0  # requests in a row that did not leave
    outage: Outage | None = None
    since_us: int | None = None
    probe_at_us: int | None = None  # when the question is asked; half open: when a job may try
    probes: int = 0
    is_checked: bool = False  # the question was answered well: one job may try
    trial: JobId | None = None  # the job that tries, or did last

    @property
    def is_open(self) -> bool:
        return self.outage is not None

    @property
    def rests_until_us(self) -> int:
        """Jobs that failed stand back until another had its try."""
        return 0 if self.probe_at_us is None else self.probe_at_us + TRIAL_ANSWER_US


CLOSED = Breaker()


def opened(breaker: Breaker, outage: Outage, *, now_us: int) -> Breaker:
    """No calls until the next probe; each one that failed doubles the wait."""
    probes = breaker.probes + 1 if breaker.outage is outage else 0
    wait_us = min(_LONGEST_WAIT_US[outage], _FIRST_WAIT_US[outage] << min(probes, 10))
    return replace(
        breaker,
        outage=outage,
        since_us=breaker.since_us if breaker.is_open else now_us,
        probe_at_us=now_us + wait_us,
        probes=probes,
        is_checked=False,
        trial=None,
    )


def after_failure(breaker: Breaker, evidence: Outage, job_id: JobId, *, now_us: int) -> Breaker:
    """A call of this job failed in a way that may be everybody's.

    Calls that were out when the breaker opened say nothing new; they do not make the wait longer.
    """
    if breaker.is_open and job_id != breaker.trial:
        return breaker
    breaker = _noted(breaker, evidence, job_id)
    if breaker.is_open or _is_enough(breaker, evidence):
        return opened(breaker, _named(breaker, evidence), now_us=now_us)
    return breaker


def after_check(breaker: Breaker, evidence: Outage | None, *, now_us: int) -> Breaker:
    """What the free question told; None if it was answered as it should be."""
    if evidence is not None:
        return opened(breaker, _named(breaker, evidence), now_us=now_us)
    if not breaker.is_open:
        return breaker
    if breaker.outage in _SEEN_BY_A_CHECK:
        return CLOSED
    return replace(breaker, is_checked=True, probe_at_us=now_us, trial=None)


def trying(breaker: Breaker, job_id: JobId, *, now_us: int) -> Breaker:
    """One job leaves; no other until it has answered or had its time."""
    return replace(breaker, trial=job_id, probe_at_us=now_us + TRIAL_ANSWER_US)


def _noted(breaker: Breaker, evidence: Outage, job_id: JobId) -> Breaker:
    if evidence is Outage.UNREACHABLE:
        return replace(breaker, unreached=breaker.unreached + 1)
    others = tuple(each for each in breaker.failing if each != job_id)
    return replace(breaker, failing=(*others, job_id)[-FAILING_TO_OPEN:], unreached=0)


def _is_enough(breaker: Breaker, evidence: Outage) -> bool:
    if evidence is Outage.UNREACHABLE:
        return breaker.unreached >= UNREACHED_TO_OPEN
    return evidence in OF_THE_ACCOUNT or len(breaker.failing) >= FAILING_TO_OPEN


def _named(breaker: Breaker, evidence: Outage) -> Outage:
    """A 500 to a later try does not hide that the bill is unpaid."""
    return evidence if evidence in OF_THE_ACCOUNT else breaker.outage or evidence
