"""What an attempt comes to: drawn, failed, with its answer lost, or queued again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bot.errors import LeaseLost
from bot.policy.rows import load_prices
from bot.queue import ledger, picture_words, rate_search
from bot.queue.account import (
    learn_drawing,
    note_failure,
    note_success,
    others_serve,
    save_breaker,
    save_pace,
)
from bot.queue.breaker import opened
from bot.queue.counters import Counters
from bot.queue.fairness import Charge, cost_of_size
from bot.queue.jobs import (
    change,
    insert,
    insert_picture,
    select_job,
    update,
    update_outbox,
)
from bot.queue.pace import seen_blindly, seen_in_transit
from bot.queue.records import NOBODY, JobId, JobState, PictureState, TenantId, UserId
from bot.queue.refusals import note_refused_too_often
from bot.queue.review import is_to_be_screened
from bot.records import replace

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.providers import Pricing
    from bot.providers.image import Outcome
    from bot.queue.account import Account
    from bot.queue.records import Failure, Job
    from bot.refusals import Outage


_FAILURE = "failure_kind = ?, failure_detail = ?, failure_code = ?, failure_request_id = ?"


def complete(
    tx: Transaction,
    job_id: JobId,
    lease_token: str,
    outcome: Outcome,
    *,
    price: Pricing,
    now_us: int,
) -> Job:
    """The picture is drawn and paid: due, held where it is to be looked at before, or withheld if
    the job was cancelled meanwhile.

    Args:
        price: the provider's, at the prices of this moment.

    Raises:
        PolicyUnreadable: nothing was recorded; again once the price is mended.
        LeaseLost: somebody else decided about the job; its result stands.
    """
    counters = Counters(tx)
    run = running(tx, job_id, lease_token)
    run.free_slot(counters)
    run.recharge(counters, cost_of_size(outcome.size, rewrite=run.rewrite))
    account = counters.account(run.account)
    _learn_pace(tx, account, run, outcome.arrived_at_us)
    learn_drawing(tx, account.name, rewrite=run.rewrite, duration_us=outcome.duration_us)
    counters.save()
    note_success(tx, account, now_us=now_us)
    job = select_job(tx, job_id)
    cost_micros = price(job.request, load_prices(tx))
    state = JobState.CANCELLED if run.cancel_requested else JobState.DRAWN
    ledger.settle(tx, job_id, state, outcome.size, cost_micros=cost_micros, now_us=now_us)
    _record_picture(tx, job, outcome, run, cost_micros=cost_micros, now_us=now_us)
    return end(tx, job_id, state, now_us=now_us)


def _record_picture(
    tx: Transaction, job: Job, outcome: Outcome, run: Running, *, cost_micros: int, now_us: int
) -> None:
    """What is nobody's has no words, and what nobody wants any more is not found by them."""
    if job.origin.user_id == NOBODY:
        outcome = replace(outcome, url="", shown_prompt="", reasoning="")
    state = _first_state(tx, job, is_cancelled=run.cancel_requested)
    insert_picture(tx, job.id, outcome, state, cost_micros=cost_micros, now_us=now_us)
    if not run.cancel_requested and job.origin.user_id != NOBODY:
        picture_words.note(tx, (job,))
    if state is PictureState.HELD:
        insert(tx, "screening", job_id=job.id, due_at_us=now_us)


def _first_state(tx: Transaction, job: Job, *, is_cancelled: bool) -> PictureState:
    """Where anything may speak against a picture it is held until that has been looked at, so that
    no crash on the way shows it."""
    if is_cancelled:
        return PictureState.WITHHELD
    return PictureState.HELD if is_to_be_screened(tx, job) else PictureState.DUE


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
    account = counters.account(run.account)
    if evidence is not None:
        note_failure(tx, account, evidence, job_id, now_us=now_us)
    elif run.sent_at_us is not None:
        note_success(tx, account, now_us=now_us)
    ledger.release(tx, job_id, state, now_us=now_us)
    job = end(tx, job_id, state, failure, now_us=now_us)
    if state is JobState.REFUSED and job.origin.user_id != NOBODY:
        note_refused_too_often(tx, job, now_us=now_us)
    return job


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
    _end_trial(tx, counters.account(run.account), run, now_us)
    run.free_slot(counters)
    counters.save()
    ledger.mark_uncertain(tx, run.id, now_us=now_us)
    return end(tx, run.id, JobState.UNCERTAIN, failure, now_us=now_us)


def end(
    tx: Transaction,
    job_id: JobId,
    state: JobState,
    failure: Failure | None = None,
    *,
    now_us: int,
) -> Job:
    """The job is in its last state, which is due to be said, unless it is nobody's any more.

    Counters and ledger are the caller's.

    Raises:
        WrongState: it was ended before; nothing was changed.
    """
    change(
        tx,
        job_id,
        state,
        f"is_due = 0, lease_until_us = NULL, finished_at_us = ?, {_FAILURE}",
        now_us,
        failure and failure.kind,
        failure and failure.detail,
        failure and failure.code,
        failure and failure.provider_request_id,
    )
    job = select_job(tx, job_id)
    if job.origin.user_id == NOBODY or job.is_held:
        return job
    update_outbox(tx, job_id, "due_at_us = ?", now_us)
    return select_job(tx, job_id)


def _end_trial(tx: Transaction, account: Account, run: Running, now_us: int) -> None:
    """A try whose answer is lost has failed: the next one may be lost, and billed, as well."""
    if account.breaker.outage is not None and account.breaker.trial == run.id:
        account.breaker = opened(account.breaker, account.breaker.outage, now_us=now_us)
        save_breaker(tx, account.name, account.breaker)


