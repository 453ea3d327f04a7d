"""Backoff: growing, jittered, bounded, and never before what the provider asks for."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.queue.failures import BASE_S, LONGEST_S, MOST_ATTEMPTS, may_try_again, next_wait_s


@given(st.integers(1, 1000), st.integers())
def test_a_wait_lies_between_its_bounds(attempt: int, seed: int) -> None:
    """At least the base, at most a minute."""
    wait_s = next_wait_s(attempt=attempt, randomness=Random(seed))
    assert BASE_S <= wait_s <= LONGEST_S


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


def test_the_longest_wait_doubles_with_each_attempt() -> None:
    """Two seconds, four, eight; up to a minute."""

    class Unlucky(Random):
        def uniform(self, a: float, b: float) -> float:
            return max(a, b)

    waits = [next_wait_s(attempt=n, randomness=Unlucky()) for n in range(1, 8)]
    assert waits == [2, 4, 8, 16, 32, 60, 60]
