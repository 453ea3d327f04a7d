"""When a refused or failed attempt may be made again: exponential backoff with full jitter.

Only attempts that cannot have been billed come here (see `bot.errors.Retry`). The wait is drawn
uniformly from [base, base·2ⁿ], so that many jobs hit by one outage do not return together
(Brooker, "Exponential Backoff And Jitter", 2015); what the provider asks for comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

BASE_S = 1.0
LONGEST_S = 60.0
MOST_ATTEMPTS = 6


def next_wait_s(*, attempt: int, randomness: Random, asked_s: float | None = None) -> float:
    """Seconds to wait after the `attempt`-th try (1 is the first)."""
    highest_s = min(LONGEST_S, BASE_S * 2**attempt)
    return max(asked_s or 0.0, randomness.uniform(BASE_S, highest_s))


def may_try_again(*, attempt: int) -> bool:
    """Whether a job that failed its `attempt`-th try gets another, however long it has waited."""
    return attempt < MOST_ATTEMPTS
