"""Whose turn it is: weighted start-time fair queueing in two levels, tenant then member.

The idea (Goyal, Vin, Cheng, "Start-time Fair Queueing", 1996; with D calls at once: Jin, Chase,
Kaur, 2004). Every tenant carries a *start tag*: the service it has had, divided by its weight. The
tenant with the smallest tag is next; its tag then grows by cost ÷ weight. So two tenants that both
have jobs waiting never get further apart than a job of the one plus a job of the other, each
divided by its weight, whatever they submit. Inside the tenant the same rule picks the member, and
inside the member priority and age pick the job.

Tags are set at dispatch, not at submit: nothing has to be known or promised in advance, and a job's
cost is corrected once the true one is known. A tenant that returns from having nothing to do is
*lifted* to the virtual clock (the highest tag served, or at which the queue ran empty): idling
earns no credit, so neither dripping one job at a time nor arriving late with a thousand pays.

Equal tags are served in the order in which they were set (`turn`), but who is lifted comes before
all who stand there already. The promise above holds however ties are broken; so who asks for little
need not wait for the rest of a round, and gains no more than that: the next tag is a whole job
further on. Who returns too early to be lifted has had a turn in this round, and gains nothing.

How long who asks for one job waits follows, in cost, each per share. Whose tag is below the clock
waits for others like it that came before, a job of each, whatever sizes the rest ask for. Whose tag
is o beyond the clock (it was just served: at most that job) waits until each other tenant that has
work has had o and a job more, as in the paper's bound on delays. A job is one call of the account
whatever it costs, so in pictures that is o ÷ the cheapest of the other's, 32 at most for one other
of the same weight (tests/queue/test_lone_wait.py).

Caps on running jobs are soft. A tenant at its cap, or a person at theirs, stands aside while others
wait; when nobody else waits they *borrow*, else the account's quota would idle.

    cost     pixels of the picture, doubled by rewriting as the price is; 1024*1024 is 1,048,576
    weight   percent: 100 is one share, 400 are four
    tag      cost × 100 ÷ weight, rounded down: integers, so that rows and memory agree to the bit

Not taken: deficit round robin (a newcomer waits a whole round), weighted fair queueing (must know
costs and simulate the ideal), new-flows-first (a dripping tenant gets everything), forgiving who
returns all but a job of o (the dearest and the cheapest picture in turn get 16.5 shares: `python -m
benchmarks attacks`), priority between tenants (starvation by another name).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.policy.rules import HIGHEST_WEIGHT, ONE_SHARE

if TYPE_CHECKING:
    from bot.providers.image import ImageRequest, Size


EARLIER = 2**62  # more than all turns there will be


class Weights(Struct, frozen=True, kw_only=True):
    """Shares in percent, 1…10000, as the policy has them for the tenant and the member."""

    tenant: int = ONE_SHARE
    member: int = ONE_SHARE

    def __post_init__(self) -> None:
        for weight in (self.tenant, self.member):
            if not 1 <= weight <= HIGHEST_WEIGHT:
                raise ValueError(f"weight {weight} is not within 1…{HIGHEST_WEIGHT}")


def cost_of(request: ImageRequest) -> int:
    """What a request is charged when it is dispatched."""
    return cost_of_size(request.size, rewrite=request.rewrite)


def cost_of_size(size: Size, *, rewrite: bool) -> int:
    return size.area_px * (2 if rewrite else 1)


@dataclass(slots=True)
class VirtualClock:
    """The virtual clock over all tenants, and the counter behind `turn`."""

    tag: int = 0  # the highest tag at which a tenant was served, or at which the queue ran empty
    turn: int = 0

    def next_turn(self) -> int:
        self.turn += 1
        return self.turn


@dataclass(slots=True)
class MemberQueue:
    """One member of one tenant: what waits and runs, and the share of the tenant had so far."""

    weight: int = ONE_SHARE
    tag: int = 0
    turn: int = 0
    waiting: int = 0  # queued, those in a backoff among them
    ready: int = 0  # queued and due
    ready_cost: int = 0
    running: int = 0
    is_blocked: bool = False  # the person has as many running as one should, over all tenants

    @property
    def is_open(self) -> bool:
        return self.ready > 0 and not self.is_blocked


@dataclass(slots=True)
class TenantQueue:
    """One tenant: what waits and runs, and the share of the account had so far."""

    weight: int = ONE_SHARE
    tag: int = 0
    turn: int = 0
    clock: int = 0  # the virtual clock over this tenant's members
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


class Charge(Struct, frozen=True):
    """What a dispatch added to the tags; kept with the job, to be corrected or taken back."""

    cost: int
    tenant: int
    member: int


def add_ready(clock: VirtualClock, tenant: TenantQueue, member: MemberQueue, cost: int) -> None:
    """A job is queued and due."""
    # Whether somebody is open hangs on several counters. So every change of one looks before and
    # after: who opens is lifted, once and whatever opened them. Who closes needs nothing.
    before = _standing(tenant, member)
    tenant.ready += 1
    tenant.ready_cost += cost
    member.ready += 1
    member.ready_cost += cost
    _stand(clock, tenant, member, before)


def remove_ready(clock: VirtualClock, tenant: TenantQueue, member: MemberQueue, cost: int) -> None:
    """A job that was queued and due is so no more: cancelled, or about to run."""
    before = _standing(tenant, member)
    tenant.ready -= 1
    tenant.ready_cost -= cost
    member.ready -= 1
    member.ready_cost -= cost
    _stand(clock, tenant, member, before)


def dispatch(
    clock: VirtualClock, tenant: TenantQueue, member: MemberQueue, cost: int, *, is_last: bool
) -> Charge:
    """The chosen job starts to run: moves the clocks to the tags served, then charges them.

    `is_last`: no other job is ready, of any tenant.
    """
    # The clocks take the tags before the charge: the start of service, by which this queueing has
    # its name. Who borrows beyond a cap, or had a charge taken back, may be served at a tag that
    # the clock has passed; it never runs back, or idling would earn credit again.
    clock.tag = max(clock.tag, tenant.tag)
    tenant.clock = max(tenant.clock, member.tag)
    # By the weights of now, and kept with the job: they may be others when it is corrected.
    charge = Charge(cost, cost * ONE_SHARE // tenant.weight, cost * ONE_SHARE // member.weight)
    remove_ready(clock, tenant, member, cost)
    tenant.tag += charge.tenant
    tenant.turn = clock.next_turn()
    tenant.running += 1
    tenant.waiting -= 1
    member.tag += charge.member
    member.turn = tenant.turn
    # Nobody waits for what this job takes, so it is nobody's loss: the clocks pass its end, as they
    # do in the paper where a busy period ends. Without this a large picture drawn while nobody
    # asked kept its guild back behind 32 small ones of whoever asked next.
    if tenant.ready == 0:
        tenant.clock = max(tenant.clock, member.tag)
    if is_last:
        clock.tag = max(clock.tag, tenant.tag)
    member.running += 1
    member.waiting -= 1
    return charge


def free_slot(clock: VirtualClock, tenant: TenantQueue, member: MemberQueue) -> None:
    """A running job runs no more. A tenant that stood aside at its cap returns without credit."""
    before = _standing(tenant, member)
    tenant.running -= 1
    member.running -= 1
    _stand(clock, tenant, member, before)


def correct(tenant: TenantQueue, member: MemberQueue, charge: Charge, actual_cost: int) -> None:
    """Replaces what a job was charged by its true cost; 0 takes the charge back."""
    # No lift: what comes back below the clock is service that was charged and not had.
    tenant.tag += charge.tenant * actual_cost // charge.cost - charge.tenant
    member.tag += charge.member * actual_cost // charge.cost - charge.member


def set_blocked(
    clock: VirtualClock, tenant: TenantQueue, member: MemberQueue, *, is_blocked: bool
) -> None:
    """The person behind the member has reached, or left, the cap over all tenants."""
    before = _standing(tenant, member)
    member.is_blocked = is_blocked
    _stand(clock, tenant, member, before)


def set_paused(clock: VirtualClock, tenant: TenantQueue, *, is_paused: bool) -> None:
    """Stops or resumes a whole tenant; what runs, runs on."""
    was_open = tenant.is_open
    tenant.is_paused = is_paused
    _lift_tenant(clock, tenant, was_open=was_open)


def set_running_cap(clock: VirtualClock, tenant: TenantQueue, running_cap: int) -> None:
    was_open = tenant.is_open
    tenant.running_cap = running_cap
    _lift_tenant(clock, tenant, was_open=was_open)


def let_others_first(clock: VirtualClock, member: MemberQueue, highest_tag: int) -> None:
    """Each other member of the tenant who waits has a picture before this one's next.

    The member pays with a part of their own share, so that nobody else's moves.

    Args:
        highest_tag: of the others.
    """
    member.tag = max(member.tag, highest_tag)
    member.turn = clock.next_turn()  # behind all who stand at that tag


def _standing(tenant: TenantQueue, member: MemberQueue) -> tuple[bool, bool, bool]:
    return tenant.is_open, member.is_open, member.ready > 0


def _stand(
    clock: VirtualClock, tenant: TenantQueue, member: MemberQueue, before: tuple[bool, bool, bool]
) -> None:
    """Counts the tenant's members anew and lifts whoever has just become open."""
    tenant_was_open, member_was_open, member_was_ready = before
    member_is_open = member.is_open
    tenant.ready_members += (member.ready > 0) - member_was_ready
    tenant.open_members += member_is_open - member_was_open
    # The member before the tenant: whether the tenant is open is read from the counts above. The
    # lift is to the clock or to the own tag, whichever is higher: who was served ahead keeps the
    # lead, or going away for a moment would forgive it.
    if member_is_open and not member_was_open:
        member.turn = _turn_on_return(clock, member.tag, tenant.clock)
        member.tag = max(member.tag, tenant.clock)
    _lift_tenant(clock, tenant, was_open=tenant_was_open)


def _lift_tenant(clock: VirtualClock, tenant: TenantQueue, *, was_open: bool) -> None:
    if tenant.is_open and not was_open:
        tenant.turn = _turn_on_return(clock, tenant.tag, clock.tag)
        tenant.tag = max(tenant.tag, clock.tag)


def _turn_on_return(clock: VirtualClock, tag: int, served_tag: int) -> int:
    # Only below what was served: who returns at that very tag has had this round's turn. Going
    # first at any tag would give a tenant with one job at a time all turns, 21 shares beside twenty
    # others; so it has one (test_a_dripping_tenant_gains_nothing). Without going first at all a
    # lone job waited for the rest of a round: 45 slots at load 1.2 in place of 3.
    turn = clock.next_turn()
    return turn - EARLIER if tag < served_tag else turn
