"""How long until the picture is there: places from tags, time from pace, latency and arrivals.

Fair queueing makes the place of a job computable without playing the queue forward. The job starts
when its tenant's tag has reached T = tag + (cost of the tenant's own jobs before it) ÷ weight.
Until then another tenant h is served until *its* tag reaches T, or until it has nothing left:

    ahead(h) = min(waiting of h, (T − tag of h) ÷ (cost of a job of h ÷ weight of h))

and likewise among the members of one tenant. Whoever submits meanwhile comes before the job too, as
far as their own tag allows. So with arrivals measured (λ, decaying means), the jobs ahead within a
time t are min(waiting + λ·t, what the tag allows), summed; the wait ends where they equal rate·t.
The rate is that of all accounts together, each from when it may send on.

A tenant that has nothing waiting enters at the virtual clock, which itself moves from V to T while
the job waits. Of a burst of b jobs that enters at some point between, as many come first as fit
between the clock and T: on average over a whole wait the share `_share_ahead`.

    λ of those who wait    over the last minutes: who has begun goes on for a while, not for long
    λ of all together      over the last half hour: the day has its tides
    mean burst             all submits ÷ submits of members who had nothing waiting
    b                      1 + 3 × (mean burst − 1), as sizes with a heavy tail have it

Not taken: position ÷ rate. Under load the jobs that will arrive and go first are as many as those
that wait, so it tells half the truth.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.policy.rules import ONE_SHARE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


SECOND_US = 1_000_000
FLOW_MEMORY_S = 200.0
ALL_MEMORY_S = 1800.0
HIGHEST_IDLE_LOAD = 0.95  # of the rate: who has nothing waiting cannot take all of it for long
SIZE_BIAS = 3.0  # of bursts up to 60 whose sizes fall off with the power 1.5
LONGEST_S = 86_400.0
PRECISION = 0.005  # of the wait


class Arrivals(Struct, frozen=True):
    """A decaying mean of submits, as integers for a row: millionths per minute at an instant."""

    per_minute_micro: int = 0
    at_us: int = 0

    def per_s(self, now_us: int, memory_s: float = FLOW_MEMORY_S, *, since_us: int = 0) -> float:
        """Submits per second.

        Args:
            since_us: when counting began; a mean that is younger than its memory is too low.
        """
        # A sum of decaying parts that began at nothing has gathered the share 1 - e^(-seen/memory)
        # of what it will be; divided by that it is a mean from the start. Within the first minute
        # the division would make a rate of a single submit.
        seen_s = max(60.0, (now_us - since_us) / SECOND_US)
        return self._decayed(now_us, memory_s) / 60e6 / -math.expm1(-seen_s / memory_s)

    def with_one_more(self, now_us: int, memory_s: float = FLOW_MEMORY_S) -> Arrivals:
        one = round(60e6 / memory_s)
        return Arrivals(round(self._decayed(now_us, memory_s)) + one, max(now_us, self.at_us))

    def _decayed(self, now_us: int, memory_s: float) -> float:
        age_s = max(0, now_us - self.at_us) / SECOND_US
        return self.per_minute_micro * math.exp(-age_s / memory_s)


class Flow(Struct, frozen=True):
    """A tenant among tenants, or a member among the members of a tenant."""

    tag: int
    turn: int
    weight: int
    ready: int  # jobs that wait and are due
    ready_cost: int
    arrivals_per_s: float = 0.0

    @property
    def advance(self) -> float:
        """How far one of its jobs moves its tag."""
        return self.ready_cost / (self.ready or 1) * ONE_SHARE / self.weight


class Target(Struct, frozen=True):
    """The tag at which a job starts, and what decides who goes first at the same tag."""

    tag: float
    now_tag: int  # of the job's own tenant or member, at present
    now_turn: int
    advance: float
    is_next: bool  # of its own tenant or member: it starts at the present tag

    def allows(self, flow: Flow) -> int:
        """How many jobs of another flow start before, if it has so many."""
        if flow.ready == 0 or flow.tag > self.tag:
            return 0
        # Its k-th job from now (k = 0, 1, …) starts at its tag + k·advance, so those with k < steps
        # come first for certain. A whole number of steps ends at T itself, a tie. Stored tags are
        # rounded down and the mean cost is a fraction, so "whole" needs a little room.
        steps = (self.tag - flow.tag) / flow.advance
        whole = math.ceil(steps - 1e-6)
        is_tie = whole - steps < 1e-6
        return whole + (is_tie and self._comes_first(flow, whole))

    def _comes_first(self, flow: Flow, whole: int) -> bool:
        """Both come to the same tag; the turn is with whoever came there earlier.

        That is who stands there already, or who takes the larger step to it: from a lower tag, so
        sooner. With equal steps they meet at every tag, so who stands further on is there first.
        """
        if self.is_next or whole == 0:
            return whole == 0 and (not self.is_next or flow.turn < self.now_turn)
        if abs(flow.advance - self.advance) < 1e-6 * self.advance:
            return (-flow.tag, flow.turn) < (-self.now_tag, self.now_turn)
        return flow.advance > self.advance


class Standing(Struct, frozen=True, kw_only=True):
    """All that decides when one waiting job starts."""

    own_ahead: int  # jobs of the same member before it
    member: Flow  # the member; without the job if that is not in the queue yet
    member_clock: int  # where members that have nothing waiting would enter
    members: Sequence[Flow]  # the others of the tenant that wait
    idle_members_per_s: float  # arrivals of the tenant's members that do not wait
    tenant: Flow  # the tenant, this job included
    tenant_clock: int
    tenants: Sequence[Flow]  # the others that wait
    idle_tenants_per_s: float
    burst: float = 1.0  # jobs that arrive together, on average over bursts


class Lane(Struct, frozen=True, kw_only=True):
    """An account's part in how fast jobs start."""

    per_s: float  # its pace, or what the allowed number of calls at once comes to
    delay_s: float = 0.0  # until it may start any: the pace, a pause, an open breaker


