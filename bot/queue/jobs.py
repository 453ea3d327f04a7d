"""Rows of requests, jobs, pictures and messages as records, and the changes of each."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from bot.errors import WrongState
from bot.policy.rules import Review
from bot.providers.image import ImageRequest, Outcome, Size
from bot.queue.records import (
    JOB_CHANGES,
    PICTURE_CHANGES,
    Failure,
    Job,
    JobId,
    JobState,
    Message,
    Origin,
    Picture,
    PictureState,
    RequestId,
    ReviewCase,
    RoleId,
    Surface,
)
from bot.refusals import UnknownJob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction


# Columns, by the names of the fields that they fill; what is stored in another form is made below.
_JOB = (
    *("id", "request_id", "number", "state", "priority", "attempts", "created_at_us"),
    *("account", "not_before_us", "sent_at_us", "finished_at_us", "lease_token"),
    *("cancel_requested", "seed", "prompt"),
)
_REQUEST = ("count", "review", "role_ids", "width_px", "height_px", "rewrite", "negative")
_ORIGIN = (
    *("interaction_id", "guild_id", "channel_id", "parent_channel_id", "user_id", "is_thread"),
    *("locale", "guild_locale", "upload_limit_bytes", "interaction_token"),
    *("interaction_expires_at_us", "parent_id", "surface", "is_restricted"),
)
_PICTURE = (
    *("state", "link", "shown_prompt", "width_px", "height_px", "provider_request_id"),
    *("duration_us", "reasoning", "input_tokens", "output_tokens", "drawn_at_us"),
    *("post_attempted_at_us", "deleted_at_us", "channel_id", "message_id", "cost_micros"),
    *("alt_text", "notes", "is_spoiler", "released_at_us", "hidden_at_us"),
)
_MESSAGE = ("channel_id", "message_id", "thread_id")
_OUTBOX = ("attempts", "told_at_us")
_FAILURE = ("kind", "detail", "code", "request_id")
# The case, and its place among the guild's that are open (`case_views.place_of_case`).
_REVIEW_CASE = "FROM case_file AS mine WHERE mine.job_id = job.id AND mine.kind = 'review'"
_REVIEW = (
    f"(SELECT mine.id {_REVIEW_CASE}), (SELECT (SELECT count(*) FROM case_file AS one"
    " WHERE one.tenant_id = mine.tenant_id AND one.decision IS NULL AND one.kind = 'review'"
    " AND (one.opened_at_us, one.id) <= (mine.opened_at_us, mine.id))"
    f" {_REVIEW_CASE} AND mine.decision IS NULL)"
)


def _of(table: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)


# A job with what belongs to it: `SELECT {JOB} FROM {JOBS} WHERE job.id = ?`.
JOB = ", ".join(
    (
        *(_of("job", _JOB), _of("request", _REQUEST), _of("request", _ORIGIN)),
        *(_of("picture", _PICTURE), _of("message", _MESSAGE), _of("outbox", _OUTBOX)),
        *(f"coalesce(job.failure_{one}, picture.failure_{one})" for one in _FAILURE),
        _REVIEW,
    )
)
JOBS = (
    "job JOIN request ON request.id = job.request_id"
    " JOIN message ON message.request_id = job.request_id JOIN outbox ON outbox.job_id = job.id"
    " LEFT JOIN picture ON picture.job_id = job.id"
)


def job_of(row: Sequence[Any]) -> Job:
    """The record of a row that was selected as `JOB`."""
    values = iter(row)

    def take(names: Sequence[str]) -> dict[str, Any]:
        return dict(zip(names, values, strict=False))  # the rest is for the next ones

    job, asked, origin, picture = map(take, (_JOB, _REQUEST, _ORIGIN, _PICTURE))
    message, failure = take(_MESSAGE + _OUTBOX), take(_FAILURE)
    case_id, place = values
    state, cancel_requested = JobState(job.pop("state")), bool(job.pop("cancel_requested"))
    return Job(
        state=state,
        cancel_requested=cancel_requested,
        request=_request(job.pop("prompt"), job.pop("seed"), asked),
        origin=_origin(origin),
        count=asked["count"],
        review=Review(asked["review"]),
        role_ids=tuple(RoleId(int(one)) for one in asked["role_ids"].split(",") if one),
        picture=_picture(picture),
        message=Message(**message),
        failure=_failure(failure),
        review_case=None if case_id is None else ReviewCase(id=case_id, place=place),
        **job,
    )


def _request(prompt: str, seed: int, asked: dict[str, Any]) -> ImageRequest:
    return ImageRequest(
        prompt=prompt,
        size=Size(asked["width_px"], asked["height_px"]),
        seed=seed,
        rewrite=bool(asked["rewrite"]),
        negative=asked["negative"],
    )


def _origin(row: dict[str, Any]) -> Origin:
    row["is_thread"], row["is_restricted"] = bool(row["is_thread"]), bool(row["is_restricted"])
    row["surface"] = Surface(row["surface"])
    return Origin(**row)


def _picture(row: dict[str, Any]) -> Picture | None:
    if row["state"] is None:
        return None
    row["state"], row["is_spoiler"] = PictureState(row["state"]), bool(row["is_spoiler"])
    row["notes"] = tuple(row["notes"].split())
    return Picture(size=Size(row.pop("width_px"), row.pop("height_px")), **row)


def _failure(row: dict[str, Any]) -> Failure | None:
    provider_request_id = row.pop("request_id")
    if row["kind"] is None:
        return None
    return Failure(provider_request_id=provider_request_id, **row)


def select_job(tx: Transaction, job_id: JobId) -> Job:
    """Raises UnknownJob."""
    found = select_jobs(tx, "job.id = ?", job_id)
    if not found:
        raise UnknownJob
    return found[0]


def select_jobs_of_request(tx: Transaction, request_id: RequestId) -> tuple[Job, ...]:
    """In the order of their numbers; none if there is no such request."""
    return select_jobs(tx, "job.request_id = ? ORDER BY job.number", request_id)


def select_jobs(tx: Transaction, which: str, *values: object) -> tuple[Job, ...]:
    """Args: which: a condition, and perhaps an order and a limit."""
    rows = tx.execute(f"SELECT {JOB} FROM {JOBS} WHERE {which}", values).fetchall()
    return tuple(map(job_of, rows))


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
    request = job.request
    insert(
        tx,
        "request",
        id=job.request_id,
        **{column: getattr(job.origin, column) for column in _ORIGIN},
        count=job.count,
        review=job.review,
        role_ids=",".join(map(str, job.role_ids)),
        width_px=request.size.width_px,
        height_px=request.size.height_px,
        rewrite=request.rewrite,
        negative=request.negative,
    )
    insert(tx, "message", request_id=job.request_id)


def insert_job(tx: Transaction, job: Job, *, cost: int) -> None:
    """Queued and due."""
    insert(
        tx,
        "job",
        id=job.id,
        request_id=job.request_id,
        number=job.number,
        tenant_id=job.origin.tenant_id,
        user_id=job.origin.user_id,
        state=job.state,
        priority=job.priority,
        is_due=1,
        cost=cost,
        seed=job.request.seed,
        prompt=job.request.prompt,
        created_at_us=job.created_at_us,
    )
    insert(tx, "outbox", job_id=job.id)


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
    insert(
        tx,
        "picture",
        job_id=job_id,
        state=state,
        link=outcome.url or None,
        shown_prompt=outcome.shown_prompt,
        width_px=outcome.size.width_px,
        height_px=outcome.size.height_px,
        provider_request_id=outcome.provider_request_id,
        duration_us=outcome.duration_us,
        reasoning=outcome.reasoning,
        input_tokens=outcome.input_tokens,
        output_tokens=outcome.output_tokens,
        drawn_at_us=now_us,
        cost_micros=cost_micros,
    )


def insert(tx: Transaction, table: str, **values: object) -> None:
    """A row of these columns; the others are as the table has them."""
    tx.execute(_insertion(table, tuple(values)), tuple(values.values()))


@cache
def _insertion(table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
