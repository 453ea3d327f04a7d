"""The breaker's row: what fails is noted, what succeeds closes it, and who stood back may go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import breaker
from bot.domain.breaker import CLOSED
from bot.errors import Outage
from bot.storage.gate import load_account, save_breaker

if TYPE_CHECKING:
    from bot.domain.breaker import Breaker
    from bot.domain.ids import JobId
    from bot.storage.gate import Account
    from bot.storage.transaction import Transaction


def note_failure(
    tx: Transaction, account: Account, evidence: Outage, job_id: JobId, *, now_us: int
) -> None:
    """A call of this job failed in a way that may be everybody's."""
    account.breaker = breaker.after_failure(account.breaker, evidence, job_id, now_us=now_us)
    save_breaker(tx, account.breaker)


def note_success(tx: Transaction, account: Account, *, now_us: int) -> None:
    """The provider has served a request, so an outage is over."""
    if account.breaker == CLOSED:
        return
    was_open, account.breaker = account.breaker.is_open, CLOSED
    save_breaker(tx, CLOSED)
    if was_open:
        _end_backoffs(tx, now_us=now_us)


def note_check(tx: Transaction, evidence: Outage | None, *, now_us: int) -> Breaker:
    """What the free question told; None if it was answered well."""
    account = load_account(tx)
    told = breaker.after_check(account.breaker, evidence, now_us=now_us)
    if told.outage is Outage.FAILING and told.is_checked and _nobody_waits(tx, account):
        told = CLOSED  # all that had failed are gone, and the service is well
    if told != account.breaker:
        save_breaker(tx, told)
        if not told.is_open or (told.is_checked and account.ready == 0):
            _end_backoffs(tx, now_us=now_us)  # only who failed before is left to try
    return told


def may_try(tx: Transaction, known: Breaker, *, now_us: int) -> bool:
    """Whether a job may leave although the breaker is open: one at a time, after the question."""
    if not known.is_checked:
        return False
    if known.trial is None or (known.probe_at_us or 0) <= now_us:
        return True
    query = "SELECT 1 FROM job WHERE id = ? AND state = 'running'"
    return tx.execute(query, (known.trial,)).fetchone() is None


def _nobody_waits(tx: Transaction, account: Account) -> bool:
    delayed = "SELECT 1 FROM job WHERE state = 'queued' AND is_due = 0 LIMIT 1"
    return account.ready == 0 and tx.execute(delayed).fetchone() is None


def _end_backoffs(tx: Transaction, *, now_us: int) -> None:
    tx.execute(
        "UPDATE job SET not_before_us = ?"
        " WHERE state = 'queued' AND is_due = 0 AND not_before_us > ?",
        (now_us, now_us),
    )
