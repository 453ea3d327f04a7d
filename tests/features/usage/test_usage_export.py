"""The file for spreadsheets."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as some

from bot.features.usage.export import COLUMNS, csv_file
from bot.features.usage.records import UsageOutcome, UsageRow
from bot.queue.records import GuildId, UserId
from bot.records import replace

ROW = UsageRow(
    at_us=1_796_000_000_000_000,
    job_id=179_600_000_017,
    guild_id=GuildId(132_380_287_435_480_725),
    user_id=UserId(112_233_445_566_778_899),
    outcome=UsageOutcome.DRAWN,
    pictures=1,
    rewritten=1,
    pixels=1_048_576,
    cost_micros=30_000,
)


def cells_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("ascii"), newline="")))


def test_a_row_has_iso_time_exact_money_and_an_id_that_stays_whole() -> None:
    """Spreadsheets round numbers of 18 digits: the member is a mention, the guild a text."""
    assert cells_of(csv_file([ROW])) == [
        list(COLUMNS),
        [
            "2026-11-30T00:53:20+00:00",
            "179600000017",
            "'132380287435480725",
            "<@112233445566778899>",
            "drawn",
            "1",
            "1",
            "1048576",
            "0.030000",
        ],
    ]


def test_outside_of_guilds_there_is_no_guild() -> None:
    assert cells_of(csv_file([replace(ROW, guild_id=None)]))[1][2] == ""


def test_a_file_without_rows_has_its_columns() -> None:
    """It opens as an empty table."""
    assert cells_of(csv_file([])) == [list(COLUMNS)]


def test_a_total_has_no_job_and_a_correction_stays_negative() -> None:
    """A number that begins with a minus is no formula."""
    cells = cells_of(csv_file([replace(ROW, job_id=None, cost_micros=-15_000)]))[1]
    assert (cells[1], cells[8]) == ("", "-0.015000")


@given(some.integers(-(2**63), 2**63), some.integers(-(2**63), 2**63))
def test_any_row_is_one_line_of_nine_cells(at_us: int, cost_micros: int) -> None:
    """Times beyond the calendar, and debts."""
    lines = cells_of(csv_file([replace(ROW, at_us=at_us, cost_micros=cost_micros)]))
    assert [len(line) for line in lines] == [9, 9]
