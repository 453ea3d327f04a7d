"""What a member asks for, before it is a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.fairness import Weights

if TYPE_CHECKING:
    from bot.domain.job import Job, Origin
    from bot.domain.request import ImageRequest

EVERYBODY = Weights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request, where it came from, and what it weighs."""

    request: ImageRequest
    origin: Origin
    priority: int = 0  # orders the member's own jobs; higher first
    weights: Weights = EVERYBODY  # shares of guild and member from now on


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job that a wish has become."""

    job: Job
    is_new: bool  # False when this interaction had made its job before
