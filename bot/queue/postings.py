"""The outbox: what is to be said in Discord, and what stands there already.

A job's `due_at_us` is set while something is to be said of it: a picture that was drawn, or an end
without one. Each step of a delivery is stored as soon as it is known, so that a repeat after a
crash begins at the step after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.queue import picture_words
from bot.queue.jobs import (
    change_picture,
    forget_token,
    select_job,
    select_jobs,
    select_jobs_of_request,
    update,
    update_message,
    update_outbox,
    update_picture,
    update_request,
)
from bot.queue.records import LINK_LIVES_US, NOBODY, ChannelId, PictureState
from bot.queue.review import drop_file, stop_holding
from bot.queue.shown import await_likeness, forget_likeness
from bot.refusals import UnknownJob

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bot.db import Transaction
    from bot.queue.records import Failure, Job, JobId, MessageId, RequestId, UserId


KEPT_DAYS_US = 3 * 86_400 * 1_000_000  # longer than any link lives
MOST_WIPED = 500  # in one transaction; the next look takes the rest


def deliverable(
    tx: Transaction, *, now_us: int, limit: int, besides: Collection[RequestId] = ()
) -> tuple[Job, ...]:
    """What is due to be said: of each member the longest due first, then the second, and so on.

    Args:
        besides: requests of which something is being said already: their jobs share a message.
    """
    ids = tx.execute(_in_turn(besides=len(besides)), (now_us, *besides, limit)).fetchall()
    return tuple(select_job(tx, job_id) for (job_id,) in ids)


def _in_turn(*, besides: int) -> str:
    """With so many requests left out."""
    others = f" AND request_id NOT IN ({', '.join('?' * besides)})" if besides else ""
    return (
        "SELECT id FROM (SELECT job.id, due_at_us, row_number() OVER"
        " (PARTITION BY tenant_id, user_id ORDER BY due_at_us, job.id) AS turn"
        " FROM outbox JOIN job ON job.id = outbox.job_id"
        f" WHERE due_at_us <= ?{others}) AS due ORDER BY turn, due_at_us, id LIMIT ?"
    )


def record_status_message(
    tx: Transaction, job_id: JobId, channel_id: ChannelId, message_id: MessageId
) -> Job:
    """The message that tells how the job is."""
    _note(tx, job_id, "channel_id = ?, message_id = ?", channel_id, message_id)
    return select_job(tx, job_id)


def record_answer(
    tx: Transaction, job_id: JobId, channel_id: ChannelId, message_id: MessageId
) -> Job:
    """The interaction's answer tells how the job is, unless another message does so already."""
    _note(
        tx,
        job_id,
        "channel_id = coalesce(channel_id, ?), message_id = coalesce(message_id, ?)",
        channel_id,
        message_id,
    )
    return select_job(tx, job_id)


def record_thread(tx: Transaction, job_id: JobId, thread_id: ChannelId) -> bool:
    """Returns whether it was: not if the job's member was forgotten meanwhile."""
    return _note(tx, job_id, "thread_id = ?", thread_id)


def _note(tx: Transaction, job_id: JobId, assignments: str, *values: object) -> bool:
    """Of the message; raises UnknownJob. Nothing if the member was forgotten meanwhile: what is on
    its way to Discord then is found by nobody's row."""
    if _is_forgotten(tx, job_id):
        return False
    update_message(tx, job_id, assignments, *values)
    return True


