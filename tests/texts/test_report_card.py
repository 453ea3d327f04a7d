"""A report of usage as a card: with charts, or with their figures in lines."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.features.usage.records import (
    DayUsage,
    MemberUsage,
    OutcomeCounts,
    UsageReport,
    UsageSubject,
)
from bot.queue.records import UserId
from bot.records import replace
from bot.texts import Texts
from bot.texts.cards import TEXT_LIMIT
from bot.texts.usage_cards import report_card
from bot.texts.usage_charts import usage_charts
from bot.texts.usage_words import day_text
from tests.texts.records import LOCALES, components_of, texts_in
from tests.texts.test_usage_charts import REPORTS
from tests.texts.usage_reports import ARABIC_NAMES, report_of

ENGLISH = Texts("en-US")
DAY = date(2026, 11, 29)
WEEK = replace(
    report_of(),
    first_day=date(2026, 11, 28),
    days=(
        DayUsage(day=date(2026, 11, 28), pictures=2, cost_micros=30_000),
        DayUsage(day=DAY, pictures=1, rewritten=1, refused=2, failed=1, cost_micros=30_000),
    ),
    pictures_by_hour=(0, 3),
    top=(
        MemberUsage(user_id=UserId(7), name="**Ada** @everyone", pictures=2, cost_micros=30_000),
        MemberUsage(user_id=UserId(8), name="", pictures=1, cost_micros=30_000),
    ),
    outcomes=OutcomeCounts(drawn=3, refused=2, failed=1),
)


def test_without_charts_the_card_says_what_they_show() -> None:
    """Lines that a phone shows and a screen reader reads; renewals in each client's own words."""
    assert texts_in(report_card(WEEK, ENGLISH)).splitlines() == [
        "### 📊 Usage of Painters",
        "3 pictures · $0.06 · 1 rewritten",
        "**What is left**",
        "- Pictures a day, you: 12 / 50, 38 left, renews <t:1796079600:R>",
        "- This server, a month: $4.35 / $5.00, $0.65 left, renews <t:1796079600:R>",
        "- \\#art, an hour: 10 / 10, used up, renews <t:1796079600:R>",
        "- \\@guests: switched off",
        "- \\@staff: $0.285, no limit",
        "**Pictures and cost**",
        "- Nov 28: 2 pictures, $0.03",
        "- Nov 29: 1 picture, 1 rewritten, $0.03, 2 refused, 1 failed",
        "**Pictures by hour of the day**",
        "01–02: 3",
        "**Members with the most pictures**",
        "- \\*\\*Ada\\*\\* \\@\u200beveryone: 2 pictures, $0.03",
        "- <@8>: 1 picture, $0.03",
        "**How requests ended**",
        "- painted: 3 (50\u00a0%)",
        "- refused: 2 (33\u00a0%)",
        "- failed: 1 (17\u00a0%)",
        "- cancelled: 0 (0\u00a0%)",
        "- answer lost: 0 (0\u00a0%)",
        "-# 2026-11-28 – 2026-11-29 · Europe/Berlin",
    ]


def test_with_charts_the_card_shows_each_with_its_figures() -> None:
    """A gallery of its own for each: Discord cuts the edges of pictures that share one."""
    charts = usage_charts(WEEK, ENGLISH)
    card = report_card(WEEK, ENGLISH, charts)
    galleries = [part for part in components_of(card)[0]["components"] if part["type"] == 12]
    assert [gallery["items"] for gallery in galleries] == [
        [
            {
                "media": {"url": f"attachment://{chart.filename}"},
                "description": chart.alt,
                "spoiler": False,
            }
        ]
        for chart in charts
    ]
    assert texts_in(card).splitlines() == [
        "### 📊 Usage of Painters",
        "3 pictures · $0.06 · 1 rewritten",
        "-# 2. <@8>",
        "-# 2026-11-28 – 2026-11-29 · Europe/Berlin",
    ]


