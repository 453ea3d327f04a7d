"""The account's limits, over all its keys.

Documented ("Rate limits", 2026-02-24): z-image-turbo takes 2 requests per second and no limit on
concurrency; a limit per minute may be enforced per second too; limits are summed over the account.
Here both windows slide and are strict: at most R in any 1 s and 60·R in any 60 s. Two requests
exactly one second apart are not in one window. Guessed: refused requests do not count.

Steep rises (`is_steep`) are another documented refusal whose measure is not documented. Guessed: in
any second at most twice the average of the five seconds before it, rounded up, and always one.

The moderation endpoint has a limit of its own, in requests a minute.
"""

from __future__ import annotations

import bisect
import math

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
_RISE = 2.0
_RISE_BASE_S = 5


class _Arrivals:
    """Remembers those of one minute, in order."""

    def __init__(self) -> None:
        self._arrivals_us: list[int] = []

    def _note(self, now_us: int) -> None:
        bisect.insort(self._arrivals_us, now_us)

    def _wait_us(self, now_us: int, window_us: int, room: int) -> int:
        if self._count(now_us - window_us, now_us) < room:
            return 0
        return self._arrivals_us[-room] + window_us - now_us

    def _count(self, after_us: int, until_us: int) -> int:
        arrivals_us = self._arrivals_us
        return bisect.bisect_right(arrivals_us, until_us) - bisect.bisect_right(
            arrivals_us, after_us
        )

    def _forget(self, now_us: int) -> None:
        del self._arrivals_us[: bisect.bisect_right(self._arrivals_us, now_us - MINUTE_US)]


class Limit(_Arrivals):
    """On requests for pictures, a second and a minute."""

    def __init__(self, requests_per_second: float) -> None:
        super().__init__()
        self._rate = requests_per_second
        self.change(requests_per_second)

    @property
    def requests_per_second(self) -> float:
        return self._rate

    def change(self, requests_per_second: float) -> None:
        """Puts another limit in force at once; what has been taken stays counted.

        Raises:
            ValueError: not a finite number above 0.
        """
        if not 0 < requests_per_second < math.inf:
            raise ValueError(f"limit must be above 0 requests per second: {requests_per_second}")
        self._rate = requests_per_second

    def take(self, now_us: int) -> bool:
        """Counts this arrival if there is room for it."""
        if self.wait_us(now_us) > 0:
            return False
        self._note(now_us)
        return True

    def wait_us(self, now_us: int) -> int:
        """Microseconds until a request would find room; 0 if now."""
        self._forget(now_us)
        return max(
            self._wait_us(now_us, SECOND_US, max(1, math.floor(self._rate))),
            self._wait_us(now_us, MINUTE_US, max(1, math.floor(self._rate * 60))),
        )

    def is_steep(self, now_us: int) -> bool:
        """Whether one more request now is too sudden a rise."""
        self._forget(now_us)
        recent = self._count(now_us - SECOND_US, now_us)
        base = self._count(now_us - (1 + _RISE_BASE_S) * SECOND_US, now_us - SECOND_US)
        return recent >= max(1, math.ceil(_RISE * base / _RISE_BASE_S))


class RequestsPerMinute(_Arrivals):
    """How often the moderation endpoint may be asked; a minute that slides, as guessed."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def take(self, now_us: int) -> float | None:
        """Counts a request; or the seconds until there is room for it, and does not count it."""
        self._forget(now_us)
        wait_us = self._wait_us(now_us, MINUTE_US, self.most)
        if wait_us:
            return wait_us / 1e6
        self._note(now_us)
        return None

    def left(self) -> int:
        """How many more would be let through now."""
        return max(0, self.most - len(self._arrivals_us))
