"""The faults now in force, and which of them a request meets."""

from __future__ import annotations

import asyncio
import fnmatch
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.clock import SandboxClock
    from sandbox.faults.kinds import Fault, Server


class Faults:
    """Installed as a whole list, consulted once per request.

    The draws of each fault come from its own generator, seeded by the sandbox's seed and the
    fault's place in the list: the same list and the same requests fail in the same way.
    """

    def __init__(self, clock: SandboxClock, *, seed: int = 0) -> None:
        self._clock = clock
        self._seed = seed
        self._installed: list[_Installed] = []
        self._replaced = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def replace(self, faults: Sequence[Fault]) -> None:
        """Puts these in force instead of all others; whoever hangs goes on."""
        now_us = self._clock.now_us()
        self._installed = [
            _Installed(
                fault=fault,
                pattern=re.compile(fnmatch.translate(fault.match)),
                chance=random.Random(f"{self._seed}:{place}"),
                since_us=now_us,
            )
            for place, fault in enumerate(faults)
        ]
        self._replaced.set()
        self._replaced = asyncio.Event()
        for listener in self._listeners:
            listener()

    def clear(self) -> None:
        self.replace(())

    def take(self, server: Server, method: str, path: str) -> tuple[Fired, ...]:
        """The faults that this request meets, in their order; counts them."""
        if not self._installed:
            return ()
        line, now_us = f"{method} {path}", self._clock.now_us()
        return tuple(
            Fired(one.fault, one.chance.random())
            for one in self._installed
            if one.fault.server is server and one.fires(line, now_us)
        )

    @property
    def replaced(self) -> asyncio.Event:
        """Set once those now in force are so no more; ask for it when a request meets them."""
        return self._replaced

    def snapshot(self) -> list[dict[str, object]]:
        """Each fault in force as JSON, with `seen` (requests that matched) and `fired`."""
        return [
            {**msgspec.to_builtins(one.fault), "seen": one.seen, "fired": one.fired}
            for one in self._installed
        ]

    def fired(self) -> list[int]:
        """How often each fault in force has fired, in their order."""
        return [one.fired for one in self._installed]

    def listen(self, listener: Callable[[], None]) -> None:
        """Calls `listener` after every replacement; it must neither wait nor raise."""
        self._listeners.append(listener)


@dataclass(frozen=True, slots=True)
class Fired:
    """A fault that a request meets, with a draw from [0, 1) for kinds that vary."""

    fault: Fault
    draw: float


@dataclass(slots=True, kw_only=True)
class _Installed:
    fault: Fault
    pattern: re.Pattern[str]
    chance: random.Random
    since_us: int
    seen: int = 0
    fired: int = 0

    def fires(self, line: str, now_us: int) -> bool:
        if not self._is_due(now_us) or not self.pattern.match(line):
            return False
        self.seen += 1
        fault = self.fault
        if self.seen <= fault.skip or (fault.times is not None and self.fired >= fault.times):
            return False
        if fault.probability < 1 and self.chance.random() >= fault.probability:
            return False
        self.fired += 1
        return True

    def _is_due(self, now_us: int) -> bool:
        if self.fault.between is None:
            return True
        from_s, to_s = self.fault.between
        return from_s <= (now_us - self.since_us) / 1e6 < to_s
