"""A report of usage: as a card with charts, each with its figures as alternative text, or in lines.

The lines say what the charts show. Both are made from the same figures, so whoever sees no picture
misses nothing.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.errors import Level, Period, Unit
from bot.features.usage.records import Gauge, GaugeUnit, UsageOutcome, UsagePart
from bot.features.usage.rules import (
    BLANK,
    MOST_BARS,
    GaugeState,
    bars,
    by_hour,
    counts_of,
    days_a_bar,
    gauge_state,
    grouped,
    left_of,
    local_time,
    parts_of,
    percentages,
    ranked,
    short_dollars,
    totals,
)
from bot.providers.image import dollars
from bot.queue.records import NOBODY
from bot.texts import escaped, plain, relative
from bot.texts.cards import TEXT_LIMIT, Card, Colour, heading, small
from bot.texts.picture_cards import ALT_TEXT_LIMIT
from bot.texts.queue_cards import and_more

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from bot.features.usage.records import DayUsage, MemberUsage, UsageReport
    from bot.policy.quotas import QuotaState
    from bot.queue.records import UsageSum, UsageView
    from bot.texts import Texts


MOST_NAMED = 8  # members
MOST_GAUGES = 6
NAME_LIMIT = 64  # characters in a card
SHORT_ID = 6  # digits
SHORT_NAME_LIMIT = 32  # in a picture and its alternative text
FRAME_LIMIT = 500  # characters of heading, summary and small print
# How many lines of days there are, and whether each tells pictures and cost alone: the first that
# have room.
_TERSER = ((MOST_BARS, False), (MOST_BARS, True), (16, True), (10, True), (5, True), (1, True))
_FROM_RIGHT = frozenset({"R", "AL", "AN"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageChart:
    """A drawing of one part, and the name under which its picture is sent along."""

    part: UsagePart
    filename: str
    svg: str
    alt: str


def report_card(
    report: UsageReport,
    texts: Texts,
    charts: Sequence[UsageChart] = (),
    *,
    sums: UsageView | None = None,
) -> Card:
    """Without charts the same figures in lines.

    Args:
        charts: those whose pictures are sent along.
        sums: of a member, from today to all time; in the place of the span's sum.
    """
    summary = summary_text(report, texts, is_picture=False)
    parts: list[ui.Item[Card]] = [
        heading("📊", _heading_text(report, texts)),
        ui.TextDisplay(summary if sums is None else sums_text(sums, texts)),
    ]
    if charts:
        for chart in charts:
            parts.append(_gallery(chart))
            if chart.part is UsagePart.TOP:
                parts += _legend_of_members(report)
    else:
        parts += [ui.TextDisplay(paragraph) for paragraph in _paragraphs(report, texts)]
    days = f"{report.first_day.isoformat()} – {report.last_day.isoformat()}"
    parts.append(ui.TextDisplay(small(days, escaped(report.zone, NAME_LIMIT))))
    return Card(Colour.NEUTRAL, *parts)


def _heading_text(report: UsageReport, texts: Texts) -> str:
    if not report.name:
        return texts.say("Usage of this server")
    return texts.say("Usage of {name}", name=escaped(report.name, NAME_LIMIT))


def export_text(texts: Texts) -> str:
    return texts.say(
        "One line for each request of the last 30 days, the oldest first. Members are numbers that"
        " Discord shows by name."
    )


def _gallery(chart: UsageChart) -> ui.MediaGallery[Card]:
    picture = f"attachment://{chart.filename}"
    return ui.MediaGallery(discord.MediaGalleryItem(picture, description=chart.alt))


def _legend_of_members(report: UsageReport) -> list[ui.Item[Card]]:
    """Whom a picture cannot name the reader's own Discord can."""
    shown, _ = ranked(report.top, MOST_NAMED)
    unknown = [
        f"{place}. {mention(one)}"
        for place, one in enumerate(shown, start=1)
        if not plain(one.name, SHORT_NAME_LIMIT) and one.user_id != NOBODY
    ]
    return [ui.TextDisplay(small(*unknown))] if unknown else []


def mention(member: MemberUsage) -> str:
    """Shown by name, and nobody is notified: no message of ours may."""
    return f"<@{member.user_id}>"


