"""Sizes: the reference's 33, anything else within the area, and what people type."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.providers.image import ChosenSize, Recommended, Size
from bot.providers.zimage import OFFER
from bot.refusals import Refusal, SizeNotUnderstood, SizeOutOfRange, SizeTooNarrow


def test_all_33_recommended_sizes_are_there_and_legal() -> None:
    """Eleven ratios in three tiers, each a multiple of 16 and of about the tier's area."""
    assert len({one.size for one in OFFER.recommended}) == 33
    for one in OFFER.recommended:
        assert OFFER.parse_size(str(one.size)).size == one.size
        assert (
            one.size.width_px % OFFER.side_step_px == one.size.height_px % OFFER.side_step_px == 0
        )
        assert one.size.area_px == pytest.approx(one.tier_px**2, rel=0.27)
        wide, high = map(int, one.ratio.split(":"))
        assert one.size.width_px / one.size.height_px == pytest.approx(wide / high, rel=0.03)


def test_the_offer_is_that_of_the_reference() -> None:
    """Of 2025-12-23; the ratio is ours."""
    assert (OFFER.min_area_px, OFFER.max_area_px) == (262_144, 4_194_304)
    assert (OFFER.side_step_px, OFFER.max_ratio) == (16, 8)
    assert (OFFER.prompt_limit, OFFER.negative_limit) == (800, 500)
    assert OFFER.max_seed == 2**31 - 1
    assert OFFER.rewrites
    assert OFFER.default_size == Size(1024, 1024)
    assert set(OFFER.common) <= {one.size for one in OFFER.recommended}


@pytest.mark.parametrize("text", ["1000*1000", "1000x1000", " 1000 × 1000 ", "1000X1000"])
def test_sides_are_rounded_to_the_nearest_multiple_of_16(text: str) -> None:
    """And it is known that they were, so that the member is told."""
    chosen = OFFER.parse_size(text)
    assert chosen.size == Size(1008, 1008)
    assert chosen.asked == Size(1000, 1000)
    assert chosen.was_rounded


@pytest.mark.parametrize("text", ["511*512", "2049*2048", "0*0", "99999*99999", "2048*2056"])
def test_an_area_out_of_range_is_refused(text: str) -> None:
    """As typed, or once rounded."""
    with pytest.raises(SizeOutOfRange):
        OFFER.parse_size(text)


def test_a_strip_is_refused_although_its_area_would_pass() -> None:
    """4096*200 has the area of a small picture and the shape of a ruler."""
    with pytest.raises(SizeTooNarrow):
        OFFER.parse_size("4096*200")


@pytest.mark.parametrize(
    "text",
    ["abc", "", "  ", "10:7", "*", "-5*1024", "1024*", "16:", "wid", "1024*64*3", "512**512"],
)
def test_what_is_no_size_is_refused(text: str) -> None:
    """Nothing is guessed from what fits no size, ratio or name."""
    with pytest.raises(SizeNotUnderstood):
        OFFER.parse_size(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("16:9", Size(1280, 720)),
        ("wide", Size(1280, 720)),
        ("Wide Large", Size(2048, 1152)),
        ("cinema", Size(1344, 576)),
        ("large square", Size(1536, 1536)),
        ("9:16 medium", Size(864, 1536)),
        ("1280", Size(1280, 1280)),
    ],
)
def test_ratios_and_names_find_their_size(text: str, size: Size) -> None:
    """The first of the reference's order that fits every word."""
    assert OFFER.parse_size(text).size == size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("１０２４＊７６８", Size(1024, 768)),
        ("1024×768", Size(1024, 768)),
        ("1024✖\ufe0f768", Size(1024, 768)),
        ("1024х768", Size(1024, 768)),
        ("1024\u200bx\u200b768", Size(1024, 768)),
        ("1024 px × 768 px", Size(1024, 768)),
        ("1024pxx768px", Size(1024, 768)),
        ("1024 by 768 pixels", Size(1024, 768)),
        ("1024 768", Size(1024, 768)),
        ("1024\u3000768", Size(1024, 768)),
        ("1024/768", Size(1024, 768)),
        ("1920:1080", Size(1920, 1088)),
        ("1,024 x 1,536", Size(1024, 1536)),
        ("1.024×1.536", Size(1024, 1536)),
        ("1 024 × 1 536", Size(1024, 1536)),
        ("１６：９", Size(1280, 720)),
        ("16∶9", Size(1280, 720)),
        ("16 : 9", Size(1280, 720)),
        ("16/9", Size(1280, 720)),
        ("16x9", Size(1280, 720)),
        ("32:18", Size(1280, 720)),
        ("16/9 large", Size(2048, 1152)),
        ("wide, large", Size(2048, 1152)),
        ("\u202ewide\u202c", Size(1280, 720)),
        ("Ｗｉｄｅ", Size(1280, 720)),
        ("2K", Size(2048, 2048)),
        ("２ｋ", Size(2048, 2048)),
        ("1k", Size(1024, 1024)),
        ("2kx2k", Size(2048, 2048)),
        ("2K 16:9", Size(2048, 1152)),
        ("2k tall", Size(1152, 2048)),
        ("768", Size(768, 768)),
        ("768px", Size(768, 768)),
        ("1024²", Size(1024, 1024)),
        ("١٠٢٤x٧٦٨", Size(1024, 768)),
    ],
)
def test_a_size_is_read_by_its_meaning(text: str, size: Size) -> None:
    """From any keyboard, with or without units, blanks and what cannot be seen."""
    assert OFFER.parse_size(text).size == size


