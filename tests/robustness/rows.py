"""The bot's database, seen from outside, and what all members see together."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.stage import Stage


# Each job with what belongs to it. `state` is what it came to: its picture's, once there is one.
WHOLE = """(
    SELECT job.id AS id, coalesce(picture.state, job.state) AS state,
           coalesce(job.failure_kind, picture.failure_kind) AS failure_kind, priority, sent_at_us,
           interaction_id, prompt, message.message_id AS status_message_id, due_at_us, told_at_us,
           deleted_at_us, picture.channel_id AS picture_channel_id,
           picture.message_id AS picture_message_id
    FROM job LEFT JOIN picture ON picture.job_id = job.id
        LEFT JOIN request ON request.id = job.request_id
        LEFT JOIN message ON message.request_id = job.request_id
        LEFT JOIN outbox ON outbox.job_id = job.id
)"""


def rows(database: Path, query: str, *values: object) -> list[Any]:
    """What the query finds, at once."""
    with closing(sqlite3.connect(database, timeout=10, isolation_level=None)) as connection:
        return connection.execute(query, values).fetchall()


def states(stage: Stage) -> Counter[str]:
    """How many jobs came to what."""
    return Counter(
        dict(rows(stage.database, f"SELECT state, count(*) FROM {WHOLE} GROUP BY state"))
    )


def undone(stage: Stage) -> int:
    """Jobs of which something is still to be drawn or to be said."""
    query = (
        f"SELECT count(*) FROM {WHOLE}"
        " WHERE state IN ('queued', 'running') OR due_at_us IS NOT NULL"
    )
    return int(rows(stage.database, query)[0][0])


def messages(stage: Stage) -> list[Any]:
    """Every message of every place, ephemeral ones too, as the sandbox keeps them."""
    kept = stage.sandbox.state.messages
    return [message for place in kept.values() for message in place.values()]


def pictures(stage: Stage) -> list[Any]:
    """The messages that carry a picture."""
    return [message for message in messages(stage) if message.attachments]
