"""A gateway session: what a bot is subscribed to, and what it has been told.

A session outlives its connection: events are numbered and kept, so a RESUME can have the missed
ones replayed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sandbox.discord.shapes import encode

if TYPE_CHECKING:
    from sandbox.discord.shapes import JsonObject

KEPT_EVENTS = 1000
"""Events that can be replayed (guessed)."""

RESUMABLE_US = 180 * 1_000_000
"""How long a session without connection can be resumed (guessed; some minutes are observed)."""


class Line(Protocol):
    """The connection that a session currently has."""

    def send(self, text: bytes) -> None:
        """Queues a payload."""
        ...

    def send_as_is(self, message: bytes | str) -> None:
        """Queues a whole websocket message, binary or text, past the compression."""
        ...

    def close(self, code: int) -> None:
        """Closes the websocket."""
        ...

    def cut(self) -> None:
        """Drops the TCP connection."""
        ...


@dataclass(slots=True, kw_only=True)
class Session:
    """One IDENTIFY and its resumes.

    Attributes:
        seq: the number of the last event.
        line: the connection, None while it is away.
        away_since_us: when it went away.
    """

    id: str
    intents: int
    shard_id: int = 0
    shard_count: int = 1
    seq: int = 0
    line: Line | None = None
    away_since_us: int | None = None
    _kept: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=KEPT_EVENTS))

    def dispatch(self, name: str, body: JsonObject | bytes) -> None:
        """Numbers, keeps and sends an event; `body` may be its JSON already."""
        self.seq += 1
        data = body if isinstance(body, bytes) else encode(body)
        text = b'{"t":"%s","s":%d,"op":0,"d":%s}' % (name.encode(), self.seq, data)
        self._kept.append((self.seq, text))
        if self.line is not None:
            self.line.send(text)

    def covers(self, guild_id: str | None) -> bool:
        """Whether the shard is told of this guild; what is outside guilds goes to shard 0."""
        if guild_id is None:
            return self.shard_id == 0
        return (int(guild_id) >> 22) % self.shard_count == self.shard_id

    def can_replay(self, seq: int) -> bool:
        """Whether everything after this number is still kept."""
        oldest = self._kept[0][0] if self._kept else self.seq + 1
        return oldest - 1 <= seq <= self.seq

    def replay(self, seq: int) -> None:
        """Sends again what came after this number."""
        assert self.line is not None  # noqa: S101 - only a connection resumes
        for number, text in tuple(self._kept):
            if number > seq:
                self.line.send(text)
