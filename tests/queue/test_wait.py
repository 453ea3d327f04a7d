"""Places and waits, computed from tags and held to the queue itself, played to its end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.simulator.fair_queue import FairQueue
from bot.queue.wait import (
    ALL_MEMORY_S,
    FLOW_MEMORY_S,
    LONGEST_S,
    Arrivals,
    Flow,
    Lane,
    Speed,
    Standing,
    Target,
    expected_s,
    place,
    starts_per_s,
)
from bot.records import replace

ONE = 1024 * 1024
NOW_US = 1_800_000_000_000_000
SPEED = Speed(lanes=[Lane(per_s=2.0)], drawing_s=5.0)


def flow(tag: int = 0, *, ready: int = 1, turn: int = 1, weight: int = 100) -> Flow:
    return Flow(tag * ONE, turn, weight, ready, ready * ONE)


def standing(*, own_ahead: int = 0, tenants: tuple[Flow, ...] = ()) -> Standing:
    """A job of a member alone in a tenant."""
    return Standing(
        own_ahead=own_ahead,
        member=flow(ready=own_ahead, turn=99),
        member_clock=0,
        members=(),
        idle_members_per_s=0.0,
        tenant=flow(ready=own_ahead + 1, turn=99),
        tenant_clock=0,
        tenants=tenants,
        idle_tenants_per_s=0.0,
    )


def test_alone_one_is_next() -> None:
    """Nothing ahead, and the wait is the drawing."""
    assert place(standing()) == (1, 0)
    assert expected_s(standing(), SPEED) == 5.0


def test_own_jobs_come_first_in_their_order() -> None:
    """Four ahead at two a second."""
    job = standing(own_ahead=4)
    assert place(job) == (5, 4)
    assert expected_s(job, SPEED) == 7.0


def test_a_tenant_with_much_counts_as_far_as_its_turns_go() -> None:
    """A hundred of the other wait; two come before my second."""
    job = standing(own_ahead=1, tenants=(flow(ready=100),))
    assert place(job) == (4, 1)


def test_a_tenant_with_little_counts_as_far_as_it_goes() -> None:
    """Three of the other wait, and my job is the tenth."""
    job = standing(own_ahead=9, tenants=(flow(ready=3),))
    assert place(job) == (13, 9)


def test_at_equal_tags_the_earlier_turn_is_first() -> None:
    """As the claim's index has it."""
    assert place(standing(tenants=(flow(turn=98),))) == (2, 0)
    assert place(standing(tenants=(flow(turn=100),))) == (1, 0)


def test_a_tenant_beyond_my_tag_does_not_come_before() -> None:
    """Its turn is over for now."""
    assert place(standing(tenants=(flow(tag=1),))) == (1, 0)


def test_a_weight_of_four_brings_four() -> None:
    """Before my second job."""
    job = standing(own_ahead=1, tenants=(flow(ready=100, weight=400),))
    assert place(job) == (6, 1)


@pytest.mark.parametrize(
    ("other", "allowed"),
    [
        (Flow(0, 5, 100, 9, 18 * ONE), 2),  # served there with a larger step, so earlier
        (Flow(0, 5, 200, 9, 9 * ONE), 4),  # with a smaller step, so later
        (Flow(0, 5, 100, 9, 9 * ONE), 2),  # the same step, and it is further behind
        (Flow(ONE, 5, 100, 9, 9 * ONE), 2),  # the same step from the same tag, but earlier
        (Flow(ONE, 500, 100, 9, 9 * ONE), 1),  # and later
    ],
)
def test_ties_go_to_whoever_was_served_earlier(other: Flow, allowed: int) -> None:
    """Two flows come to the same tag from different distances."""
    target = Target(2.0 * ONE, now_tag=ONE, now_turn=99, advance=1.0 * ONE, is_next=False)
    assert target.allows(other) == allowed


