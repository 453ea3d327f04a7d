"""Reading sums: which parts are worth showing, how axes are scaled, what is folded together.

Nothing here raises for odd figures: what is below zero counts as zero, what is beyond a limit
fills it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo

from bot.features.usage.records import (
    UNLIMITED,
    DayUsage,
    Gauge,
    MemberUsage,
    OthersUsage,
    OutcomeCounts,
    UsageOutcome,
    UsagePart,
    UsageReport,
    UsageSubject,
)
from bot.providers.image import dollars
from bot.queue.records import NOBODY
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from bot.features.usage.records import EntrySum
    from bot.queue.records import UserId


MOST_BARS = 31
HOURS = 24
BLANK = "\u00a0"  # that no line breaks at
NEARLY_PERCENT = 80  # of a budget, from where a reader is warned
_STEPS = (1, 2, 5)

_PARTS = {
    UsageSubject.MEMBER: (
        UsagePart.GAUGES,
        UsagePart.DAYS,
        UsagePart.HOURS,
        UsagePart.OUTCOMES,
    ),
    UsageSubject.SERVER: tuple(UsagePart),
    UsageSubject.TOP: (UsagePart.TOP,),
}


class GaugeState(StrEnum):
    """How much of a budget is left, in words."""

    OPEN = "open"
    NEARLY = "nearly"
    USED_UP = "used_up"
    OFF = "off"
    UNLIMITED = "unlimited"


def parts_of(report: UsageReport) -> tuple[UsagePart, ...]:
    """Those that its subject has and that have something to tell."""
    return tuple(part for part in _PARTS[report.subject] if _tells(report, part))


def _tells(report: UsageReport, part: UsagePart) -> bool:
    match part:
        case UsagePart.GAUGES:
            return bool(report.gauges)
        case UsagePart.DAYS:
            return any(day.pictures + day.refused + day.failed > 0 for day in report.days)
        case UsagePart.HOURS:
            return any(count > 0 for count in by_hour(report))
        case UsagePart.TOP:
            return bool(report.top)
        case UsagePart.OUTCOMES:
            return sum(counts_of(report.outcomes).values()) > 0
        case _:
            assert_never(part)


def zone_of(report: UsageReport) -> tzinfo:
    """UTC where the name is no time zone of this machine's."""
    try:
        return ZoneInfo(report.zone)
    except (OSError, LookupError, ValueError):
        return UTC


def local_time(report: UsageReport, at_us: int) -> datetime | None:
    """An instant in the report's time zone; None beyond the calendar."""
    try:
        return datetime.fromtimestamp(at_us / 1_000_000, zone_of(report))
    except (OverflowError, ValueError, OSError):
        return None


def total(days: Sequence[DayUsage], first: DayUsage) -> DayUsage:
    """The sum of the days, named by the first one."""
    return DayUsage(
        day=first.day,
        pictures=sum(max(one.pictures, 0) for one in days),
        rewritten=sum(min(max(one.rewritten, 0), max(one.pictures, 0)) for one in days),
        refused=sum(max(one.refused, 0) for one in days),
        failed=sum(max(one.failed, 0) for one in days),
        cost_micros=sum(max(one.cost_micros, 0) for one in days),
        rewriting_micros=sum(max(one.rewriting_micros, 0) for one in days),
    )