def test_a_name_from_the_right_turns_no_figures_around() -> None:
    """In lines and in alternative texts it is isolated from what follows."""
    name = "محمد!"
    top = (MemberUsage(user_id=UserId(7), name=name, pictures=2, cost_micros=30_000),)
    report = replace(WEEK, subject=UsageSubject.TOP, top=top)
    said = f"\u2068{name}\u2069: 2 pictures, $0.03"
    assert f"- {said}" in texts_in(report_card(report, ENGLISH)).splitlines()
    assert usage_charts(report, ENGLISH)[0].alt.endswith(said)


def test_nothing_at_all_is_one_sentence() -> None:
    """No empty axes."""
    nothing = UsageReport(
        subject=UsageSubject.MEMBER, name="Ada", first_day=DAY, last_day=DAY, zone="UTC"
    )
    assert usage_charts(nothing, ENGLISH) == ()
    assert texts_in(report_card(nothing, ENGLISH)).splitlines() == [
        "### 📊 Usage of Ada",
        "Nothing was painted in this time.",
        "-# 2026-11-29 – 2026-11-29 · UTC",
    ]


def test_the_top_members_sum_is_theirs() -> None:
    """A report of them has no days."""
    top = replace(WEEK, subject=UsageSubject.TOP, days=())
    lines = texts_in(report_card(top, ENGLISH)).splitlines()
    assert lines[1:3] == ["3 pictures · $0.06", "**Members with the most pictures**"]


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en-US", "Nov 3"),
        ("de", "3. Nov."),
        ("fr", "3 nov."),
        ("es-ES", "3 nov"),
        ("pt-BR", "3 nov."),
        ("zh-CN", "11月3日"),
        ("zh-TW", "11月3日"),
        ("ja", "11月3日"),
        ("ko", "11월 3일"),
    ],
)
def test_a_day_is_written_as_the_language_does(locale: str, said: str) -> None:
    """And every language has twelve months."""
    assert day_text(date(2026, 11, 3), Texts(locale)) == said
    days = {day_text(date(2026, month, 3), Texts(locale)) for month in range(1, 13)}
    assert len(days) == 12


@pytest.mark.slow
@settings(max_examples=200)
@given(REPORTS, some.sampled_from(LOCALES))
def test_any_report_has_room_in_a_message(report: UsageReport, locale: str) -> None:
    """4,000 characters, 40 components, whatever names and figures."""
    card = report_card(report, Texts(locale))
    assert len(texts_in(card)) <= TEXT_LIMIT
    assert card.total_children_count <= 40


@pytest.mark.parametrize("locale", LOCALES)
def test_a_busy_month_has_room_in_every_language(locale: str) -> None:
    """Every day is told, some of them shortly."""
    report = report_of(ARABIC_NAMES)
    many = replace(
        report, days=tuple(replace(day, pictures=day.pictures * 10**6) for day in report.days)
    )
    texts = Texts(locale)
    said = texts_in(report_card(many, texts))
    assert len(said) <= TEXT_LIMIT
    assert day_text(date(2026, 11, 9), texts) in said


def test_whom_a_chart_cannot_name_the_card_mentions() -> None:
    """With the place in the chart; in it stands the end of the number, where numbers differ."""
    unknown = MemberUsage(user_id=UserId(1323802878834334937), name="", pictures=9, cost_micros=0)
    forgotten = MemberUsage(user_id=UserId(0), name="", pictures=1, cost_micros=0)
    report = replace(WEEK, top=(unknown, *WEEK.top, forgotten))
    charts = usage_charts(report, ENGLISH)
    said = texts_in(report_card(report, ENGLISH, charts)).splitlines()
    assert "-# 1. <@1323802878834334937> · 3. <@8>" in said
    (top,) = [one for one in charts if one.filename == "usage-top.png"]
    assert "member …334937: 9 pictures" in top.alt
    assert "members who deleted their data: 1 picture" in top.alt
