"""Money and what it was for. Entries are only ever added.

    reserved, at submit ─▶ settled (drawn and paid) | released (nothing drawn) | uncertain

The sum of what all rows say of pictures and money is what is used: a reservation adds what it may
come to, its end takes that back and adds what was billed. What is uncertain stays reserved.

The rewriting of a draft has entries as well, of no picture; its number is no job's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from bot.policy.quotas import span_of_days, subjects
from bot.policy.rows import Asking, load_policy
from bot.policy.rules import UTC as UTC_ZONE
from bot.queue import quota_use
from bot.queue.jobs import insert
from bot.queue.records import JobState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from bot.db import Transaction
    from bot.providers.image import ImageRequest, Size
    from bot.queue.records import JobId, Origin, TenantId, UserId


DAY_US = 86_400_000_000
WEEK_DAYS = 7
MONTH_DAYS = 30


REWRITING = "rewriting"  # the outcome of each entry that ends one


def reserve(
    tx: Transaction,
    number: JobId,
    origin: Origin,
    request: ImageRequest | None,
    *,
    micros: int,
    now_us: int,
) -> None:
    """It may come to cost this much. The counters of the quotas are the caller's.

    Args:
        number: of a job, or of a draft.
        request: None where a prompt is rewritten and nothing drawn.
    """
    pictures = 0 if request is None else 1
    insert(
        tx,
        "ledger",
        job_id=number,
        entry="reserved",
        tenant_id=origin.tenant_id,
        channel_id=origin.root_channel_id,
        user_id=origin.user_id,
        at_us=now_us,
        reserved_at_us=now_us,
        outcome="",
        images=pictures,
        pixels=0 if request is None else request.size.area_px,
        rewritten=request is not None and request.rewrite,
        pictures=pictures,
        reserved_micros=micros,
        cost_micros=0,
    )


def reserved_micros(tx: Transaction, job_id: JobId) -> int:
    """What it may come to, by its reservation."""
    reserved = _reserved(tx, job_id)
    return 0 if reserved is None else reserved.micros


def settle(
    tx: Transaction,
    number: JobId,
    outcome: str,
    size: Size | None = None,
    *,
    cost_micros: int,
    now_us: int,
) -> None:
    """What it cost, in place of what was reserved.

    Args:
        size: of what was drawn; None: nothing, a prompt was rewritten.
    """
    reserved = _reserved(tx, number)
    if reserved is not None:
        ended = reserved._replace(pixels=0 if size is None else size.area_px)
        _end(tx, ended, "settled", outcome, cost_micros=cost_micros, now_us=now_us)


def release(tx: Transaction, job_id: JobId, outcome: str, *, now_us: int) -> None:
    """Nothing was drawn, nothing is charged."""
    reserved = _reserved(tx, job_id)
    if reserved is not None:
        _end(tx, reserved, "released", outcome, pictures=-reserved.images, now_us=now_us)


def mark_uncertain(tx: Transaction, job_id: JobId, *, now_us: int) -> None:
    """Perhaps billed: not shown to the member as used, but the reservation stands."""
    reserved = _reserved(tx, job_id)
    if reserved is not None:
        outcome = JobState.UNCERTAIN if reserved.images else REWRITING
        _end(tx, reserved, "uncertain", outcome, now_us=now_us)


class _Reserved(NamedTuple):
    """The reservation of a job, as it stands in the ledger."""

    job_id: int
    tenant_id: int
    channel_id: int
    user_id: int
    at_us: int
    images: int  # 0 of a rewriting
    pixels: int
    rewritten: int
    micros: int


def _reserved(tx: Transaction, job_id: JobId) -> _Reserved | None:
    """None if it was folded into the sums of its day: it counts nowhere any more."""
    row = tx.execute(
        "SELECT job_id, tenant_id, channel_id, user_id, at_us, images, pixels, rewritten,"
        " reserved_micros FROM ledger WHERE job_id = ? AND entry = 'reserved'",
        (job_id,),
    ).fetchone()
    return None if row is None else _Reserved(*row)


def _end(
    tx: Transaction,
    reserved: _Reserved,
    entry: str,
    outcome: str,
    *,
    pictures: int = 0,
    cost_micros: int = 0,
    now_us: int,
) -> None:
    """Takes the reserved money back, unless it may be billed yet, and adds what was.

    Args:
        pictures: what the number of pictures changes by.
    """
    reserved_micros = 0 if entry == "uncertain" else -reserved.micros
    insert(
        tx,
        "ledger",
        job_id=reserved.job_id,
        entry=entry,
        tenant_id=reserved.tenant_id,
        channel_id=reserved.channel_id,
        user_id=reserved.user_id,
        at_us=now_us,
        reserved_at_us=reserved.at_us,
        outcome=outcome,
        images=reserved.images,
        pixels=reserved.pixels,
        rewritten=reserved.rewritten,
        pictures=pictures,
        reserved_micros=reserved_micros,
        cost_micros=cost_micros,
    )
    quota_use.correct(
        tx,
        subjects(reserved.tenant_id, reserved.channel_id, reserved.user_id),
        reserved_at_us=reserved.at_us,
        pictures=pictures,
        micros=reserved_micros + cost_micros,
    )


MOST_FOLDED = 500  # jobs in one transaction; submits go between two of them
SUMS = ("images", "pixels", "rewritten", "pictures", "reserved_micros", "cost_micros")


def fold(tx: Transaction, *, before_us: int) -> int:
    """Adds ended jobs that were asked for before this instant to the sums of their days.

    Sums and details change in one transaction, so a crash leaves every job in one of the two.
    Returns how many were folded; the next call takes more. What has not ended stays.
    """
    found = tx.execute(
        "SELECT job_id FROM ledger WHERE reserved_at_us < ? AND entry <> 'reserved'"
        " ORDER BY reserved_at_us LIMIT ?",
        (before_us, MOST_FOLDED),
    ).fetchall()
    job_ids = sorted({row[0] for row in found})
    if job_ids:
        of_them = f"job_id IN ({', '.join('?' * len(job_ids))})"
        add_to_days(tx, of_them, job_ids)
        tx.execute(f"DELETE FROM ledger WHERE {of_them}", job_ids)
    return len(job_ids)


def add_to_days(tx: Transaction, where: str, values: Sequence[object]) -> None:
    """The entries of the ledger that a condition names; they are the caller's to take away."""
    sums = ", ".join(f"sum({name})" for name in SUMS)
    added = ", ".join(f"{name} = ledger_day.{name} + excluded.{name}" for name in SUMS)
    tx.execute(
        f"INSERT INTO ledger_day (day, tenant_id, user_id, entry, outcome, entries,"
        f" {', '.join(SUMS)}) SELECT reserved_at_us / 86400000000, tenant_id, user_id, entry,"
        f" outcome, count(*), {sums} FROM ledger WHERE {where}"
        " GROUP BY reserved_at_us / 86400000000, tenant_id, user_id, entry, outcome"
        " ON CONFLICT (tenant_id, user_id, day, entry, outcome) DO UPDATE SET"
        f" entries = ledger_day.entries + excluded.entries, {added}",
        values,
    )


