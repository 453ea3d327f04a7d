"""Sums of the ledger as reports and files show them, its folded days among them.

A picture counts when it was asked for, as for the limits. What waits or runs is in no sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.features.usage.records import EntrySum, MemberUsage, UsageOf, UsageOutcome, UsageRow
from bot.features.usage.rules import outcome_of
from bot.queue.ledger import DAY_US
from bot.queue.records import GuildId, UserId

if TYPE_CHECKING:
    from bot.db import Transaction
    from bot.policy.quotas import Span


QUARTER_US = 900_000_000
_ENDED = "entry <> 'reserved' AND reserved_at_us >= ? AND reserved_at_us < ?"
_FOLDED = "entry <> 'reserved' AND day >= ? AND day < ?"


class Charged(NamedTuple):
    """A call, or the folded calls of a day."""

    at_us: int
    job_id: int | None
    request_id: str  # the provider's; empty if it is not known
    pictures: int
    micros: int
    is_uncertain: bool


def entry_sums(tx: Transaction, of: UsageOf, span: Span) -> tuple[EntrySum, ...]:
    """All jobs of theirs that were asked for in the span and have ended."""
    whose, ids = _whose(of)
    detailed = tx.execute(
        "SELECT reserved_at_us / 900000000 AS quarter, entry, outcome, count(*), sum(rewritten),"
        f" sum(cost_micros) FROM ledger WHERE {whose}{_ENDED} GROUP BY 1, entry, outcome",
        (*ids, *span),
    ).fetchall()
    folded = tx.execute(
        "SELECT day, entry, outcome, sum(entries), sum(rewritten), sum(cost_micros)"
        f" FROM ledger_day WHERE {whose}{_FOLDED} GROUP BY day, entry, outcome",
        (*ids, *_days(span)),
    ).fetchall()
    return (
        *(_sum(row[0] * QUARTER_US, row, is_folded=False) for row in detailed),
        *(_sum(row[0] * DAY_US, row, is_folded=True) for row in folded),
    )


def _sum(at_us: int, row: tuple[int, str, str, int, int, int], *, is_folded: bool) -> EntrySum:
    _, entry, outcome, jobs, rewritten, cost_micros = row
    return EntrySum(
        at_us=at_us,
        is_folded=is_folded,
        outcome=outcome_of(entry, outcome),
        jobs=jobs,
        rewritten=rewritten,
        cost_micros=cost_micros,
    )


def member_sums(tx: Transaction, of: UsageOf, span: Span) -> tuple[MemberUsage, ...]:
    """What each had drawn, without names; those who had nothing are not there."""
    whose, ids = _whose(of)
    rows = tx.execute(
        "SELECT user_id, sum(pictures), sum(cost_micros) FROM ("
        "SELECT user_id, sum(images) AS pictures, sum(cost_micros) AS cost_micros FROM ledger"
        f" WHERE {whose}{_ENDED} AND entry = 'settled' GROUP BY user_id"
        " UNION ALL SELECT user_id, images, cost_micros FROM ledger_day"
        f" WHERE {whose}{_FOLDED} AND entry = 'settled') AS found GROUP BY user_id",
        (*ids, *span, *ids, *_days(span)),
    )
    return tuple(
        MemberUsage(user_id=UserId(user_id), name="", pictures=int(count), cost_micros=int(micros))
        for user_id, count, micros in rows
    )


def usage_rows(tx: Transaction, of: UsageOf, span: Span, *, limit: int) -> tuple[UsageRow, ...]:
    """The oldest first, totals of folded days before all; at most so many, the newest."""
    whose, ids = _whose(of)
    detailed = tx.execute(
        "SELECT at_us, job_id, tenant_id, user_id, entry, outcome, 1, rewritten, pixels,"
        f" cost_micros FROM ledger WHERE {whose}{_ENDED}"
        " ORDER BY reserved_at_us DESC, job_id DESC LIMIT ?",
        (*ids, *span, limit),
    ).fetchall()
    folded = tx.execute(
        "SELECT day, NULL, tenant_id, user_id, entry, outcome, entries, rewritten, pixels,"
        f" cost_micros FROM ledger_day WHERE {whose}{_FOLDED} ORDER BY day DESC, user_id LIMIT ?",
        (*ids, *_days(span), limit - len(detailed)),
    ).fetchall()
    newest_first = [*(_row(row) for row in detailed), *(_row(row) for row in folded)]
    return tuple(reversed(newest_first))


def _row(row: tuple[int, int | None, int, int, str, str, int, int, int, int]) -> UsageRow:
    at_us, job_id, tenant_id, user_id, entry, outcome, jobs, rewritten, pixels, cost_micros = row
    ended = outcome_of(entry, outcome)
    is_drawn = ended is UsageOutcome.DRAWN
    return UsageRow(
        at_us=at_us * DAY_US if job_id is None else at_us,
        job_id=job_id,
        guild_id=None if tenant_id == user_id else GuildId(tenant_id),
        user_id=UserId(user_id),
        outcome=ended,
        pictures=jobs if is_drawn else 0,
        rewritten=rewritten if is_drawn else 0,
        pixels=pixels if is_drawn else 0,
        cost_micros=cost_micros,
    )


def charges(tx: Transaction, span: Span) -> tuple[Charged, ...]:
    """What was, or may have been, billed within the span, by when it was; the oldest first.

    Of pictures alone: rewritings are billed by the token, and no bill names them one by one.
    """
    detailed = tx.execute(
        "SELECT ledger.at_us, ledger.job_id,"
        " coalesce(picture.provider_request_id, job.failure_request_id, ''), 1,"
        " CASE WHEN entry = 'uncertain' THEN 0 ELSE ledger.cost_micros END, entry = 'uncertain'"
        " FROM ledger JOIN job ON job.id = ledger.job_id"
        " LEFT JOIN picture ON picture.job_id = ledger.job_id"
        " WHERE entry IN ('settled', 'uncertain') AND at_us >= ? AND at_us < ? ORDER BY at_us",
        span,
    ).fetchall()
    folded = tx.execute(
        "SELECT day * 86400000000, NULL, '', sum(entries), sum(cost_micros), 0 FROM ledger_day"
        " WHERE entry = 'settled' AND images > 0 AND day >= ? AND day < ?"
        " GROUP BY day ORDER BY day",
        _days(span),
    ).fetchall()
    return tuple(Charged(*row) for row in (*folded, *detailed))


def _whose(of: UsageOf) -> tuple[str, tuple[int, ...]]:
    """A condition and its values: the columns that an index begins with."""
    named = {"tenant_id": of.guild_id, "user_id": of.user_id}
    found = {column: some_id for column, some_id in named.items() if some_id is not None}
    return "".join(f"{column} = ? AND " for column in found), tuple(found.values())


def _days(span: Span) -> tuple[int, int]:
    return span.starts_at_us // DAY_US, -(-span.ends_at_us // DAY_US)
