"""Quotas: which limits bind whom, when their spans begin anew, and what is said at their end."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.policy.precedence import policy_of
from bot.policy.quotas import (
    FORBIDDEN,
    QuotaLimit,
    QuotaState,
    check_quotas,
    nearly_used_up,
    span_of,
    span_of_days,
)
from bot.policy.rules import OPERATORS_OWN, Scope, quota_name
from bot.refusals import Level, Period, QuotaUsedUp, SwitchedOff, Unit

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
BERLIN = ZoneInfo("Europe/Berlin")
CAIRO = ZoneInfo("Africa/Cairo")
PER_DAY = quota_name(Level.MEMBER, Unit.PICTURES, Period.DAY)
ROLES_PER_DAY = quota_name(Level.ROLE, Unit.PICTURES, Period.DAY)
GUILDS_PER_DAY = quota_name(Level.GUILD, Unit.PICTURES, Period.DAY)
GUILD = 5

YEARS = st.integers(
    round(datetime(2026, 1, 1, tzinfo=UTC).timestamp()),
    round(datetime(2032, 1, 1, tzinfo=UTC).timestamp()),
)
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)


def at_us(zone: ZoneInfo, *when: int) -> int:
    return round(datetime(*when, tzinfo=zone).timestamp()) * 1_000_000  # type: ignore[misc, arg-type]


def limits_of(*rows: tuple[Scope, int, str, int, str]) -> dict[tuple[Level, bool], int]:
    """The amounts that bind, by level and by whether staff have set them."""
    return {(one.level, one.by_staff): one.amount for one in policy_of(rows).quotas}


def a_state(
    amount: int,
    used: int,
    *,
    level: Level = Level.MEMBER,
    unit: Unit = Unit.PICTURES,
    renews_at_us: int = 9,
    by_staff: bool = False,
) -> QuotaState:
    limit = QuotaLimit(level=level, unit=unit, period=Period.DAY, amount=amount, by_staff=by_staff)
    return QuotaState(limit=limit, used=used, renews_at_us=renews_at_us)


# ------------------------------------------------------------------------------------------------
# Spans


def test_a_day_is_that_of_the_clocks_in_its_zone() -> None:
    now_us = at_us(BERLIN, 2027, 1, 15, 0, 30)  # in UTC it is still the fourteenth
    assert span_of(Period.DAY, BERLIN, now_us) == (
        at_us(BERLIN, 2027, 1, 15),
        at_us(BERLIN, 2027, 1, 16),
    )


@pytest.mark.parametrize(
    ("day", "hours"), [((2027, 3, 28), 23), ((2027, 10, 31), 25), ((2027, 6, 1), 24)]
)
def test_in_the_nights_when_clocks_change_a_day_is_shorter_or_longer(
    day: tuple[int, int, int], hours: int
) -> None:
    """And every instant of it is in it."""
    start_us = at_us(BERLIN, *day)
    spans = {
        span_of(Period.DAY, BERLIN, start_us + hour * HOUR_US + rest_us)
        for hour in range(hours)
        for rest_us in (0, HOUR_US - 1)
    }
    assert spans == {(start_us, start_us + hours * HOUR_US)}


def test_a_midnight_that_comes_twice_begins_the_later_day() -> None:
    """In Havana clocks go from 1:00 back to midnight; the day is one of 25 hours."""
    havana = ZoneInfo("America/Havana")
    start_us = at_us(havana, 2026, 11, 1)
    spans = {span_of(Period.DAY, havana, start_us + hour * HOUR_US) for hour in range(25)}
    assert spans == {(start_us, start_us + 25 * HOUR_US)}


def test_a_month_ends_where_the_next_begins() -> None:
    december = span_of(Period.MONTH, BERLIN, at_us(BERLIN, 2027, 12, 31, 23, 59))
    assert december == (at_us(BERLIN, 2027, 12, 1), at_us(BERLIN, 2028, 1, 1))
    leap = span_of(Period.MONTH, BERLIN, at_us(BERLIN, 2028, 2, 29))
    assert leap == (at_us(BERLIN, 2028, 2, 1), at_us(BERLIN, 2028, 3, 1))


def test_an_hour_is_the_one_that_clocks_show_there() -> None:
    """In Kolkata it begins half an hour from ours."""
    kolkata = ZoneInfo("Asia/Kolkata")
    now_us = at_us(kolkata, 2027, 5, 1, 14, 59)
    assert span_of(Period.HOUR, kolkata, now_us)[0] == at_us(kolkata, 2027, 5, 1, 14, 0)


@given(st.integers(1, 200), ZONES, YEARS)
@example(2, CAIRO, at_us(CAIRO, 2027, 4, 30, 12) // 1_000_000)  # which began at one o'clock
def test_so_many_days_begin_where_the_first_of_them_does(
    days: int, zone: ZoneInfo, now_s: int
) -> None:
    """And end with the last, whatever clocks do between them."""
    last = span_of(Period.DAY, zone, now_s * 1_000_000)
    first = last
    for _ in range(days - 1):
        first = span_of(Period.DAY, zone, first.starts_at_us - 1)
    assert span_of_days(days, zone, now_s * 1_000_000) == (first.starts_at_us, last.ends_at_us)


@given(st.sampled_from(Period), ZONES, YEARS)
def test_an_instant_lies_in_its_span_whatever_clocks_do(
    period: Period, zone: ZoneInfo, now_s: int
) -> None:
    """A span is about as long as it is called."""
    now_us = now_s * 1_000_000 + 999_999
    starts_at_us, ends_at_us = span_of(period, zone, now_us)
    assert starts_at_us <= now_us < ends_at_us
    shortest_us, longest_us = {
        Period.HOUR: (HOUR_US, HOUR_US),
        Period.DAY: (22 * HOUR_US, 26 * HOUR_US),
        Period.MONTH: (27 * DAY_US, 32 * DAY_US),
    }[period]
    assert shortest_us <= ends_at_us - starts_at_us <= longest_us


# ------------------------------------------------------------------------------------------------
# Which limits bind


def test_operator_and_staff_each_limit_the_same_level() -> None:
    assert limits_of(
        (Scope.OPERATOR, 0, GUILDS_PER_DAY, OPERATORS_OWN, "200"),
        (Scope.GUILD, GUILD, GUILDS_PER_DAY, GUILD, "300"),
    ) == {(Level.GUILD, False): 200, (Level.GUILD, True): 300}


def test_what_the_operator_grants_one_guild_replaces_what_holds_for_all() -> None:
    """-1 frees it."""
    of_all = (Scope.OPERATOR, 0, GUILDS_PER_DAY, OPERATORS_OWN, "200")
    more = (Scope.GUILD, GUILD, GUILDS_PER_DAY, OPERATORS_OWN, "500")
    free = (Scope.GUILD, GUILD, GUILDS_PER_DAY, OPERATORS_OWN, "-1")
    assert limits_of(of_all, more) == {(Level.GUILD, False): 500}
    assert limits_of(of_all, free) == {}


def test_of_several_roles_the_most_generous_counts_that_of_everybody_among_them() -> None:
    """Every other level binds beside it."""
    everybody = (Scope.ROLE, GUILD, ROLES_PER_DAY, GUILD, "5")
    painter = (Scope.ROLE, 7, ROLES_PER_DAY, GUILD, "50")
    muted = (Scope.ROLE, 8, ROLES_PER_DAY, GUILD, "0")
    member = (Scope.MEMBER, 9, PER_DAY, GUILD, "3")
    assert limits_of(everybody, painter, muted) == {(Level.ROLE, True): 50}
    assert limits_of(everybody, muted) == {(Level.ROLE, True): 5}
    assert limits_of(muted) == {(Level.ROLE, True): FORBIDDEN}
    free = (Scope.ROLE, 7, ROLES_PER_DAY, GUILD, "-1")
    assert limits_of(everybody, free, member) == {(Level.MEMBER, True): 3}


# ------------------------------------------------------------------------------------------------
# What is said


def test_what_is_exactly_left_may_be_used() -> None:
    check_quotas([a_state(10, 9)], pictures=1, micros=0)
    with pytest.raises(QuotaUsedUp):
        check_quotas([a_state(10, 10)], pictures=1, micros=0)


def test_money_counts_what_a_picture_may_come_to() -> None:
    state = a_state(100, 80, unit=Unit.MICROS)
    check_quotas([state], pictures=1, micros=20)
    with pytest.raises(QuotaUsedUp) as raised:
        check_quotas([state], pictures=1, micros=21)
    assert raised.value.left == 20


def test_of_several_used_up_limits_the_one_that_renews_last_is_told() -> None:
    """Since nothing is drawn before."""
    soon = a_state(5, 5, renews_at_us=10)
    late = a_state(20, 20, level=Level.GUILD, renews_at_us=20, by_staff=True)
    with pytest.raises(QuotaUsedUp) as raised:
        check_quotas([soon, late], pictures=1, micros=0)
    assert (raised.value.level, raised.value.renews_at_us) == (Level.GUILD, 20)
    assert raised.value.by_staff


def test_switched_off_is_told_as_such_with_who_did_it() -> None:
    """Whatever else is used up."""
    with pytest.raises(SwitchedOff) as raised:
        check_quotas(
            [a_state(5, 5), a_state(FORBIDDEN, 0, level=Level.CHANNEL, by_staff=True)],
            pictures=1,
            micros=0,
        )
    assert (raised.value.level, raised.value.by_staff) == (Level.CHANNEL, True)


def test_a_budget_of_nothing_forbids_also_what_costs_nothing() -> None:
    with pytest.raises(SwitchedOff):
        check_quotas([a_state(FORBIDDEN, 0, unit=Unit.MICROS)], pictures=1, micros=0)


def test_a_warning_comes_once_when_four_fifths_are_used() -> None:
    assert nearly_used_up([a_state(10, 6)], pictures=1, micros=0) == ()
    (warned,) = nearly_used_up([a_state(10, 7)], pictures=1, micros=0)
    assert (warned.used, warned.left) == (8, 2)
    assert nearly_used_up([a_state(10, 8)], pictures=1, micros=0) == ()
