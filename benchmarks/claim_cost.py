"""What a claim costs with 1,000,000 jobs waiting, beside 10,000: it should hardly matter.

The same claims on two real files, turn by turn, so that a noisy machine troubles both alike. Beside
them the pick that comes to mind first: order all waiting jobs by how much their guild was served.
"""

from __future__ import annotations

import gc
import sys
import time
from contextlib import ExitStack
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.simulator import recount
from benchmarks.simulator.rows import (
    ACCOUNT,
    NO_LIMITS,
    SQUARE,
    START_US,
    Rows,
    an_outcome,
    for_nothing,
    open_rows,
)
from bot import queue
from bot.queue import Claimed

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW, MANY, QUICK_MANY = 10_000, 1_000_000, 100_000
ROUNDS, CLAIMS = 9, 200
LIMIT = 1.5  # a claim is 0.4 ms: with a million waiting 0.2 ms more, of a slot of 500
MEMBERS = 5

_REQUESTS = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :jobs)
    INSERT INTO request (id, interaction_id, guild_id, user_id, width_px, height_px,
        rewrite, negative, channel_id, is_thread, locale, guild_locale, upload_limit_bytes,
        interaction_expires_at_us)
    SELECT i, i, 1 + (i * 7919) % :guilds, 1 + (i * 104729) % :members,
        1024, 1024, 0, '', 1, 0, 'en-US', 'en-US', 10485760, 0 FROM n"""
_MESSAGES = "INSERT INTO message (request_id) SELECT id FROM request"
_OUTBOX = "INSERT INTO outbox (job_id) SELECT id FROM job"
_JOBS = """
    INSERT INTO job (id, request_id, tenant_id, user_id, state, priority, is_due, cost, seed,
        prompt, created_at_us)
    SELECT id, id, guild_id, user_id, 'queued', 0, 1, 1048576, id, 'a cat that sits on a wall in '
        || 'the evening sun, ' || hex(randomblob(60)), :now FROM request"""
_GUILDS = """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :guilds)
    INSERT INTO tenant (id, weight, tag, turn, clock, waiting, ready, ready_cost, ready_members,
        open_members, running, running_cap, is_paused)
    SELECT i, 100, (i * 7919) % 1048576, i, 0, 0, 0, 0, 0, 0, 0, 32, 0 FROM n"""
_NAIVE = """
    SELECT job.id FROM job JOIN (
        SELECT tenant_id, count(*) FILTER (WHERE state != 'queued') AS served
        FROM job GROUP BY tenant_id
    ) s ON s.tenant_id = job.tenant_id
    WHERE state = 'queued' ORDER BY s.served, job.id LIMIT 1"""


def run(*, quick: bool = False) -> Iterator[dict[str, object]]:
    """The ratio of the medians."""
    many = QUICK_MANY if quick else MANY
    with ExitStack() as stack:
        few_rows = _filled(stack.enter_context(open_rows()), FEW)
        many_rows = _filled(stack.enter_context(open_rows()), many)
        gc.disable()
        try:
            times = [(_claims_us(few_rows), _claims_us(many_rows)) for _ in range(ROUNDS)]
        finally:
            gc.enable()
        naive_ms = _naive_ms(many_rows)
    few_us, many_us = (median(column) for column in zip(*times, strict=True))
    ratio = median(big / small for small, big in times)
    print(f"  claim: {few_us:.0f} µs at {FEW:,}, {many_us:.0f} µs at {many:,}", file=sys.stderr)
    yield {
        "name": "claim_cost",
        "value": round(ratio, 3),
        "unit": f"× a claim with {FEW:,} waiting",
        "limit": LIMIT,
        "holds": sum(big / small <= LIMIT for small, big in times) * 3 >= 2 * ROUNDS,
        "beside": {
            "waiting": many,
            "claim_us_few": round(few_us),
            "claim_us_many": round(many_us),
            "naive_pick_ms_many": round(naive_ms),
            "naive_over_ours": round(naive_ms * 1000 / many_us),
        },
    }


def _filled(rows: Rows, jobs: int) -> Rows:
    rows.configure(per_second=1000, limits=NO_LIMITS)
    guilds = jobs // 100
    values = {"jobs": jobs, "guilds": guilds, "members": MEMBERS, "now": START_US}
    for filling in (_GUILDS, _REQUESTS, _MESSAGES, _JOBS, _OUTBOX):
        rows.tx.execute(filling, values)
    rows.run(recount.repair)
    rows.tx.execute("ANALYZE")
    return rows


def _claims_us(rows: Rows) -> float:
    """The mean of some hundred claims; their jobs are completed outside of the measured time."""
    spent_ns = 0
    for _ in range(CLAIMS):
        began_ns = time.thread_time_ns()
        claim = rows.run(queue.claim, ACCOUNT, now_us=START_US, lease_token="b", lease_s=3600.0)
        spent_ns += time.thread_time_ns() - began_ns
        if not isinstance(claim, Claimed):
            raise TypeError(f"expected a job, got {claim}")
        job_id = claim.job.id
        rows.run(queue.mark_sent, job_id, "b", now_us=START_US)
        outcome = an_outcome(SQUARE, duration_us=5_000_000)
        rows.run(queue.complete, job_id, "b", outcome, price=for_nothing, now_us=START_US)
        rows.tx.execute("DELETE FROM sent")
    return spent_ns / CLAIMS / 1000


def _naive_ms(rows: Rows) -> float:
    began_ns = time.thread_time_ns()
    rows.tx.execute(_NAIVE).fetchone()
    return (time.thread_time_ns() - began_ns) / 1e6
