"""What may be asked for, how it was typed, and what a request has become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.policy.quotas import QuotaState
    from bot.providers.image import Offer, Recommended, Size
    from bot.queue.places import Place
    from bot.queue.records import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may be asked for, and what holds when a member names only the prompt."""

    offer: Offer
    default_size: Size
    rewrite_by_default: bool
    largest_batch: int  # pictures of one request
    plain_micros: int  # what a picture of that size costs, without and with rewriting
    rewritten_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedEdit:
    """A request as it was typed into a form: nobody has looked yet whether it makes sense."""

    prompt: str
    negative: str = ""
    size: str
    seed: str = ""  # empty: a new one
    rewriting: str = ""  # a Rewriting


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeChoice:
    """A size that may be had in a place, and what a picture of it costs."""

    one: Recommended
    micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A job that is on disk."""

    job: Job
    place: Place | None  # None if it could not be read
    is_new: bool  # False when this interaction had made its job before
    nearly_used_up: tuple[QuotaState, ...] = ()  # limits of which the member is to be warned
