"""A job: one image request on its way from the queue to the thread.

    queued ──claim──▶ running ──complete──▶ generated ──deliver──▶ delivered
      │  ▲              │ │ │
      │  └───retry──────┘ │ └─ answer lost ──▶ uncertain
      │                   └─── fail ─────────▶ refused (the provider's content check) | failed
      └─cancel, close───▶ cancelled   (running: the paid result is recorded, nothing is posted)

A job is a frozen record of one row. The verbs are functions in `bot/storage`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, MessageId, UserId
    from bot.domain.request import ImageRequest
    from bot.domain.sizes import Size


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
class Outcome:
    """What the provider answered."""

    url: str = field(repr=False)  # signed, lives 24 h; never logged; '' once it is not needed
    shown_prompt: str  # the rewritten prompt, or the prompt as sent
    size: Size  # what was really produced
    provider_request_id: str
    duration_us: int  # of the call
    reasoning: str = ""  # of the rewriting model
    input_tokens: int = 0
    output_tokens: int = 0
    arrived_at_us: int | None = None  # the request, by the provider's clock, if it says so


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
