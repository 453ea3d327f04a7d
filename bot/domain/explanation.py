"""Why a job is where it is, as facts: for a member in words, for an operator as a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.domain.views import Place
    from bot.errors import Outage


class Hold(StrEnum):
    """What keeps a job waiting beside the turns of others."""

    OUTAGE = "outage"  # the provider refuses the account, or fails; one call probes now and then
    PAUSE = "pause"  # the provider asked for a pause
    GUILD_PAUSED = "guild paused"  # by the operator
    BACKOFF = "backoff"  # an attempt of this very job failed
    ALL_RUNNING = "all running"  # as many calls are out as may be
    GUILD_CAP = "guild cap"  # as many of the guild as may be, while others wait
    PERSON_CAP = "person cap"  # as many of the person over all guilds, while others wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """Jobs that will be claimed before this one, by whose they are, and who waits at all."""

    own: int = 0
    of_members: int = 0  # others of the same guild
    of_guilds: int = 0
    members_waiting: int = 0  # others of the same guild
    guilds_waiting: int = 0  # others


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A guild among guilds, or a member among the members of a guild."""

    weight: int  # percent; 100 is one share
    lead: float  # pictures such as this one, had beyond those whose turn it is; 0 if none
    running: int  # of a member: over all guilds
    cap: int  # how many may run while others wait


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNow:
    """What all guilds share, at this moment."""

    rate_per_s: float  # calls that may leave
    ceiling_per_s: float  # as set by the operator, or as the provider's quota tells
    running: int
    max_running: int
    outage: Outage | None
    next_try_at_us: int  # while there is an outage
    paused_until_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Of one job at one moment."""

    job: Job
    place: Place | None  # None unless it is queued
    ahead: Ahead
    guild: Share
    member: Share
    account: AccountNow
    holds: tuple[Hold, ...]  # empty unless it is queued; what holds everybody comes first
