"""Rows of the job table as `Job` records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, MessageId, UserId
from bot.domain.job import Failure, Job, JobState, Origin, Outcome, Posting
from bot.domain.request import ImageRequest
from bot.domain.sizes import Size
from bot.errors import UnknownJob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.storage.transaction import Transaction

_GENERAL = (
    "id, state, priority, attempts, created_at_us, not_before_us, sent_at_us,"
    " finished_at_us, delivered_at_us, deleted_at_us, lease_token, cancel_requested, cost_micros"
)
_REQUEST = "prompt, width_px, height_px, seed, rewrite, negative"
_ORIGIN = (
    "interaction_id, guild_id, channel_id, parent_channel_id, user_id, is_thread, locale,"
    " guild_locale, upload_limit_bytes, interaction_token, interaction_expires_at_us, parent_id"
)
_OUTCOME = (
    "url, shown_prompt, outcome_width_px, outcome_height_px, provider_request_id, duration_us,"
    " reasoning, input_tokens, output_tokens"
)
_FAILURE = "failure_kind, failure_detail, failure_code, failure_request_id"
_POSTING = (
    "status_message_id, status_channel_id, thread_id, result_channel_id, result_message_id,"
    " post_attempted_at_us, post_attempts"
)
JOB = ", ".join((_GENERAL, _REQUEST, _ORIGIN, _OUTCOME, _FAILURE, _POSTING))

_WIDTHS = [len(part.split(",")) for part in (_GENERAL, _REQUEST, _ORIGIN, _OUTCOME, _FAILURE)]
_ENDS = [sum(_WIDTHS[: n + 1]) for n in range(len(_WIDTHS))]


def job_of(row: Sequence[Any]) -> Job:
    """The record of a row that was selected as `JOB`."""
    general = row[: _ENDS[0]]
    (job_id, state, priority, attempts, created, not_before, sent, finished, delivered,
     deleted, lease_token, cancel_requested, cost_micros) = general  # fmt: skip
    return Job(
        id=JobId(job_id),
        state=JobState(state),
        request=_request(row[_ENDS[0] : _ENDS[1]]),
        origin=_origin(row[_ENDS[1] : _ENDS[2]]),
        priority=priority,
        attempts=attempts,
        created_at_us=created,
        not_before_us=not_before,
        sent_at_us=sent,
        finished_at_us=finished,
        delivered_at_us=delivered,
        deleted_at_us=deleted,
        lease_token=lease_token,
        cancel_requested=bool(cancel_requested),
        outcome=_outcome(row[_ENDS[2] : _ENDS[3]]),
        failure=_failure(row[_ENDS[3] : _ENDS[4]]),
        posting=_posting(row[_ENDS[4] :]),
        cost_micros=cost_micros,
    )


def select_job(tx: Transaction, job_id: JobId) -> Job:
    """Raises UnknownJob."""
    row = tx.execute(f"SELECT {JOB} FROM job WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise UnknownJob
    return job_of(row)


def _request(row: Sequence[Any]) -> ImageRequest:
    prompt, width_px, height_px, seed, rewrite, negative = row
    return ImageRequest(
        prompt=prompt,
        size=Size(width_px, height_px),
        seed=seed,
        rewrite=bool(rewrite),
        negative=negative,
    )


def _origin(row: Sequence[Any]) -> Origin:
    (interaction_id, guild_id, channel_id, parent_channel_id, user_id, is_thread, locale,
     guild_locale, upload_limit_bytes, token, expires_at_us, parent_id) = row  # fmt: skip
    return Origin(
        interaction_id=InteractionId(interaction_id),
        guild_id=GuildId(guild_id),
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
    )


def _outcome(row: Sequence[Any]) -> Outcome | None:
    (url, shown_prompt, width_px, height_px, provider_request_id, duration_us, reasoning,
     input_tokens, output_tokens) = row  # fmt: skip
    if url is None:
        return None
    return Outcome(
        url=url,
        shown_prompt=shown_prompt,
        size=Size(width_px, height_px),
        provider_request_id=provider_request_id,
        duration_us=duration_us,
        reasoning=reasoning,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
    )


def _failure(row: Sequence[Any]) -> Failure | None:
    kind, detail, code, provider_request_id = row
    if kind is None:
        return None
    return Failure(kind=kind, detail=detail, code=code, provider_request_id=provider_request_id)


def _posting(row: Sequence[Any]) -> Posting:
    status_id, status_channel_id, thread_id, channel_id, message_id, attempted, attempts = row
    return Posting(
        status_message_id=_message(status_id),
        status_channel_id=_channel(status_channel_id),
        thread_id=_channel(thread_id),
        result_channel_id=_channel(channel_id),
        result_message_id=_message(message_id),
        attempted_at_us=attempted,
        attempts=attempts,
    )


def _message(value: int | None) -> MessageId | None:
    return None if value is None else MessageId(value)


def _channel(value: int | None) -> ChannelId | None:
    return None if value is None else ChannelId(value)
