"""What is offered while a member types a size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.providers.image import Size
from bot.providers.zimage import OFFER
from bot.texts import Texts
from bot.texts.choices import rounding_text, size_choices
from tests.texts.records import LOCALES

ENGLISH = Texts("en-US")


def offered(typed: str, texts: Texts = ENGLISH) -> dict[str, str]:
    return {one.name: str(one.value) for one in size_choices(typed, OFFER, texts)}


def test_the_common_sizes_come_first() -> None:
    """Before anything is typed, what most people want."""
    names = list(offered("  "))
    assert names[0] == "1:1 · 1024 × 1024 · square"
    assert "16:9 · 1280 × 720 · wide" in names
    assert len(names) < 10


@pytest.mark.parametrize("typed", ["16:9", "wide", "WIDE", "1280", "1280x7", "1280*720"])
def test_ratio_name_and_numbers_find_the_same_size(typed: str) -> None:
    """However a member thinks of it."""
    assert "1280*720" in offered(typed).values()


def test_exact_size_is_offered_back_first() -> None:
    """With the rounding shown before it is sent, and what was typed as its value."""
    assert offered("1000x1000") == {"1008 × 1008, rounded from 1000 × 1000": "1000*1000"}
    assert next(iter(offered("1024 x 1024"))) == "1024 × 1024"
    assert list(offered("1024*1024").values()) == ["1024*1024"]


@pytest.mark.parametrize("typed", ["511x512", "4096*200", "abc", "9999999x1"])
def test_what_cannot_be_painted_is_not_offered(typed: str) -> None:
    """The refusal that explains it comes when it is sent."""
    assert offered(typed) == {}


@given(typed=st.text(max_size=100) | st.from_regex(r"\d{1,5}[x*]\d{1,5}", fullmatch=True))
def test_choices_keep_discord_s_limits_and_can_be_read_back(typed: str) -> None:
    """At most 25, names and values of 1 to 100 characters, each a size."""
    choices = size_choices(typed, OFFER, ENGLISH)
    assert len(choices) <= 25
    for one in choices:
        assert 1 <= len(one.name) <= 100
        OFFER.parse_size(str(one.value))  # raises what it cannot read


def test_every_recommended_size_can_be_found() -> None:
    """All 33, by their own numbers."""
    assert all(str(one.size) in offered(str(one.size)).values() for one in OFFER.recommended)


@pytest.mark.parametrize("locale", LOCALES)
def test_shapes_are_named_and_found_in_the_member_s_language(locale: str) -> None:
    """And the English names, which the command itself knows, still work."""
    texts = Texts(locale)
    word = texts.say("wide").split()[0]
    assert "1280*720" in offered(word, texts).values()
    assert "1280*720" in offered("wide", texts).values()


def test_rounding_is_explained() -> None:
    """The member gets another size than they typed, and is told why."""
    said = rounding_text(Size(1000, 1000), Size(1008, 1008), ENGLISH)
    assert said == "Z-Image paints in steps of 16 pixels, so 1000 × 1000 became 1008 × 1008."
