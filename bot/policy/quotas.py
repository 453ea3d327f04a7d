"""How much may be drawn and spent: by whom, in which span of time, and when that begins anew.

Six levels bind a request, and all of them do: the account, the guild, the channel, the member's
roles (of several the most generous), the member, and the person over all guilds. Each in pictures
and in money, by the hour, the day and the month. -1 is unlimited, 0 forbidden.

Operator and staff limit the same level independently of each other. What the operator has set for
one guild replaces what holds for every guild; what staff have set comes beside it.

Spans are those of the calendar, also in the nights in which clocks change: of what staff have set,
a day begins at midnight where their guild is; of what the operator has set, where the operator is,
since whoever is limited must not set the clock. A picture counts at the moment in which it was
asked for.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from bot.refusals import Level, Period, QuotaUsedUp, SwitchedOff, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo


UNLIMITED = -1
FORBIDDEN = 0
WARNED_AT = 0.8  # of an amount; whoever comes to it is told what is left

_SECOND_US = 1_000_000


class QuotaLimit(Struct, frozen=True, kw_only=True):
    """At most this much in one period."""

    level: Level
    unit: Unit
    period: Period
    amount: int  # never UNLIMITED
    by_staff: bool = False  # else by the operator


class Subject(NamedTuple):
    """Whose use one counter holds."""

    kind: str  # account, guild, channel, member or person
    id: int
    user_id: int  # of a member; else 0


def subjects(tenant_id: int, channel_id: int, user_id: int) -> dict[Subject, tuple[Level, ...]]:
    """Everybody with whose pictures one of this member's is counted, and for which limits."""
    return {
        Subject("account", 0, 0): (Level.ACCOUNT,),
        Subject("guild", tenant_id, 0): (Level.GUILD,),
        Subject("channel", channel_id, 0): (Level.CHANNEL,),
        Subject("member", tenant_id, user_id): (Level.ROLE, Level.MEMBER),
        Subject("person", user_id, 0): (Level.PERSON,),
    }


class Span(NamedTuple):
    """An instant belongs to it from its start on, and before its end."""

    starts_at_us: int
    ends_at_us: int


class Use(Struct, frozen=True, kw_only=True):
    """What was reserved and spent in a span."""

    pictures: int
    micros: int

    def of(self, unit: Unit) -> int:
        return self.pictures if unit is Unit.PICTURES else self.micros


class QuotaState(Struct, frozen=True, kw_only=True):
    """How much of a limit is used, and when it begins anew."""

    limit: QuotaLimit
    used: int
    renews_at_us: int

    @property
    def left(self) -> int:
        return max(0, self.limit.amount - self.used)


def span_of(period: Period, zone: ZoneInfo, now_us: int) -> Span:
    """The calendar's hour, day or month in that zone in which the instant lies.

    Midnight may come twice or not at all where clocks change; the span is the one that holds the
    instant all the same.
    """
    now = datetime.fromtimestamp(now_us // _SECOND_US, zone)
    if period is Period.HOUR:
        into_it = timedelta(minutes=now.minute, seconds=now.second)
        start_us = _us(now.astimezone(UTC) - into_it)
        return Span(start_us, start_us + 3600 * _SECOND_US)
    first = now.replace(hour=0, minute=0, second=0, fold=0)
    if period is Period.MONTH:
        first = first.replace(day=1)
    after = _following(period, first)
    while _us(after) <= now_us:  # clocks went back over midnight: the later day has begun
        first, after = after, _following(period, after)
    return Span(_us(first), _us(after))


def span_of_days(days: int, zone: ZoneInfo, now_us: int) -> Span:
    """So many days of that zone, the last of which is the one that holds the instant."""
    today = span_of(Period.DAY, zone, now_us)
    began = datetime.fromtimestamp(today.starts_at_us // _SECOND_US, zone)
    midnight = began.replace(hour=0, minute=0)  # also where clocks skip it
    return Span(_us(midnight - timedelta(days=days - 1)), today.ends_at_us)


def _following(period: Period, first: datetime) -> datetime:
    if period is Period.DAY:
        return first + timedelta(days=1)  # by the wall clock
    return (first + timedelta(days=32)).replace(day=1)


def _us(at: datetime) -> int:
    return round(at.timestamp()) * _SECOND_US


def check_quotas(states: Iterable[QuotaState], *, pictures: int, micros: int) -> None:
    """For a request that may come to this much.

    Raises:
        SwitchedOff: a limit is 0, whatever else is used up, and even if nothing is to be paid.
        QuotaUsedUp: of several the one that renews last, since nothing is drawn before.
    """
    wanted = Use(pictures=pictures, micros=micros)
    states = tuple(states)
    for one in states:
        if one.limit.amount == FORBIDDEN:
            raise SwitchedOff(level=one.limit.level, by_staff=one.limit.by_staff)
    over = [one for one in states if one.used + wanted.of(one.limit.unit) > one.limit.amount]
    if over:
        last = max(over, key=lambda one: one.renews_at_us)
        raise QuotaUsedUp(
            level=last.limit.level,
            unit=last.limit.unit,
            period=last.limit.period,
            amount=last.limit.amount,
            left=last.left,
            renews_at_us=last.renews_at_us,
            by_staff=last.limit.by_staff,
        )


def nearly_used_up(
    before: Iterable[QuotaState], *, pictures: int, micros: int
) -> tuple[QuotaState, ...]:
    """The limits of which this request uses the part that is warned of, as they are after it."""
    wanted = Use(pictures=pictures, micros=micros)
    found = []
    for one in before:
        after = one.used + wanted.of(one.limit.unit)
        if one.used < WARNED_AT * one.limit.amount <= after:
            found.append(QuotaState(limit=one.limit, used=after, renews_at_us=one.renews_at_us))
    return tuple(found)
