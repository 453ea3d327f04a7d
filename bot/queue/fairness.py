"""Whose turn it is: weighted start-time fair queueing in two levels, guild then member.

The idea (Goyal, Vin, Cheng, "Start-time Fair Queueing", 1996; with D calls at once: Jin, Chase,
Kaur, 2004). Every guild carries a *start tag*: the service it has had, divided by its weight. The
guild with the smallest tag is next; its tag then grows by cost ÷ weight. So guilds that have jobs
waiting stay within one job of each other, whatever they submit. Inside the guild the same rule
picks the member, and inside the member priority and age pick the job.

Tags are set at dispatch, not at submit: nothing has to be known or promised in advance, and a job's
cost is corrected once the true one is known. A guild that returns from having nothing to do is
*lifted* to the virtual clock (the tag last served): idling earns no credit, so neither dripping one
job at a time nor arriving late with a thousand pays.

Equal tags are served in the order in which they were set (`turn`), but who is lifted comes before
all who stand there already. The promise above holds however ties are broken; so who asks for little
need not wait for the rest of a round, and gains no more than that: the next tag is a whole job
further on. Who returns too early to be lifted has had a turn in this round, and gains nothing.

Caps on running jobs are soft. A guild at its cap, or a person at theirs, stands aside while others
wait; when nobody else waits they *borrow*, else the account's quota would idle.

    cost     pixels of the picture, doubled by rewriting as the price is; 1024*1024 is 1,048,576
    weight   percent: 100 is one share, 400 are four
    tag      cost × 100 ÷ weight, rounded down: integers, so that rows and memory agree to the bit

Not taken: deficit round robin (a newcomer waits a whole round), weighted fair queueing (must know
costs and simulate the ideal), new-flows-first (a dripping guild gets everything), priority between
guilds (starvation by another name).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.providers.image import ImageRequest, Size
    from bot.queue.records import GuildId, RoleId


EARLIER = 2**62  # more than all turns there will be
ONE_SHARE = 100  # the weight of whoever has no other
HIGHEST_WEIGHT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Shares in percent, 1…10000, resolved by the caller (settings of the guild, roles)."""

    guild: int = ONE_SHARE
    member: int = ONE_SHARE

    def __post_init__(self) -> None:
        for weight in (self.guild, self.member):
            if not 1 <= weight <= HIGHEST_WEIGHT:
                raise ValueError(f"weight {weight} is not within 1…{HIGHEST_WEIGHT}")


def cost_of(request: ImageRequest) -> int:
    """What a request is charged when it is dispatched."""
    return cost_of_size(request.size, rewrite=request.rewrite)


def cost_of_size(size: Size, *, rewrite: bool) -> int:
    return size.area_px * (2 if rewrite else 1)


@dataclass(slots=True)
class VirtualClock:
    """The virtual clock over all guilds, and the counter behind `turn`."""

    tag: int = 0  # the highest tag at which a guild was served
    turn: int = 0

    def next_turn(self) -> int:
        self.turn += 1
        return self.turn


@dataclass(slots=True)
class MemberQueue:
    """One member of one guild: what waits and runs, and the share of the guild had so far."""

    weight: int = ONE_SHARE
    tag: int = 0
    turn: int = 0
    waiting: int = 0  # queued, those in a backoff among them
    ready: int = 0  # queued and due
    ready_cost: int = 0
    running: int = 0
    is_blocked: bool = False  # the person has as many running as one person should, over all guilds

    @property
    def is_open(self) -> bool:
        return self.ready > 0 and not self.is_blocked


@dataclass(slots=True)
class GuildQueue:
    """One guild: what waits and runs, and the share of the account had so far."""

    weight: int = ONE_SHARE
    tag: int = 0
    turn: int = 0
    clock: int = 0  # the virtual clock over this guild's members
    waiting: int = 0
    ready: int = 0
    ready_cost: int = 0
    ready_members: int = 0  # members with ready > 0
    open_members: int = 0  # of these, those whose person is not blocked
    running: int = 0
    running_cap: int = 32
    is_paused: bool = False

    @property
    def is_open(self) -> bool:
        """May be served while others wait."""
        return self.open_members > 0 and self.running < self.running_cap and not self.is_paused

    @property
    def is_ready(self) -> bool:
        """May be served when nobody is open."""
        return self.ready_members > 0 and not self.is_paused


@dataclass(frozen=True, slots=True)
class Charge:
    """What a dispatch added to the tags; kept with the job, to be corrected or taken back."""

    cost: int
    guild: int
    member: int


def add_ready(clock: VirtualClock, guild: GuildQueue, member: MemberQueue, cost: int) -> None:
    """A job is queued and due."""
    before = _standing(guild, member)
    guild.ready += 1
    guild.ready_cost += cost
    member.ready += 1
    member.ready_cost += cost
    _stand(clock, guild, member, before)