def _paragraphs(report: UsageReport, texts: Texts) -> list[str]:
    """One for each part, with as many lines as all of them have room for together."""
    said: list[str] = []
    for most, is_terse in _TERSER:
        figures = _Figures(report, texts, most=most, is_terse=is_terse, is_picture=False)
        said = [_paragraph(part, figures.of(part), texts) for part in parts_of(report)]
        if sum(map(len, said)) <= TEXT_LIMIT - FRAME_LIMIT:
            break
    return said


def _paragraph(part: UsagePart, figures: list[str], texts: Texts) -> str:
    lines = [" · ".join(figures)] if part is UsagePart.HOURS else [f"- {one}" for one in figures]
    return "\n".join([f"**{title(part, texts)}**", *lines])


def alt_text(report: UsageReport, part: UsagePart, texts: Texts) -> str:
    """All figures of a chart; where they are too many, those of several days together."""
    said = ""
    for most, is_terse in _TERSER:
        figures = _Figures(report, texts, most=most, is_terse=is_terse, is_picture=True)
        said = f"{title(part, texts)}. {'; '.join(figures.of(part))}"
        if _units(said) <= ALT_TEXT_LIMIT:
            return said
    while _units(said) >= ALT_TEXT_LIMIT:
        said = said[:-1]
    return said + "…"


def _units(text: str) -> int:
    """As JavaScript counts, which is never less than the number of characters."""
    return len(text.encode("utf-16-le", "replace")) // 2


# ------------------------------------------------------------------------------------------------
# Words that charts and lines share.


def title(part: UsagePart, texts: Texts) -> str:
    match part:
        case UsagePart.GAUGES:
            return texts.say("What is left")
        case UsagePart.DAYS:
            return texts.say("Pictures and cost")
        case UsagePart.HOURS:
            return texts.say("Pictures by hour of the day")
        case UsagePart.TOP:
            return texts.say("Members with the most pictures")
        case UsagePart.OUTCOMES:
            return texts.say("How requests ended")
        case _:
            assert_never(part)


def summary_text(report: UsageReport, texts: Texts, *, is_picture: bool) -> str:
    """The span's pictures and cost; outside of pictures money is exact, and more is told."""
    pictures, rewritten, cost_micros = totals(report)
    if not pictures and not cost_micros:
        return texts.say("Nothing was painted in this time.")
    if is_picture:
        return f"{pictures_text(pictures, texts)} · {short_dollars(cost_micros)}"
    parts = [pictures_text(pictures, texts), dollars(cost_micros)]
    if rewritten:
        parts.append(_rewritten_text(rewritten, texts))
    return " · ".join(parts)


def sums_text(view: UsageView, texts: Texts) -> str:
    """Today, 7 days, 30 days and all time, each with pictures, rewriting, pixels and cost.

    One line each and no table: a table needs type of one width, which no font gives Chinese,
    Japanese and Korean words, and screen readers read lines better.
    """
    spans = (
        (texts.say("Today"), view.today),
        (texts.say("Last 7 days"), view.week),
        (texts.say("Last 30 days"), view.month),
        (texts.say("All time"), view.all_time),
    )
    return "\n".join(f"**{name}** · {_sum(span, texts)}" for name, span in spans)


def _sum(span: UsageSum, texts: Texts) -> str:
    if not span.images:
        return texts.say("none")
    parts = [texts.plural("{count} picture", "{count} pictures", count=span.images)]
    if span.rewritten:
        parts.append(texts.plural("{count} rewritten", "{count} rewritten", count=span.rewritten))
    parts.append(f"{texts.number(span.pixels / 1e6, decimals=1)} MP")
    parts.append(f"**{dollars(span.cost_micros)}**")
    return " · ".join(parts)


def gauges_of(states: Iterable[QuotaState], texts: Texts) -> tuple[Gauge, ...]:
    """Limits as they are shown, in the reader's language."""
    return tuple(
        Gauge(
            name=f"{_level_text(one.limit.level, texts)} · {_period_text(one.limit.period, texts)}",
            unit=GaugeUnit.PICTURES if one.limit.unit is Unit.PICTURES else GaugeUnit.MONEY,
            used=one.used,
            limit=one.limit.amount,
            renews_at_us=one.renews_at_us,
        )
        for one in states
    )


