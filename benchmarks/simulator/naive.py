"""What bots usually do, for comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND_US = 1_000_000


def token_bucket_departures(
    start_us: int, length_s: int, *, per_second: int, capacity: int
) -> Iterator[int]:
    """A saturated client behind a token bucket at the nominal rate."""
    yield from [start_us] * capacity
    for n in range(1, length_s * per_second):
        yield start_us + n * SECOND_US // per_second