class Speed(Struct, frozen=True, kw_only=True):
    """How fast jobs start, and how long the drawing takes."""

    lanes: Sequence[Lane]  # at least one
    at_once: int = 1  # calls that leave together at that pace
    drawing_s: float  # of this job's kind

    @property
    def per_s(self) -> float:
        """Once all accounts take part."""
        return sum(lane.per_s for lane in self.lanes)

    @property
    def delay_s(self) -> float:
        """Until the first takes part."""
        return min(lane.delay_s for lane in self.lanes)

    @property
    def all_from_s(self) -> float:
        """Until the last does."""
        return max(lane.delay_s for lane in self.lanes)

    def start_s(self, ahead: float) -> float:
        """When so many have started and the next may, as one account after the other takes part."""
        at_s, per_s = 0.0, 0.0
        for lane in sorted(self.lanes, key=lambda one: one.delay_s):
            started = (lane.delay_s - at_s) * per_s
            if per_s and started >= ahead:
                break
            ahead -= started
            at_s, per_s = lane.delay_s, per_s + lane.per_s
        return at_s + ahead / per_s


def starts_per_s(*, rate_mps: int, guard_us: int, max_running: int, mean_drawing_s: float) -> float:
    """The pace, unless too few calls may be out at once for it."""
    paced = rate_mps / 1000 / (1 + guard_us / SECOND_US)
    return min(paced, max_running / max(mean_drawing_s, 0.001))


def place(standing: Standing) -> tuple[int, int]:
    """(position, jobs of the same tenant ahead), if nobody submitted any more. 1 is the next."""
    before, elsewhere = _ahead(standing, _Room(standing), 0.0)
    return 1 + round(before + elsewhere), round(before)


def expected_s(standing: Standing, speed: Speed) -> float:
    """Until the picture is drawn, from now."""
    room = _Room(standing)

    def needed_s(passing_s: float) -> float:
        ahead = _ahead(standing, room, passing_s, highest_idle=speed.per_s)
        return speed.start_s(sum(ahead)) - speed.delay_s

    # The n calls of a short window leave together and not spread over it: on average by the time of
    # (n - 1) ÷ 2 calls sooner than jobs ahead ÷ rate has it.
    together_s = (speed.at_once - 1) / 2 / speed.per_s
    return speed.delay_s + max(0.0, _settled_s(needed_s) - together_s) + speed.drawing_s


