"""Where a job stands at one moment, and why: for a member in words, for an operator as a table."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from bot.queue.records import Job
    from bot.refusals import Outage


class Place(Struct, frozen=True, kw_only=True):
    """Where a waiting job stands at this moment."""

    position: int  # 1 is the next to be claimed, or has just been; 0 needs no turn any more
    ahead_in_tenant: int  # jobs of the same tenant that will be claimed before it
    expected_s: float  # until the picture is there
    outage: Outage | None = None  # of all accounts: nothing is drawn for anybody until one ends
    is_tenant_paused: bool = False  # by the operator; nobody knows for how long


class Drawing(Struct, frozen=True, kw_only=True):
    """How far a picture is, as far as can be known: the provider tells nothing on the way."""

    since_us: int  # when the call left
    elapsed_s: float
    usual_s: float  # of the account's recent calls of this kind


class Waiting(Struct, frozen=True, kw_only=True):
    """An open job and its place."""

    job: Job
    place: Place | None = None  # None once it is claimed
    drawing: Drawing | None = None  # while it is drawn


class QueueView(Struct, frozen=True, kw_only=True):
    """A member's jobs in a tenant, and how much the tenant has waiting."""

    mine: tuple[Waiting, ...]  # in the order in which they will be claimed
    undelivered: tuple[Job, ...]  # drawn and paid, but the picture found no place in Discord
    tenant_waiting: int
    tenant_running: int
    tenant_expected_s: float | None  # until its last job is drawn; None while nobody can know


# ------------------------------------------------------------------------------------------------
# Why it is there.


class Hold(StrEnum):
    """What keeps a job waiting beside the turns of others."""

    OUTAGE = "outage"  # the provider refuses the account, or fails; one call probes now and then
    PAUSE = "pause"  # the provider asked for a pause
    TENANT_PAUSED = "guild paused"  # by the operator
    BACKOFF = "backoff"  # an attempt of this very job failed
    ALL_RUNNING = "all running"  # as many calls are out as may be
    TENANT_CAP = "guild cap"  # as many of the tenant as may be, while others wait
    PERSON_CAP = "person cap"  # as many of the person over all tenants, while others wait


class Ahead(Struct, frozen=True, kw_only=True):
    """Jobs that will be claimed before this one, by whose they are, and who waits at all."""

    own: int = 0
    of_members: int = 0  # others of the same tenant
    of_tenants: int = 0
    members_waiting: int = 0  # others of the same tenant
    tenants_waiting: int = 0  # others


class Share(Struct, frozen=True, kw_only=True):
    """A tenant among tenants, or a member among the members of a tenant."""

    weight: int  # percent; 100 is one share
    lead: float  # pictures such as this one, had beyond those whose turn it is; 0 if none
    running: int  # of a member: over all tenants
    cap: int  # how many may run while others wait


class AccountNow(Struct, frozen=True, kw_only=True):
    """What all tenants share, at this moment: the accounts together."""

    rate_per_s: float  # calls that may leave; those of an account with an outage may not
    ceiling_per_s: float  # as set by the operator, or as the provider's quota tells
    running: int
    max_running: int
    outage: Outage | None  # of all accounts
    next_try_at_us: int  # while there is an outage
    paused_until_us: int


class Explanation(Struct, frozen=True, kw_only=True):
    """Of one job at one moment."""

    job: Job
    place: Place | None  # None unless it is queued
    ahead: Ahead
    tenant: Share
    member: Share
    account: AccountNow
    holds: tuple[Hold, ...]  # empty unless it is queued; what holds everybody comes first
