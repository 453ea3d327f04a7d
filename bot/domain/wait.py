"""How long until the picture is there: places from tags, time from pace, latency and arrivals.

Fair queueing makes the place of a job computable without playing the queue forward. The job starts
when its guild's tag has reached T = tag + (cost of the guild's own jobs before it) ÷ weight. Until
then another guild h is served until *its* tag reaches T, or until it has nothing left:

    ahead(h) = min(waiting of h, (T − tag of h) ÷ (cost of a job of h ÷ weight of h))

and likewise among the members of one guild. Whoever submits meanwhile comes before the job too, as
far as their own tag allows. So with arrivals measured (λ, a decaying mean), the jobs ahead within a
time t are min(waiting + λ·t, what the tag allows), summed; the wait ends where they equal rate·t.

Not taken: position ÷ rate. Under load the jobs that will arrive and go first are as many as those
that wait, so it tells half the truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.fairness import ONE_SHARE

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND_US = 1_000_000
MEMORY_S = 600.0  # arrivals are forgotten with this time constant
HIGHEST_IDLE_LOAD = 0.9  # of the rate: arrivals of guilds that do not wait cannot take it all
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A decaying mean of submits per minute, as integers for a row."""

    per_minute_micro: int = 0
    at_us: int = 0

    def per_s(self, now_us: int) -> float:
        return self._decayed(now_us) / 60e6

    def with_one_more(self, now_us: int) -> Arrivals:
        one = 60e6 / MEMORY_S
        return Arrivals(round(self._decayed(now_us) + one), max(now_us, self.at_us))

    def _decayed(self, now_us: int) -> float:
        age_s = max(0, now_us - self.at_us) / SECOND_US
        return self.per_minute_micro * math.exp(-age_s / MEMORY_S)


@dataclass(frozen=True, slots=True)
class Flow:
    """A guild among guilds, or a member among the members of a guild."""

    tag: int
    turn: int
    weight: int
    ready: int  # jobs that wait and are due
    ready_cost: int
    arrivals_per_s: float = 0.0

    @property
    def advance(self) -> float:
        """How far one of its jobs moves its tag."""
        return self.ready_cost / max(1, self.ready) * ONE_SHARE / self.weight

    def ahead(self, until_tag: float, until_turn: int, within_s: float = 0.0) -> float:
        """Its jobs that start before tag and turn, of those here or coming within a time."""
        if (self.tag, self.turn) >= (until_tag, until_turn) or self.ready == 0:
            return 0.0
        allowed = max(1, math.ceil((until_tag - self.tag) / self.advance))
        return min(self.ready + self.arrivals_per_s * within_s, allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All that decides when one waiting job starts."""

    own_ahead: int  # jobs of the same member before it
    member: Flow  # the member, without this job
    members: Sequence[Flow]  # the others of the guild that wait
    idle_members_per_s: float  # arrivals of the guild's members that do not wait
    guild: Flow  # the guild, this job included
    guilds: Sequence[Flow]  # the others that wait
    idle_guilds_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """How fast jobs start, and how long the drawing takes."""

    per_s: float  # the account's pace, or what the allowed number of calls at once comes to
    delay_s: float  # until anything may start: a pause, an open breaker
    drawing_s: float  # of this job's kind


def speed_of(*, rate_mps: int, guard_us: int, max_running: int, mean_drawing_s: float) -> float:
    """Starts per second: the pace, unless too few calls may be out at once for it."""
    paced = rate_mps / 1000 / (1 + guard_us / SECOND_US)
    return min(paced, max_running / max(mean_drawing_s, 0.001))


def ahead_in_guild(standing: Standing, within_s: float = 0.0) -> float:
    """Jobs of the guild that start before this one."""
    one_job = standing.guild.ready_cost / max(1, standing.guild.ready)
    step = one_job * ONE_SHARE / standing.member.weight
    if standing.member.ready:
        step = standing.member.advance
    until_tag = standing.member.tag + standing.own_ahead * step
    turn = standing.member.turn if standing.own_ahead == 0 else -1
    others = sum(flow.ahead(until_tag, turn, within_s) for flow in standing.members)
    return standing.own_ahead + others + standing.idle_members_per_s * within_s


def ahead_elsewhere(standing: Standing, before: float, within_s: float = 0.0) -> float:
    """Jobs of other guilds that start before this one, if `before` of its own guild do."""
    until_tag = standing.guild.tag + before * standing.guild.advance
    turn = standing.guild.turn if before == 0 else -1
    others = sum(flow.ahead(until_tag, turn, within_s) for flow in standing.guilds)
    return others + standing.idle_guilds_per_s * within_s


def place(standing: Standing) -> tuple[int, int]:
    """(position, jobs of the same guild ahead), if nobody submitted any more. 1 is the next."""
    before = ahead_in_guild(standing)
    elsewhere = ahead_elsewhere(standing, before)
    return 1 + round(before + elsewhere), round(before)


def expected_s(standing: Standing, speed: Speed) -> float:
    """Until the picture is drawn, from now."""
    waiting_s = 0.0
    for _ in range(ROUNDS):
        before = ahead_in_guild(standing, waiting_s)
        ahead = before + ahead_elsewhere(standing, before, waiting_s)
        longer_s = ahead / speed.per_s
        if longer_s <= waiting_s * 1.01:
            break
        waiting_s = longer_s
    return speed.delay_s + waiting_s + speed.drawing_s
