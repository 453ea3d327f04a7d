"""What limits cost: a submit's check after a year of 10,000 members, beside an empty database.

The same submits on two real files, turn by turn, under limits of six kinds by the day and the
month. One file is empty; the other holds a year's ledger. Beside the check that is made each time,
the one that a new limit makes once: a month that nobody has counted yet is added up, and nobody
else writes meanwhile. Beside that, the sum as it would be without the indexes that hold all of it.
"""

from __future__ import annotations

import gc
import sys
import time
from contextlib import ExitStack
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.simulator.rows import NO_LIMITS, START_US, Rows, open_rows
from bot.policy.quotas import Subject, span_of
from bot.policy.rows import set_policy
from bot.policy.rules import UTC, Key, Scope, quota_name
from bot.queue import quota_use
from bot.refusals import Level, Period, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

JOBS, QUICK_JOBS = 1_500_000, 150_000  # two rows each
GUILDS, CHANNELS, MEMBERS = 50, 5, 10_000
ROUNDS, SUBMITS = 9, 200
CHECK_LIMIT = 1.2
LONGEST_SUM_MS = 100.0
MOST_BYTES = 400.0
DAY_US = 86_400_000_000
LIMITED = [
    quota_name(level, unit, period)
    for level, unit in (
        (Level.ACCOUNT, Unit.MICROS),
        (Level.GUILD, Unit.PICTURES),
        (Level.MEMBER, Unit.PICTURES),
        (Level.PERSON, Unit.PICTURES),
    )
    for period in (Period.DAY, Period.MONTH)
]
# A member is in one guild; one picture costs 0.03 dollars.
_RESERVED = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :jobs),
    asked AS (SELECT i, 1000 + (i * 7919) % :members AS user_id,
        :begins + i * (:now - :begins) / :jobs AS at_us FROM n)
    INSERT INTO ledger (job_id, entry, tenant_id, channel_id, user_id, at_us, reserved_at_us,
        outcome, images, pixels, rewritten, pictures, reserved_micros, cost_micros)
    SELECT i, 'reserved', 1 + user_id % :guilds, 10 * (1 + user_id % :guilds) + i % :channels,
        user_id, at_us, at_us, '', 1, 1048576, 1, 1, 30000, 0 FROM asked"""
_SETTLED = """
    INSERT INTO ledger (job_id, entry, tenant_id, channel_id, user_id, at_us, reserved_at_us,
        outcome, images, pixels, rewritten, pictures, reserved_micros, cost_micros)
    SELECT job_id, 'settled', tenant_id, channel_id, user_id, at_us + 8000000, at_us, 'drawn', 1,
        1048576, 1, 0, -30000, 30000 FROM ledger"""
_BYTES = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'ledger%'"


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """The ratio of the medians; the longest sum; bytes a job."""
    jobs = QUICK_JOBS if quick else JOBS
    with ExitStack() as stack:
        empty = _limited(stack.enter_context(open_rows()))
        full = _limited(stack.enter_context(open_rows()))
        _fill(full, jobs)
        yield _check(empty, full, jobs)
        (size_bytes,) = full.tx.execute(_BYTES).fetchone()
        yield _first_check(full, jobs)
    yield {
        "name": "limits_ledger_size",
        "value": round(size_bytes / jobs, 1),
        "unit": "bytes a job, with its indexes",
        "limit": MOST_BYTES,
        "holds": size_bytes / jobs <= MOST_BYTES,
        "beside": {"jobs": jobs, "rows": 2 * jobs, "megabytes": round(size_bytes / 1e6, 1)},
    }


def _limited(rows: Rows) -> Rows:
    rows.configure(per_second=1000, limits=NO_LIMITS)
    for name in LIMITED:
        rows.run(set_policy, Key(Scope.OPERATOR, 0, name), 10**12, by="operator", now_us=START_US)
    return rows


def _fill(rows: Rows, jobs: int) -> None:
    """Without the jobs themselves, which nobody looks at."""
    print(f"  filling {2 * jobs:,} rows", file=sys.stderr)
    begins_us = START_US - 365 * DAY_US
    sizes = {"members": MEMBERS, "guilds": GUILDS, "channels": CHANNELS}
    rows.tx.execute("PRAGMA foreign_keys = OFF")
    rows.tx.execute(_RESERVED, {"jobs": jobs, "begins": begins_us, "now": START_US, **sizes})
    rows.tx.execute(_SETTLED)
    rows.tx.execute("PRAGMA foreign_keys = ON")
    rows.tx.execute("UPDATE queue SET last_job_id = ?", (jobs,))


def _check(empty: Rows, full: Rows, jobs: int) -> dict[str, object]:
    for rows in (empty, full):
        _submits_us(rows)  # counts what nobody has counted yet
    gc.disable()
    try:
        times = [(_submits_us(empty), _submits_us(full)) for _ in range(ROUNDS)]
    finally:
        gc.enable()
    empty_us, full_us = (median(column) for column in zip(*times, strict=True))
    ratio = median(big / small for small, big in times)
    return {
        "name": "limits_check",
        "value": round(ratio, 3),
        "unit": "× a submit on an empty database",
        "limit": CHECK_LIMIT,
        "holds": sum(big / small <= CHECK_LIMIT for small, big in times) * 3 >= 2 * ROUNDS,
        "beside": {
            "rows": 2 * jobs,
            "limits": len(LIMITED),
            "submit_us_empty": round(empty_us),
            "submit_us_full": round(full_us),
        },
    }


def _submits_us(rows: Rows) -> float:
    """The mean of some hundred submits, by members of all guilds."""
    spent_ns = 0
    for number in range(SUBMITS):
        user = 1000 + number % 100
        began_ns = time.thread_time_ns()
        rows.submit(1 + user % GUILDS, user, now_us=START_US)
        spent_ns += time.thread_time_ns() - began_ns
    return spent_ns / SUBMITS / 1000


def _first_check(rows: Rows, jobs: int) -> dict[str, object]:
    """Of a month that has passed; the slowest of the subjects."""
    span = span_of(Period.MONTH, UTC, START_US - 40 * DAY_US)
    subjects = {
        "account": Subject("account", 0, 0),
        "guild": Subject("guild", 1, 0),
        "channel": Subject("channel", 10, 0),
        "member": Subject("member", 1, 1000),
        "person": Subject("person", 1000, 0),
    }

    def sum_ms(subject: Subject) -> float:
        began_ns = time.thread_time_ns()
        quota_use._summed(rows.tx, subject, span)
        return (time.thread_time_ns() - began_ns) / 1e6

    times_ms = {kind: round(sum_ms(one), 2) for kind, one in subjects.items()}
    for name in ("ledger_reserved", "ledger_tenant"):
        rows.tx.execute(f"DROP INDEX {name}")
    naive_ms = sum_ms(subjects["account"])
    longest_ms = max(times_ms.values())
    return {
        "name": "limits_first_check",
        "value": longest_ms,
        "unit": f"ms to add up a month of {jobs // 12:,} jobs, once for a new limit",
        "limit": LONGEST_SUM_MS,
        "holds": longest_ms <= LONGEST_SUM_MS,
        "beside": {"ms": times_ms, "account_ms_without_index": round(naive_ms)},
    }
