"""The outbox: what is to be said in Discord, and what stands there already.

`deliver_at_us` is set while something is to be said: a picture that was drawn, or an end without
one. Each step of a delivery is stored as soon as it is known, so that a repeat after a crash begins
at the step after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.queue.jobs import JOB, job_of, update
from bot.queue.jobs import select_job as job
from bot.queue.records import JobState

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.db.transaction import Transaction
    from bot.queue.records import ChannelId, Failure, Job, JobId, MessageId


__all__ = [
    "delay",
    "deliverable",
    "fail_picture",
    "job",
    "mark_deleted",
    "mark_delivered",
    "mark_notified",
    "mark_prompt_erased",
    "mark_undeliverable",
    "record_answer",
    "record_post_attempt",
    "record_result_message",
    "record_status_message",
    "record_thread",
    "still_due",
    "stop_notifying",
    "wipe_dead_secrets",
]

# An ended job needs neither link nor token any more; NULL stays NULL: there was no picture.
_WIPED = "interaction_token = NULL, url = CASE WHEN url IS NULL THEN NULL ELSE '' END"
_WORDLESS = (
    "prompt = '', negative = '',"
    " shown_prompt = CASE WHEN shown_prompt IS NULL THEN NULL ELSE '' END,"
    " reasoning = CASE WHEN reasoning IS NULL THEN NULL ELSE '' END"
)
LINK_LIVES_US = 24 * 3600 * 1_000_000  # Z-Image API reference, 2025-12-23
MOST_WIPED = 500  # in one transaction; the next look takes the rest


def deliverable(
    tx: Transaction, *, now_us: int, limit: int, besides: Collection[JobId] = ()
) -> tuple[Job, ...]:
    """What is due to be said: of each member the longest due first, then the second, and so on.

    Args:
        besides: what is being said already.
    """
    ids = tx.execute(_in_turn(besides=len(besides)), (now_us, *besides, limit)).fetchall()
    return tuple(job(tx, job_id) for (job_id,) in ids)


def _in_turn(*, besides: int) -> str:
    """With so many ids left out."""
    others = f" AND id NOT IN ({', '.join('?' * besides)})" if besides else ""
    return (
        "SELECT id FROM (SELECT id, deliver_at_us, row_number() OVER"
        " (PARTITION BY guild_id, user_id ORDER BY deliver_at_us, id) AS turn"
        f" FROM job WHERE deliver_at_us <= ?{others}) AS due"
        " ORDER BY turn, deliver_at_us, id LIMIT ?"
    )


def record_status_message(
    tx: Transaction, job_id: JobId, channel_id: ChannelId, message_id: MessageId
) -> Job:
    """The message that tells how the job is."""
    return update(
        tx, job_id, "status_channel_id = ?, status_message_id = ?", channel_id, message_id
    )


def record_answer(
    tx: Transaction, job_id: JobId, channel_id: ChannelId, message_id: MessageId
) -> Job:
    """The interaction's answer tells how the job is, unless another message does so already."""
    return update(
        tx,
        job_id,
        "status_channel_id = coalesce(status_channel_id, ?),"
        " status_message_id = coalesce(status_message_id, ?)",
        channel_id,
        message_id,
    )


def record_thread(tx: Transaction, job_id: JobId, thread_id: ChannelId) -> Job:
    return update(tx, job_id, "thread_id = ?", thread_id)


def record_post_attempt(tx: Transaction, job_id: JobId, *, now_us: int) -> Job:
    """The picture is about to be posted: from here on it may stand there without our knowing."""
    return update(tx, job_id, "post_attempted_at_us = coalesce(post_attempted_at_us, ?)", now_us)


def record_result_message(
    tx: Transaction, job_id: JobId, channel_id: ChannelId, message_id: MessageId
) -> Job:
    """The message that shows the picture."""
    return update(
        tx, job_id, "result_channel_id = ?, result_message_id = ?", channel_id, message_id
    )


def still_due(tx: Transaction, job_id: JobId, *, now_us: int) -> Job | None:
    """The job as it is now; None if there is nothing to say any more, or not yet."""
    row = tx.execute(
        f"SELECT {JOB} FROM job WHERE id = ? AND deliver_at_us <= ?", (job_id, now_us)
    ).fetchone()
    return None if row is None else job_of(row)


