"""The shapes that JSON has on the wire: objects, instants and ids, and the one encoder for them.

Incoming bodies are parsed into msgspec structs at the edge; outgoing bodies are built as plain
objects by the projections (`objects`, `message_objects`) and leave through `encode`.

A snowflake is Discord's 64-bit id, which carries the instant it was made:

    id = (milliseconds since 2015-01-01) << 22 | worker << 17 | process << 12 | counter

Ids made here are strictly increasing, also when the clock stands still or is moved, so sorting by
id is sorting by creation. Source: Discord's reference, "Snowflakes".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

JsonObject: TypeAlias = dict[str, object]
"""A JSON object that we built ourselves and only hand on."""

JSON_MEDIA_TYPE = "application/json"
"""Exactly this, without a charset: discord.py compares the header for equality."""

_ENCODER = msgspec.json.Encoder()

DISCORD_EPOCH_MS = 1_420_070_400_000
"""The first millisecond of 2015, from which ids count."""

_LARGEST = 2**63 - 1


def encode(body: object) -> bytes:
    """The JSON text of what a projection built."""
    return _ENCODER.encode(body)


def instant_text(at_us: int) -> str:
    """Discord's spelling of an instant, as in `2015-12-31T12:00:00.000000+00:00`."""
    return datetime.fromtimestamp(at_us / 1_000_000, UTC).isoformat(timespec="microseconds")


def instant_us(at: datetime) -> int:
    """An instant that a client sent, as epoch microseconds; without a zone it is UTC's."""
    return round(at.replace(tzinfo=at.tzinfo or UTC).timestamp() * 1_000_000)


def text_instant_or_none(at_us: int | None) -> str | None:
    """Like `instant_text`, for instants that may not have come."""
    return None if at_us is None else instant_text(at_us)


def only_set(fields: Mapping[str, object | None]) -> JsonObject:
    """The fields that have a value: Discord leaves absent ones out where null is not allowed."""
    return {name: value for name, value in fields.items() if value is not None}


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
