"""Snowflakes: Discord's 64-bit ids, which carry the instant they were made.

    id = (milliseconds since 2015-01-01) << 22 | worker << 17 | process << 12 | counter

Ids made here are strictly increasing, also when the clock stands still or is moved, so sorting by
id is sorting by creation. Source: Discord's reference, "Snowflakes".
"""

from __future__ import annotations

from typing import Protocol

DISCORD_EPOCH_MS = 1_420_070_400_000
"""The first millisecond of 2015, from which ids count."""

_LARGEST = 2**63 - 1


class _HasNow(Protocol):
    def now_us(self) -> int: ...


class Snowflakes:
    """Makes ids; each is larger than all before it."""

    def __init__(self, clock: _HasNow, *, after: int = 0) -> None:
        self._clock = clock
        self._last = after

    def next(self) -> str:
        """A new id for now."""
        self._last = max(snowflake_at(self._clock.now_us()), self._last + 1)
        return str(self._last)

    def never_before(self, snowflake: str) -> None:
        """Continues above an id that an earlier run made."""
        self._last = max(self._last, int(snowflake))


def snowflake_at(at_us: int) -> int:
    """The smallest id of an instant."""
    return max(0, at_us // 1000 - DISCORD_EPOCH_MS) << 22


def created_at_us(snowflake: str) -> int:
    """The instant that an id carries."""
    return ((int(snowflake) >> 22) + DISCORD_EPOCH_MS) * 1000


def is_snowflake(text: str) -> bool:
    """Whether Discord would read this text as an id."""
    return text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= _LARGEST