class UsageSum(Struct, frozen=True, kw_only=True):
    """What was drawn and paid in a span of time."""

    images: int = 0
    rewritten: int = 0  # of the images, those with a rewritten prompt
    pixels: int = 0
    cost_micros: int = 0  # micro-dollars
    rewriting_micros: int = 0  # of the cost, what prompts cost that were rewritten before


class UsageView(Struct, frozen=True, kw_only=True):
    """A member's usage in a tenant."""

    today: UsageSum  # asked for since midnight where the guild is
    week: UsageSum  # the last 7 days, today among them
    month: UsageSum  # the last 30 days
    all_time: UsageSum


def usage_view(
    tx: Transaction,
    tenant_id: TenantId,
    user_id: UserId,
    *,
    zone: ZoneInfo = UTC_ZONE,
    now_us: int,
) -> UsageView:
    """A member's sums in a tenant, by when each picture was asked for; days are the zone's."""
    key = (tenant_id, user_id)
    return UsageView(
        today=_summed(tx, key, span_of_days(1, zone, now_us).starts_at_us),
        week=_summed(tx, key, span_of_days(WEEK_DAYS, zone, now_us).starts_at_us),
        month=_summed(tx, key, span_of_days(MONTH_DAYS, zone, now_us).starts_at_us),
        all_time=_all_time(tx, key),
    )


