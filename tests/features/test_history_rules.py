"""What is searched for, and the days that people type."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.features.history.rules import (
    WORDS_LIMIT,
    begins_at_us,
    day_of,
    ends_at_us,
    today_in,
    words_to_carry,
)
from bot.queue.words import folded
from bot.refusals import DayNotUnderstood

TODAY = date(2026, 11, 30)
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([UTC, BERLIN, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("America/St_Johns")])


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-30", TODAY),
        (" Today ", TODAY),
        ("yesterday", date(2026, 11, 29)),
        ("7d", date(2026, 11, 23)),
        ("7 days ago", date(2026, 11, 23)),
        ("２０２６-11-01", date(2026, 11, 1)),
        ("0d", TODAY),
    ],
)
def test_a_day_is_read_as_people_type_it(typed: str, day: date) -> None:
    assert day_of(typed, TODAY) == day


@pytest.mark.parametrize("typed", ["soon", "2026-02-30", "30.11.2026", "-3d", "99999d", "", "d"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(DayNotUnderstood):
        day_of(typed, TODAY)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_day_or_refused(typed: str) -> None:
    try:
        found = day_of(typed, TODAY)
    except DayNotUnderstood:
        return
    assert isinstance(found, date)


@given(st.dates(), ZONES)
def test_a_day_ends_where_the_next_one_begins(day: date, zone: ZoneInfo) -> None:
    assert begins_at_us(day, zone) < ends_at_us(day, zone)


@given(st.dates(), ZONES)
@example(date.min, ZoneInfo("Asia/Tokyo"))
@example(date.max, ZoneInfo("America/St_Johns"))
def test_a_day_begins_within_hours_of_utc_s(day: date, zone: ZoneInfo) -> None:
    """Also the first and the last of the calendar, which east and west lead beyond it."""
    assert abs(begins_at_us(day, zone) - begins_at_us(day, ZoneInfo("UTC"))) <= 14 * 3_600_000_000


def test_days_are_those_of_the_zone() -> None:
    now_us = round(datetime(2026, 11, 30, 23, 30, tzinfo=UTC).timestamp() * 1e6)
    assert today_in(BERLIN, now_us) == date(2026, 12, 1)
    began = datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert begins_at_us(date(2026, 12, 1), BERLIN) == round(began.timestamp() * 1e6)


@given(st.text(max_size=120))
def test_a_button_has_room_for_the_words_and_they_stay_the_same(typed: str) -> None:
    words = words_to_carry(typed)
    assert len(words.encode("utf-16-le", "replace")) <= 2 * WORDS_LIMIT
    assert folded(typed).startswith(words)
    assert words_to_carry(words) == words
