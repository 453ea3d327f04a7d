"""Every rule of Discord's or Z-Image's API that a client broke, with the request; and remarks."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.clock import SandboxClock

KEPT = 10_000  # a client in a loop must not fill the memory; the oldest go first


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule."""

    server: str  # "discord", "zimage" or "openai"
    rule: str  # a short fixed name, such as "link-authorization"
    request_line: str  # method and path, without query: a query may hold a signature
    detail: str
    at_us: int


class Violations:
    """Remembers what clients broke and tells whoever listens."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._kept: deque[Violation] = deque(maxlen=KEPT)
        self._listeners: list[Callable[[Violation], None]] = []

    def __len__(self) -> int:
        return len(self._kept)

    def record(self, server: str, *, rule: str, request_line: str, detail: str) -> Violation:
        violation = Violation(
            server=server,
            rule=rule,
            request_line=request_line,
            detail=detail,
            at_us=self._clock.now_us(),
        )
        self._kept.append(violation)
        for listener in self._listeners:
            listener(violation)
        return violation

    def snapshot(self) -> list[dict[str, object]]:
        """The violations as JSON objects, oldest first."""
        return [asdict(violation) for violation in self._kept]

    def clear(self) -> None:
        self._kept.clear()

    def listen(self, listener: Callable[[Violation], None]) -> None:
        """Calls `listener` with every violation from now on; it must neither wait nor raise."""
        self._listeners.append(listener)


class Remarks(Violations):
    """What clients did that the real service lets be, such as a field that it does not know.

    What only the sandbox lacks is one too.
    """
