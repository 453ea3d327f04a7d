"""Rows of requests, jobs, pictures and messages as records, and the changes of each."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from bot.errors import UnknownJob, WrongState
from bot.policy.rules import Review
from bot.providers.image import ImageRequest, Outcome, Size
from bot.queue.records import (
    JOB_CHANGES,
    PICTURE_CHANGES,
    ChannelId,
    Failure,
    GuildId,
    InteractionId,
    Job,
    JobId,
    JobState,
    Message,
    MessageId,
    Origin,
    Picture,
    PictureState,
    RequestId,
    ReviewCase,
    RoleId,
    Surface,
    UserId,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction


_JOB = (
    "job.id, job.state, job.priority, job.attempts, job.created_at_us, job.not_before_us,"
    " job.sent_at_us, job.finished_at_us, job.lease_token, job.cancel_requested, job.account,"
    " job.request_id, job.number, request.count, job.seed, job.prompt, request.review,"
    " request.role_ids"
)
_REQUEST = "request.width_px, request.height_px, request.rewrite, request.negative"
_ORIGIN = (
    "request.interaction_id, request.guild_id, request.channel_id, request.parent_channel_id,"
    " request.user_id, request.is_thread, request.locale, request.guild_locale,"
    " request.upload_limit_bytes, request.interaction_token, request.interaction_expires_at_us,"
    " request.parent_id, request.surface, request.is_restricted"
)
_PICTURE = (
    "picture.state, picture.link, picture.shown_prompt, picture.width_px, picture.height_px,"
    " picture.provider_request_id, picture.duration_us, picture.reasoning, picture.input_tokens,"
    " picture.output_tokens, picture.drawn_at_us, picture.post_attempted_at_us,"
    " picture.deleted_at_us, picture.channel_id, picture.message_id, picture.alt_text,"
    " picture.cost_micros, picture.notes, picture.is_spoiler, picture.released_at_us,"
    " picture.hidden_at_us"
)
_MESSAGE = (
    "message.channel_id, message.message_id, message.thread_id, outbox.attempts, outbox.told_at_us"
)
_FAILURE = (
    "coalesce(job.failure_kind, picture.failure_kind),"
    " coalesce(job.failure_detail, picture.failure_detail),"
    " coalesce(job.failure_code, picture.failure_code),"
    " coalesce(job.failure_request_id, picture.failure_request_id)"
)
# The case, and its place among the guild's that are open (`cases.place_of_case`).
_REVIEW_CASE = "FROM case_file AS mine WHERE mine.job_id = job.id AND mine.kind = 'review'"
_REVIEW = (
    f"(SELECT mine.id {_REVIEW_CASE}), (SELECT (SELECT count(*) FROM case_file AS one"
    " WHERE one.tenant_id = mine.tenant_id AND one.decision IS NULL AND one.kind = 'review'"
    " AND (one.opened_at_us, one.id) <= (mine.opened_at_us, mine.id))"
    f" {_REVIEW_CASE} AND mine.decision IS NULL)"
)
# A job with what belongs to it: `SELECT {JOB} FROM {JOBS} WHERE job.id = ?`.
JOB = ", ".join((_JOB, _REQUEST, _ORIGIN, _PICTURE, _MESSAGE, _FAILURE, _REVIEW))
JOBS = (
    "job JOIN request ON request.id = job.request_id"
    " JOIN message ON message.request_id = job.request_id JOIN outbox ON outbox.job_id = job.id"
    " LEFT JOIN picture ON picture.job_id = job.id"
)


def job_of(row: Sequence[Any]) -> Job:
    """The record of a row that was selected as `JOB`."""
    columns = iter(row)

    def take(count: int) -> list[Any]:
        return list(islice(columns, count))

    (job_id, state, priority, attempts, created_at_us, not_before_us, sent_at_us, finished_at_us,
     lease_token, cancel_requested, account, request_id, number, count, seed, prompt, review,
     role_ids) = take(18)  # fmt: skip
    return Job(
        id=JobId(job_id),
        request_id=RequestId(request_id),
        number=number,
        count=count,
        state=JobState(state),
        request=_request(prompt, seed, *take(4)),
        origin=_origin(*take(14)),
        priority=priority,
        attempts=attempts,
        created_at_us=created_at_us,
        not_before_us=not_before_us,
        sent_at_us=sent_at_us,
        finished_at_us=finished_at_us,
        lease_token=lease_token,
        cancel_requested=bool(cancel_requested),
        account=account,
        picture=_picture(*take(21)),
        message=_message(*take(5)),
        failure=_failure(*take(4)),
        review_case=_review_case(*take(2)),
        review=Review(review),
        role_ids=tuple(RoleId(int(one)) for one in role_ids.split(",") if one),
    )


def select_job(tx: Transaction, job_id: JobId) -> Job:
    """Raises UnknownJob."""
    row = tx.execute(f"SELECT {JOB} FROM {JOBS} WHERE job.id = ?", (job_id,)).fetchone()
    if row is None:
        raise UnknownJob
    return job_of(row)


def select_jobs_of_request(tx: Transaction, request_id: RequestId) -> tuple[Job, ...]:
    """In the order of their numbers; none if there is no such request."""
    rows = tx.execute(
        f"SELECT {JOB} FROM {JOBS} WHERE job.request_id = ? ORDER BY job.number", (request_id,)
    ).fetchall()
    return tuple(map(job_of, rows))


def _request(
    prompt: str, seed: int, width_px: int, height_px: int, rewrite: int, negative: str
) -> ImageRequest:
    return ImageRequest(
        prompt=prompt,
        size=Size(width_px, height_px),
        seed=seed,
        rewrite=bool(rewrite),
        negative=negative,
    )


def _origin(*row: Any) -> Origin:
    (interaction_id, guild_id, channel_id, parent_channel_id, user_id, is_thread, locale,
     guild_locale, upload_limit_bytes, token, expires_at_us, parent_id, surface,
     is_restricted) = row  # fmt: skip
    return Origin(
        interaction_id=InteractionId(interaction_id),
        guild_id=None if guild_id is None else GuildId(guild_id),
        channel_id=ChannelId(channel_id),
        parent_channel_id=_channel(parent_channel_id),
        user_id=UserId(user_id),
        is_thread=bool(is_thread),
        locale=locale,
        guild_locale=guild_locale,
        upload_limit_bytes=upload_limit_bytes,
        interaction_token=token,
        interaction_expires_at_us=expires_at_us,
        parent_id=None if parent_id is None else JobId(parent_id),
        surface=Surface(surface),
        is_restricted=bool(is_restricted),
    )


def _picture(*row: Any) -> Picture | None:
    (state, link, shown_prompt, width_px, height_px, provider_request_id, duration_us, reasoning,
     input_tokens, output_tokens, drawn_at_us, post_attempted_at_us, deleted_at_us, channel_id,
     message_id, alt_text, cost_micros, notes, is_spoiler, released_at_us,
     hidden_at_us) = row  # fmt: skip
    if state is None:
        return None
    return Picture(
        state=PictureState(state),
        link=link,
        shown_prompt=shown_prompt,
        size=Size(width_px, height_px),
        provider_request_id=provider_request_id,
        duration_us=duration_us,
        reasoning=reasoning,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        drawn_at_us=drawn_at_us,
        post_attempted_at_us=post_attempted_at_us,
        deleted_at_us=deleted_at_us,
        channel_id=_channel(channel_id),
        message_id=_message_id(message_id),
        cost_micros=cost_micros,
        alt_text=alt_text,
        notes=tuple(notes.split()),
        is_spoiler=bool(is_spoiler),
        released_at_us=released_at_us,
        hidden_at_us=hidden_at_us,
    )


def _message(*row: Any) -> Message:
    channel_id, message_id, thread_id, attempts, told_at_us = row
    return Message(
        channel_id=_channel(channel_id),
        message_id=_message_id(message_id),
        thread_id=_channel(thread_id),
        attempts=attempts,
        told_at_us=told_at_us,
    )


def _failure(*row: Any) -> Failure | None:
    kind, detail, code, provider_request_id = row
    if kind is None:
        return None
    return Failure(kind=kind, detail=detail, code=code, provider_request_id=provider_request_id)


def _review_case(case_id: int | None, place: int | None) -> ReviewCase | None:
    return None if case_id is None else ReviewCase(id=case_id, place=place)


def _message_id(value: int | None) -> MessageId | None:
    return None if value is None else MessageId(value)


def _channel(value: int | None) -> ChannelId | None:
    return None if value is None else ChannelId(value)


# ------------------------------------------------------------------------------------------------
# Changes of rows. What a verb expects of the state is looked up in the tables of changes.


def update(tx: Transaction, job_id: JobId, assignments: str, *values: object) -> None:
    """Columns of the job itself, in whatever state it is. Raises UnknownJob."""
    changed = tx.execute(f"UPDATE job SET {assignments} WHERE id = ?", (*values, job_id)).rowcount
    if not changed:
        raise UnknownJob


def change(tx: Transaction, job_id: JobId, to: JobState, assignments: str, *values: object) -> None:
    """Brings the job into the state, from one that it may come from.

    Raises:
        WrongState: it is in none of those; nothing was changed.
        UnknownJob.
    """
    before = [state for state, after in JOB_CHANGES.items() if to in after]
    changed = tx.execute(
        f"UPDATE job SET state = ?, {assignments}"
        f" WHERE id = ? AND state IN ({', '.join('?' * len(before))})",
        (to, *values, job_id, *before),
    ).rowcount
    if not changed:
        raise WrongState(f"job {job_id} is {select_job(tx, job_id).state}, and cannot be {to}")


def change_picture(
    tx: Transaction,
    job_id: JobId,
    to: PictureState,
    assignments: str,
    *values: object,
    only: str = "true",
) -> bool:
    """Likewise of its picture. Whether it was in a state that this may follow.

    Args:
        only: what must hold of the row besides.
    """
    before = [state for state, after in PICTURE_CHANGES.items() if to in after]
    changed = tx.execute(
        f"UPDATE picture SET state = ?, {assignments}"
        f" WHERE job_id = ? AND state IN ({', '.join('?' * len(before))}) AND {only}",
        (to, *values, job_id, *before),
    ).rowcount
    return changed > 0


def update_picture(tx: Transaction, job_id: JobId, assignments: str, *values: object) -> None:
    """Columns that are no state."""
    tx.execute(f"UPDATE picture SET {assignments} WHERE job_id = ?", (*values, job_id))


def update_outbox(tx: Transaction, job_id: JobId, assignments: str, *values: object) -> None:
    """What is to be said of the job. Raises UnknownJob."""
    changed = tx.execute(
        f"UPDATE outbox SET {assignments} WHERE job_id = ?", (*values, job_id)
    ).rowcount
    if not changed:
        raise UnknownJob


def forget_token(tx: Transaction, job_id: JobId) -> None:
    """Of the interaction, unless another job of the request is still to be told by it."""
    tx.execute(
        "UPDATE request SET interaction_token = NULL"
        " WHERE id = (SELECT request_id FROM job WHERE id = ?) AND NOT EXISTS ("
        "SELECT 1 FROM job JOIN outbox ON outbox.job_id = job.id"
        " WHERE job.request_id = request.id AND job.id <> ? AND told_at_us IS NULL"
        " AND (outbox.due_at_us IS NOT NULL OR job.state IN ('queued', 'running')))",
        (job_id, job_id),
    )


def update_message(tx: Transaction, job_id: JobId, assignments: str, *values: object) -> None:
    """Of the job's request. Raises UnknownJob."""
    changed = tx.execute(
        f"UPDATE message SET {assignments}"
        " WHERE request_id = (SELECT request_id FROM job WHERE id = ?)",
        (*values, job_id),
    ).rowcount
    if not changed:
        raise UnknownJob


