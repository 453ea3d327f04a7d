"""A report of usage: as a card with charts, each with its figures as alternative text, or in lines.

The lines say what the charts show. Both are made from the same figures, so whoever sees no picture
misses nothing.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui
from msgspec import Struct

from bot.features.usage.records import Gauge, UsageOutcome, UsagePart
from bot.features.usage.rules import (
    MOST_BARS,
    bars,
    by_hour,
    counts_of,
    grouped,
    parts_of,
    percentages,
    ranked,
    short_dollars,
)
from bot.queue.records import NOBODY
from bot.texts import escaped, plain
from bot.texts.cards import TEXT_LIMIT, Card, Colour, Items, heading, small
from bot.texts.picture_cards import ALT_TEXT_LIMIT
from bot.texts.queue_cards import and_more
from bot.texts.usage_words import (
    SHORT_NAME_LIMIT,
    amount_text,
    bar_text,
    hour_text,
    name_text,
    others_text,
    outcome_text,
    percent_text,
    pictures_text,
    renewal_text,
    rewritten_text,
    state_text,
    summary_text,
    sums_text,
    title,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.features.usage.records import DayUsage, MemberUsage, UsageReport
    from bot.queue.ledger import UsageView
    from bot.texts import Texts


MOST_NAMED = 8  # members
MOST_GAUGES = 6
NAME_LIMIT = 64  # characters in a card
FRAME_LIMIT = 500  # characters of heading, summary and small print
# How many lines of days there are, and whether each tells pictures and cost alone: the first that
# have room.
_TERSER = ((MOST_BARS, False), (MOST_BARS, True), (16, True), (10, True), (5, True), (1, True))
_FROM_RIGHT = frozenset({"R", "AL", "AN"})


class UsageChart(Struct, frozen=True, kw_only=True):
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
    parts: Items = [
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


def _legend_of_members(report: UsageReport) -> Items:
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
            rewritten_text(bar.rewritten, self._texts) if bar.rewritten else "",
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
