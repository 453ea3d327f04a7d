"""A provider that judges requests by strict sliding windows, as they arrive."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND_US = 1_000_000


@dataclass(slots=True)
class StrictProvider:
    """At most R in any second and 60·R in any minute; what is refused does not count."""

    limit_at: Callable[[int], int]  # requests per second at an instant
    accepted_us: list[int] = field(default_factory=list)
    refused_us: list[int] = field(default_factory=list)
    _second: deque[int] = field(default_factory=deque)
    _minute: deque[int] = field(default_factory=deque)

    def arrive(self, at_us: int) -> bool:
        """Whether the request is accepted."""
        limit = self.limit_at(at_us)
        for window, length_us in ((self._second, SECOND_US), (self._minute, 60 * SECOND_US)):
            while window and window[0] <= at_us - length_us:
                window.popleft()
        if len(self._second) >= limit or len(self._minute) >= 60 * limit:
            self.refused_us.append(at_us)
            return False
        self._second.append(at_us)
        self._minute.append(at_us)
        self.accepted_us.append(at_us)
        return True