@pytest.mark.parametrize(("turn", "allowed"), [(5, 1), (500, 0)])
def test_beside_the_next_job_stands_who_came_there_earlier(turn: int, allowed: int) -> None:
    """However large the steps of the other are, which it has not taken yet."""
    target = Target(1.0 * ONE, now_tag=ONE, now_turn=99, advance=1.0 * ONE, is_next=True)
    assert target.allows(Flow(ONE, turn, 100, 9, 18 * ONE)) == allowed


@settings(max_examples=150, deadline=None)
@given(
    waiting=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=25),
    served=st.integers(0, 10),
)
def test_the_place_is_the_turn_that_is_taken(waiting: list[tuple[int, int]], served: int) -> None:
    """Against the queue itself, played to its end; all pictures of one size."""
    queue = FairQueue()
    for job, (tenant, user) in enumerate(waiting):
        queue.add(job, tenant, 10 * tenant + user, ONE)
    for _ in range(min(served, len(waiting) - 1)):
        first = queue.claim()
        assert first is not None
        queue.finish(first)
    queue.add(1000, 0, 0, ONE)
    found = place(standing_in(queue, own_ahead=own_ahead_of(queue)))
    order = []
    while (claimed := queue.claim()) is not None:
        queue.finish(claimed)
        order.append(claimed)
    assert found[0] == order.index(1000) + 1


def own_ahead_of(queue: FairQueue) -> int:
    return queue.tenants[0].members[0].queue.ready - 1


def standing_in(queue: FairQueue, *, own_ahead: int) -> Standing:
    """Of the last job of user 0 in tenant 0."""
    mine = queue.tenants[0]
    flows = {
        number: Flow(one.queue.tag, one.queue.turn, 100, one.queue.ready, one.queue.ready_cost)
        for number, one in queue.tenants.items()
    }
    members = {
        number: Flow(one.queue.tag, one.queue.turn, 100, one.queue.ready, one.queue.ready_cost)
        for number, one in mine.members.items()
    }
    return Standing(
        own_ahead=own_ahead,
        member=members.pop(0),
        member_clock=mine.queue.clock,
        members=tuple(one for one in members.values() if one.ready),
        idle_members_per_s=0.0,
        tenant=flows.pop(0),
        tenant_clock=queue.clock.tag,
        tenants=tuple(one for one in flows.values() if one.ready),
        idle_tenants_per_s=0.0,
    )


def test_who_goes_on_submitting_comes_before_as_far_as_turns_go() -> None:
    """One waits, and ten a second would come: my fifth job still waits for four or five only."""
    eager = replace(flow(), arrivals_per_s=10.0)
    waits = expected_s(standing(own_ahead=4, tenants=(eager,)), SPEED)
    assert waits == 5.0 + (4 + 5) / 2.0


def test_newcomers_come_before_a_job_that_is_far_back_not_before_the_next() -> None:
    """They enter at the clock, behind whoever stands there."""
    busy = replace(standing(), idle_tenants_per_s=1.0)
    assert expected_s(busy, SPEED) == expected_s(standing(), SPEED)
    far = replace(standing(own_ahead=40), idle_tenants_per_s=1.0)
    assert expected_s(far, SPEED) > expected_s(standing(own_ahead=40), SPEED) + 10


def test_newcomers_of_the_own_tenant_count_likewise() -> None:
    """Members who have nothing waiting now."""
    far = replace(standing(own_ahead=40), idle_members_per_s=0.5)
    assert expected_s(far, SPEED) > expected_s(standing(own_ahead=40), SPEED) + 3


def test_a_large_burst_comes_before_in_part_only() -> None:
    """Sixty at once do not all fit between the clock and the job's turn."""
    singly = replace(standing(own_ahead=10), idle_tenants_per_s=1.0, burst=1.0)
    together = replace(standing(own_ahead=10), idle_tenants_per_s=1.0, burst=60.0)
    assert expected_s(together, SPEED) < expected_s(singly, SPEED)


