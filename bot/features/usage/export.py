"""Usage as a file for spreadsheets.

Comma-separated and ASCII, so it needs no byte-order mark. Nothing that anybody typed stands in it,
so no spreadsheet finds a formula. A member's id is written as Discord mentions them and a guild's
behind an apostrophe: spreadsheets round numbers of 18 digits.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.features.usage.records import UsageRow


COLUMNS = (
    "ended_at",  # ISO 8601, UTC
    "job",  # empty in a row that is a total of folded jobs
    "guild",  # empty outside of guilds
    "member",  # <@id>
    "outcome",
    "pictures",
    "rewritten",
    "pixels",
    "cost_usd",  # exact, six decimals
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def csv_file(rows: Iterable[UsageRow]) -> bytes:
    """A line for each row, in their order, below the names of the columns."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows(map(_cells, rows))
    return file.getvalue().encode("ascii")


def _cells(row: UsageRow) -> tuple[str, ...]:
    return (
        iso_time(row.at_us),
        "" if row.job_id is None else str(row.job_id),
        "" if row.guild_id is None else f"'{row.guild_id}",
        f"<@{row.user_id}>",
        row.outcome,
        str(row.pictures),
        str(row.rewritten),
        str(row.pixels),
        _exact_dollars(row.cost_micros),
    )


def iso_time(at_us: int) -> str:
    """`2026-11-29T12:00:00+00:00`; the number itself beyond the calendar."""
    try:
        return (_EPOCH + timedelta(microseconds=at_us)).isoformat(timespec="seconds")
    except OverflowError:
        return str(at_us)


def _exact_dollars(micros: int) -> str:
    sign, micros = ("-" if micros < 0 else ""), abs(micros)
    return f"{sign}{micros // 1_000_000}.{micros % 1_000_000:06d}"
