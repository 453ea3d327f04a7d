"""What may be asked for, how it was typed, and what a request has become: queued, or a draft.

A draft is a request that is not queued yet.

writing ──▶ open ──▶ used       writing: its prompt is being rewritten, a call may be out
   │         └─────▶ dropped    used: there is a request of it; at most once
   └───────▶ failed
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from bot.policy.quotas import QuotaState
    from bot.policy.rules import Rewriting
    from bot.providers.image import Offer, Recommended, Size
    from bot.queue.places import Place
    from bot.queue.records import ChannelId, Job, JobId, TenantId, UserId


class Options(Struct, frozen=True, kw_only=True):
    """What may be asked for, and what holds when a member names only the prompt."""

    offer: Offer
    default_size: Size
    rewrite_by_default: bool
    largest_batch: int  # pictures of one request
    plain_micros: int  # what a picture of that size costs, without and with rewriting
    rewritten_micros: int


class TypedEdit(Struct, frozen=True, kw_only=True):
    """A request as it was typed into a form: nobody has looked yet whether it makes sense."""

    prompt: str
    negative: str = ""
    size: str
    seed: str = ""  # empty: a new one
    rewriting: str = ""  # a Rewriting


class SizeChoice(Struct, frozen=True, kw_only=True):
    """A size that may be had in a place, and what a picture of it costs."""

    one: Recommended
    micros: int


class Receipt(Struct, frozen=True, kw_only=True):
    """A job that is on disk."""

    job: Job
    place: Place | None  # None if it could not be read
    is_new: bool  # False when this interaction had made its job before
    nearly_used_up: tuple[QuotaState, ...] = ()  # limits of which the member is to be warned


class DraftState(StrEnum):
    """What may become of it."""

    WRITING = "writing"
    OPEN = "open"
    USED = "used"
    DROPPED = "dropped"
    FAILED = "failed"


class TypedRequest(Struct, frozen=True, kw_only=True):
    """What a member wants, in their words; what of it makes no sense is said later.

    Attributes:
        size: empty is the usual one.
        seed: empty is a new one for each picture; else of the first, and one more for each.
        count: pictures of each prompt.
    """

    prompt: str
    negative: str = ""
    size: str = ""
    seed: str = ""
    rewriting: Rewriting
    count: int = 1


class Draft(Struct, frozen=True, kw_only=True):
    """One of them, under a number that no job has."""

    id: JobId
    state: DraftState
    tenant_id: TenantId
    channel_id: ChannelId  # the place: with its public threads
    user_id: UserId
    created_at_us: int
    parent_id: JobId | None  # the job whose button asked for this
    typed: TypedRequest
    rewritten: str | None  # the prompt, by a model or as its member has changed it
    cost_micros: int  # of the rewriting
    nearly_used_up: tuple[QuotaState, ...] = ()  # limits of which its rewriting is to warn
