"""Sums become bars, ticks, shares and states of budgets."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.features.usage.records import (
    UNLIMITED,
    DayUsage,
    Gauge,
    GaugeUnit,
    MemberUsage,
    OthersUsage,
    UsagePart,
    UsageReport,
    UsageSubject,
)
from bot.features.usage.rules import (
    MOST_BARS,
    GaugeState,
    axis_dollars,
    bars,
    by_hour,
    gauge_state,
    left_of,
    length,
    local_time,
    parts_of,
    percentages,
    ranked,
    short_count,
    short_dollars,
    ticks,
    totals,
)
from bot.queue.records import UserId
from bot.records import replace
from tests.drawn_records import records

DAY = date(2026, 11, 29)
NOTHING = UsageReport(
    subject=UsageSubject.SERVER, name="Painters", first_day=date(2026, 10, 31), last_day=DAY
)
BUDGET = Gauge(name="a day", unit=GaugeUnit.PICTURES, used=0, limit=50)


def test_each_day_of_a_month_has_its_bar() -> None:
    """Those without usage too, so that a week looks like a week."""
    found = bars(replace(NOTHING, days=(DayUsage(day=DAY, pictures=3),)))
    assert len(found) == 30
    assert [bar.day for bar in found if bar.pictures] == [DAY]
    assert found[0].day == date(2026, 10, 31)


def test_days_of_a_year_share_bars() -> None:
    """As many as a phone shows apart, and no day is left out."""
    year = replace(
        NOTHING,
        first_day=date(2025, 11, 30),
        days=(
            DayUsage(day=date(2025, 11, 30), pictures=1, cost_micros=15_000),
            DayUsage(day=date(2025, 12, 1), pictures=2, cost_micros=30_000),
            DayUsage(day=DAY, pictures=4, cost_micros=60_000),
        ),
    )
    found = bars(year)
    assert len(found) <= MOST_BARS
    assert (found[0].pictures, found[0].cost_micros, found[-1].pictures) == (3, 45_000, 4)
    assert totals(year) == (7, 0, 105_000)


def test_days_outside_of_the_span_do_not_count() -> None:
    """A row too many would be added to the wrong bar."""
    assert totals(replace(NOTHING, days=(DayUsage(day=date(2026, 12, 1), pictures=5),))) == (
        0,
        0,
        0,
    )


@given(
    some.dates(),
    some.dates(),
    some.lists(records(DayUsage, day=some.dates(), pictures=some.integers(0, 2**62))),
)
def test_bars_hold_every_picture_of_the_span(first: date, last: date, days: list[DayUsage]) -> None:
    """Whatever the span: a day, ten thousand years, or one that ends before it begins."""
    report = replace(NOTHING, first_day=first, last_day=last, days=tuple(days))
    found = bars(report)
    assert 1 <= len(found) <= MOST_BARS
    expected = sum(day.pictures for day in days if first <= day.day <= last)
    assert sum(bar.pictures for bar in found) == expected


def test_hours_are_always_24() -> None:
    """Missing ones count as none, further ones and negative ones do not count."""
    assert by_hour(NOTHING) == (0,) * 24
    assert by_hour(replace(NOTHING, pictures_by_hour=(5, -1))) == (5, *(0,) * 23)
    assert by_hour(replace(NOTHING, pictures_by_hour=(1,) * 25)) == (1,) * 24


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (3, (0, 1, 2, 3)),
        (5, (0, 2, 4, 6)),
        (37, (0, 10, 20, 30, 40)),
        (1_000_000, (0, 500_000, 1_000_000)),
    ],
)
def test_ticks_are_round(largest: int, expected: tuple[int, ...]) -> None:
    """Steps of 1, 2 or 5, and never of a part of a picture."""
    assert ticks(largest) == expected


@given(some.integers(0, 2**63), some.integers(1, 6))
def test_ticks_reach_the_largest_value(largest: int, most: int) -> None:
    """From 0, in equal steps, not more than were asked for."""
    found = ticks(largest, most)
    assert found[0] == 0
    assert found[-1] >= largest
    assert 2 <= len(found) <= most + 1
    assert len({later - earlier for earlier, later in pairwise(found)}) == 1


def test_those_who_are_too_many_are_summed() -> None:
    """Order is by pictures, then by cost."""
    members = [
        MemberUsage(user_id=UserId(place), name=f"m{place}", pictures=place, cost_micros=place)
        for place in range(1, 13)
    ]
    shown, others = ranked(members, 10)
    assert [one.pictures for one in shown] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    assert others == OthersUsage(members=2, pictures=3, cost_micros=3)
    assert ranked([], 10) == ((), OthersUsage(members=0, pictures=0, cost_micros=0))


@given(some.lists(some.integers(0, 10**9), min_size=1, max_size=8))
def test_percentages_make_100(counts: list[int]) -> None:
    """Rounded one by one they often make 99 or 101."""
    shares = percentages(counts)
    assert sum(shares) == (100 if sum(counts) else 0)
    for count, share in zip(counts, shares, strict=True):
        assert share == 0 or abs(share - count * 100 / sum(counts)) < 1


@pytest.mark.parametrize(
    ("used", "limit", "state", "left"),
    [
        (0, 50, GaugeState.OPEN, 50),
        (39, 50, GaugeState.OPEN, 11),
        (40, 50, GaugeState.NEARLY, 10),
        (50, 50, GaugeState.USED_UP, 0),
        (70, 50, GaugeState.USED_UP, 0),
        (-3, 50, GaugeState.OPEN, 50),
        (0, 0, GaugeState.OFF, 0),
        (9, 0, GaugeState.OFF, 0),
        (9, UNLIMITED, GaugeState.UNLIMITED, 0),
    ],
)
def test_a_budget_is_open_near_its_end_used_up_or_off(
    used: int, limit: int, state: GaugeState, left: int
) -> None:
    """What staff switched off is something else than what is used up."""
    gauge = replace(BUDGET, used=used, limit=limit)
    assert (gauge_state(gauge), left_of(gauge)) == (state, left)


def test_what_is_not_zero_is_seen() -> None:
    """Micro-dollars beside hundreds of dollars have a bar; what is beyond the axis ends at it."""
    assert length(1, 300_000_000, 100, 3) == 3
    assert length(0, 300_000_000, 100, 3) == 0
    assert length(-5, 10, 100, 3) == 0
    assert length(20, 10, 100, 3) == 100
    assert length(1, 1000, 100) == 0.1  # unless nothing is to be seen of so little


@pytest.mark.parametrize(
    ("micros", "said"),
    [
        (-1, "$0.00"),
        (0, "$0.00"),
        (1, "$0.000001"),
        (15_000, "$0.015"),
        (123_456, "$0.123"),
        (999_999, "$1.00"),
        (1_234_567, "$1.23"),
        (1_234_500_000, "$1234.50"),
        (12_345_600_000, "$12\u00a0346"),
    ],
)
def test_money_has_three_digits_at_least(micros: int, said: str) -> None:
    """A picture shows what can be read; the card's sum and the file are exact."""
    assert short_dollars(micros) == said


