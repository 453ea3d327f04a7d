"""The fairness that is promised, on the queue in memory; its rows are held to it elsewhere."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.simulator.fair_queue import FairQueue
from bot.policy.rules import HIGHEST_WEIGHT, ONE_SHARE
from bot.queue.fairness import Weights

ONE = 1024 * 1024
COSTS = st.sampled_from([ONE // 4, ONE, 2 * ONE, 8 * ONE])


def served(queue: FairQueue, homes: dict[int, int], count: int) -> list[int]:
    """The tenants of the next jobs, each finished before the next starts."""
    order = []
    for _ in range(count):
        job = queue.claim()
        assert job is not None
        queue.finish(job)
        order.append(homes[job])
    return order


@settings(deadline=None)  # the machine may be busy
@given(
    weights=st.lists(st.integers(20, 400), min_size=2, max_size=6),
    costs=st.lists(COSTS, min_size=30, max_size=30),
    at_once=st.integers(1, 6),
)
def test_backlogged_tenants_stay_within_one_job_of_each_other(
    weights: list[int], costs: list[int], at_once: int
) -> None:
    """|service of f ÷ weight − service of g ÷ weight| ≤ a job of f + a job of g, at any time."""
    queue = FairQueue()
    home, cost_of_job = {}, {}
    for tenant, weight in enumerate(weights):
        for n, cost in enumerate(costs):
            job = tenant * len(costs) + n
            home[job], cost_of_job[job] = tenant, cost
            queue.add(job, tenant, n % 3, cost, weights=Weights(tenant=weight))
    service = dict.fromkeys(range(len(weights)), 0.0)
    largest = {tenant: max(costs) * ONE_SHARE / weight for tenant, weight in enumerate(weights)}
    running: list[int] = []
    while all(queue.tenants[tenant].queue.ready for tenant in service):
        claimed = queue.claim()
        assert claimed is not None
        weight = weights[home[claimed]]
        service[home[claimed]] += cost_of_job[claimed] * ONE_SHARE / weight
        for f, g in combinations(service, 2):
            assert abs(service[f] - service[g]) <= largest[f] + largest[g]
        running.append(claimed)
        if len(running) == at_once:
            queue.finish(running.pop(0))


def test_a_dripping_tenant_gains_nothing() -> None:
    """Always exactly one job waiting, against twenty tenants with many: one turn in 21."""
    queue = FairQueue()
    homes: dict[int, int] = {}
    for job in range(20 * 100):
        homes[job] = job % 20
        queue.add(job, homes[job], 0, ONE)
    dripped = 0
    for drip in range(2100):
        job = 10_000 + drip
        homes.setdefault(job, 99)
        if queue.tenants.get(99) is None or queue.tenants[99].queue.ready == 0:
            queue.add(job, 99, 0, ONE)
        dripped += served(queue, homes, 1) == [99]
    assert dripped == 100


def test_a_newcomer_with_thousands_of_jobs_waits_like_everybody() -> None:
    """Fifty tenants that were served long before lose one turn a round to it, no more."""
    queue = FairQueue()
    homes: dict[int, int] = {}
    for job in range(50 * 100):
        homes[job] = job % 50
        queue.add(job, homes[job], 0, ONE)
    served(queue, homes, 50 * 80)
    for job in range(10_000, 15_000):
        homes[job] = 99
        queue.add(job, 99, 0, ONE)
    order = served(queue, homes, 51 * 10)
    for start in range(0, len(order), 51):
        assert order[start : start + 51].count(99) == 1


def test_idling_earns_no_credit() -> None:
    """A tenant that was away while another was served for long takes turns when it returns."""
    queue = FairQueue()
    homes = {}
    for job in range(100):
        homes[job] = 1
        queue.add(job, 1, 0, ONE)
    served(queue, homes, 50)
    for job in range(200, 230):
        homes[job] = 2
        queue.add(job, 2, 0, ONE)
    order = served(queue, homes, 20)
    assert order.count(2) == 10


def test_who_comes_back_goes_before_those_at_the_same_tag() -> None:
    """A lone job need not wait for the rest of a round of twenty."""
    queue = FairQueue()
    homes = {}
    for job in range(200):
        homes[job] = job % 20
        queue.add(job, homes[job], 0, ONE)
    served(queue, homes, 105)
    homes[500] = homes[501] = 99
    queue.add(500, 99, 0, ONE)
    assert served(queue, homes, 1) == [99]
    queue.add(501, 99, 0, ONE)
    assert served(queue, homes, 16) == [*range(5, 20), 0]


def test_a_member_who_comes_back_goes_before_those_at_the_same_tag() -> None:
    """Inside a tenant it is as between tenants."""
    queue = FairQueue()
    for job in range(100):
        queue.add(job, 1, job % 10, ONE)
    served(queue, dict.fromkeys(range(100), 1), 25)
    queue.add(500, 1, 99, ONE)
    assert queue.claim() == 500


def test_a_tenant_kept_back_by_its_cap_earns_no_credit() -> None:
    """It comes back at the clock, not with all the turns it missed."""
    queue = FairQueue(running_cap=1)
    homes = {}
    for job in range(60):
        homes[job] = 1 + job % 2
        queue.add(job, homes[job], 0, ONE)
    long_one = queue.claim()
    assert long_one is not None
    order = []
    for _ in range(10):
        claimed = queue.claim()
        assert claimed is not None
        order.append(homes[claimed])
        queue.finish(claimed)
    assert order == [2] * 10
    queue.finish(long_one)
    assert served(queue, homes, 10).count(1) == 5


def test_a_refused_attempt_gives_its_charge_back() -> None:
    """A tenant whose call was refused has the next turn again."""
    queue = FairQueue()
    for job in range(4):
        queue.add(job, 1 + job % 2, 0, ONE)
    first = queue.claim()
    assert first == 0
    queue.requeue(first)
    assert queue.claim() == 1
    assert queue.claim() == 0


def test_a_job_in_a_backoff_is_not_claimed() -> None:
    """Until it is due."""
    queue = FairQueue()
    queue.add(1, 1, 1, ONE)
    job = queue.claim()
    assert job == 1
    queue.requeue(job, is_due=False)
    assert queue.claim() is None
    queue.make_due(job)
    assert queue.claim() == 1


def test_a_delayed_job_can_be_cancelled() -> None:
    """It waits, though it is not due."""
    queue = FairQueue()
    queue.add(1, 1, 1, ONE)
    queue.claim()
    queue.requeue(1, is_due=False)
    queue.cancel(1)
    assert queue.tenants[1].queue.waiting == 0


@pytest.mark.parametrize("weight", [0, -1, HIGHEST_WEIGHT + 1])
def test_a_weight_that_makes_no_sense_is_refused(weight: int) -> None:
    """A weight of nothing would be starvation; the message names the bounds."""
    with pytest.raises(ValueError, match=f"weight {weight} "):
        Weights(member=weight)
