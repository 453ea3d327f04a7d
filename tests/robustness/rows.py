"""The bot's database, seen from outside, and what all members see together."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.stage import Stage


def rows(database: Path, query: str, *values: object) -> list[Any]:
    """What the query finds, at once."""
    with closing(sqlite3.connect(database, timeout=10, isolation_level=None)) as connection:
        return connection.execute(query, values).fetchall()


def states(stage: Stage) -> Counter[str]:
    """How many jobs are in each state."""
    return Counter(dict(rows(stage.database, "SELECT state, count(*) FROM job GROUP BY state")))


def undone(stage: Stage) -> int:
    """Jobs of which something is still to be drawn or to be said."""
    query = (
        "SELECT count(*) FROM job WHERE state IN ('queued', 'running') OR deliver_at_us IS NOT NULL"
    )
    return int(rows(stage.database, query)[0][0])


def messages(stage: Stage) -> list[Any]:
    """Every message of every place, ephemeral ones too, as the sandbox keeps them."""
    kept = stage.sandbox.state.messages
    return [message for place in kept.values() for message in place.values()]


def pictures(stage: Stage) -> list[Any]:
    """The messages that carry a picture."""
    return [message for message in messages(stage) if message.attachments]
