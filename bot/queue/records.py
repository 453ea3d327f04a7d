"""A job: one image request on its way from the queue to the thread.

    queued ──claim──▶ running ──complete──▶ generated ──deliver──▶ delivered
      │  ▲              │ │ │
      │  └───retry──────┘ │ └─ answer lost ──▶ uncertain
      │                   └─── fail ─────────▶ refused (the provider's content check) | failed
      └─cancel, close───▶ cancelled   (running: the paid result is recorded, nothing is posted)

A job is a frozen record of one row. The verbs are functions in `bot/queue`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from bot.errors import Outage
    from bot.providers.image import ImageRequest, Offer, Outcome, Size


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"  # waits for its turn, or for the end of a backoff
    RUNNING = "running"  # claimed; a call may be out
    GENERATED = "generated"  # drawn and paid; the picture is not yet with the member
    DELIVERED = "delivered"  # the picture is with the member
    CANCELLED = "cancelled"  # withdrawn by the member or a moderator, or its place was closed
    REFUSED = "refused"  # the provider's content check said no; free
    FAILED = "failed"  # free, unless the picture was lost after it was drawn
    UNCERTAIN = "uncertain"  # the answer was lost after sending; perhaps billed

    @property
    def is_open(self) -> bool:
        """Still to be drawn or delivered."""
        return self in _OPEN


_OPEN = frozenset({JobState.QUEUED, JobState.RUNNING, JobState.GENERATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a job came from; all that is needed to answer it from any process."""

    interaction_id: InteractionId  # the idempotency key: one interaction makes one job
    guild_id: GuildId
    channel_id: ChannelId
    user_id: UserId
    upload_limit_bytes: int  # as the interaction told it; Discord's own default changes
    parent_channel_id: ChannelId | None = None  # of a public thread
    is_thread: bool = False  # the channel is a thread: deliver there, make no other
    locale: str = "en-US"  # the member's
    guild_locale: str = "en-US"  # for what everybody reads
    interaction_token: str | None = field(default=None, repr=False)  # wiped once dead (15 minutes)
    interaction_expires_at_us: int = 0
    parent_id: JobId | None = None  # the job whose button asked for this one

    @property
    def root_channel_id(self) -> ChannelId:
        """The place: a channel with its public threads. A private thread is one of its own."""
        return self.parent_channel_id or self.channel_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job ended without a picture; enough to say it in any language."""

    kind: str  # the class name in bot.errors, e.g. ContentRefused
    detail: str = ""  # e.g. Inspected.OUTPUT, a missing permission
    code: str | None = None
    provider_request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What of the job stands in Discord. Each is stored as soon as it is known."""

    status_message_id: MessageId | None = None
    status_channel_id: ChannelId | None = None
    thread_id: ChannelId | None = None
    result_channel_id: ChannelId | None = None
    result_message_id: MessageId | None = None
    attempted_at_us: int | None = None  # the first try to post the result
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row of the job table."""

    id: JobId
    state: JobState
    request: ImageRequest
    origin: Origin
    priority: int  # orders the member's own jobs only; higher first
    attempts: int  # claims so far
    created_at_us: int
    not_before_us: int | None = None  # the end of a backoff; running: when the call may leave
    sent_at_us: int | None = None  # the call's first byte was about to leave
    finished_at_us: int | None = None  # generated, or ended without
    delivered_at_us: int | None = None
    deleted_at_us: int | None = None  # the member wanted the picture gone; the words are
    lease_token: str | None = None
    cancel_requested: bool = False
    outcome: Outcome | None = None
    failure: Failure | None = None
    posting: Posting
    cost_micros: int = 0  # micro-dollars, settled


# ------------------------------------------------------------------------------------------------
# Identifiers: Discord's snowflakes and our job numbers, kept apart by type.


GuildId = NewType("GuildId", int)
ChannelId = NewType("ChannelId", int)  # a thread is a channel too
MessageId = NewType("MessageId", int)
UserId = NewType("UserId", int)
InteractionId = NewType("InteractionId", int)
RoleId = NewType("RoleId", int)
JobId = NewType("JobId", int)


# ------------------------------------------------------------------------------------------------
# What the operator allows, as one record that goes with every submit and claim.


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Counts of jobs; see `.env.example` for their meaning."""

    waiting_per_member: int = 500
    waiting_per_guild: int = 2000
    running: int = 64
    running_per_guild: int = 32
    running_per_person: int = 32
    expected_wait_s: float = 3600.0


# ------------------------------------------------------------------------------------------------
# What the service tells a cog: places, queues, sums. Plain records, made for reading.


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may be asked for, and what holds when a member names only the prompt."""

    offer: Offer
    default_size: Size
    rewrite_by_default: bool
    plain_micros: int  # what a picture of that size costs, without and with rewriting
    rewritten_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a waiting job stands at this moment."""

    position: int  # 1 is the next to be claimed, or has just been; 0 needs no turn any more
    ahead_in_guild: int  # jobs of the same guild that will be claimed before it
    expected_s: float  # until the picture is there
    outage: Outage | None = None  # nothing is drawn for anybody until that ends
    is_guild_paused: bool = False  # by the operator; nobody knows for how long


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A job that is on disk."""

    job: Job
    place: Place | None  # None if it could not be read
    is_new: bool  # False when this interaction had made its job before


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An open job and its place."""

    job: Job
    place: Place | None  # None once it is claimed


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """A member's jobs in a guild, and how much the guild has waiting."""

    mine: tuple[Waiting, ...]  # in the order in which they will be claimed
    undelivered: tuple[Job, ...]  # drawn and paid, but the picture found no place in Discord
    guild_waiting: int
    guild_running: int
    guild_expected_s: float  # until the last of the guild's jobs is drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSum:
    """What was drawn and paid in a span of time."""

    images: int = 0
    rewritten: int = 0  # of the images, those with a rewritten prompt
    pixels: int = 0
    cost_micros: int = 0  # micro-dollars


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageView:
    """A member's usage in a guild."""

    today: UsageSum  # since midnight UTC
    week: UsageSum  # the last 7 days, today among them
    month: UsageSum  # the last 30 days
    all_time: UsageSum


# ------------------------------------------------------------------------------------------------
# Why a job is where it is, as facts: for a member in words, for an operator as a table.


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