def update_request(tx: Transaction, job_id: JobId, assignments: str, *values: object) -> None:
    """The request of the job."""
    tx.execute(
        f"UPDATE request SET {assignments} WHERE id = (SELECT request_id FROM job WHERE id = ?)",
        (*values, job_id),
    )


def insert_request(tx: Transaction, job: Job) -> None:
    """What was asked, and a message that says nothing yet; of the first of its jobs."""
    request, origin = job.request, job.origin
    tx.execute(
        "INSERT INTO request (id, interaction_id, guild_id, channel_id, parent_channel_id,"
        " user_id, is_thread, locale, guild_locale, upload_limit_bytes, interaction_token,"
        " interaction_expires_at_us, parent_id, negative, width_px, height_px, rewrite, count,"
        f" surface, review, role_ids, is_restricted) VALUES ({', '.join('?' * 22)})",
        (
            job.request_id,
            origin.interaction_id,
            origin.guild_id,
            origin.channel_id,
            origin.parent_channel_id,
            origin.user_id,
            origin.is_thread,
            origin.locale,
            origin.guild_locale,
            origin.upload_limit_bytes,
            origin.interaction_token,
            origin.interaction_expires_at_us,
            origin.parent_id,
            request.negative,
            request.size.width_px,
            request.size.height_px,
            request.rewrite,
            job.count,
            origin.surface,
            job.review,
            ",".join(map(str, job.role_ids)),
            origin.is_restricted,
        ),
    )
    tx.execute("INSERT INTO message (request_id) VALUES (?)", (job.request_id,))


