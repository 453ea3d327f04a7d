"""Finds jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import UnknownJob
from bot.storage.rows import JOB, job_of
from bot.storage.rows import select_job as get

if TYPE_CHECKING:
    import sqlite3

    from bot.domain.ids import InteractionId, MessageId
    from bot.domain.job import Job

__all__ = ["by_interaction", "by_result_message", "get"]


def by_interaction(tx: sqlite3.Connection, interaction_id: InteractionId) -> Job:
    """Raises UnknownJob."""
    return _one(tx, "interaction_id = ?", interaction_id)


def by_result_message(tx: sqlite3.Connection, message_id: MessageId) -> Job:
    """The job whose picture the message shows. Raises UnknownJob."""
    return _one(tx, "result_message_id = ?", message_id)


def _one(tx: sqlite3.Connection, where: str, value: int) -> Job:
    row = tx.execute(f"SELECT {JOB} FROM job WHERE {where}", (value,)).fetchone()
    if row is None:
        raise UnknownJob
    return job_of(row)
