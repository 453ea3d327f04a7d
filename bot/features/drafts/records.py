"""A request that is not queued yet.

writing ──▶ open ──▶ used       writing: its prompt is being rewritten, a call may be out
   │         └─────▶ dropped    used: there is a request of it; at most once
   └───────▶ failed
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.policy.quotas import QuotaState
    from bot.policy.rules import Rewriting
    from bot.queue.records import ChannelId, JobId, TenantId, UserId


class DraftState(StrEnum):
    """What may become of it."""

    WRITING = "writing"
    OPEN = "open"
    USED = "used"
    DROPPED = "dropped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRequest:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
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
