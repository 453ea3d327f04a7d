"""Charts of usage: what stands on them, for whomever and however much was painted."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections import Counter
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image, ImageChops

from bot.drawing.png import ZOOM, pngs_of
from bot.drawing.resvg import Drawings, has_letters, rendered
from bot.drawing.svg import (
    COLOURS,
    SMALL,
    WIDTH,
    Canvas,
    Ink,
    Theme,
    family_of,
    fitted,
    width_of,
)
from bot.features.usage.records import (
    DayUsage,
    Gauge,
    GaugeUnit,
    MemberUsage,
    OutcomeCounts,
    UsagePart,
    UsageReport,
    UsageSubject,
)
from bot.pictures.formats import PictureType, read_head
from bot.queue.records import UserId
from bot.records import replace
from bot.texts import Texts
from bot.texts.usage_charts import usage_charts
from tests.drawn_records import records
from tests.texts.records import LOCALES
from tests.texts.usage_reports import ARABIC_NAMES, CHINESE_JAPANESE_KOREAN_NAMES, report_of

ENGLISH = Texts("en-US")
SVG = "{http://www.w3.org/2000/svg}"
ALT_TEXT_LIMIT = 1024


def drawn(report: UsageReport, part: UsagePart, texts: Texts = ENGLISH) -> ET.Element:
    return next(
        ET.fromstring(chart.svg) for chart in usage_charts(report, texts) if chart.part is part
    )


def words_on(document: ET.Element) -> list[str]:
    return [(one.text or "").strip("\u2068\u2069") for one in document.iter(f"{SVG}text")]


def fills_on(document: ET.Element) -> Counter[str]:
    return Counter(one.get("fill", "") for one in document.findall(f"{SVG}rect"))


def test_a_chart_for_each_part() -> None:
    """Budgets first: what is left is what is asked for most."""
    assert [chart.part for chart in usage_charts(report_of(), ENGLISH)] == list(UsagePart)


def test_days_have_bars_of_pictures_and_of_cost() -> None:
    """29 days of 30, each with its cost below, and the largest of both in figures."""
    document = drawn(report_of(), UsagePart.DAYS)
    colours = COLOURS[Theme.DARK]
    assert fills_on(document)[colours[Ink.GOLD]] == 29
    assert fills_on(document)[colours[Ink.BLUE]] == 29 + 1, "with the legend's"
    assert fills_on(document)["url(#hatch-blue)"] > 10
    assert words_on(document) == [
        "Pictures and cost",
        "500 pictures · $9.36",
        "0",
        "10",
        "20",
        "30",
        "27",
        "$0",
        "$0.50",
        "$1",
        "$0.555",
        "Oct 31",
        "Nov 14",
        "Nov 29",
        "as asked",
        "prompt rewritten",
    ]


def test_days_that_share_a_bar_are_told() -> None:
    """A bar of twelve days would else pass for one."""
    year = replace(report_of(), first_day=date(2025, 11, 30))
    words = words_on(drawn(year, UsagePart.DAYS))
    assert words[1] == "500 pictures · $9.36 · 12 days a bar"


def test_hours_name_the_busiest_one_and_the_time_zone() -> None:
    """An hour says nothing without its zone."""
    words = words_on(drawn(report_of(), UsagePart.HOURS))
    assert words[:2] == ["Pictures by hour of the day", "Europe/Berlin"]
    assert "20–21: 41" in words
    assert words[-5:] == ["00", "06", "12", "18", "24"]


def test_members_are_named_with_pictures_and_cost() -> None:
    """The first eight; others are one bar, hatched."""
    document = drawn(report_of(), UsagePart.TOP)
    words = words_on(document)
    assert words[2:4] == ["Ada Lovelace", "160 pictures · $2.40"]
    assert words[-2:] == ["2 others", "33 pictures · $0.507"]
    assert fills_on(document)["url(#hatch-blue)"] == 1


def test_outcomes_differ_by_pattern_and_in_figures() -> None:
    """Whoever sees no colours reads them all the same."""
    document = drawn(report_of(), UsagePart.OUTCOMES)
    words = words_on(document)
    assert words[2:5] == ["painted", "500", "91 %"]
    assert words[-3:] == ["answer lost", "1", "< 1 %"]
    fills = fills_on(document)
    assert {"url(#hatch-gold)", "url(#cross-red)", "url(#dots-grey)", "none"} <= set(fills)


def test_budgets_say_what_is_left_and_when_they_renew() -> None:
    """In the guild's time zone; what is off or without limit renews nothing."""
    words = words_on(drawn(report_of(), UsagePart.GAUGES))
    assert words[2:6] == ["Pictures a day, you", "12 / 50", "38 left", "renews Dec 1, 00:00"]
    assert words[6:9] == ["This server, a month", "$4.35 / $5.00", "$0.65 left"]
    assert "used up" in words
    assert words[-5:] == ["@guests", "switched off", "@staff", "$0.285", "no limit"]