def _level_text(level: Level, texts: Texts) -> str:
    match level:
        case Level.ACCOUNT:
            return texts.say("All servers")
        case Level.GUILD:
            return texts.say("This server")
        case Level.CHANNEL:
            return texts.say("This channel")
        case Level.ROLE:
            return texts.say("Member, by role")
        case Level.MEMBER:
            return texts.say("Member")
        case Level.PERSON:
            return texts.say("Member, in all servers")
        case _:
            assert_never(level)


def _period_text(period: Period, texts: Texts) -> str:
    match period:
        case Period.HOUR:
            return texts.say("this hour")
        case Period.DAY:
            return texts.say("today")
        case Period.MONTH:
            return texts.say("this month")
        case _:
            assert_never(period)


def pictures_text(count: int, texts: Texts) -> str:
    said = texts.plural("{count} picture", "{count} pictures", count=count)
    return said.replace(str(count), grouped(count))


def _rewritten_text(count: int, texts: Texts) -> str:
    said = texts.plural("{count} rewritten", "{count} rewritten", count=count)
    return said.replace(str(count), grouped(count))


def day_text(day: date, texts: Texts) -> str:
    """`Nov 29`, `29. Nov.`, `11月29日`."""
    months = texts.say("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()
    return texts.say("{month} {day}", month=months[day.month - 1], day=day.day)


def bar_text(report: UsageReport, bar: DayUsage, texts: Texts, *, most: int = MOST_BARS) -> str:
    """A bar's day, or its first and its last one."""
    last = min(bar.day + timedelta(days=days_a_bar(report, most) - 1), report.last_day)
    first = day_text(bar.day, texts)
    return first if last <= bar.day else f"{first} – {day_text(last, texts)}"


def hour_text(hour: int) -> str:
    return f"{hour:02}–{hour + 1:02}"


def outcome_text(outcome: UsageOutcome, texts: Texts) -> str:
    match outcome:
        case UsageOutcome.DRAWN:
            return texts.say("painted")
        case UsageOutcome.REFUSED:
            return texts.say("refused")
        case UsageOutcome.FAILED:
            return texts.say("failed")
        case UsageOutcome.CANCELLED:
            return texts.say("cancelled")
        case UsageOutcome.UNCERTAIN:
            return texts.say("answer lost")
        case _:
            assert_never(outcome)


def percent_text(percent: int, count: int) -> str:
    return f"< 1{BLANK}%" if count and not percent else f"{percent}{BLANK}%"


def name_text(member: MemberUsage, texts: Texts) -> str:
    """In a picture. Who is not known by name is told by the end of their number: numbers that
    were given in the same month begin alike."""
    if member.user_id == NOBODY:
        return texts.say("members who deleted their data")
    name = plain(member.name, SHORT_NAME_LIMIT)
    number = str(member.user_id)
    short = number if len(number) <= SHORT_ID else f"…{number[-SHORT_ID:]}"
    return name or texts.say("member {id}", id=short)


def others_text(count: int, texts: Texts) -> str:
    said = texts.plural("{count} other", "{count} others", count=count)
    return said.replace(str(count), grouped(count))


def amount_text(gauge: Gauge) -> str:
    """`12 / 50`, `$1.20 / $5.00`; what is used alone without a limit, nothing if it is 0."""
    used = _amount(gauge, max(gauge.used, 0))
    state = gauge_state(gauge)
    if state is GaugeState.OFF:
        return ""
    return used if state is GaugeState.UNLIMITED else f"{used} / {_amount(gauge, gauge.limit)}"


def _amount(gauge: Gauge, value: int) -> str:
    return short_dollars(value) if gauge.unit is GaugeUnit.MONEY else grouped(value)


def state_text(gauge: Gauge, texts: Texts) -> str:
    """What is left, or why nothing is."""
    state = gauge_state(gauge)
    match state:
        case GaugeState.OPEN | GaugeState.NEARLY:
            return texts.say("{amount} left", amount=_amount(gauge, left_of(gauge)))
        case GaugeState.USED_UP:
            return texts.say("used up")
        case GaugeState.OFF:
            return texts.say("switched off")
        case GaugeState.UNLIMITED:
            return texts.say("no limit")
        case _:
            assert_never(state)


def renewal_text(report: UsageReport, gauge: Gauge, texts: Texts, *, is_picture: bool) -> str:
    """Empty where nothing is renewed. Outside of pictures each client says the time itself."""
    if gauge.renews_at_us is None or gauge.limit <= 0:
        return ""
    if not is_picture:
        return texts.say("renews {when}", when=relative(gauge.renews_at_us))
    at = local_time(report, gauge.renews_at_us)
    if at is None:
        return ""
    return texts.say("renews {when}", when=f"{day_text(at.date(), texts)}, {at:%H:%M}")


# ------------------------------------------------------------------------------------------------
# Figures in words, one sentence without a verb each.


class _Figures:
    """Those of a report, for a card's lines or for a picture's alternative text."""

    def __init__(
        self, report: UsageReport, texts: Texts, *, most: int, is_terse: bool, is_picture: bool
    ) -> None:
        self._report = report
        self._texts = texts
        self._most = most
        self._is_terse = is_terse
        self._is_picture = is_picture

    def of(self, part: UsagePart) -> list[str]:
        match part:
            case UsagePart.GAUGES:
                return self._gauges()
            case UsagePart.DAYS:
                return self._days()
            case UsagePart.HOURS:
                return self._hours()
            case UsagePart.TOP:
                return self._top()
            case UsagePart.OUTCOMES:
                return self._outcomes()
            case _:
                assert_never(part)

    def _name(self, name: str) -> str:
        if self._is_picture:
            return _isolated(plain(name, SHORT_NAME_LIMIT))
        return _isolated(escaped(name, NAME_LIMIT))

    def _gauges(self) -> list[str]:
        gauges = self._report.gauges
        figures = [self._gauge(gauge) for gauge in gauges[:MOST_GAUGES]]
        hidden = len(gauges) - MOST_GAUGES
        return [*figures, and_more(hidden, self._texts)] if hidden > 0 else figures

    def _gauge(self, gauge: Gauge) -> str:
        said = (
            amount_text(gauge),
            state_text(gauge, self._texts),
            renewal_text(self._report, gauge, self._texts, is_picture=self._is_picture),
        )
        return f"{self._name(gauge.name)}: {', '.join(filter(None, said))}"

    def _days(self) -> list[str]:
        return [
            f"{bar_text(self._report, bar, self._texts, most=self._most)}: {self._day(bar)}"
            for bar in bars(self._report, self._most)
            if bar.pictures or bar.refused or bar.failed
        ]

    def _day(self, bar: DayUsage) -> str:
        if self._is_terse:
            return f"{grouped(bar.pictures)}, {short_dollars(bar.cost_micros)}"
        counts = {UsageOutcome.REFUSED: bar.refused, UsageOutcome.FAILED: bar.failed}
        said = [
            pictures_text(bar.pictures, self._texts),
            _rewritten_text(bar.rewritten, self._texts) if bar.rewritten else "",
            short_dollars(bar.cost_micros),
            *(
                f"{grouped(count)} {outcome_text(outcome, self._texts)}"
                for outcome, count in counts.items()
                if count
            ),
        ]
        return ", ".join(filter(None, said))

    def _hours(self) -> list[str]:
        return [
            f"{hour_text(hour)}: {grouped(count)}"
            for hour, count in enumerate(by_hour(self._report))
            if count
        ]

    def _top(self) -> list[str]:
        shown, others = ranked(self._report.top, MOST_NAMED)
        figures = [
            f"{self._member(member)}: {self._bill(member.pictures, member.cost_micros)}"
            for member in shown
        ]
        if others.members:
            bill = self._bill(others.pictures, others.cost_micros)
            figures.append(f"{others_text(others.members, self._texts)}: {bill}")
        return figures

    def _member(self, member: MemberUsage) -> str:
        name = self._name(member.name)
        if name or self._is_picture or member.user_id == NOBODY:
            return name or name_text(member, self._texts)
        return mention(member)

    def _bill(self, pictures: int, cost_micros: int) -> str:
        return f"{pictures_text(max(pictures, 0), self._texts)}, {short_dollars(cost_micros)}"

    def _outcomes(self) -> list[str]:
        counts = counts_of(self._report.outcomes)
        shares = percentages(tuple(counts.values()))
        return [
            f"{outcome_text(outcome, self._texts)}: {grouped(count)}"
            f" ({percent_text(percent, count)})"
            for (outcome, count), percent in zip(counts.items(), shares, strict=True)
        ]


def _isolated(name: str) -> str:
    """Written from the right it would else take the figures behind it along."""
    is_from_right = any(unicodedata.bidirectional(one) in _FROM_RIGHT for one in name)
    return f"\u2068{name}\u2069" if is_from_right else name
