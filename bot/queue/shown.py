"""Pictures that hang: where else they hang, who wants to find them again, and how they look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.queue.jobs import select_job, select_jobs, update_outbox
from bot.queue.records import NOBODY, ChannelId, InteractionId, JobId, MessageId
from bot.refusals import PictureDeleted, PictureHidden, UnknownJob

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.queue.records import Job, TenantId, UserId


# ------------------------------------------------------------------------------------------------
# A second time: the messages, each begun in its row before it is posted.


class Repost(Struct, frozen=True, kw_only=True):
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
    return select_jobs(
        tx,
        "job.id IN ("
        "SELECT job_id FROM picture WHERE message_id = ?"
        " UNION SELECT job_id FROM repost WHERE message_id = ?"
        " UNION SELECT job.id FROM message JOIN job ON job.request_id = message.request_id"
        " WHERE message.message_id = ?) ORDER BY job.id",
        *(message_id, message_id, message_id),
    )


# ------------------------------------------------------------------------------------------------
# Kept by members, whoever asked for them.


def keep(tx: Transaction, job_id: JobId, user_id: UserId, *, now_us: int) -> None:
    """A repeat changes nothing, nor is there anything to keep before a picture is drawn."""
    tx.execute(
        "INSERT INTO keep (user_id, job_id, kept_at_us)"
        " SELECT ?, job_id, ? FROM picture WHERE job_id = ?"
        " ON CONFLICT (user_id, job_id) DO NOTHING",
        (user_id, now_us, job_id),
    )


def is_kept(tx: Transaction, job_id: JobId, user_id: UserId) -> bool:
    row = tx.execute(
        "SELECT 1 FROM keep WHERE user_id = ? AND job_id = ?", (user_id, job_id)
    ).fetchone()
    return row is not None


def toggle_kept(tx: Transaction, job_id: JobId, user_id: UserId, *, now_us: int) -> bool:
    """Whether it is kept from now on."""
    gone = tx.execute("DELETE FROM keep WHERE user_id = ? AND job_id = ?", (user_id, job_id))
    if gone.rowcount:
        return False
    keep(tx, job_id, user_id, now_us=now_us)
    return True


# ------------------------------------------------------------------------------------------------
# How they look, as 64 bits each, by which a copy of one is found again.


def await_likeness(tx: Transaction, job: Job) -> None:
    """Its picture hangs, and is to be looked at. A repeat changes nothing."""
    tx.execute(
        "INSERT INTO likeness (job_id, tenant_id) VALUES (?, ?) ON CONFLICT (job_id) DO NOTHING",
        (job.id, job.origin.tenant_id),
    )


def without_likeness(tx: Transaction, *, limit: int, after: int = 0) -> tuple[Job, ...]:
    """Those behind this job that hang and are to be looked at, the oldest first."""
    return select_jobs(
        tx,
        "job.id IN (SELECT likeness.job_id FROM likeness"
        " JOIN picture ON picture.job_id = likeness.job_id"
        " WHERE likeness IS NULL AND picture.state = 'shown' AND likeness.job_id > ?"
        " ORDER BY likeness.job_id LIMIT ?) ORDER BY job.id",
        *(after, limit),
    )


def record_likeness(tx: Transaction, job_id: JobId, likeness: int) -> None:
    """Nothing if the picture was deleted meanwhile."""
    tx.execute("UPDATE likeness SET likeness = ? WHERE job_id = ?", (likeness, job_id))


def forget_likeness(tx: Transaction, job_id: JobId) -> None:
    tx.execute("DELETE FROM likeness WHERE job_id = ?", (job_id,))


def likeness_of_job(tx: Transaction, job_id: JobId) -> int | None:
    """None if nobody has looked yet."""
    row = tx.execute("SELECT likeness FROM likeness WHERE job_id = ?", (job_id,)).fetchone()
    return None if row is None else row[0]


def likenesses_of(tx: Transaction, tenant_id: TenantId) -> list[int]:
    """Of all that is known of its pictures, each once: some 30 ms for 100,000 of them."""
    rows = tx.execute(
        "SELECT DISTINCT likeness FROM likeness WHERE tenant_id = ? AND likeness <> 0",
        (tenant_id,),
    )
    return [one for (one,) in rows.fetchall()]


def job_that_looks(tx: Transaction, tenant_id: TenantId, likeness: int) -> JobId:
    """The newest of those that look exactly so, of which there is one."""
    row = tx.execute(
        "SELECT max(job_id) FROM likeness WHERE tenant_id = ? AND likeness = ?",
        (tenant_id, likeness),
    ).fetchone()
    return JobId(row[0])
