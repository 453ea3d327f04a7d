"""One account of the local Z-Image: how it is to be, and what all its interfaces work with."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from sandbox.painter.png import MAX_GRAIN_BITS
from sandbox.zimage.ledger import Ledger
from sandbox.zimage.limit import Limit
from sandbox.zimage.storage import Links, Results

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.clock import SandboxClock
    from sandbox.violations import Violations

DEFAULT_KEY = "sk-5a6e64626f7800000000000000000001"  # shaped like a real key, worth nothing


class Pictures(StrEnum):
    """How pictures are made."""

    PAINTED = "painted"  # a landscape after the prompt
    PLAIN = "plain"  # a gradient, a few milliseconds each


@dataclass(frozen=True, slots=True, kw_only=True)
class ZImageSettings:
    """Defaults are those of the real service, as far as known."""

    api_keys: tuple[str, ...] = (DEFAULT_KEY,)  # all of one account
    requests_per_second: float = 2.0
    moderations_per_minute: int = 250  # of the moderation endpoint, as without payment
    latency_scale: float = 1.0  # 0 answers at once
    seed: int = 0  # for request ids, drawn seeds and chance
    pictures: Pictures = Pictures.PAINTED
    grain_bits: int = 2  # of the painted, 0 to 7: about 1 MB at 1024*1024 with 2, 3 MB with 7
    workspace_id: str = "ws-sandbox"

    def __post_init__(self) -> None:
        if not 0 <= self.grain_bits <= MAX_GRAIN_BITS:
            raise ValueError(f"grain must be of 0 to {MAX_GRAIN_BITS} bits: {self.grain_bits}")
        if not 0 <= self.latency_scale < math.inf:
            raise ValueError(f"latency must be scaled by 0 or more: {self.latency_scale}")

    def key_label(self, key: str) -> str | None:
        """A name for the key that does not tell it; None if the account does not have it."""
        if key not in self.api_keys:
            return None
        return f"key-{self.api_keys.index(key) + 1}"


class Account:
    """Its interfaces share the ledger, the limit, the results, and how slow they are."""

    def __init__(
        self, settings: ZImageSettings, *, clock: SandboxClock, violations: Violations
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.latency_scale = settings.latency_scale
        self._violations = violations
        # Ids and links never repeat those of an earlier run, which a client may still hold.
        self._ids = Random(f"{settings.seed}:{clock.now_us()}")
        self.chance = Random(settings.seed)
        self.ledger = Ledger(clock)
        self.limit = Limit(settings.requests_per_second)
        self.results = Results()
        self.links = Links(self._ids)

    def new_request_id(self) -> str:
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))

    def violate(
        self, request: web.Request, rule: str, detail: str, *, server: str = "zimage"
    ) -> None:
        """Writes down a rule that the client broke."""
        line = f"{request.method} {request.path}"
        self._violations.record(server, rule=rule, request_line=line, detail=detail)