def _learn_pace(tx: Transaction, account: Account, run: Running, arrived_at_us: int | None) -> None:
    pace = rate_search.after_success(account.pace)
    if arrived_at_us is None or run.sent_at_us is None:
        pace = seen_blindly(pace)
    else:
        pace = seen_in_transit(pace, arrived_at_us - run.sent_at_us)
    if pace is not account.pace:
        save_pace(tx, account.name, pace)


# ------------------------------------------------------------------------------------------------
# An attempt that certainly drew nothing: back into the queue, its charge taken back.


def retry(
    tx: Transaction,
    job_id: JobId,
    lease_token: str,
    *,
    not_before_us: int,
    throttled: bool,
    now_us: int,
    retry_after_s: float | None = None,
    evidence: Outage | None = None,
    is_own_fault: bool = True,
) -> Job:
    """Queued again, not before the instant; cancelled instead if that was asked for meanwhile.

    Args:
        throttled: the provider refused the pace (429): the account pauses, and slows down.
        retry_after_s: the pause that it asked for.
        evidence: what may stand in everybody's way. If that opens the breaker, or it is open, the
            job stands back until another had its try, unless another account may draw it.
        is_own_fault: whether the attempt counts among the few that a job has.
    """
    counters = Counters(tx)
    run = running(tx, job_id, lease_token)
    account = counters.account(run.account)
    asked_us = None if retry_after_s is None else round(retry_after_s * 1e6)
    if throttled and run.sent_at_us is not None:
        pace = rate_search.after_refusal(
            account.pace,
            sent_at_us=run.sent_at_us,
            now_us=now_us,
            retry_after_us=asked_us,
        )
        save_pace(tx, account.name, pace)
    if evidence is not None:
        note_failure(tx, account, evidence, job_id, now_us=now_us)
    if not others_serve(tx, account):
        rests_until_us = account.breaker.rests_until_us if evidence is not None else 0
        not_before_us = max(not_before_us, now_us + (asked_us or 0), rests_until_us)
    job = requeue(tx, counters, run, now_us=now_us, not_before_us=not_before_us)
    if is_own_fault:
        return job
    update(tx, job_id, "attempts = attempts - 1")
    return select_job(tx, job_id)


def requeue(
    tx: Transaction,
    counters: Counters,
    run: Running,
    *,
    now_us: int,
    not_before_us: int | None = None,
) -> Job:
    """Ends the attempt as if it had not been. Saves the counters."""
    run.free_slot(counters)
    run.recharge(counters, 0)
    if run.cancel_requested:
        counters.save()
        ledger.release(tx, run.id, JobState.CANCELLED, now_us=now_us)
        return end(tx, run.id, JobState.CANCELLED, now_us=now_us)
    is_due = not_before_us is None or not_before_us <= now_us
    counters.add_waiting(run.tenant_id, run.user_id, +1)
    if is_due:
        counters.add_ready(run.tenant_id, run.user_id, run.charge.cost)
    counters.save()
    change(
        tx,
        run.id,
        JobState.QUEUED,
        "is_due = ?, not_before_us = ?, lease_until_us = NULL, lease_token = NULL",
        is_due,
        None if is_due else not_before_us,
    )
    return select_job(tx, run.id)


# ------------------------------------------------------------------------------------------------
# A running job as its worker's lease names it: every end of an attempt begins with it.


_RUNNING = (
    "SELECT job.id, job.account, job.tenant_id, job.user_id, cost, tenant_charge, member_charge,"
    " rewrite, sent_at_us, cancel_requested FROM job JOIN request ON request.id = job.request_id"
    " WHERE state = 'running'"
)


class Running(Struct, frozen=True):
    """The parts that the counters need."""

    id: JobId
    account: str  # whose call it is
    tenant_id: TenantId
    user_id: UserId
    charge: Charge
    rewrite: bool
    sent_at_us: int | None
    cancel_requested: bool

    def free_slot(self, counters: Counters) -> None:
        counters.free_slot(counters.account(self.account), self.tenant_id, self.user_id)

    def recharge(self, counters: Counters, actual_cost: int) -> None:
        counters.correct(self.tenant_id, self.user_id, self.charge, actual_cost)


def running(tx: Transaction, job_id: JobId, lease_token: str) -> Running:
    """Raises LeaseLost if the job does not run, or runs under another lease."""
    row = tx.execute(
        f"{_RUNNING} AND job.id = ? AND lease_token = ?",
        (job_id, lease_token),
    ).fetchone()
    if row is None:
        raise LeaseLost(f"job {job_id} is no longer leased to this worker")
    return _running_of(row)


def expired(tx: Transaction, *, now_us: int, besides: str = "") -> list[Running]:
    """Whatever runs under a lease that nobody has renewed, but for those of one worker."""
    rows = tx.execute(
        f"{_RUNNING} AND lease_until_us <= ? AND lease_token != ? ORDER BY job.id",
        (now_us, besides),
    )
    return [_running_of(row) for row in rows.fetchall()]


def all_running(tx: Transaction) -> list[Running]:
    """Whatever runs, under any lease."""
    rows = tx.execute(f"{_RUNNING} ORDER BY job.id")
    return [_running_of(row) for row in rows.fetchall()]


def _running_of(row: tuple[Any, ...]) -> Running:
    (job_id, account, tenant_id, user_id, cost, tenant_charge, member_charge, rewrite, sent_at_us,
     cancel_requested) = row  # fmt: skip
    return Running(
        JobId(job_id),
        account,
        TenantId(tenant_id),
        UserId(user_id),
        Charge(cost, tenant_charge, member_charge),
        bool(rewrite),
        sent_at_us,
        bool(cancel_requested),
    )
