"""What the expected wait is learned from: how long drawing takes, and how often is submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.wait import ALL_MEMORY_S

if TYPE_CHECKING:
    from bot.storage.gate import Account
    from bot.storage.transaction import Transaction

PRIOR_DRAWING_US = {"plain": 6_000_000, "rewritten": 14_000_000}  # until calls were measured
MEMORY_CALLS = 50


def drawing_us(tx: Transaction, *, rewrite: bool) -> int:
    """The mean duration of a call of this kind."""
    kind = _kind(rewrite=rewrite)
    row = tx.execute("SELECT mean_us FROM latency WHERE kind = ?", (kind,)).fetchone()
    return int(row[0]) if row else PRIOR_DRAWING_US[kind]


def learn_drawing(tx: Transaction, *, rewrite: bool, duration_us: int) -> None:
    """A mean that forgets: of the first calls exactly, then over about the last fifty."""
    tx.execute(
        "INSERT INTO latency (kind, mean_us, count) VALUES (:kind, :us, 1)"
        " ON CONFLICT (kind) DO UPDATE SET count = latency.count + 1,"
        " mean_us = latency.mean_us + (:us - latency.mean_us)"
        " / CASE WHEN latency.count < :memory THEN latency.count + 1 ELSE :memory END",
        {"kind": _kind(rewrite=rewrite), "us": duration_us, "memory": MEMORY_CALLS},
    )


def count_arrival(account: Account, *, is_burst: bool, now_us: int) -> None:
    """One more submit, over all guilds; the caller saves the account.

    Args:
        is_burst: its member had nothing waiting.
    """
    account.counting_since_us = account.counting_since_us or now_us
    account.arrivals = account.arrivals.with_one_more(now_us, ALL_MEMORY_S)
    if is_burst:
        account.bursts = account.bursts.with_one_more(now_us, ALL_MEMORY_S)


def _kind(*, rewrite: bool) -> str:
    return "rewritten" if rewrite else "plain"
