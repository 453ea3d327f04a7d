"""Usage as a file for spreadsheets.

Comma-separated with a byte-order mark, without which Excel takes UTF-8 for something else. A cell
that a spreadsheet would run as a formula gets an apostrophe. A member's id is written as Discord
mentions them: spreadsheets round numbers of 18 digits.

Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.features.usage.records import UsageRow


COLUMNS = (
    "ended_at",  # ISO 8601, UTC
    "job",  # empty in a row that is a total of folded jobs
    "member",  # <@id>
    "name",
    "outcome",
    "pictures",
    "rewritten",
    "pixels",
    "cost_usd",  # exact, six decimals
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# At a cell's beginning, and after what another spreadsheet may take for the end of a cell.
_FORMULA = re.compile(r"(^|[,;|\t\r\n\"])(?=\s*[=+\-@＝＋－＠])")


def csv_file(rows: Iterable[UsageRow]) -> bytes:
    """A line for each row, in their order, below the names of the columns."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows(map(_cells, rows))
    return file.getvalue().encode("utf-8-sig", "replace")


def _cells(row: UsageRow) -> tuple[str, ...]:
    return (
        iso_time(row.at_us),
        "" if row.job_id is None else str(row.job_id),
        f"<@{row.user_id}>",
        defused(row.name),
        row.outcome,
        str(row.pictures),
        str(row.rewritten),
        str(row.pixels),
        _exact_dollars(row.cost_micros),
    )


def defused(cell: str) -> str:
    """The text, which no spreadsheet runs."""
    return _FORMULA.sub(r"\1'", cell)


def iso_time(at_us: int) -> str:
    """`2026-11-29T12:00:00+00:00`; the number itself beyond the calendar."""
    try:
        return (_EPOCH + timedelta(microseconds=at_us)).isoformat(timespec="seconds")
    except OverflowError:
        return str(at_us)


def _exact_dollars(micros: int) -> str:
    sign, micros = ("-" if micros < 0 else ""), abs(micros)
    return f"{sign}{micros // 1_000_000}.{micros % 1_000_000:06d}"