@pytest.mark.parametrize("theme", Theme)
def test_words_and_marks_stand_out_from_the_panel(theme: Theme) -> None:
    """4.5 : 1 for words, 3 : 1 for what is coloured (WCAG 2.1), on an opaque panel."""
    colours = COLOURS[theme]
    for ink in (Ink.TEXT, Ink.MUTED):
        assert contrast(colours[ink], colours[Ink.PANEL]) >= 4.5, ink
    for ink in (Ink.BLUE, Ink.GOLD, Ink.RED, Ink.GREY):
        assert contrast(colours[ink], colours[Ink.PANEL]) >= 3, ink
    first = next(ET.fromstring(Canvas(10, theme, "en").document()).iter(f"{SVG}rect"))
    assert (first.get("fill"), first.get("width")) == (colours[Ink.PANEL], str(WIDTH))


def test_a_chart_is_dark_unless_it_is_to_be_light() -> None:
    """Most read Discord dark, and nobody tells a bot its reader's theme."""
    chosen = [usage_charts(report_of(), ENGLISH), usage_charts(report_of(), ENGLISH, Theme.LIGHT)]
    grounds = [ET.fromstring(charts[0].svg).find(f"{SVG}rect") for charts in chosen]
    assert [ground.get("fill") for ground in grounds if ground is not None] == [
        COLOURS[Theme.DARK][Ink.PANEL],
        COLOURS[Theme.LIGHT][Ink.PANEL],
    ]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("locale", LOCALES)
def test_type_is_large_enough_for_a_phone_in_every_language(locale: str) -> None:
    """A panel of 640 units is 320 points wide there, so 22 are 11; and no title is cut."""
    for chart in usage_charts(report_of(), Texts(locale)):
        document = ET.fromstring(chart.svg)
        sizes = [int(one.get("font-size", "")) for one in document.iter(f"{SVG}text")]
        assert min(sizes) >= SMALL
        titles = [word for word in words_on(document) if "…" in word]
        assert not [word for word in titles if not word.startswith("W")], titles


@pytest.mark.parametrize("names", [ARABIC_NAMES, CHINESE_JAPANESE_KOREAN_NAMES])
def test_every_word_stands_in_its_own_direction(names: tuple[str, ...]) -> None:
    """Isolated: a name that ends in "!" keeps it at its own end, and turns nothing else around."""
    for chart in usage_charts(report_of(names), ENGLISH):
        for one in ET.fromstring(chart.svg).iter(f"{SVG}text"):
            said = one.text or ""
            assert (said[0], said[-1]) == ("\u2068", "\u2069")
            assert not set(said[1:-1]) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    ("words", "language", "family"),
    [
        ("Ada", "ja", "Noto Sans"),
        ("محمد", "ja", "Noto Sans"),
        ("林小明", "en", "Noto Sans CJK SC"),
        ("林小明", "zh_TW", "Noto Sans CJK TC"),
        ("林小明", "ja", "Noto Sans CJK JP"),
        ("田中さくら", "zh_CN", "Noto Sans CJK JP"),
        ("직박구리", "en", "Noto Sans CJK KR"),
    ],
)
def test_a_font_is_named_by_what_is_written(words: str, language: str, family: str) -> None:
    """Han characters alone are drawn as the reader's language draws them."""
    assert family_of(words, language).split(", ")[0] == family


@given(some.text(), some.floats(0, 600))
def test_words_are_cut_by_their_width(words: str, room: float) -> None:
    """Wide characters take more of it, marks take none, and a cut says so."""
    shown = fitted(words, room, SMALL)
    assert width_of(shown, SMALL) <= max(room, width_of("…", SMALL))
    assert fitted(shown, room, SMALL) == shown


def test_what_is_wider_than_it_seems_is_covered() -> None:
    """From where its room ends to the panel's edge, before anything stands there."""
    canvas = Canvas(100, Theme.DARK, "en")
    canvas.text("\ufdfd", 28, 50, width=100)
    _, cover = ET.fromstring(canvas.document()).findall(f"{SVG}rect")
    assert cover.get("fill") == COLOURS[Theme.DARK][Ink.PANEL]
    assert float(cover.get("x", "")) == 128
    assert float(cover.get("width", "")) >= WIDTH - 128
    top = float(cover.get("y", ""))
    assert top <= 50 - SMALL
    assert top + float(cover.get("height", "")) >= 50 + SMALL / 3


