"""What the service did, for tests to state as facts."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.clock import SandboxClock

KEPT = 50_000  # requests; the counts go on beyond
_SECOND_US = 1_000_000


class Outcome(StrEnum):
    """How a request has ended."""

    RUNNING = "running"  # being drawn
    GENERATED = "generated"  # drawn
    THROTTLED = "throttled"  # refused for the rate
    REFUSED = "refused"  # refused for what it asks, or for who asks
    FAILED = "failed"  # accepted, but nothing came of it


@dataclass(slots=True, kw_only=True)
class Entry:
    """One request. Never holds a key, only its label."""

    request_id: str
    at_us: int
    key: str
    prompt: str = ""
    size: str = ""
    seed: int | None = None  # as sent
    drawn_seed: int | None = None
    rewriting: bool = False
    outcome: Outcome = Outcome.RUNNING
    code: str = ""  # of the error
    billed: bool = False
    downloads: int = 0

    def snapshot(self) -> dict[str, object]:
        return {
            "time": self.at_us / 1e6,  # Unix seconds
            "request_id": self.request_id,
            "key": self.key,
            "prompt": self.prompt,
            "size": self.size,
            "seed": self.seed,
            "drawn_seed": self.drawn_seed,
            "prompt_extend": self.rewriting,
            "outcome": str(self.outcome),
            "code": self.code,
            "billed": self.billed,
            "downloads": self.downloads,
        }


@dataclass(slots=True, kw_only=True)
class Chat:
    """One call of the compatible-mode interface."""

    request_id: str
    at_us: int
    key: str = "unknown"
    model: str = ""
    prompt: str = ""  # the last message of the user
    answer: str = ""
    outcome: Outcome = Outcome.RUNNING
    code: str = ""
    billed: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0  # micro-dollars

    def snapshot(self) -> dict[str, object]:
        return _snapshot(self)


@dataclass(slots=True, kw_only=True)
class Moderation:
    """One call of the moderation endpoint; each picture as `prompt` (or null) and `bytes`."""

    request_id: str
    at_us: int
    key: str = "unknown"
    model: str = ""
    texts: list[str] = field(default_factory=list)
    pictures: list[dict[str, object]] = field(default_factory=list)
    outcome: Outcome = Outcome.RUNNING
    code: str = ""
    flagged: bool = False

    def snapshot(self) -> dict[str, object]:
        return _snapshot(self)


def _snapshot(call: Chat | Moderation) -> dict[str, object]:
    told = asdict(call)
    told["time"] = told.pop("at_us") / 1e6
    return {**told, "outcome": str(call.outcome)}


class Ledger:
    """Counts requests, pictures and downloads, in all, per key and per second."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self.chats: deque[Chat] = deque(maxlen=KEPT)
        self.moderations: deque[Moderation] = deque(maxlen=KEPT)
        self._listeners: list[Callable[[Entry], None]] = []
        self._recent_us: deque[int] = deque()
        self._per_second: Counter[int] = Counter()
        self._per_key: dict[str, Counter[str]] = {}
        self._totals: Counter[str] = Counter()
        self.peak_per_second = 0

    @property
    def accepted(self) -> int:
        """Requests that were valid and within the limit."""
        return self._totals["accepted"]

    @property
    def generated(self) -> int:
        """Pictures drawn, whether or not the answer arrived."""
        return self._totals["generated"]

    @property
    def billed(self) -> int:
        """Pictures paid for."""
        return self._totals["billed"]

    @property
    def downloaded(self) -> int:
        """Downloads answered with a whole and sound picture."""
        return self._totals["downloaded"]

    @property
    def throttled(self) -> int:
        """Requests refused for the rate, by the limit or by order of a fault."""
        return self._totals["throttled"]

    @property
    def entries(self) -> list[Entry]:
        """The requests, oldest first."""
        return list(self._entries)

    def open(self, entry: Entry) -> None:
        """Writes down a request that has just arrived."""
        self._entries.append(entry)

    def accept(self, entry: Entry) -> None:
        now_us = self._clock.now_us()
        self._recent_us.append(now_us)
        while self._recent_us[0] <= now_us - _SECOND_US:
            self._recent_us.popleft()
        self.peak_per_second = max(self.peak_per_second, len(self._recent_us))
        self._per_second[now_us // _SECOND_US] += 1
        if len(self._per_second) > KEPT:
            del self._per_second[min(self._per_second)]
        self._count(entry, "accepted")

    def generate(self, entry: Entry) -> None:
        entry.outcome = Outcome.GENERATED
        self._count(entry, "generated")

    def bill(self, entry: Entry) -> None:
        entry.billed = True
        self._count(entry, "billed")

    def download(self, entry: Entry) -> None:
        entry.downloads += 1
        self._count(entry, "downloaded")

    def refuse(self, entry: Entry, outcome: Outcome, code: str) -> None:
        entry.outcome, entry.code = outcome, code
        self._count(entry, str(outcome))

    def sums(self) -> dict[str, object]:
        """All that is counted, over all keys."""
        return {
            "accepted": self.accepted,
            "generated": self.generated,
            "billed": self.billed,
            "downloaded": self.downloaded,
            "throttled": self.throttled,
            "peak_per_second": self.peak_per_second,
        }

    def snapshot(self) -> dict[str, object]:
        """`GET /zimage/ledger`."""
        return {
            **self.sums(),
            "requests": [entry.snapshot() for entry in self._entries],
            "chats": [chat.snapshot() for chat in self.chats],
            "moderations": [each.snapshot() for each in self.moderations],
        }

    def per_key(self) -> dict[str, dict[str, int]]:
        """The counts of each key, by its label."""
        return {key: dict(counts) for key, counts in self._per_key.items()}

    def per_second(self) -> dict[int, int]:
        """Accepted requests by the Unix second of their arrival."""
        return dict(self._per_second)

    def listen(self, listener: Callable[[Entry], None]) -> None:
        """Calls `listener` after every change of a request; it must neither wait nor raise."""
        self._listeners.append(listener)

    def _count(self, entry: Entry, what: str) -> None:
        self._totals[what] += 1
        self._per_key.setdefault(entry.key, Counter())[what] += 1
        for listener in self._listeners:
            listener(entry)
