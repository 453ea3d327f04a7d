"""The file for spreadsheets."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.features.usage.export import COLUMNS, csv_file, defused
from bot.features.usage.records import UsageOutcome, UsageRow
from bot.queue.records import UserId

ROW = UsageRow(
    at_us=1_796_000_000_000_000,
    job_id=179_600_000_017,
    user_id=UserId(112_233_445_566_778_899),
    name="Ada",
    outcome=UsageOutcome.DRAWN,
    pictures=1,
    rewritten=1,
    pixels=1_048_576,
    cost_micros=30_000,
)


def cells_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_row_has_iso_time_exact_money_and_an_id_that_stays_whole() -> None:
    """Spreadsheets round numbers of 18 digits, so the member is a mention."""
    assert cells_of(csv_file([ROW])) == [
        list(COLUMNS),
        [
            "2026-11-30T00:53:20+00:00",
            "179600000017",
            "<@112233445566778899>",
            "Ada",
            "drawn",
            "1",
            "1",
            "1048576",
            "0.030000",
        ],
    ]


def test_the_file_begins_with_a_byte_order_mark() -> None:
    """Excel reads 田中 as something else without it."""
    content = csv_file([replace(ROW, name="田中")])
    assert content.startswith(b"\xef\xbb\xbfended_at,job,")
    assert cells_of(content)[1][3] == "田中"


def test_a_file_without_rows_has_its_columns() -> None:
    """It opens as an empty table."""
    assert cells_of(csv_file([])) == [list(COLUMNS)]


def test_a_total_has_no_job_and_a_correction_stays_negative() -> None:
    """A number that begins with a minus is no formula."""
    cells = cells_of(csv_file([replace(ROW, job_id=None, cost_micros=-15_000)]))[1]
    assert (cells[1], cells[8]) == ("", "-0.015000")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        (" =1", "' =1"),
        ("\t=1", "'\t'=1"),
        ("＝1+1", "'＝1+1"),
        ("x;=1+1", "x;'=1+1"),
        ('a"=1', "a\"'=1"),
        ("a, -b()", "a,' -b()"),
    ],
)
def test_a_name_that_would_run_is_defused(name: str, said: str) -> None:
    """Also behind what another spreadsheet takes for the end of a cell."""
    assert defused(name) == said
    assert cells_of(csv_file([replace(ROW, name=name)]))[1][3] == said


@pytest.mark.parametrize("name", ["Ada-Marie", "a@b.example", "1+1", "C+=", "naïve – yes"])
def test_an_ordinary_name_is_left_alone(name: str) -> None:
    """A sign amid a word runs nothing."""
    assert defused(name) == name


@given(some.text(), some.integers(-(2**63), 2**63), some.integers(-(2**63), 2**63))
def test_any_row_is_one_line_of_nine_cells(name: str, at_us: int, cost_micros: int) -> None:
    """Line breaks, quotes, halves of characters, times beyond the calendar."""
    row = replace(ROW, name=name, at_us=at_us, cost_micros=cost_micros)
    lines = cells_of(csv_file([row]))
    assert [len(line) for line in lines] == [9, 9]
    assert not lines[1][3].lstrip().startswith(("=", "+", "-", "@"))
