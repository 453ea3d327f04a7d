"""No two flows that have work get further apart than promised, whatever happens in between."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from benchmarks.simulator.fair_queue import FairQueue
from bot.queue.fairness import Weights
from tests.gaps import ROUNDING, GapMeter

TENANTS, PEOPLE = 4, 5
LARGEST_BURST = 8
SPARING = settings(max_examples=25, derandomize=True, phases=[Phase.generate], deadline=None)
COSTS = st.sampled_from([2**18, 2**20, 2**21, 2**23])
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "claim", "claim", "claim", "finish", "finish", "cancel"]),
        st.integers(0, TENANTS - 1),
        st.integers(0, PEOPLE - 1),
        COSTS,
    ),
    min_size=60,
    max_size=140,
)
WEIGHTS = st.lists(
    st.builds(Weights, tenant=st.integers(20, 400), member=st.integers(20, 400)),
    min_size=TENANTS,
    max_size=TENANTS,
)
CAPS = st.integers(1, 4)


class Home(NamedTuple):
    """Where a job belongs, and what it should cost."""

    tenant: int
    person: int
    cost: int


class Played:
    """A queue to which things happen, and what its tenants and their members have had."""

    def __init__(self, weights: list[Weights], *, cap: int) -> None:
        self.queue = FairQueue(running_cap=cap, running_per_person=cap)
        self.tenants = GapMeter()
        self.members = [GapMeter() for _ in weights]
        self._weights = weights
        self._homes: list[Home] = []  # by job
        self._waiting: list[int] = []
        self._running: list[int] = []

    def play(self, events: list[tuple[str, int, int, int]], *, is_cost_known: bool) -> None:
        """One event after the other; whether an ending tells another cost than was expected."""
        for kind, tenant, person, cost in events:
            pick = tenant * PEOPLE + person
            match kind:
                case "submit":
                    self._submit(Home(tenant, person, cost), 1 + pick % LARGEST_BURST)
                case "claim":
                    self._claim()
                case "finish" if self._running:
                    self._finish(pick, None if is_cost_known else cost)
                case "cancel" if self._waiting:
                    self.queue.cancel(self._waiting.pop(pick % len(self._waiting)))
            self._see()

    def _submit(self, home: Home, count: int) -> None:
        for _ in range(count):
            self._waiting.append(len(self._homes))
            self.queue.add(len(self._homes), *home, weights=self._weight_of(home))
            self._homes.append(home)

    def _weight_of(self, home: Home) -> Weights:
        """A tenant's members have different shares too."""
        known = self._weights[home.tenant]
        return Weights(tenant=known.tenant, member=known.member * (1 + home.person))

    def _claim(self) -> None:
        job = self.queue.claim()
        if job is None:
            assert not self._waiting
            return
        self._waiting.remove(job)
        self._running.append(job)
        home, weights = self._homes[job], self._weight_of(self._homes[job])
        self.tenants.start(home.tenant, home.cost, weights.tenant)
        self.members[home.tenant].start(home.person, home.cost, weights.member)

    def _finish(self, pick: int, actual_cost: int | None) -> None:
        job = self._running.pop(pick % len(self._running))
        self.queue.finish(job, actual_cost)
        home, weights = self._homes[job], self._weight_of(self._homes[job])
        actual_cost = home.cost if actual_cost is None else actual_cost
        self.tenants.end(home.tenant, home.cost, weights.tenant, actual_cost=actual_cost)
        self.members[home.tenant].end(
            home.person, home.cost, weights.member, actual_cost=actual_cost
        )

    def _see(self) -> None:
        known = self.queue.tenants.items()
        self.tenants.see(tenant_id for tenant_id, tenant in known if tenant.queue.is_open)
        for tenant_id, tenant in known:
            self.members[tenant_id].see(
                person for person, member in tenant.members.items() if member.queue.is_open
            )


@SPARING
@given(events=EVENTS, weights=WEIGHTS, cap=CAPS)
def test_who_has_work_stays_within_a_job_of_each_other(
    events: list[tuple[str, int, int, int]], weights: list[Weights], cap: int
) -> None:
    """Through bursts, idleness, cancels and caps, for tenants and for the members of each."""
    played = Played(weights, cap=cap)
    played.play(events, is_cost_known=True)
    assert max(meter.widest for meter in [played.tenants, *played.members]) <= ROUNDING


@SPARING
@given(events=EVENTS, weights=WEIGHTS, cap=CAPS)
def test_costs_that_show_late_widen_the_gap_by_what_is_out(
    events: list[tuple[str, int, int, int]], weights: list[Weights], cap: int
) -> None:
    """By as many jobs as are out at once, no more: what was misjudged is made good at the end."""
    played = Played(weights, cap=cap)
    played.play(events, is_cost_known=False)
    assert max(meter.widest for meter in [played.tenants, *played.members]) <= ROUNDING


def test_a_tenant_whose_jobs_prove_dear_pays_for_them() -> None:
    """Every job of the first tenant costs eight times what was expected, for hours."""
    queue, meter = FairQueue(), GapMeter()
    for job in range(800):
        queue.add(job, job % 2, 0, 1000)
    running: list[int] = []
    started = [0, 0]
    for _ in range(450):
        running.append(queue.claim() or 0)
        tenant = running[-1] % 2
        started[tenant] += 1
        meter.start(tenant, 1000, 100)
        for job in running[:-2]:
            actual_cost = 1000 if job % 2 else 8000
            queue.finish(job, actual_cost)
            meter.end(job % 2, 1000, 100, actual_cost=actual_cost)
        running = running[-2:]
        meter.see([0, 1])
    assert meter.widest <= ROUNDING
    assert started == [50, 400]
