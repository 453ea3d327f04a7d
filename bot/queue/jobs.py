"""Rows of the job table as `Job` records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.errors import LeaseLost, UnknownJob
from bot.providers.image import ImageRequest, Outcome, Size
from bot.queue.fairness import Charge
from bot.queue.records import (
    ChannelId,
    Failure,
    GuildId,
    InteractionId,
    Job,
    JobId,
    JobState,
    MessageId,
    Origin,
    Posting,
    UserId,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db.transaction import Transaction
    from bot.queue.counters import Counters


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


# ------------------------------------------------------------------------------------------------
# Numbers of jobs: buttons that hang in channels for years name them, so none is given twice.
#
# Not over databases either: when one is lost, or an older copy takes its place, the buttons of all
# pictures since still name theirs. So the numbers of a process begin at the time, in hundredths of
# a second; an earlier database would have had to give a hundred numbers in every second of its
# life to have come that far. A clock that was set back in between voids that; what a button may do
# is therefore bound to its guild, place and message as well (`bot/features/imagine/rules.py`).


FIRST_DAY_US = 1_767_225_600_000_000  # 2026-01-01, to keep them short: ten digits until 2057
TICK_US = 10_000


def begin_at_the_time(tx: Transaction, *, now_us: int) -> None:
    """The next job's number is above all that another database can have given; never lower."""
    last = max(0, (now_us - FIRST_DAY_US) // TICK_US)
    tx.execute("UPDATE gate SET last_job_id = ? WHERE last_job_id < ?", (last, last))


# ------------------------------------------------------------------------------------------------
# A running job as its worker's lease names it: what every end of an attempt begins with.


_COLUMNS = (
    "id, guild_id, user_id, cost, guild_charge, member_charge, rewrite, sent_at_us,"
    " cancel_requested"
)


@dataclass(frozen=True, slots=True)
class Running:
    """The parts of the row that the counters need."""

    id: JobId
    guild_id: GuildId
    user_id: UserId
    charge: Charge
    rewrite: bool
    sent_at_us: int | None
    cancel_requested: bool

    def free_slot(self, counters: Counters) -> None:
        counters.free_slot(self.guild_id, self.user_id)

    def recharge(self, counters: Counters, actual_cost: int) -> None:
        counters.correct(self.guild_id, self.user_id, self.charge, actual_cost)


def running(tx: Transaction, job_id: JobId, lease_token: str) -> Running:
    """Raises LeaseLost if the job does not run, or runs under another lease."""
    row = tx.execute(
        f"SELECT {_COLUMNS} FROM job WHERE id = ? AND state = 'running' AND lease_token = ?",
        (job_id, lease_token),
    ).fetchone()
    if row is None:
        raise LeaseLost(f"job {job_id} is no longer leased to this worker")
    return _running_of(row)


def expired(tx: Transaction, *, now_us: int, besides: str = "") -> list[Running]:
    """Whatever runs under a lease that nobody has renewed, but for those of one worker."""
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM job WHERE state = 'running' AND lease_until_us <= ?"
        " AND lease_token != ? ORDER BY id",
        (now_us, besides),
    )
    return [_running_of(row) for row in rows.fetchall()]


def all_running(tx: Transaction) -> list[Running]:
    """Whatever runs, under any lease."""
    rows = tx.execute(f"SELECT {_COLUMNS} FROM job WHERE state = 'running' ORDER BY id")
    return [_running_of(row) for row in rows.fetchall()]


def update(tx: Transaction, job_id: JobId, assignments: str, *values: object) -> Job:
    """Changes the columns and returns the job as it is then. Raises UnknownJob."""
    row = tx.execute(
        f"UPDATE job SET {assignments} WHERE id = ? RETURNING {JOB}", (*values, job_id)
    ).fetchone()
    if row is None:
        raise UnknownJob
    return job_of(row)


def _running_of(row: tuple[int, ...]) -> Running:
    job_id, guild_id, user_id, cost, guild_charge, member_charge, rewrite, sent, cancel = row
    return Running(
        JobId(job_id),
        GuildId(guild_id),
        UserId(user_id),
        Charge(cost, guild_charge, member_charge),
        bool(rewrite),
        sent,
        bool(cancel),
    )