def _settled_s(needed_s: Callable[[float], float]) -> float:
    """The wait t that is needed if t passes meanwhile: needed_s(t) = t.

    needed_s grows, as a rule ever more slowly, since more and more flows have all that their tags
    allow. So the line through two points before the solution meets t at the solution or beyond it,
    and a line through one on each side meets it a little before.

    Two things do not depend on the curve's shape: `low` always needs more than it has, and the
    `high` that ends the loop does not, to the precision. What is returned lies between them.
    """
    low, needed_low = 0.0, needed_s(0.0)
    high = needed_low
    if high == 0.0:
        return 0.0
    while (needed_high := needed_s(high)) > high * (1 + PRECISION):
        if high >= LONGEST_S:
            return LONGEST_S
        slope = (needed_high - needed_low) / (high - low)
        # Nearly parallel to t, the line would meet it absurdly far out or never: double instead.
        further = (needed_high - high) / (1 - slope) if slope < 0.9 else high
        low, needed_low = high, needed_high
        # A little beyond the line: steps that only come nearer to the solution would not end.
        high = min(high + further * (1 + PRECISION), LONGEST_S)
    slope = (needed_high - needed_low) / (high - low)
    return min(high, low + (needed_low - low) / max(1 - slope, PRECISION))


class _Room:
    """What the tags of the other members allow; it does not depend on the time."""

    def __init__(self, standing: Standing) -> None:
        advance = standing.member.advance if standing.member.ready else standing.tenant.advance
        self.tag = standing.member.tag + standing.own_ahead * advance
        member = standing.member
        target = Target(self.tag, member.tag, member.turn, advance, standing.own_ahead == 0)
        allowed = ((flow, target.allows(flow)) for flow in standing.members)
        self.members = [(flow, most) for flow, most in allowed if most]


def _ahead(
    standing: Standing, room: _Room, within_s: float, *, highest_idle: float = math.inf
) -> tuple[float, float]:
    """Jobs that start before: of the same tenant, of others; with those who submit in the time."""
    # First inside the tenant: how many of its own jobs come before is how far its tag has yet to
    # go, and only from there it follows what the other tenants are allowed.
    before = standing.own_ahead + sum(
        min(flow.ready + flow.arrivals_per_s * within_s, most) for flow, most in room.members
    )
    rounds = (room.tag - standing.member_clock) / standing.tenant.advance
    burst = 1 + SIZE_BIAS * (standing.burst - 1)
    before += standing.idle_members_per_s * within_s * _share_ahead(rounds, burst)
    tenant = standing.tenant
    target = Target(
        tag=tenant.tag + before * tenant.advance,
        now_tag=tenant.tag,
        now_turn=tenant.turn,
        advance=tenant.advance,
        is_next=before < 0.5,
    )
    elsewhere = 0.0
    for flow in standing.tenants:
        most = target.allows(flow)
        if most:
            elsewhere += min(flow.ready + flow.arrivals_per_s * within_s, most)
    rounds = (target.tag - standing.tenant_clock) / tenant.advance
    # Who submits more than the account draws soon has something waiting, and is then a flow above,
    # bounded by its tag. Without the cap, arrivals of a busy half hour could fill all time to come
    # (test_more_newcomers_than_the_account_serves_still_give_a_number).
    idle_per_s = min(standing.idle_tenants_per_s, HIGHEST_IDLE_LOAD * highest_idle)
    return before, elsewhere + idle_per_s * within_s * _share_ahead(rounds, burst)


def _share_ahead(rounds: float, burst: float) -> float:
    """Of jobs that enter in bursts at a clock on its way to T, the share that comes before T.

    Where k rounds are left, k jobs of a burst fit; k falls evenly from `rounds` to 0.
    """
    if rounds <= 0:
        return 0.0
    # The mean of min(k, burst) ÷ burst over k. A small burst fits whole until the last rounds; of a
    # large one never more than the rounds that are left.
    return rounds / (2 * burst) if rounds <= burst else 1 - burst / (2 * rounds)