def test_more_newcomers_than_the_account_serves_still_give_a_number() -> None:
    """The wait is long, but not for ever."""
    flooded = replace(standing(own_ahead=50), idle_tenants_per_s=100.0)
    assert 30 < expected_s(flooded, SPEED) < 3600


def test_a_wait_that_grows_faster_than_time_is_a_day() -> None:
    """No number is right for who lets everybody pass; one is given all the same."""
    rival = Flow(0, 1, 100, 10**9, 10**9 * ONE, 0.0)
    hopeless = replace(
        standing(own_ahead=10**6, tenants=(rival,)),
        idle_members_per_s=50.0,
        idle_tenants_per_s=50.0,
    )
    assert expected_s(hopeless, SPEED) == LONGEST_S + SPEED.drawing_s


def test_a_pause_and_calls_that_leave_in_pairs_are_in_the_wait() -> None:
    """Nobody waits half a slot for a call that leaves with the one before."""
    paired = replace(SPEED, at_once=2, lanes=[Lane(per_s=2.0, delay_s=3.0)])
    assert expected_s(standing(own_ahead=4), paired) == 3.0 + 2.0 - 0.25 + 5.0


@given(
    st.lists(
        st.builds(Lane, per_s=st.floats(0.05, 50), delay_s=st.floats(0, 120)),
        min_size=1,
        max_size=4,
    ),
    st.floats(0, 500),
)
def test_accounts_start_together_what_each_starts_from_its_delay_on(
    lanes: list[Lane], ahead: float
) -> None:
    """At the told instant just so many have started; none before the first takes part."""
    speed = Speed(lanes=lanes, drawing_s=0.0)
    at_s = speed.start_s(ahead)
    started = sum(lane.per_s * max(0.0, at_s - lane.delay_s) for lane in lanes)
    assert started == pytest.approx(ahead, rel=1e-6, abs=1e-6)
    assert at_s >= speed.delay_s


def test_an_account_in_a_pause_takes_part_once_that_is_over() -> None:
    """Four are started by the other alone; of forty, the pause costs half."""
    speed = Speed(lanes=[Lane(per_s=2.0, delay_s=8.0), Lane(per_s=2.0)], drawing_s=0.0)
    assert speed.start_s(4) == 2.0
    assert speed.start_s(40) == 8.0 + (40 - 16) / 4


def test_the_start_rate_is_the_pace_or_what_few_calls_allow() -> None:
    """Eight at once of twenty seconds are 0.4 a second, whatever the pace."""
    paced = starts_per_s(rate_mps=2000, guard_us=0, max_running=64, mean_drawing_s=8.0)
    bound = starts_per_s(rate_mps=2000, guard_us=0, max_running=8, mean_drawing_s=20.0)
    assert (paced, bound) == (2.0, 0.4)


def test_arrivals_are_a_rate_that_fades() -> None:
    """One a second for long is one a second; then nothing for long is nothing."""
    arrivals, now_us = Arrivals(), NOW_US
    for _ in range(2000):
        now_us += 1_000_000
        arrivals = arrivals.with_one_more(now_us)
    assert arrivals.per_s(now_us, since_us=NOW_US) == pytest.approx(1.0, rel=0.01)
    later_us = now_us + round(FLOW_MEMORY_S * 5e6)
    assert arrivals.per_s(later_us, since_us=NOW_US) < 0.01


def test_a_young_mean_is_not_too_low() -> None:
    """Two minutes of counting say as much about the rate as two hours."""
    arrivals, now_us = Arrivals(), NOW_US
    for _ in range(120):
        now_us += 1_000_000
        arrivals = arrivals.with_one_more(now_us, ALL_MEMORY_S)
    assert arrivals.per_s(now_us, ALL_MEMORY_S, since_us=NOW_US) == pytest.approx(1.0, rel=0.02)