@pytest.mark.parametrize(
    "words",
    [
        *("Ada Lovelace", "WWWWMMMM", "illi.", "ИРИНА Щукина", "0123456789", "$12,345.67 %"),
        *("محمد العربي", "فاطمة الزهراء (المسؤولة)", "דנה כהן", "田中さくら", "ﾊﾝｶｸ", "직박구리"),
    ],
)
def test_words_take_no_more_room_than_estimated(words: str) -> None:
    """Else a name would be covered instead of cut, without an ellipsis."""
    canvas = Canvas(60, Theme.DARK, "en")
    canvas.text(words, 20, 40, size=24)
    (png,) = rendered(Drawings((canvas.document(),), ZOOM))
    left, _, right, _ = ink(png)
    assert (right - left) / ZOOM <= width_of(words, 24)


def ink(png: bytes) -> tuple[int, int, int, int]:
    """The box of what differs from the corner's colour."""
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    ground = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    box = ImageChops.difference(picture, ground).getbbox()
    assert box is not None
    return box


def test_a_name_is_no_markup_and_covers_nothing() -> None:
    """Tags are text; what is too long in spite of the estimate is covered at the room's end."""
    hostile = '</text><image href="http://a.example/x.png"/>&lt;'
    report = report_of((hostile, "\x00\ud800\ufffe", "\ufdfd" * 30))
    document = drawn(report, UsagePart.TOP)
    tags = {one.tag.removeprefix(SVG) for one in document.iter()}
    assert tags == {"svg", "defs", "rect", "text"}
    words = words_on(document)
    assert words[2].startswith("</text><image")
    assert words[4] == "member 2", "a name that cannot be seen is told by its number"
    panels = fills_on(document)[COLOURS[Theme.DARK][Ink.PANEL]]
    assert panels >= 1 + len(report.top)


NUMBERS = some.integers(-(2**63), 2**63)
DAYS = some.dates(date(2026, 1, 1), date(2026, 12, 31))
REPORTS = records(
    UsageReport,
    subject=some.sampled_from(UsageSubject),
    name=some.text(),
    first_day=DAYS,
    last_day=DAYS,
    zone=some.text() | some.just("Asia/Tokyo"),
    days=some.lists(
        records(
            DayUsage,
            day=DAYS,
            pictures=NUMBERS,
            rewritten=NUMBERS,
            refused=NUMBERS,
            failed=NUMBERS,
            cost_micros=NUMBERS,
        ),
        max_size=4,
    ).map(tuple),
    pictures_by_hour=some.lists(NUMBERS, max_size=26).map(tuple),
    top=some.lists(
        records(
            MemberUsage,
            user_id=some.integers(0, 2**63).map(UserId),
            name=some.text(),
            pictures=NUMBERS,
            cost_micros=NUMBERS,
        ),
        max_size=12,
    ).map(tuple),
    outcomes=some.builds(
        OutcomeCounts,
        drawn=NUMBERS,
        refused=NUMBERS,
        failed=NUMBERS,
        cancelled=NUMBERS,
        uncertain=NUMBERS,
    ),
    gauges=some.lists(
        records(
            Gauge,
            name=some.text(),
            unit=some.sampled_from(GaugeUnit),
            used=NUMBERS,
            limit=NUMBERS,
            renews_at_us=some.none() | NUMBERS,
        ),
        max_size=8,
    ).map(tuple),
)


@pytest.mark.slow
@settings(max_examples=300)
@given(REPORTS, some.sampled_from(LOCALES), some.sampled_from(Theme))
def test_odd_figures_and_names_are_drawn_too(
    report: UsageReport, locale: str, theme: Theme
) -> None:
    """Nothing raises, no area lies above the panel, no alternative text is too long."""
    for chart in usage_charts(report, Texts(locale), theme):
        document = ET.fromstring(chart.svg)
        assert 0 < len(chart.alt.encode("utf-16-le")) // 2 <= ALT_TEXT_LIMIT
        for one in document.iter(f"{SVG}rect"):
            assert float(one.get("width", "")) > 0
            assert float(one.get("height", "")) > 0
            assert float(one.get("y", "0")) >= 0


