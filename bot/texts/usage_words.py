"""Usage in words that charts and lines share: sums, limits, days, members, how requests ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from bot.features.usage.records import Gauge, GaugeUnit, UsageOutcome, UsagePart
from bot.features.usage.rules import (
    BLANK,
    MOST_BARS,
    GaugeState,
    days_a_bar,
    gauge_state,
    grouped,
    left_of,
    local_time,
    rewriting_micros,
    short_dollars,
    totals,
)
from bot.providers.image import dollars
from bot.queue.records import NOBODY
from bot.refusals import Level, Period, Unit
from bot.texts import plain, relative

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from bot.features.usage.records import DayUsage, MemberUsage, UsageReport
    from bot.policy.quotas import QuotaState
    from bot.queue.ledger import UsageSum, UsageView
    from bot.texts import Texts


SHORT_ID = 6  # digits
SHORT_NAME_LIMIT = 32  # in a picture and its alternative text


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
        parts.append(rewritten_text(rewritten, texts))
    if rewriting := rewriting_micros(report):
        parts.append(rewriting_text(rewriting, texts))
    return " · ".join(parts)


def rewriting_text(micros: int, texts: Texts) -> str:
    """Of the cost, what is for prompts that were rewritten before anything was drawn."""
    return texts.say("including {cost} for rewriting prompts", cost=dollars(micros))


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
    if not span.images and not span.cost_micros:
        return texts.say("none")
    parts = [texts.plural("{count} picture", "{count} pictures", count=span.images)]
    if span.rewritten:
        parts.append(texts.plural("{count} rewritten", "{count} rewritten", count=span.rewritten))
    parts.append(f"{texts.number(span.pixels / 1e6, decimals=1)} MP")
    parts.append(f"**{dollars(span.cost_micros)}**")
    if span.rewriting_micros:
        parts.append(rewriting_text(span.rewriting_micros, texts))
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


def rewritten_text(count: int, texts: Texts) -> str:
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
        case UsageOutcome.REWRITING:
            return texts.say("rewriting of a prompt")
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
