"""Money and what it was for. Entries are only ever added.

reserved, at submit ─▶ settled (drawn and paid) | released (nothing drawn) | uncertain
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.queue.records import UsageSum, UsageView

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.providers.image import Size
    from bot.queue.records import Job, JobId, TenantId, UserId


DAY_US = 86_400_000_000
WEEK_DAYS = 7
MONTH_DAYS = 30


def reserve(tx: Transaction, job: Job, *, now_us: int) -> None:
    """The job may come to cost something."""
    tx.execute(
        "INSERT INTO ledger (job_id, entry, tenant_id, user_id, day, images, pixels, rewritten,"
        " cost_micros) VALUES (?, 'reserved', ?, ?, ?, 1, ?, ?, 0)",
        (
            job.id,
            job.origin.tenant_id,
            job.origin.user_id,
            now_us // DAY_US,
            job.request.size.area_px,
            job.request.rewrite,
        ),
    )


def settle(tx: Transaction, job_id: JobId, size: Size, *, cost_micros: int, now_us: int) -> None:
    """What was drawn and paid, on the day it was."""
    tx.execute(
        "INSERT INTO ledger (job_id, entry, tenant_id, user_id, day, images, pixels, rewritten,"
        " cost_micros) SELECT job_id, 'settled', tenant_id, user_id, ?, images, ?, rewritten, ?"
        " FROM ledger WHERE job_id = ? AND entry = 'reserved'",
        (now_us // DAY_US, size.area_px, cost_micros, job_id),
    )


def release(tx: Transaction, job_id: JobId, *, now_us: int) -> None:
    """Nothing was drawn, nothing is charged."""
    _end(tx, job_id, "released", now_us)


def mark_uncertain(tx: Transaction, job_id: JobId, *, now_us: int) -> None:
    """Perhaps billed: not shown to the member as used, but not forgotten either."""
    _end(tx, job_id, "uncertain", now_us)


def _end(tx: Transaction, job_id: JobId, entry: str, now_us: int) -> None:
    tx.execute(
        "INSERT INTO ledger (job_id, entry, tenant_id, user_id, day, images, pixels, rewritten,"
        " cost_micros) SELECT job_id, ?, tenant_id, user_id, ?, images, pixels, rewritten, 0"
        " FROM ledger WHERE job_id = ? AND entry = 'reserved'",
        (entry, now_us // DAY_US, job_id),
    )


def usage_view(tx: Transaction, tenant_id: TenantId, user_id: UserId, *, now_us: int) -> UsageView:
    """A member's sums in a tenant; days begin at midnight UTC."""
    key, today = (tenant_id, user_id), now_us // DAY_US
    return UsageView(
        today=_sum(tx, key, today),
        week=_sum(tx, key, today - WEEK_DAYS + 1),
        month=_sum(tx, key, today - MONTH_DAYS + 1),
        all_time=_sum(tx, key, 0),
    )


def _sum(tx: Transaction, key: tuple[int, int], since_day: int) -> UsageSum:
    row = tx.execute(
        "SELECT coalesce(sum(images), 0), coalesce(sum(rewritten), 0), coalesce(sum(pixels), 0),"
        " coalesce(sum(cost_micros), 0) FROM ledger WHERE entry = 'settled' AND tenant_id = ?"
        " AND user_id = ? AND day >= ?",
        (*key, since_day),
    ).fetchone()
    images, rewritten, pixels, cost_micros = row
    return UsageSum(images=images, rewritten=rewritten, pixels=pixels, cost_micros=cost_micros)