def delay(
    tx: Transaction, job_id: JobId, *, not_before_us: int, now_us: int, is_offered: bool
) -> Job:
    """A try failed; the next one not before this instant.

    Args:
        is_offered: meanwhile the member finds the picture with /queue.
    """
    return update(
        tx,
        job_id,
        "post_attempts = post_attempts + 1, deliver_at_us = ?,"
        " undeliverable_at_us = coalesce(undeliverable_at_us, ?)",
        not_before_us,
        now_us if is_offered else None,
    )


def mark_delivered(tx: Transaction, job_id: JobId, *, now_us: int) -> Job:
    """The member has the picture. A repeat changes nothing."""
    known = job(tx, job_id)
    if known.state is not JobState.GENERATED:
        return known
    return update(
        tx,
        job_id,
        "state = ?, delivered_at_us = ?, deliver_at_us = NULL, undeliverable_at_us = NULL,"
        f" failure_kind = NULL, failure_detail = NULL, {_WIPED}",
        JobState.DELIVERED,
        now_us,
    )


def mark_notified(tx: Transaction, job_id: JobId, *, now_us: int) -> Job:
    """The member knows that there will be no picture."""
    return update(tx, job_id, f"delivered_at_us = ?, deliver_at_us = NULL, {_WIPED}", now_us)


def mark_undeliverable(tx: Transaction, job_id: JobId, failure: Failure, *, now_us: int) -> Job:
    """Discord has no place for it; the member is to be notified and finds it with /queue."""
    known = job(tx, job_id)
    if known.state is not JobState.GENERATED:
        return known
    return update(
        tx,
        job_id,
        "undeliverable_at_us = ?, deliver_at_us = ?, failure_kind = ?, failure_detail = ?",
        now_us,
        now_us,
        failure.kind,
        failure.detail,
    )


def stop_notifying(tx: Transaction, job_id: JobId, *, now_us: int) -> Job:
    """There is no more to say, or nowhere to say it. A picture keeps its link for /queue."""
    return update(
        tx,
        job_id,
        "undeliverable_at_us = coalesce(undeliverable_at_us, ?), deliver_at_us = NULL",
        now_us,
    )


def fail_picture(tx: Transaction, job_id: JobId, failure: Failure, *, now_us: int) -> Job:
    """Drawn and paid, but the provider's storage gives it no more: failed, to be notified."""
    known = job(tx, job_id)
    if known.state is not JobState.GENERATED:
        return known
    return update(
        tx,
        job_id,
        "state = ?, deliver_at_us = ?, failure_kind = ?, failure_detail = ?, failure_code = ?,"
        " failure_request_id = ?",
        JobState.FAILED,
        now_us,
        failure.kind,
        failure.detail,
        failure.code,
        failure.provider_request_id,
    )


def mark_deleted(tx: Transaction, job_id: JobId, *, now_us: int) -> Job:
    """The member wants the picture gone: it is not posted again, and its words are forgotten.

    They are due to be taken out of Discord as well. Usage and cost stay.
    """
    return update(
        tx,
        job_id,
        "state = CASE state WHEN 'generated' THEN 'delivered' ELSE state END,"
        " deleted_at_us = coalesce(deleted_at_us, ?),"
        " deliver_at_us = ?, post_attempts = 0, undeliverable_at_us = NULL,"
        f" {_WORDLESS}, {_WIPED}",
        now_us,
        now_us,
    )


def mark_prompt_erased(tx: Transaction, job_id: JobId) -> Job:
    """Nothing in Discord shows a deleted picture's words any more, as far as that can be had."""
    return update(tx, job_id, "deliver_at_us = NULL")


def wipe_dead_secrets(tx: Transaction, *, now_us: int) -> int:
    """Forgets interaction tokens and links that have died. Returns how many were wiped."""
    tokens = tx.execute(
        "UPDATE job SET interaction_token = NULL WHERE id IN (SELECT id FROM job"
        " WHERE interaction_token IS NOT NULL AND interaction_expires_at_us <= ? LIMIT ?)",
        (now_us, MOST_WIPED),
    ).rowcount
    links = tx.execute(
        "UPDATE job SET url = '' WHERE id IN (SELECT id FROM job"
        " WHERE url > '' AND finished_at_us <= ? LIMIT ?)",
        (now_us - LINK_LIVES_US, MOST_WIPED),
    ).rowcount
    return tokens + links