def remove_ready(clock: VirtualClock, guild: GuildQueue, member: MemberQueue, cost: int) -> None:
    """A job that was queued and due is so no more: cancelled, or about to run."""
    before = _standing(guild, member)
    guild.ready -= 1
    guild.ready_cost -= cost
    member.ready -= 1
    member.ready_cost -= cost
    _stand(clock, guild, member, before)


def dispatch(clock: VirtualClock, guild: GuildQueue, member: MemberQueue, cost: int) -> Charge:
    """The chosen job starts to run: moves the clocks to the tags served, then charges them."""
    clock.tag = max(clock.tag, guild.tag)
    guild.clock = max(guild.clock, member.tag)
    charge = Charge(cost, cost * ONE_SHARE // guild.weight, cost * ONE_SHARE // member.weight)
    remove_ready(clock, guild, member, cost)
    guild.tag += charge.guild
    guild.turn = clock.next_turn()
    guild.running += 1
    guild.waiting -= 1
    member.tag += charge.member
    member.turn = guild.turn
    member.running += 1
    member.waiting -= 1
    return charge


def free_slot(clock: VirtualClock, guild: GuildQueue, member: MemberQueue) -> None:
    """A running job runs no more. A guild that stood aside at its cap comes back without credit."""
    before = _standing(guild, member)
    guild.running -= 1
    member.running -= 1
    _stand(clock, guild, member, before)


def correct(guild: GuildQueue, member: MemberQueue, charge: Charge, actual_cost: int) -> None:
    """Replaces what a job was charged by its true cost; 0 takes the charge back."""
    guild.tag += charge.guild * actual_cost // charge.cost - charge.guild
    member.tag += charge.member * actual_cost // charge.cost - charge.member


def set_blocked(
    clock: VirtualClock, guild: GuildQueue, member: MemberQueue, *, is_blocked: bool
) -> None:
    """The person behind the member has reached, or left, the cap over all guilds."""
    before = _standing(guild, member)
    member.is_blocked = is_blocked
    _stand(clock, guild, member, before)


def set_paused(clock: VirtualClock, guild: GuildQueue, *, is_paused: bool) -> None:
    """Stops or resumes a whole guild; what runs, runs on."""
    was_open = guild.is_open
    guild.is_paused = is_paused
    _lift_guild(clock, guild, was_open=was_open)


def set_running_cap(clock: VirtualClock, guild: GuildQueue, running_cap: int) -> None:
    was_open = guild.is_open
    guild.running_cap = running_cap
    _lift_guild(clock, guild, was_open=was_open)


def _standing(guild: GuildQueue, member: MemberQueue) -> tuple[bool, bool, bool]:
    return guild.is_open, member.is_open, member.ready > 0


def _stand(
    clock: VirtualClock, guild: GuildQueue, member: MemberQueue, before: tuple[bool, bool, bool]
) -> None:
    """Counts the guild's members anew and lifts whoever has just become open."""
    guild_was_open, member_was_open, member_was_ready = before
    member_is_open = member.is_open
    guild.ready_members += (member.ready > 0) - member_was_ready
    guild.open_members += member_is_open - member_was_open
    if member_is_open and not member_was_open:
        member.turn = _turn_on_return(clock, member.tag, guild.clock)
        member.tag = max(member.tag, guild.clock)
    _lift_guild(clock, guild, was_open=guild_was_open)


def _lift_guild(clock: VirtualClock, guild: GuildQueue, *, was_open: bool) -> None:
    if guild.is_open and not was_open:
        guild.turn = _turn_on_return(clock, guild.tag, clock.tag)
        guild.tag = max(guild.tag, clock.tag)


def _turn_on_return(clock: VirtualClock, tag: int, served_tag: int) -> int:
    turn = clock.next_turn()
    return turn - EARLIER if tag < served_tag else turn


# ------------------------------------------------------------------------------------------------
# Whose turn comes more often: shares that the operator gave to guilds and to roles.
#
# Shares are percent, as in bot/queue/fairness: 100 is one turn where others have one. A guild's
# share weighs it against other guilds, a role's share weighs its members against the other members
# of their guild alone. So a generous guild cannot take anything from another.


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Who is named nowhere has one share."""

    guilds: Mapping[GuildId, int] = field(default_factory=dict)
    roles: Mapping[RoleId, int] = field(default_factory=dict)

    def weights(self, guild_id: GuildId, role_ids: Collection[RoleId]) -> Weights:
        """Of several roles the highest share counts, also if it is below one."""
        shares = [self.roles[role_id] for role_id in role_ids if role_id in self.roles]
        return Weights(
            guild=self.guilds.get(guild_id, ONE_SHARE),
            member=max(shares, default=ONE_SHARE),
        )