@pytest.mark.parametrize("text", ["4K", "64x64", "5*5", "100", "8k x 8k"])
def test_sides_that_are_understood_and_cannot_be_drawn_are_named(text: str) -> None:
    """The refusal says which sides those were."""
    with pytest.raises(SizeOutOfRange):
        OFFER.parse_size(text)


@pytest.mark.parametrize("text", ["\u200b", "\u2800 \u3164", "2K portrait", "1024² 16:9", "k", "²"])
def test_what_shows_nothing_or_contradicts_itself_is_no_size(text: str) -> None:
    """There is no picture of 2048 px that is a portrait of the list."""
    with pytest.raises(SizeNotUnderstood):
        OFFER.parse_size(text)


def test_searching_for_nothing_offers_everything() -> None:
    """Autocomplete starts with the whole list."""
    assert OFFER.search_sizes("") == OFFER.search_sizes("\u200b\u3164") == OFFER.recommended


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_whatever_is_accepted_is_legal_and_close_to_what_was_typed(width: int, height: int) -> None:
    """Any pair of numbers is either refused or drawn as multiples of 16 at most 8 px away."""
    chosen = ChosenSize(size=OFFER.recommended[0].size, asked=OFFER.recommended[0].size)
    with suppress(Refusal):
        chosen = OFFER.parse_size(f"{width}*{height}")
    assert OFFER.min_area_px <= chosen.size.area_px <= OFFER.max_area_px
    for side, typed in zip(
        (chosen.size.width_px, chosen.size.height_px),
        (chosen.asked.width_px, chosen.asked.height_px),
        strict=True,
    ):
        assert side % 16 == 0
        assert abs(side - typed) <= 8


SIDES = st.integers(0, 5_000).map(str) | st.sampled_from(["1024", "768", "1,024", "２０４８", "2K"])
SIGNS = st.sampled_from(["*", "x", " × ", "✕", "∗", " by ", ":", "/", "px x ", "\u200b*", "**"])
NAMES = st.sampled_from(["wide", "tall", "square", "2K", "1024", "16:9", "32/18", "large", "k"])
TYPED = {
    "anything": st.text(max_size=30),
    "sides": st.tuples(SIDES, SIGNS, SIDES).map("".join),
    "strips": st.tuples(st.integers(2_500, 5_000).map(str), SIGNS, st.just("256")).map("".join),
    "names": st.lists(NAMES, max_size=3).map(" ".join),
    "pieces": st.lists(SIDES | SIGNS | NAMES | st.characters(), max_size=4).map("".join),
}


def end_of(text: str) -> str:
    """What the parser made of it; an error that is no refusal comes out."""
    try:
        OFFER.parse_size(text)
    except Refusal as refusal:
        return type(refusal).__name__
    return "a name" if OFFER.typed_size(text) is None else "sides"


@pytest.mark.slow
def test_no_text_whatever_breaks_the_parser() -> None:
    """Members type anything: it is a size or a refusal, and no way to one was left out."""
    ends: Counter[str] = Counter()

    @settings(max_examples=600, derandomize=True)
    @given(st.one_of(*TYPED.values()))
    def parse(text: str) -> None:
        ends[end_of(text)] += 1

    parse()
    assert set(ends) == {
        *("a name", "sides", "SizeNotUnderstood", "SizeOutOfRange", "SizeTooNarrow")
    }
    assert min(ends.values()) >= ends.total() / 50, ends
    assert max(ends.values()) <= ends.total() * 2 / 3, ends


@given(st.sampled_from(OFFER.recommended), st.sampled_from("*x×＊✕ｘ"), st.booleans())
def test_every_recommended_size_is_found_however_it_is_written(
    one: Recommended, sign: str, is_wide: bool
) -> None:
    """With any sign between its sides, and in digits of any width."""
    text = str(one.size).replace("*", f"\u200b {sign}")
    if is_wide:
        text = text.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    assert OFFER.parse_size(text).size == one.size
    assert one in OFFER.search_sizes(text.replace(" ", ""))
