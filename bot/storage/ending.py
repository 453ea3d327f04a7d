"""How a call ends a job: drawn, failed, or with its answer lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import rate_search
from bot.domain.breaker import opened
from bot.domain.fairness import cost_of_size
from bot.domain.job import JobState
from bot.domain.pace import seen_blindly, seen_in_transit
from bot.storage import usage
from bot.storage.books import Counters
from bot.storage.breaking import note_failure, note_success
from bot.storage.gate import save_breaker, save_pace
from bot.storage.latency import learn_drawing
from bot.storage.running import running, update

if TYPE_CHECKING:
    from bot.domain.ids import JobId
    from bot.domain.job import Failure, Job, Outcome
    from bot.errors import Outage
    from bot.storage.gate import Account
    from bot.storage.running import Running
    from bot.storage.transaction import Transaction

_ENDED = "lease_until_us = NULL, finished_at_us = ?, deliver_at_us = ?"
_OUTCOME = (
    "url = ?, shown_prompt = ?, outcome_width_px = ?, outcome_height_px = ?,"
    " provider_request_id = ?, duration_us = ?, reasoning = ?, input_tokens = ?,"
    " output_tokens = ?"
)
_FAILURE = "failure_kind = ?, failure_detail = ?, failure_code = ?, failure_request_id = ?"


def complete(
    tx: Transaction,
    job_id: JobId,
    lease_token: str,
    outcome: Outcome,
    *,
    cost_micros: int,
    now_us: int,
) -> Job:
    """The picture is drawn and paid: generated, or cancelled if that was asked for meanwhile.

    Raises:
        LeaseLost: somebody else decided about the job; its result stands.
    """
    counters = Counters(tx)
    run = running(tx, job_id, lease_token)
    run.free_slot(counters)
    run.recharge(counters, cost_of_size(outcome.size, rewrite=run.rewrite))
    _learn_pace(tx, counters, run, outcome.arrived_at_us)
    learn_drawing(tx, rewrite=run.rewrite, duration_us=outcome.duration_us)
    counters.save()
    note_success(tx, counters.account, now_us=now_us)
    usage.settle(tx, job_id, outcome.size, cost_micros=cost_micros, now_us=now_us)
    state = JobState.CANCELLED if run.cancel_requested else JobState.GENERATED
    return update(
        tx,
        job_id,
        f"state = ?, cost_micros = ?, {_ENDED}, {_OUTCOME}",
        state,
        cost_micros,
        now_us,
        now_us,
        *_outcome_values(outcome),
    )


def fail(
    tx: Transaction,
    job_id: JobId,
    lease_token: str,
    failure: Failure,
    *,
    state: JobState,
    now_us: int,
    evidence: Outage | None = None,
) -> Job:
    """No picture, no bill: `state` is refused or failed.

    An answer about the request shows that the account is fine. `evidence` is what may stand in
    everybody's way instead.

    A call that left has used the account's limit, so its charge stands; a member whose requests
    are refused has no more turns than others.
    """
    counters = Counters(tx)
    run = running(tx, job_id, lease_token)
    run.free_slot(counters)
    if run.sent_at_us is None:
        run.recharge(counters, 0)
    counters.save()
    if evidence is not None:
        note_failure(tx, counters.account, evidence, job_id, now_us=now_us)
    elif run.sent_at_us is not None:
        note_success(tx, counters.account, now_us=now_us)
    usage.release(tx, job_id)
    return _end(tx, job_id, state, failure, now_us)


def mark_uncertain(
    tx: Transaction, job_id: JobId, lease_token: str, failure: Failure, *, now_us: int
) -> Job:
    """The call left and no answer came: perhaps billed, never sent again."""
    counters = Counters(tx)
    run = running(tx, job_id, lease_token)
    return end_run_as_uncertain(tx, counters, run, failure, now_us=now_us)


def end_run_as_uncertain(
    tx: Transaction, counters: Counters, run: Running, failure: Failure, *, now_us: int
) -> Job:
    """Ends a running job as uncertain. Saves the counters."""
    _end_trial(tx, counters.account, run, now_us)
    run.free_slot(counters)
    counters.save()
    usage.mark_uncertain(tx, run.id)
    return end_as_uncertain(tx, run.id, failure, now_us=now_us)


def end_as_uncertain(tx: Transaction, job_id: JobId, failure: Failure, *, now_us: int) -> Job:
    """The state alone; counters and usage are the caller's."""
    return _end(tx, job_id, JobState.UNCERTAIN, failure, now_us)


def _end(tx: Transaction, job_id: JobId, state: JobState, failure: Failure, now_us: int) -> Job:
    return update(
        tx,
        job_id,
        f"state = ?, {_ENDED}, {_FAILURE}",
        state,
        now_us,
        now_us,
        failure.kind,
        failure.detail,
        failure.code,
        failure.provider_request_id,
    )


def _end_trial(tx: Transaction, account: Account, run: Running, now_us: int) -> None:
    """A try whose answer is lost has failed: the next one may be lost, and billed, as well."""
    if account.breaker.outage is not None and account.breaker.trial == run.id:
        save_breaker(tx, opened(account.breaker, account.breaker.outage, now_us=now_us))


def _learn_pace(
    tx: Transaction, counters: Counters, run: Running, arrived_at_us: int | None
) -> None:
    pace = rate_search.after_success(counters.account.pace)
    if arrived_at_us is None or run.sent_at_us is None:
        pace = seen_blindly(pace)
    else:
        pace = seen_in_transit(pace, arrived_at_us - run.sent_at_us)
    if pace is not counters.account.pace:
        save_pace(tx, pace)


def _outcome_values(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.url,
        outcome.shown_prompt,
        outcome.size.width_px,
        outcome.size.height_px,
        outcome.provider_request_id,
        outcome.duration_us,
        outcome.reasoning,
        outcome.input_tokens,
        outcome.output_tokens,
    )
