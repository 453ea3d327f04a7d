"""Pictures that hang a second time: the messages, each begun in its row before it is posted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import PictureDeleted, PictureHidden, UnknownJob
from bot.queue.jobs import JOB, JOBS, job_of, select_job, update_outbox
from bot.queue.records import NOBODY, ChannelId, InteractionId, MessageId

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.records import Job, JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class Repost:
    """One message more. Without an id it may hang there without our knowing."""

    interaction_id: InteractionId  # that asked for it
    channel_id: ChannelId
    message_id: MessageId | None = None


def reposts_of(tx: Transaction, job_id: JobId) -> tuple[Repost, ...]:
    """The newest first."""
    rows = tx.execute(
        "SELECT interaction_id, channel_id, message_id FROM repost WHERE job_id = ?"
        " ORDER BY interaction_id DESC",
        (job_id,),
    ).fetchall()
    return tuple(
        Repost(
            interaction_id=InteractionId(interaction_id),
            channel_id=ChannelId(channel_id),
            message_id=None if message_id is None else MessageId(message_id),
        )
        for interaction_id, channel_id, message_id in rows
    )


def begin_repost(
    tx: Transaction, interaction_id: InteractionId, job_id: JobId, channel_id: ChannelId
) -> None:
    """It is about to be posted. A repeat changes nothing.

    Raises:
        UnknownJob: it has no picture.
        PictureDeleted, PictureHidden: meanwhile.
    """
    job = select_job(tx, job_id)
    if job.is_deleted:
        raise PictureDeleted
    if job.is_hidden:
        raise PictureHidden
    if job.picture is None:
        raise UnknownJob
    tx.execute(
        "INSERT INTO repost (interaction_id, job_id, channel_id) VALUES (?, ?, ?)"
        " ON CONFLICT (interaction_id) DO NOTHING",
        (interaction_id, job_id, channel_id),
    )


def record_repost(tx: Transaction, job_id: JobId, hung: Repost, *, now_us: int) -> None:
    """It hangs there; nothing if the picture's member was forgotten meanwhile.

    Of a picture that was deleted or hidden while it was being posted it is due to be taken away,
    too.
    """
    job = select_job(tx, job_id)
    if job.picture is None or job.origin.user_id == NOBODY:
        return
    tx.execute(
        "INSERT INTO repost (interaction_id, job_id, channel_id, message_id) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (interaction_id) DO UPDATE SET message_id = excluded.message_id",
        (hung.interaction_id, job_id, hung.channel_id, hung.message_id),
    )
    if job.is_deleted or job.is_hidden:
        update_outbox(tx, job_id, "due_at_us = ?", now_us)


def drop_repost(tx: Transaction, interaction_id: InteractionId) -> None:
    """It certainly does not hang there."""
    tx.execute("DELETE FROM repost WHERE interaction_id = ?", (interaction_id,))


def jobs_at(tx: Transaction, message_id: MessageId) -> tuple[Job, ...]:
    """The jobs that a message shows: those of its pictures, or of the request that it tells of."""
    rows = tx.execute(
        f"SELECT {JOB} FROM {JOBS} WHERE job.id IN ("
        "SELECT job_id FROM picture WHERE message_id = ?"
        " UNION SELECT job_id FROM repost WHERE message_id = ?"
        " UNION SELECT job.id FROM message JOIN job ON job.request_id = message.request_id"
        " WHERE message.message_id = ?) ORDER BY job.id",
        (message_id, message_id, message_id),
    ).fetchall()
    return tuple(map(job_of, rows))
