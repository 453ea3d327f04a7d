"""Backoff: growing, jittered, bounded, and never before what the provider asks for."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.queue.failures import BASE_S, LONGEST_S, MOST_ATTEMPTS, may_try_again, next_wait_s


@given(st.integers(1, 1000), st.integers(), st.none() | st.floats(0, 600))
def test_a_wait_lies_between_its_bounds(attempt: int, seed: int, asked_s: float | None) -> None:
    """At least the base and what was asked, at most a minute or what was asked."""
    wait_s = next_wait_s(attempt=attempt, randomness=Random(seed), asked_s=asked_s)
    assert max(BASE_S, asked_s or 0.0) <= wait_s <= max(LONGEST_S, asked_s or 0.0)


def test_waits_grow_with_the_attempts() -> None:
    """On the average: many draws of each."""
    means = [
        sum(next_wait_s(attempt=n, randomness=Random(seed)) for seed in range(200)) / 200
        for n in (1, 3, 5)
    ]
    assert means == sorted(means)


def test_attempts_are_bounded() -> None:
    """After six tries nobody waits any more."""
    assert may_try_again(attempt=MOST_ATTEMPTS - 1)
    assert not may_try_again(attempt=MOST_ATTEMPTS)
