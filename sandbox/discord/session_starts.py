"""How many sessions a bot may start: 1,000 IDENTIFYs a day, and not all shards at once.

Shards that share `shard_id % max_concurrency` must be 5 s apart. The unsharded bot is let through
(observed: a quick restart is not refused there). Source: Discord's reference, "Gateway".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.shapes import JsonObject

STARTS_PER_DAY = 1000
APART_US = 5_000_000
_DAY_US = 24 * 3600 * 1_000_000


class SessionStarts:
    """Counts IDENTIFYs."""

    def __init__(self) -> None:
        self.max_concurrency = 1
        self.shards = 1
        self._day_ends_at_us = 0
        self._used = 0
        self._last_by_key: dict[int, int] = {}

    def admit(self, *, shard_id: int, shard_count: int, now_us: int) -> bool:
        """Counts one IDENTIFY; False if it comes too soon or there are none left."""
        self._new_day(now_us)
        if self._used >= STARTS_PER_DAY:
            return False
        key = shard_id % self.max_concurrency
        last_us = self._last_by_key.get(key)
        if shard_count > 1 and last_us is not None and now_us - last_us < APART_US:
            return False
        self._last_by_key[key] = now_us
        self._used += 1
        return True

    def object(self, now_us: int) -> JsonObject:
        """What `GET /gateway/bot` says."""
        self._new_day(now_us)
        return {
            "total": STARTS_PER_DAY,
            "remaining": STARTS_PER_DAY - self._used,
            "reset_after": max(0, self._day_ends_at_us - now_us) // 1000,
            "max_concurrency": self.max_concurrency,
        }

    def _new_day(self, now_us: int) -> None:
        if now_us >= self._day_ends_at_us:
            self._day_ends_at_us = now_us + _DAY_US
            self._used = 0