def _is_forgotten(tx: Transaction, job_id: JobId) -> bool:
    """Raises UnknownJob."""
    row = tx.execute("SELECT user_id FROM job WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise UnknownJob
    return bool(row[0] == NOBODY)


class MembersDay(NamedTuple):
    """Of which pictures hang together in one thread, where staff want it so."""

    channel_id: ChannelId
    user_id: UserId
    day_at_us: int  # its beginning, in the guild's time zone


def day_thread(tx: Transaction, whose: MembersDay) -> ChannelId | None:
    row = tx.execute(
        "SELECT thread_id FROM day_thread WHERE channel_id = ? AND user_id = ? AND day_at_us = ?",
        whose,
    ).fetchone()
    return None if row is None else ChannelId(row[0])


def record_day_thread(
    tx: Transaction, job_id: JobId, whose: MembersDay, thread_id: ChannelId
) -> bool:
    """It was opened for this job. Returns as `record_thread`."""
    if _is_forgotten(tx, job_id):
        return False
    tx.execute(
        "INSERT INTO day_thread (channel_id, user_id, day_at_us, thread_id) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (channel_id, user_id, day_at_us) DO UPDATE SET"
        " thread_id = excluded.thread_id",
        (*whose, thread_id),
    )
    return True


def forget_old_days(tx: Transaction, *, now_us: int) -> None:
    """Everybody's threads of some days ago: no picture is on its way there any more."""
    tx.execute("DELETE FROM day_thread WHERE day_at_us < ?", (now_us - KEPT_DAYS_US,))


def forget_day_thread(tx: Transaction, whose: MembersDay) -> None:
    """It is deleted or locked; the next picture opens another."""
    tx.execute(
        "DELETE FROM day_thread WHERE channel_id = ? AND user_id = ? AND day_at_us = ?", whose
    )


def record_post_attempt(tx: Transaction, job_id: JobId, *, now_us: int) -> bool:
    """The picture is about to be posted: from here on it may stand there without our knowing.

    Returns whether it still is to be posted: it may have been cancelled or deleted meanwhile.
    """
    changed = tx.execute(
        "UPDATE picture SET post_attempted_at_us = coalesce(post_attempted_at_us, ?)"
        " WHERE job_id = ? AND state = ?",
        (now_us, job_id, PictureState.DUE),
    ).rowcount
    return changed > 0


def record_notes(tx: Transaction, job_id: JobId, notes: Sequence[str]) -> None:
    """What is to be said of how the picture was posted, each time its card is made anew."""
    update_picture(tx, job_id, "notes = ?", " ".join(notes))


def record_result_message(
    tx: Transaction, job_id: JobId, channel_id: ChannelId, message_id: MessageId
) -> bool:
    """The message that shows the picture. Returns as `record_thread`."""
    job = select_job(tx, job_id)
    if job.origin.user_id == NOBODY:
        return False
    update_picture(tx, job_id, "channel_id = ?, message_id = ?", channel_id, message_id)
    if not job.is_deleted:
        await_likeness(tx, job)
    return True


def still_due(tx: Transaction, job_id: JobId, *, now_us: int) -> Job | None:
    """The job as it is now; None if there is nothing to say any more, or not yet."""
    return next(iter(select_jobs(tx, "job.id = ? AND outbox.due_at_us <= ?", job_id, now_us)), None)


def delay(
    tx: Transaction, job_id: JobId, *, not_before_us: int, now_us: int, is_offered: bool
) -> None:
    """A try failed; the next one not before this instant.

    Args:
        is_offered: meanwhile the member finds the picture with /queue.
    """
    if not _is_forgotten(tx, job_id):
        update_outbox(tx, job_id, "attempts = attempts + 1, due_at_us = ?", not_before_us)
    if is_offered:
        update_picture(tx, job_id, "offered_at_us = coalesce(offered_at_us, ?)", now_us)


def is_more_to_tell(tx: Transaction, job_id: JobId) -> bool:
    """Whether other jobs of its request are open, or have an end that is to be said. Those that
    wait for the staff may do so for days, and count no more."""
    row = tx.execute(
        "SELECT 1 FROM job JOIN outbox ON outbox.job_id = job.id"
        " WHERE request_id = (SELECT request_id FROM job WHERE id = ?) AND job.id <> ?"
        " AND (state IN ('queued', 'running') OR due_at_us IS NOT NULL"
        " OR job.id IN (SELECT job_id FROM screening)) LIMIT 1",
        (job_id, job_id),
    ).fetchone()
    return row is not None


def mark_delivered(tx: Transaction, job_id: JobId, *, now_us: int) -> None:
    """The member has the picture. A repeat changes nothing.

    Its link is forgotten, but where several pictures share a card: it may be shown by its link, and
    is then wanted for each edit.
    """
    if change_picture(
        tx,
        job_id,
        PictureState.SHOWN,
        "shown_at_us = ?, offered_at_us = NULL, failure_kind = NULL,"
        " failure_detail = NULL, failure_code = NULL, failure_request_id = NULL",
        now_us,
    ):
        forget_source(tx, job_id)
        _say_no_more(tx, job_id, now_us)


def forget_source(tx: Transaction, job_id: JobId) -> None:
    """It hangs, so that its file is kept no more, nor its link but where several share a card."""
    if select_job(tx, job_id).count == 1:
        update_picture(tx, job_id, "link = NULL")
    drop_file(tx, job_id)


def keep_link(tx: Transaction, job_id: JobId, link: str) -> None:
    """Of a picture that is hidden and was shown by it, until it is shown again or the link dies."""
    tx.execute(
        "UPDATE picture SET link = ?"
        " WHERE job_id = ? AND state = 'shown' AND hidden_at_us IS NOT NULL",
        (link, job_id),
    )


def mark_held_told(tx: Transaction, job_ids: Sequence[JobId]) -> None:
    """Their member knows that the staff have the pictures; whatever was decided since is due
    still."""
    tx.executemany(
        "UPDATE outbox SET due_at_us = NULL, attempts = 0 WHERE job_id = ?"
        " AND job_id IN (SELECT job_id FROM picture WHERE state = 'held')",
        [(job_id,) for job_id in job_ids],
    )


def settle_shown(tx: Transaction, job_id: JobId, *, hidden_at_us: int | None) -> None:
    """Its message shows a picture that hangs, or shows it no more, as its row had it; if that has
    changed since it is due still."""
    tx.execute(
        "UPDATE outbox SET due_at_us = NULL, attempts = 0 WHERE job_id = ? AND EXISTS"
        " (SELECT 1 FROM picture WHERE picture.job_id = outbox.job_id AND state = 'shown'"
        " AND coalesce(hidden_at_us, 0) = ?)",
        (job_id, hidden_at_us or 0),
    )


def mark_notified(tx: Transaction, job_id: JobId, *, told: Job | None = None, now_us: int) -> None:
    """The member knows that there will be no picture; one that the staff have rejected may still
    come, by an appeal.

    Args:
        told: as it was when they were told. What the staff have decided since is due still.
    """
    if _has_changed(tx, job_id, told):
        return
    if select_job(tx, job_id).review_case is None:
        update_picture(tx, job_id, "link = NULL")
    _say_no_more(tx, job_id, now_us)


def _has_changed(tx: Transaction, job_id: JobId, told: Job | None) -> bool:
    """Whether there is something else to be said of its picture by now."""
    if told is None or told.picture is None:
        return False
    job = select_job(tx, job_id)
    return (job.picture and job.picture.state, job.failure) != (told.picture.state, told.failure)


def _say_no_more(tx: Transaction, job_id: JobId, now_us: int) -> None:
    update_outbox(tx, job_id, "told_at_us = ?, due_at_us = NULL", now_us)
    forget_token(tx, job_id)


def mark_undeliverable(tx: Transaction, job_id: JobId, failure: Failure, *, now_us: int) -> None:
    """Discord has no place for it; the member is to be notified and finds it with /queue."""
    if _end_picture(tx, job_id, PictureState.UNDELIVERABLE, failure, now_us):
        update_picture(tx, job_id, "offered_at_us = ?", now_us)


def fail_picture(tx: Transaction, job_id: JobId, failure: Failure, *, now_us: int) -> None:
    """Drawn and paid, but nobody has its file any more: lost, to be notified."""
    if _end_picture(tx, job_id, PictureState.LOST, failure, now_us):
        stop_holding(tx, job_id, now_us=now_us)


def _end_picture(
    tx: Transaction, job_id: JobId, state: PictureState, failure: Failure, now_us: int
) -> bool:
    is_changed = change_picture(
        tx,
        job_id,
        state,
        "failure_kind = ?, failure_detail = ?, failure_code = ?, failure_request_id = ?",
        failure.kind,
        failure.detail,
        failure.code,
        failure.provider_request_id,
    )
    if is_changed:
        update_outbox(tx, job_id, "due_at_us = ?", now_us)
    return is_changed


def stop_notifying(tx: Transaction, job_id: JobId, *, told: Job | None = None, now_us: int) -> None:
    """There is no more to say, or nowhere to say it. A picture keeps its link for /queue.

    Args:
        told: see `mark_notified`.
    """
    if _has_changed(tx, job_id, told):
        return
    update_outbox(tx, job_id, "due_at_us = NULL")
    update_picture(tx, job_id, "offered_at_us = coalesce(offered_at_us, ?)", now_us)


def mark_deleted(tx: Transaction, job_id: JobId, *, now_us: int) -> Job:
    """The member wants the picture gone: it is not posted again, and its words are forgotten.

    They are due to be taken out of Discord as well. Usage and cost stay. A repeat changes nothing
    but that they are due again.

    Raises:
        UnknownJob: there is no picture.
    """
    change_picture(
        tx,
        job_id,
        PictureState.DELETED,
        "deleted_at_us = ?, offered_at_us = NULL, link = NULL, shown_prompt = '', reasoning = '',"
        " alt_text = NULL",
        now_us,
    )
    job = select_job(tx, job_id)
    if job.picture is None:
        raise UnknownJob
    stop_holding(tx, job_id, now_us=now_us)
    picture_words.forget(tx, (job,))
    tx.execute("DELETE FROM keep WHERE job_id = ?", (job_id,))
    forget_likeness(tx, job_id)
    update(tx, job_id, "prompt = ''")
    if all(other.is_deleted for other in select_jobs_of_request(tx, job.request_id)):
        update_request(tx, job_id, "negative = '', interaction_token = NULL")
    update_outbox(tx, job_id, "due_at_us = ?, attempts = 0", now_us)
    return select_job(tx, job_id)


def shares_message(tx: Transaction, job_id: JobId) -> bool:
    """Whether the message of a deleted picture shows others of its request, or tells of them."""
    job = select_job(tx, job_id)
    here = job.picture and job.picture.message_id
    others = [one for one in select_jobs_of_request(tx, job.request_id) if one.id != job_id]
    return any(
        other.is_open
        if other.picture is None or other.picture.message_id is None
        else other.picture.message_id == here and not other.is_deleted
        for other in others
    )


def mark_prompt_erased(tx: Transaction, job_id: JobId) -> None:
    """Nothing in Discord shows a deleted picture's words any more, as far as that can be had."""
    update_outbox(tx, job_id, "due_at_us = NULL")


def wipe_dead_secrets(tx: Transaction, *, now_us: int) -> int:
    """Forgets interaction tokens and links that have died, and roles once they are of no use.
    Returns how many tokens and links were wiped."""
    tx.execute(
        "UPDATE request SET role_ids = '' WHERE id IN (SELECT id FROM request"
        " WHERE role_ids <> '' AND NOT EXISTS (SELECT 1 FROM job LEFT JOIN screening"
        " ON screening.job_id = job.id WHERE job.request_id = request.id"
        " AND (job.state IN ('queued', 'running') OR screening.job_id IS NOT NULL)) LIMIT ?)",
        (MOST_WIPED,),
    )
    tokens = tx.execute(
        "UPDATE request SET interaction_token = NULL WHERE id IN (SELECT id FROM request"
        " WHERE interaction_token IS NOT NULL AND interaction_expires_at_us <= ? LIMIT ?)",
        (now_us, MOST_WIPED),
    ).rowcount
    links = tx.execute(
        "UPDATE picture SET link = NULL WHERE job_id IN (SELECT job_id FROM picture"
        " WHERE link IS NOT NULL AND drawn_at_us <= ? LIMIT ?)",
        (now_us - LINK_LIVES_US, MOST_WIPED),
    ).rowcount
    return tokens + links
