"""The shapes that JSON has on the wire, and the one encoder for them.

Incoming bodies are parsed into msgspec structs at the edge; outgoing bodies are built as plain
objects by the projections in `objects/` and leave through `encode`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

JsonObject: TypeAlias = dict[str, object]
"""A JSON object that we built ourselves and only hand on."""

JSON_MEDIA_TYPE = "application/json"
"""Exactly this, without a charset: discord.py compares the header for equality."""

_ENCODER = msgspec.json.Encoder()


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