def insert_job(tx: Transaction, job: Job, *, cost: int) -> None:
    """Queued and due."""
    tx.execute(
        "INSERT INTO job (id, request_id, number, tenant_id, user_id, state, priority, is_due,"
        f" cost, seed, prompt, created_at_us) VALUES ({', '.join('?' * 12)})",
        (
            job.id,
            job.request_id,
            job.number,
            job.origin.tenant_id,
            job.origin.user_id,
            job.state,
            job.priority,
            1,
            cost,
            job.request.seed,
            job.request.prompt,
            job.created_at_us,
        ),
    )
    tx.execute("INSERT INTO outbox (job_id) VALUES (?)", (job.id,))


def insert_picture(
    tx: Transaction,
    job_id: JobId,
    outcome: Outcome,
    state: PictureState,
    *,
    cost_micros: int,
    now_us: int,
) -> None:
    """As the provider told it."""
    tx.execute(
        "INSERT INTO picture (job_id, state, link, shown_prompt, width_px, height_px,"
        " provider_request_id, duration_us, reasoning, input_tokens, output_tokens, drawn_at_us,"
        f" cost_micros) VALUES ({', '.join('?' * 13)})",
        (
            job_id,
            state,
            outcome.url or None,
            outcome.shown_prompt,
            outcome.size.width_px,
            outcome.size.height_px,
            outcome.provider_request_id,
            outcome.duration_us,
            outcome.reasoning,
            outcome.input_tokens,
            outcome.output_tokens,
            now_us,
            cost_micros,
        ),
    )