def days_a_bar(report: UsageReport, most: int = MOST_BARS) -> int:
    """How many days stand together so that there are at most `most` bars."""
    span = (report.last_day - report.first_day).days + 1
    return max(-(-span // most), 1)


def bars(report: UsageReport, most: int = MOST_BARS) -> tuple[DayUsage, ...]:
    """Every day of the span or, of a long one, several days each; days without usage are none."""
    width = days_a_bar(report, most)
    span = max((report.last_day - report.first_day).days + 1, 1)
    found: dict[int, list[DayUsage]] = {}
    for one in report.days:
        if report.first_day <= one.day <= report.last_day:
            found.setdefault((one.day - report.first_day).days // width, []).append(one)
    return tuple(
        total(
            found.get(place, []),
            DayUsage(day=report.first_day + timedelta(days=place * width)),
        )
        for place in range(-(-span // width))
    )


def totals(report: UsageReport) -> tuple[int, int, int]:
    """Pictures, rewritten ones and cost of the whole span, in micro-dollars.

    A report of the top members has no days, and nobody has counted their rewritten ones.
    """
    if report.subject is UsageSubject.TOP:
        _, everybody = ranked(report.top, 0)
        return everybody.pictures, 0, everybody.cost_micros
    days = bars(report)
    whole = total(days, days[0])
    return whole.pictures, whole.rewritten, whole.cost_micros


def rewriting_micros(report: UsageReport) -> int:
    """What of the cost is for prompts that were rewritten before; 0 where there are no days."""
    return sum(max(one.rewriting_micros, 0) for one in bars(report))


def by_hour(report: UsageReport) -> tuple[int, ...]:
    """Always 24 counts."""
    counts = [max(count, 0) for count in report.pictures_by_hour[:HOURS]]
    return (*counts, *[0] * (HOURS - len(counts)))


def ranked(
    members: Sequence[MemberUsage], most: int
) -> tuple[tuple[MemberUsage, ...], OthersUsage]:
    """Those with the most pictures, at most `most`, and the sum of the others."""
    order = sorted(members, key=lambda one: (-one.pictures, -one.cost_micros, one.user_id))
    others = order[most:]
    return tuple(order[:most]), OthersUsage(
        members=len(others),
        pictures=sum(max(one.pictures, 0) for one in others),
        cost_micros=sum(max(one.cost_micros, 0) for one in others),
    )


def counts_of(outcomes: OutcomeCounts) -> dict[UsageOutcome, int]:
    """In the order in which they are shown."""
    return {
        UsageOutcome.DRAWN: max(outcomes.drawn, 0),
        UsageOutcome.REFUSED: max(outcomes.refused, 0),
        UsageOutcome.FAILED: max(outcomes.failed, 0),
        UsageOutcome.CANCELLED: max(outcomes.cancelled, 0),
        UsageOutcome.UNCERTAIN: max(outcomes.uncertain, 0),
    }


def percentages(counts: Sequence[int]) -> tuple[int, ...]:
    """Whole percents that make 100 together (by largest remainder); all 0 if nothing is counted."""
    whole = sum(counts)
    if whole <= 0:
        return (0,) * len(counts)
    floors = [count * 100 // whole for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda place: -(counts[place] * 100 % whole))
    for place in by_remainder[: 100 - sum(floors)]:
        floors[place] += 1
    return tuple(floors)


def ticks(largest: int, most: int = 4) -> tuple[int, ...]:
    """Round values from 0 up to the first one that is not below `largest`; steps of 1, 2 or 5.

    Args:
        most: steps above 0.
    """
    power = 1
    while True:
        for digit in _STEPS:
            step = digit * power
            if step * most >= largest:
                count = max(-(-largest // step), 1)
                return tuple(step * place for place in range(count + 1))
        power *= 10


def length(value: int, of: int, full: float, least: float = 0.0) -> float:
    """How long a bar is: its share of `full`; what is not zero is seen, if `least` is.

    Never longer than `full`.
    """
    if value <= 0 or of <= 0:
        return 0.0
    return min(max(full * (value / of), least), full)


def left_of(gauge: Gauge) -> int:
    """What may still be used, in the gauge's unit; of an unlimited one nobody can say, so 0."""
    return max(gauge.limit - max(gauge.used, 0), 0)


def gauge_state(gauge: Gauge) -> GaugeState:
    """Forbidden and used up are different things to a reader."""
    if gauge.limit <= UNLIMITED:
        return GaugeState.UNLIMITED
    if gauge.limit == 0:
        return GaugeState.OFF
    if gauge.used >= gauge.limit:
        return GaugeState.USED_UP
    is_near = gauge.used * 100 >= gauge.limit * NEARLY_PERCENT
    return GaugeState.NEARLY if is_near else GaugeState.OPEN


def short_dollars(micros: int) -> str:
    """`$0.015`, `$1.23`, `$12 346`: three digits at least, and cents while they matter."""
    micros = max(micros, 0)
    if micros >= 10_000_000_000:
        return "$" + grouped(round(micros / 1_000_000))
    if micros >= 1_000_000:
        return f"${micros / 1_000_000:.2f}"
    unit = 10 ** max(len(str(micros)) - 3, 0)
    return dollars(round(micros / unit) * unit)


def grouped(count: int) -> str:
    """`1234`, `12 345`: in threes from five digits on, as every language reads it."""
    if abs(count) < 10_000:
        return str(count)
    return f"{count:,}".replace(",", BLANK)


def short_count(count: int) -> str:
    """For axes, whose values are round: `500`, `1.5k`, `20k`, `5M`."""
    for power, sign in ((1_000_000, "M"), (1_000, "k")):
        if count >= power:
            return f"{count / power:g}{sign}"
    return str(count)


def axis_dollars(micros: int) -> str:
    """For axes, whose values are round: `$0.02`, `$5`, `$20k`."""
    if micros and micros % 1_000_000 == 0:
        return "$" + short_count(micros // 1_000_000)
    return "$0" if not micros else dollars(micros)


# ------------------------------------------------------------------------------------------------
# From the ledger's sums to a report.


def outcome_of(entry: str, outcome: str) -> UsageOutcome:
    """How a job ended, by its last entry in the ledger and the state that it names.

    What was cancelled while it was drawn is paid, so it counts as drawn.
    """
    if outcome == UsageOutcome.REWRITING:
        return UsageOutcome.REWRITING
    if entry == "settled":
        return UsageOutcome.DRAWN
    if entry == "uncertain":
        return UsageOutcome.UNCERTAIN
    known = {UsageOutcome.REFUSED, UsageOutcome.FAILED, UsageOutcome.CANCELLED}
    return UsageOutcome(outcome) if outcome in known else UsageOutcome.FAILED


def days_of(sums: Iterable[EntrySum], zone: ZoneInfo) -> tuple[DayUsage, ...]:
    """By the calendar of that zone; folded days keep their own name."""
    found: dict[date, DayUsage] = {}
    for one in sums:
        day = datetime.fromtimestamp(one.at_us // 1_000_000, UTC if one.is_folded else zone).date()
        found[day] = _with(found.get(day) or DayUsage(day=day), one)
    return tuple(found[day] for day in sorted(found))


def _with(day: DayUsage, one: EntrySum) -> DayUsage:
    match one.outcome:
        case UsageOutcome.DRAWN:
            return replace(
                day,
                pictures=day.pictures + one.jobs,
                rewritten=day.rewritten + one.rewritten,
                cost_micros=day.cost_micros + one.cost_micros,
            )
        case UsageOutcome.REFUSED:
            return replace(day, refused=day.refused + one.jobs)
        case UsageOutcome.FAILED | UsageOutcome.UNCERTAIN:
            return replace(day, failed=day.failed + one.jobs)
        case UsageOutcome.REWRITING:
            return replace(
                day,
                cost_micros=day.cost_micros + one.cost_micros,
                rewriting_micros=day.rewriting_micros + one.cost_micros,
            )
        case UsageOutcome.CANCELLED:
            return day
        case _:
            assert_never(one.outcome)


def hours_of(sums: Iterable[EntrySum], zone: ZoneInfo) -> tuple[int, ...]:
    """Pictures by the hour on the clock there: one that comes twice in a night holds both."""
    counts = [0] * HOURS
    for one in sums:
        if one.outcome is UsageOutcome.DRAWN and not one.is_folded:
            counts[datetime.fromtimestamp(one.at_us // 1_000_000, zone).hour] += one.jobs
    return tuple(counts)


def counted(sums: Iterable[EntrySum]) -> OutcomeCounts:
    counts = dict.fromkeys(UsageOutcome, 0)
    for one in sums:
        counts[one.outcome] += one.jobs
    del counts[UsageOutcome.REWRITING]
    return OutcomeCounts(**{str(outcome): count for outcome, count in counts.items()})


def with_names(report: UsageReport, name_of: Callable[[UserId], str], most: int) -> UsageReport:
    """Names those who will be shown; whoever is not known keeps an empty name."""
    shown, _ = ranked(report.top, most)
    names = {one.user_id: name_of(one.user_id) for one in shown if one.user_id != NOBODY}
    top = tuple(replace(one, name=names.get(one.user_id, "")) for one in report.top)
    return replace(report, top=top)
