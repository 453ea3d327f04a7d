"""How long who asks for little waits at most, as docs/fairness.md tells it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from benchmarks.simulator.fair_queue import FairQueue
from bot.policy.rules import ONE_SHARE
from bot.queue.fairness import Weights

TENANTS = 6
ONE = 1024 * 1024
SMALL, LARGE = 512 * 512, 2048 * 2048 * 2  # the cheapest picture, and the dearest: rewritten
COSTS = st.sampled_from([SMALL, ONE, 2 * ONE, LARGE])
EVENTS = st.lists(
    st.tuples(st.booleans(), st.integers(0, TENANTS - 1), COSTS, st.integers(1, 5)),
    min_size=60,
    max_size=140,
)
WEIGHTS = st.lists(st.integers(20, 400), min_size=TENANTS, max_size=TENANTS)
SPARING = settings(max_examples=100, derandomize=True, phases=[Phase.generate], deadline=None)


@dataclass
class Waiting:
    """A job of a tenant that had nothing waiting, and what others were given since."""

    overdrawn: float  # by how much the tenant's tag stood beyond the clock
    may_be_ahead: set[int]  # who returned before it and stands at the clock too
    others: dict[int, int]
    jobs_of_others: int = 0


class Played:
    """A queue, watched for whoever asks for one picture after a while of nothing."""

    def __init__(self, weights: list[int]) -> None:
        self.queue = FairQueue(running_cap=1000, running_per_person=1000)
        self.lone: dict[int, Waiting] = {}  # by job
        self.ended: list[tuple[int, Waiting]] = []  # with the tenant
        self.dearest = [0] * TENANTS
        self._weights = weights
        self._jobs: list[tuple[int, int]] = []  # tenant and cost

    def submit(self, tenant_id: int, cost: int) -> None:
        tenant = self.queue.tenants.get(tenant_id)
        if tenant is None or tenant.queue.ready == 0:
            clock = self.queue.clock.tag
            self.lone[len(self._jobs)] = Waiting(
                overdrawn=(tenant.queue.tag if tenant else 0) - clock,
                may_be_ahead={
                    other
                    for other, known in self.queue.tenants.items()
                    if known.queue.is_open and known.queue.tag == clock and known.queue.turn < 0
                },
                others={},
            )
        weights = Weights(tenant=self._weights[tenant_id])
        self.queue.add(len(self._jobs), tenant_id, tenant_id, cost, weights=weights)
        self._jobs.append((tenant_id, cost))
        self.dearest[tenant_id] = max(self.dearest[tenant_id], cost)

    def claim(self) -> None:
        job = self.queue.claim()
        if job is None:
            return
        self.queue.finish(job)
        tenant_id, cost = self._jobs[job]
        if job in self.lone:
            self.ended.append((tenant_id, self.lone.pop(job)))
        for other, waiting in self.lone.items():
            if self._jobs[other][0] != tenant_id:
                waiting.others[tenant_id] = waiting.others.get(tenant_id, 0) + cost
                waiting.jobs_of_others += 1


def played(events: list[tuple[bool, int, int, int]], weights: list[int]) -> Played:
    play = Played(weights)
    for is_submit, tenant, cost, count in events:
        for _ in range(count):
            play.submit(tenant, cost) if is_submit else play.claim()
    while play.queue.ready:
        play.claim()
    return play


@pytest.mark.slow
@SPARING
@given(events=EVENTS, weights=WEIGHTS)
def test_meanwhile_each_other_has_what_one_overdrew_and_one_job_more(
    events: list[tuple[bool, int, int, int]], weights: list[int]
) -> None:
    """In cost, each per share; and one overdraws by a job of one's own at most."""
    play = played(events, weights)
    for tenant, waiting in play.ended:
        overdrawn = max(0, waiting.overdrawn)
        assert overdrawn * weights[tenant] <= play.dearest[tenant] * ONE_SHARE
        for other, cost in waiting.others.items():
            rounding = waiting.jobs_of_others * weights[other] / ONE_SHARE
            allowed = overdrawn * weights[other] / ONE_SHARE + play.dearest[other]
            assert cost <= allowed + rounding


@pytest.mark.slow
@SPARING
@given(events=EVENTS, weights=WEIGHTS)
def test_who_has_had_less_than_others_waits_for_none_but_their_like(
    events: list[tuple[bool, int, int, int]], weights: list[int]
) -> None:
    """One job of each tenant that came back before, whatever sizes the others ask for."""
    play = played(events, weights)
    below = [waiting for _, waiting in play.ended if waiting.overdrawn < 0]
    assume(below)
    for waiting in below:
        assert set(waiting.others) <= waiting.may_be_ahead
        assert waiting.jobs_of_others <= len(waiting.may_be_ahead)


def served(queue: FairQueue, count: int) -> list[int]:
    """The next jobs."""
    jobs = []
    for _ in range(count):
        job = queue.claim()
        assert job is not None
        queue.finish(job)
        jobs.append(job)
    return jobs


def test_after_the_dearest_picture_one_waits_for_as_much_of_the_cheapest() -> None:
    """The longest way there is between two tenants: 32 pictures, 16 s at two a second."""
    queue = FairQueue()
    for job in range(100):
        queue.add(job, 1, 1, SMALL)
    queue.add(200, 2, 2, LARGE)
    queue.add(201, 2, 2, SMALL)
    assert served(queue, 2) == [0, 200]
    assert served(queue, 50).index(201) == LARGE // SMALL - 1


def test_what_was_drawn_while_nobody_waited_keeps_nobody_back() -> None:
    """The dearest picture first, then one that comes behind a hundred of another tenant."""
    queue = FairQueue()
    queue.add(0, 2, 2, LARGE)
    served(queue, 1)
    for job in range(1, 101):
        queue.add(job, 1, 1, SMALL)
    queue.add(200, 2, 2, SMALL)
    assert served(queue, 2) == [1, 200]


def test_nor_inside_a_tenant() -> None:
    """Alone in its tenant, while another tenant waits all the time."""
    queue = FairQueue()
    queue.add(200, 2, 2, LARGE)
    for job in range(100):
        queue.add(job, 1, 1, SMALL)
    assert served(queue, 1) == [200]
    for job in range(300, 400):
        queue.add(job, 2, 3, SMALL)
    queue.add(400, 2, 2, SMALL)
    assert [job for job in served(queue, 60) if job >= 300][:2] == [300, 400]