@pytest.mark.parametrize(
    ("count", "said", "money"),
    [
        (0, "0", "$0"),
        (500, "500", "$500"),
        (1_500, "1.5k", "$1.5k"),
        (20_000, "20k", "$20k"),
        (5_000_000, "5M", "$5M"),
    ],
)
def test_axes_say_round_values_shortly(count: int, said: str, money: str) -> None:
    """So that they have room on a phone."""
    assert (short_count(count), axis_dollars(count * 1_000_000)) == (said, money)


def test_parts_that_tell_nothing_are_left_out() -> None:
    """A server without usage has its budgets alone."""
    assert parts_of(NOTHING) == ()
    assert parts_of(replace(NOTHING, gauges=(BUDGET,))) == (UsagePart.GAUGES,)
    only_refused = replace(NOTHING, days=(DayUsage(day=DAY, refused=1),))
    assert parts_of(only_refused) == (UsagePart.DAYS,)


def test_a_member_is_not_shown_the_others() -> None:
    """Even if somebody fills them in."""
    top = (MemberUsage(user_id=UserId(1), name="Ada", pictures=1, cost_micros=0),)
    assert parts_of(replace(NOTHING, subject=UsageSubject.MEMBER, top=top)) == ()
    assert parts_of(replace(NOTHING, subject=UsageSubject.TOP, top=top)) == (UsagePart.TOP,)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../../etc/passwd", "\0", "x" * 300, "Europe"]
)
def test_an_unknown_time_zone_is_utc(zone: str) -> None:
    """A setting from another machine may name one that is not there."""
    at = local_time(replace(NOTHING, zone=zone), 0)
    assert at is not None
    assert at.isoformat() == "1970-01-01T00:00:00+00:00"


def test_an_instant_beyond_the_calendar_has_no_time() -> None:
    """Nothing is said of it then."""
    assert local_time(NOTHING, 2**63) is None
