"""What an operator sets, sees and turns: the accounts that all share, and the queue by tenants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bot.policy.audit import AuditAction, Deed, enter
from bot.policy.rows import load_policy
from bot.policy.rules import ONE_SHARE, OPERATORS_OWN, Scope
from bot.queue import fairness, rate_search
from bot.queue.account import (
    load_account,
    save_breaker,
    save_pace,
    use_accounts,
    used_accounts,
)
from bot.queue.counters import Counters, load_queue
from bot.queue.records import TenantId
from bot.records import replace
from bot.refusals import Outage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.db import Transaction
    from bot.queue.account import Account


MENDED_BY_SETTINGS = frozenset({Outage.KEY, Outage.ACCESS, Outage.UNREACHABLE})


class Allowance(Struct, frozen=True, kw_only=True):
    """What an account may do, as the settings have it."""

    account: str
    requests_per_second: float
    max_running: int | None = None  # None: as the policy has it


def configure(tx: Transaction, allowances: Sequence[Allowance], *, now_us: int) -> None:
    """Puts these accounts, and no others, and the policy in force; call it at start.

    What was learned of an account is kept, also while it is not used.

    Raises:
        PolicyUnreadable: nothing was changed.
    """
    limits = load_policy(tx).limits
    counters = Counters(tx)
    use_accounts(tx, [one.account for one in allowances])
    for one in allowances:
        account = counters.account(one.account)
        account.max_running = one.max_running or limits.running
        _check_soon(tx, account, now_us)
        set_ceiling(tx, one.account, requests_per_second=one.requests_per_second, now_us=now_us)
    if counters.queue.running_per_person != limits.running_per_person:
        counters.queue.running_per_person = limits.running_per_person
        counters.block_everybody_anew()
    counters.save()


def set_ceiling(
    tx: Transaction, account_name: str, *, requests_per_second: float, now_us: int
) -> None:
    """The setting, or what the provider's quota endpoint told."""
    ceiling_mps = max(rate_search.LOWEST_MPS, round(requests_per_second * 1000))
    pace = load_account(tx, account_name).pace
    save_pace(tx, account_name, rate_search.set_ceiling(pace, ceiling_mps, now_us))


def _check_soon(tx: Transaction, account: Account, now_us: int) -> None:
    """What a setting may have mended is asked at the start, not when the next probe is due."""
    breaker = account.breaker
    if breaker.outage in MENDED_BY_SETTINGS and not breaker.is_checked:
        save_breaker(tx, account.name, replace(breaker, probe_at_us=now_us))


def probe_now(tx: Transaction, *, now_us: int) -> dict[str, Outage]:
    """Has the provider asked at once; then a job may try. Returns the accounts with an outage."""
    found = {}
    for account in used_accounts(tx):
        breaker = account.breaker
        if breaker.outage is not None:
            found[account.name] = breaker.outage
            asked = replace(breaker, probe_at_us=now_us, is_checked=False, trial=None)
            save_breaker(tx, account.name, asked)
    return found


def pause_tenant(tx: Transaction, tenant_id: TenantId, *, is_paused: bool) -> None:
    """Stops or resumes a tenant's claims; what runs, runs on, and what waits keeps waiting."""
    counters = Counters(tx)
    fairness.set_paused(counters.queue.clock, counters.tenant(tenant_id), is_paused=is_paused)
    counters.save()


def pause_by_operator(
    tx: Transaction, tenant_id: TenantId, *, is_paused: bool, now_us: int
) -> None:
    """The same, and the operator's log has it."""
    action = AuditAction.PAUSED if is_paused else AuditAction.RESUMED
    deed = Deed(
        tenant_id=OPERATORS_OWN,
        action=action,
        actor="operator",
        source="command line",
        scope=Scope.GUILD,
        scope_id=tenant_id,
    )
    enter(tx, deed, now_us=now_us)
    pause_tenant(tx, tenant_id, is_paused=is_paused)


# ------------------------------------------------------------------------------------------------
# The queue at a glance.


ONE_PICTURE = 1024 * 1024  # the cost of an ordinary one without rewriting


class TenantRow(Struct, frozen=True, kw_only=True):
    """A tenant that has something in the queue, or is paused."""

    tenant_id: TenantId
    weight: int  # percent
    lead: float  # pictures of 1024*1024 that it has had beyond the tenant whose turn it is
    waiting: int
    ready: int  # of these, those in no backoff
    running: int
    cap: int  # how many may run while others wait
    is_paused: bool
    oldest_at_us: int | None  # when its oldest ready job was submitted


class Overview(Struct, frozen=True, kw_only=True):
    """Of one moment."""

    ready: int  # jobs that wait and are due
    delayed: int  # jobs in a backoff
    undelivered: int  # the outbox
    tenants_waiting: int
    accounts: tuple[Account, ...]
    tenants: tuple[TenantRow, ...]  # in the order of their turns, then those without one
    more_tenants: int  # left out


_BUSY = "FROM tenant WHERE waiting > 0 OR running > 0 OR is_paused = 1"


def overview(tx: Transaction, *, most_tenants: int) -> Overview:
    """Reads all of one consistent state."""
    queue = load_queue(tx)
    (busy,) = tx.execute(f"SELECT count(*) {_BUSY}").fetchone()
    rows = tx.execute(
        "SELECT id, weight, tag, waiting, ready, running, running_cap, is_paused,"
        " (SELECT min(created_at_us) FROM job"
        "  WHERE tenant_id = tenant.id AND state = 'queued' AND is_due = 1)"
        f" {_BUSY} ORDER BY ready_members = 0, is_paused, tag, turn LIMIT ?",
        (most_tenants,),
    ).fetchall()
    return Overview(
        ready=queue.ready,
        delayed=_count(tx, "job WHERE state = 'queued' AND is_due = 0"),
        undelivered=_count(tx, "outbox WHERE due_at_us IS NOT NULL"),
        tenants_waiting=_count(tx, "tenant WHERE ready_members > 0 AND is_paused = 0"),
        accounts=tuple(used_accounts(tx)),
        tenants=tuple(_tenant(row, queue.clock.tag) for row in rows),
        more_tenants=busy - len(rows),
    )


def _count(tx: Transaction, source: str) -> int:
    (count,) = tx.execute(f"SELECT count(*) FROM {source}").fetchone()
    return int(count)


def _tenant(row: tuple[int, ...], clock_tag: int) -> TenantRow:
    tenant_id, weight, tag, waiting, ready, running, cap, is_paused, oldest_at_us = row
    return TenantRow(
        tenant_id=TenantId(tenant_id),
        weight=weight,
        lead=max(0.0, (tag - clock_tag) * weight / ONE_SHARE / ONE_PICTURE),
        waiting=waiting,
        ready=ready,
        running=running,
        cap=cap,
        is_paused=bool(is_paused),
        oldest_at_us=oldest_at_us,
    )


def waiting_of(tx: Transaction, tenant_id: TenantId) -> int | None:
    """How many jobs of the tenant wait; None if it has never asked for anything."""
    row = tx.execute("SELECT waiting FROM tenant WHERE id = ?", (tenant_id,)).fetchone()
    return None if row is None else int(row[0])