def test_alternative_text_tells_the_figures() -> None:
    """Of a month each day's pictures and cost, of a week also what else there was."""
    alts = {chart.part: chart.alt for chart in usage_charts(report_of(), ENGLISH)}
    assert alts[UsagePart.DAYS].startswith("Pictures and cost. Oct 31: 24, $0.45; Nov 1: ")
    assert alts[UsagePart.DAYS].count(";") == 28, "a day without any is not named"
    assert alts[UsagePart.OUTCOMES] == (
        "How requests ended. painted: 500 (91\u00a0%); refused: 23 (4\u00a0%);"
        " failed: 9 (2\u00a0%); cancelled: 17 (3\u00a0%); answer lost: 1 (< 1\u00a0%)"
    )
    assert "Ada Lovelace: 160 pictures, $2.40" in alts[UsagePart.TOP]
    assert "This server, a month: $4.35 / $5.00, $0.65 left" in alts[UsagePart.GAUGES]
    week = replace(report_of(), first_day=date(2026, 11, 15), last_day=date(2026, 11, 17))
    alt = next(one.alt for one in usage_charts(week, ENGLISH) if one.part is UsagePart.DAYS)
    assert alt.endswith("Nov 17: 10 pictures, 5 rewritten, $0.225, 1 refused, 9 failed")


def test_bars_do_not_overlap() -> None:
    """Thirty of them beside each other, whatever room the axis takes."""
    gold = COLOURS[Theme.DARK][Ink.GOLD]
    days = drawn(report_of(), UsagePart.DAYS)
    costs = [one for one in days.iter(f"{SVG}rect") if one.get("fill") == gold]
    lefts = [float(one.get("x", "")) for one in costs]
    assert all(later - earlier > 10 for earlier, later in pairwise(lefts))
    assert float(costs[-1].get("x", "")) + float(costs[-1].get("width", "")) <= WIDTH


# ------------------------------------------------------------------------------------------------
# As pictures.


@pytest.mark.process
async def test_charts_become_pngs_of_960_pixels() -> None:
    """What the bot's own reader of pictures takes for one."""
    charts = usage_charts(report_of(ARABIC_NAMES), ENGLISH)
    pngs = await pngs_of(chart.svg for chart in charts)
    assert pngs is not None
    assert len(pngs) == len(charts)
    for png in pngs:
        head = read_head(png)
        assert head is not None
        assert head.type is PictureType.PNG
        assert head.size.width_px == 960
        assert len(png) < 200_000


async def test_one_chart_is_drawn_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many members look at theirs: none of them takes the whole machine."""
    may_go_on = threading.Event()

    def draw(svgs: tuple[str, ...], zoom: float) -> tuple[bytes, ...]:
        may_go_on.wait(10)
        return tuple(svg.encode() for svg in svgs)

    monkeypatch.setattr("bot.drawing.png._draw", draw)
    drawing = [asyncio.create_task(pngs_of(["a", "b"])) for _ in range(5)]
    await asyncio.sleep(0)
    threads = [one for one in threading.enumerate() if one.name.startswith("charts")]
    may_go_on.set()
    assert await asyncio.gather(*drawing) == [(b"a", b"b")] * 5
    assert len(threads) == 1


@pytest.mark.process
async def test_what_cannot_be_drawn_is_told_in_words() -> None:
    """Also where one of several fails: no card shows half of it."""
    good = usage_charts(report_of(), ENGLISH)[0].svg
    assert await pngs_of([good, "no drawing"]) is None


@pytest.mark.process
async def test_the_bot_goes_on_while_a_large_panel_is_drawn() -> None:
    """The library holds Python's lock: in the bot's process all would wait as long as it draws."""
    longest_s = 0.0

    async def go_on() -> None:
        nonlocal longest_s
        while True:
            before_s = time.perf_counter()
            await asyncio.sleep(0.001)
            longest_s = max(longest_s, time.perf_counter() - before_s)

    going_on = asyncio.create_task(go_on())
    begun_s = time.perf_counter()
    pngs = await pngs_of([SLOW_PANEL])
    took_s = time.perf_counter() - begun_s
    going_on.cancel()
    assert pngs is not None
    assert longest_s < took_s / 2


SLOW_PANEL = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="1200">'
    '<filter id="blur"><feGaussianBlur stdDeviation="4"/></filter>'
    + '<rect width="1100" height="1100" filter="url(#blur)"/>' * 3
    + "</svg>"
)


@pytest.mark.process
async def test_a_drawing_that_takes_too_long_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its process is killed, and the next drawing has its turn."""
    with monkeypatch.context() as impatient:
        impatient.setattr("bot.drawing.png.LONGEST_S", 0.001)
        assert await pngs_of([SLOW_PANEL]) is None
    assert await pngs_of([usage_charts(report_of(), ENGLISH)[0].svg]) is not None


async def test_without_the_extra_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The card tells the figures in lines then."""
    monkeypatch.setattr("bot.drawing.png.find_spec", lambda _: None)
    assert await pngs_of([usage_charts(report_of(), ENGLISH)[0].svg]) is None


def test_a_machine_without_fonts_is_noticed() -> None:
    """It would draw bars without a word."""
    assert has_letters()
    assert not has_letters(skip_system_fonts=True)
