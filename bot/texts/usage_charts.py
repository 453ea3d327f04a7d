"""Charts of usage, in the member's language: what the lines of `usage_cards` say, drawn.

One chart a part. A value that matters stands beside its bar, so that the axes need not be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bot.drawing.svg import (
    BODY,
    MARGIN,
    SMALL,
    TITLE,
    WIDTH,
    Canvas,
    Fill,
    Ink,
    Pattern,
    Theme,
    width_of,
)
from bot.features.usage.records import UsageOutcome, UsagePart
from bot.features.usage.rules import (
    HOURS,
    GaugeState,
    axis_dollars,
    bars,
    by_hour,
    counts_of,
    days_a_bar,
    gauge_state,
    grouped,
    length,
    parts_of,
    percentages,
    ranked,
    short_count,
    short_dollars,
    ticks,
)
from bot.texts.queue_cards import and_more
from bot.texts.usage_cards import MOST_GAUGES, MOST_NAMED, UsageChart, alt_text
from bot.texts.usage_words import (
    amount_text,
    bar_text,
    hour_text,
    name_text,
    others_text,
    outcome_text,
    percent_text,
    pictures_text,
    renewal_text,
    state_text,
    summary_text,
    title,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.features.usage.records import Gauge, UsageReport
    from bot.texts import Texts


LEFT, RIGHT = MARGIN, WIDTH - MARGIN
INNER = RIGHT - LEFT
HEAD = 100  # of title and the line below it
WIDEST_BAR = 64
LEAST = 3.0  # units: what is not zero is seen

_PICTURES = Fill(Ink.BLUE)
_REWRITTEN = Fill(Ink.BLUE, Pattern.HATCH)
_COST = Fill(Ink.GOLD)
_TRACK = Fill(Ink.GRID)
_OUTCOMES = {
    UsageOutcome.DRAWN: Fill(Ink.BLUE),
    UsageOutcome.REFUSED: Fill(Ink.GOLD, Pattern.HATCH),
    UsageOutcome.FAILED: Fill(Ink.RED, Pattern.CROSS),
    UsageOutcome.CANCELLED: Fill(Ink.GREY, Pattern.HOLLOW),
    UsageOutcome.UNCERTAIN: Fill(Ink.GREY, Pattern.DOTS),
}


def usage_charts(
    report: UsageReport, texts: Texts, theme: Theme = Theme.DARK
) -> tuple[UsageChart, ...]:
    """Of each part that has something to tell."""
    return tuple(
        UsageChart(
            part=part,
            filename=f"usage-{part}.png",
            svg=_chart(report, part, texts, theme),
            alt=alt_text(report, part, texts),
        )
        for part in parts_of(report)
    )


def _chart(report: UsageReport, part: UsagePart, texts: Texts, theme: Theme) -> str:
    match part:
        case UsagePart.GAUGES:
            return _gauges(report, texts, theme)
        case UsagePart.DAYS:
            return _days(report, texts, theme)
        case UsagePart.HOURS:
            return _hours(report, texts, theme)
        case UsagePart.TOP:
            return _top(report, texts, theme)
        case UsagePart.OUTCOMES:
            return _outcomes(report, texts, theme)
        case _:
            assert_never(part)


def _panel(height: int, theme: Theme, texts: Texts, *, head: str, below: str) -> Canvas:
    canvas = Canvas(height, theme, texts.language)
    canvas.text(head, LEFT, 50, size=TITLE, width=INNER)
    canvas.text(below, LEFT, 84, ink=Ink.MUTED, width=INNER)
    return canvas


# ------------------------------------------------------------------------------------------------
# Bars upwards, over days and over hours.


class _Plot:
    """Bars side by side on an axis of round values."""

    def __init__(
        self, canvas: Canvas, *, top: float, base: float, left: float, places: int, largest: int
    ) -> None:
        self._canvas = canvas
        self._top, self._base, self._left = top, base, left
        self._step = (RIGHT - left) / places
        self._ticks = ticks(largest, 4 if base - top > 120 else 2)

    def axis(self, label: Callable[[int], str]) -> None:
        for value in self._ticks:
            y = self._y(value)
            self._canvas.line(self._left, y, RIGHT, y)
            self._canvas.text(label(value), self._left - 10, y + 8, ink=Ink.MUTED, anchor="end")

    def bar(self, place: int, value: int, fill: Fill, *, of: int | None = None) -> None:
        """`of`: the bar is the lower end of one of this value, and as tall as its share of it."""
        height = length(value, self._ticks[-1], self._base - self._top, LEAST)
        if of is not None:
            whole = length(of, self._ticks[-1], self._base - self._top, LEAST)
            height = length(value, of, whole)
        width = min(self._step * 0.72, WIDEST_BAR)
        left = self._left + place * self._step + (self._step - width) / 2
        self._canvas.rect(left, self._base - height, width, height, fill)

    def peak(self, values: Sequence[int], label: str) -> None:
        """Says the largest value above its bar, within the panel; nothing where all are 0."""
        if not any(values):
            return
        place = max(range(len(values)), key=values.__getitem__)
        half = width_of(label, SMALL) / 2
        x = min(max(self.middle(place), self._left + half), RIGHT - half)
        y = self._y(values[place]) - 8
        self._canvas.cover(x - half, y - 18, 2 * half, 22)
        self._canvas.text(label, x, y, anchor="middle")

    def middle(self, place: float) -> float:
        return self._left + (place + 0.5) * self._step

    def _y(self, value: int) -> float:
        return self._base - length(value, self._ticks[-1], self._base - self._top)


def _axis_room(labels: Sequence[str]) -> float:
    return LEFT + max(width_of(label, SMALL) for label in labels) + 6


def _days(report: UsageReport, texts: Texts, theme: Theme) -> str:
    shown = bars(report)
    pictures = [bar.pictures for bar in shown]
    costs = [bar.cost_micros for bar in shown]
    is_any_rewritten = any(bar.rewritten for bar in shown)
    width = days_a_bar(report)
    together = texts.say("{count} days a bar", count=width) if width > 1 else ""
    canvas = _panel(
        548 if is_any_rewritten else 508,
        theme,
        texts,
        head=title(UsagePart.DAYS, texts),
        below=" · ".join(filter(None, (summary_text(report, texts, is_picture=True), together))),
    )
    labels = [*map(short_count, ticks(max(pictures))), *map(axis_dollars, ticks(max(costs), 2))]
    left = _axis_room(labels)
    upper = _Plot(canvas, top=136, base=306, left=left, places=len(shown), largest=max(pictures))
    upper.axis(short_count)
    for place, bar in enumerate(shown):
        upper.bar(place, bar.pictures, _REWRITTEN if bar.rewritten else _PICTURES)
        if bar.rewritten:
            upper.bar(place, bar.pictures - bar.rewritten, _PICTURES, of=bar.pictures)
    upper.peak(pictures, grouped(max(pictures)))
    lower = _Plot(canvas, top=376, base=456, left=left, places=len(shown), largest=max(costs))
    lower.axis(axis_dollars)
    for place, cost in enumerate(costs):
        lower.bar(place, cost, _COST)
    lower.peak(costs, short_dollars(max(costs)))
    _day_labels(canvas, report, texts, lower)
    if is_any_rewritten:
        _legend(canvas, texts, y=526)
    return canvas.document()


def _day_labels(canvas: Canvas, report: UsageReport, texts: Texts, plot: _Plot) -> None:
    """The first, the last, and one amid them."""
    shown = bars(report)
    places = sorted({0, (len(shown) - 1) // 2, len(shown) - 1})
    for place in places:
        label = bar_text(report, shown[place], texts).partition(" – ")[0]
        half = width_of(label, SMALL) / 2
        x = min(max(plot.middle(place), LEFT + half), RIGHT - half)
        canvas.text(label, x, 486, ink=Ink.MUTED, anchor="middle")


def _legend(canvas: Canvas, texts: Texts, *, y: float) -> None:
    entries = ((_PICTURES, texts.say("as asked")), (_REWRITTEN, texts.say("prompt rewritten")))
    for (fill, words), x in zip(entries, (LEFT, WIDTH / 2 - 40), strict=True):
        canvas.rect(x, y - 18, 22, 22, fill)
        canvas.text(words, x + 32, y, width=WIDTH / 2)


def _hours(report: UsageReport, texts: Texts, theme: Theme) -> str:
    counts = by_hour(report)
    largest = max(counts)
    canvas = _panel(384, theme, texts, head=title(UsagePart.HOURS, texts), below=report.zone)
    left = _axis_room([short_count(value) for value in ticks(largest)])
    plot = _Plot(canvas, top=136, base=322, left=left, places=HOURS, largest=largest)
    plot.axis(short_count)
    for hour, count in enumerate(counts):
        plot.bar(hour, count, _PICTURES)
    plot.peak(counts, f"{hour_text(counts.index(largest))}: {grouped(largest)}")
    for hour in (0, 6, 12, 18):
        canvas.text(f"{hour:02}", plot.middle(hour - 0.5), 356, ink=Ink.MUTED, anchor="middle")
    canvas.text(f"{HOURS}", RIGHT, 356, ink=Ink.MUTED, anchor="end")
    return canvas.document()


# ------------------------------------------------------------------------------------------------
# Bars to the right: members, outcomes, budgets.


def _top(report: UsageReport, texts: Texts, theme: Theme) -> str:
    shown, others = ranked(report.top, MOST_NAMED)
    rows = [(name_text(one, texts), one.pictures, one.cost_micros, _PICTURES) for one in shown]
    if others.members:
        name = others_text(others.members, texts)
        rows.append((name, others.pictures, others.cost_micros, _REWRITTEN))
    canvas = _panel(
        HEAD + 68 * len(rows) + 16,
        theme,
        texts,
        head=title(UsagePart.TOP, texts),
        below=summary_text(report, texts, is_picture=True),
    )
    largest = max(pictures for _, pictures, _, _ in rows)
    for place, (name, pictures, cost_micros, fill) in enumerate(rows):
        y = HEAD + 68 * place + 34
        said = f"{pictures_text(max(pictures, 0), texts)} · {short_dollars(cost_micros)}"
        room = INNER - width_of(said, SMALL) - 20
        canvas.text(name, LEFT, y, size=BODY, width=max(room, 120))
        canvas.text(said, RIGHT, y, anchor="end", ink=Ink.MUTED)
        canvas.rect(LEFT, y + 13, INNER, 14, _TRACK)
        canvas.rect(LEFT, y + 13, length(pictures, largest, INNER, LEAST), 14, fill)
    return canvas.document()


def _outcomes(report: UsageReport, texts: Texts, theme: Theme) -> str:
    counts = counts_of(report.outcomes)
    whole = sum(counts.values())
    shares = percentages(tuple(counts.values()))
    canvas = _panel(
        HEAD + 90 + 46 * len(counts),
        theme,
        texts,
        head=title(UsagePart.OUTCOMES, texts),
        below=texts.plural("{count} request", "{count} requests", count=whole).replace(
            str(whole), grouped(whole)
        ),
    )
    widths = {one: length(count, whole, INNER, 6) for one, count in counts.items() if count}
    x = float(LEFT)
    for outcome, width in widths.items():
        room = width * INNER / sum(widths.values())
        canvas.rect(x, HEAD + 12, room - 3, 44, _OUTCOMES[outcome])
        x += room
    for place, (outcome, count) in enumerate(counts.items()):
        y = HEAD + 102 + 46 * place
        canvas.rect(LEFT, y - 22, 28, 28, _OUTCOMES[outcome])
        canvas.text(outcome_text(outcome, texts), LEFT + 42, y, size=BODY, width=INNER - 270)
        canvas.text(grouped(count), RIGHT - 100, y, size=BODY, anchor="end")
        canvas.text(
            percent_text(shares[place], count), RIGHT, y, size=BODY, ink=Ink.MUTED, anchor="end"
        )
    return canvas.document()


def _gauges(report: UsageReport, texts: Texts, theme: Theme) -> str:
    shown = report.gauges[:MOST_GAUGES]
    hidden = len(report.gauges) - len(shown)
    canvas = _panel(
        HEAD + 112 * len(shown) + 8,
        theme,
        texts,
        head=title(UsagePart.GAUGES, texts),
        below=and_more(hidden, texts) if hidden else report.zone,
    )
    for place, gauge in enumerate(shown):
        _gauge(canvas, report, gauge, texts, y=HEAD + 112 * place + 30)
    return canvas.document()


def _gauge(canvas: Canvas, report: UsageReport, gauge: Gauge, texts: Texts, *, y: float) -> None:
    """What is used fills it from the left, hatched from where a reader is warned."""
    state = gauge_state(gauge)
    is_warning = state in {GaugeState.NEARLY, GaugeState.USED_UP}
    amount = amount_text(gauge)
    canvas.text(gauge.name, LEFT, y, size=BODY, width=INNER - width_of(amount, BODY) - 20)
    canvas.text(amount, RIGHT, y, size=BODY, anchor="end")
    renewal = renewal_text(report, gauge, texts, is_picture=True)
    said = state_text(gauge, texts)
    room = INNER - width_of(renewal, SMALL) - 20
    canvas.text(said, LEFT, y + 60, ink=Ink.TEXT if is_warning else Ink.MUTED, width=room)
    canvas.text(renewal, RIGHT, y + 60, ink=Ink.MUTED, anchor="end")
    top = y + 12
    if state is GaugeState.OFF:
        canvas.rect(LEFT, top, INNER, 22, Fill(Ink.GREY, Pattern.CROSS))
    elif state is GaugeState.UNLIMITED:
        canvas.rect(LEFT, top, INNER, 22, Fill(Ink.GREY, Pattern.HOLLOW))
    else:
        fill = Fill(Ink.RED, Pattern.HATCH) if is_warning else Fill(Ink.BLUE)
        canvas.rect(LEFT, top, INNER, 22, _TRACK)
        canvas.rect(LEFT, top, length(gauge.used, gauge.limit, INNER, LEAST), 22, fill)