def last_drawn_at_us(tx: Transaction, tenant_id: TenantId, user_id: UserId, *, now_us: int) -> int:
    """When the member's last picture there was drawn; 0 if there is none.

    Of what was asked for in the last days alone, so that years of a member's pictures are not read;
    and not in the future, where a clock that was set back has left some.
    """
    (at_us,) = tx.execute(
        "SELECT coalesce(max(at_us), 0) FROM ledger WHERE entry = 'settled' AND images > 0"
        " AND tenant_id = ? AND user_id = ? AND reserved_at_us >= ? AND at_us <= ?",
        (tenant_id, user_id, now_us - WEEK_DAYS * DAY_US, now_us),
    ).fetchone()
    return int(at_us)


_SUM = (
    "SELECT coalesce(sum(images), 0), coalesce(sum(rewritten), 0), coalesce(sum(pixels), 0),"
    " coalesce(sum(cost_micros), 0),"
    f" coalesce(sum(CASE WHEN outcome = '{REWRITING}' THEN cost_micros ELSE 0 END), 0)"
    " FROM {table} WHERE entry = 'settled' AND tenant_id = ? AND user_id = ?"
)


def _summed(tx: Transaction, key: tuple[int, int], since_us: int) -> UsageSum:
    query = _SUM.format(table="ledger")
    return _usage_sum(tx.execute(f"{query} AND reserved_at_us >= ?", (*key, since_us)).fetchone())


def _all_time(tx: Transaction, key: tuple[int, int]) -> UsageSum:
    """With the days that are folded."""
    folded = _usage_sum(tx.execute(_SUM.format(table="ledger_day"), key).fetchone())
    kept = _summed(tx, key, 0)
    return UsageSum(
        images=kept.images + folded.images,
        rewritten=kept.rewritten + folded.rewritten,
        pixels=kept.pixels + folded.pixels,
        cost_micros=kept.cost_micros + folded.cost_micros,
        rewriting_micros=kept.rewriting_micros + folded.rewriting_micros,
    )


def _usage_sum(row: Sequence[int]) -> UsageSum:
    images, rewritten, pixels, cost_micros, rewriting_micros = map(int, row)
    return UsageSum(
        images=images,
        rewritten=rewritten,
        pixels=pixels,
        cost_micros=cost_micros,
        rewriting_micros=rewriting_micros,
    )


# ------------------------------------------------------------------------------------------------
# All guilds, for the operator.


class GuildRow(Struct, frozen=True, kw_only=True):
    """A guild that has asked for something, or that the operator has allowed or blocked."""

    guild_id: int
    is_allowed: bool
    pictures_today: int  # settled; the day is the operator's
    pictures_30_days: int
    cost_micros_30_days: int


_SINCE = (
    "SELECT coalesce(sum(images), 0), coalesce(sum(cost_micros), 0) FROM ledger"
    " WHERE entry = 'settled' AND tenant_id = ? AND reserved_at_us >= ?"
)


def guild_rows(tx: Transaction, *, now_us: int) -> tuple[GuildRow, ...]:
    """Those that cost the most first; days are the operator's, as those of their limits."""
    zone = load_policy(tx).account_zone
    since_us = [span_of_days(days, zone, now_us).starts_at_us for days in (1, MONTH_DAYS)]
    rows = [_guild_row(tx, guild_id, *since_us) for guild_id in _guild_ids(tx)]
    return tuple(sorted(rows, key=lambda row: (-row.cost_micros_30_days, row.guild_id)))


def _guild_ids(tx: Transaction) -> set[int]:
    """A tenant that is its own member is a person."""
    asked = tx.execute(
        "SELECT id FROM tenant WHERE NOT EXISTS (SELECT 1 FROM member"
        " WHERE member.tenant_id = tenant.id AND member.user_id = tenant.id)"
    )
    named = tx.execute("SELECT scope_id FROM policy WHERE scope = 'guild' AND name = 'is_allowed'")
    entered = tx.execute("SELECT id FROM guild WHERE left_at_us IS NULL")
    return {row[0] for rows in (asked, named, entered) for row in rows.fetchall()}


def _guild_row(tx: Transaction, guild_id: int, today_us: int, month_us: int) -> GuildRow:
    (today, _) = tx.execute(_SINCE, (guild_id, today_us)).fetchone()
    images, cost_micros = tx.execute(_SINCE, (guild_id, month_us)).fetchone()
    return GuildRow(
        guild_id=guild_id,
        is_allowed=load_policy(tx, Asking(guild_id)).is_allowed,
        pictures_today=today,
        pictures_30_days=images,
        cost_micros_30_days=cost_micros,
    )
