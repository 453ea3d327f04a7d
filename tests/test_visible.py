"""Texts are judged by what can be seen of them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.texts import plain
from bot.visible import normalised, trimmed

# Zero-width, fillers, braille blank, soft hyphen, directions, byte order mark, tags, selectors, …
NOTHING = [
    *"\u200b\u3164\u2800\u00ad\u202e\u2066\ufeff\u2060\u180e\u034f\u115f\u1160\uffa0\u200c\u200d\ufe0f",
    *"\u061c\u17b4\u2061\u206f\x00\x1b\u2028\u3000\u00a0\ue000\ufff0\ufdd0\u0301\u20e3",
    *"\U000e0041\U000e0100\U0001d159\U0001d173\U00013441\U0010ffff",
]
LEGITIMATE = [
    "👩\u200d🚀",
    "❤\ufe0f",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # the flag of England
    "1\ufe0f\u20e3",
    "🫨",  # of Unicode 15, which an older Python does not know
    "می\u200cخواهم",
    "ه\u200d",
    "שָׁלוֹם",
    "السَّلَامُ",
    "नमस्ते",
    "สวัสดี",
    "e\u0301",
    "mixed \u2067מילים\u2069 words",
    "水彩\u3000画",
]
HIDDEN = "\u200b\u00ad\u202e\ufeff\u2060\x00"
EDGES = st.text(alphabet=HIDDEN + "\u3164\u2800\u3000 \n", max_size=9)


@pytest.mark.parametrize("text", NOTHING)
def test_a_text_that_shows_nothing_is_empty(text: str) -> None:
    """Alone, many times, or among blanks."""
    assert trimmed(text) == trimmed(text * 5) == trimmed(f" {text}\n{text}") == ""


@pytest.mark.parametrize("text", LEGITIMATE)
def test_words_of_every_script_stay_as_they_are(text: str) -> None:
    """Joiners, selectors, tags and marks are part of what is seen, at the end too."""
    assert trimmed(text) == text


@given(before=EDGES, text=st.sampled_from(LEGITIMATE), after=EDGES)
def test_invisible_edges_go(before: str, text: str, after: str) -> None:
    """Whatever was pasted along with the words."""
    assert trimmed(before + text + after) == text


@given(st.text())
@example("\u1cd00")  # a mark that stands on nothing
@example("a\u0000\u0301")  # and one behind what is hidden
def test_nothing_that_is_seen_is_lost_or_changed(text: str) -> None:
    """What is left is one piece of what was typed, and trimming it again changes nothing."""
    left = trimmed(text)
    assert left in text
    assert trimmed(left) == left
    assert plain(left, 9999) == plain(text, 9999)


@given(st.text())
def test_a_text_that_is_not_empty_is_shown_as_something(text: str) -> None:
    """No quote, thread name or alternative text is ever blank."""
    if trimmed(text):
        assert plain(trimmed(text), 9999)


def test_half_a_surrogate_pair_goes() -> None:
    """No database and no JSON can hold it."""
    assert trimmed("a\ud800cat\udfff") == "acat"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("１０２４", "1024"),
        ("１６：９", "16:9"),
        ("10\u200b24", "1024"),
        ("\u2066 17 \u2069", "17"),
        ("٣٧", "37"),
        ("𝟙𝟞", "16"),
        ("1\ufe0f\u20e36\ufe0f\u20e3", "16"),
        ("Ｗｉｄｅ\u3000LARGE", "wide large"),
        ("a\u3164b", "a b"),
        ("1024²", "1024²"),
        ("e\u0301", "é"),
    ],
)
def test_what_was_typed_has_one_meaning_however_it_looks(typed: str, meant: str) -> None:
    """Widths, styles, scripts of digits and kinds of blanks are looks."""
    assert normalised(typed) == meant


DIGITS = [chr(code) for code in range(0x11_0000) if unicodedata.category(chr(code)) == "Nd"]


@given(st.lists(st.tuples(st.sampled_from(DIGITS), st.text(alphabet=HIDDEN, max_size=5))))
def test_a_number_in_digits_of_any_script_is_that_number(written: list[tuple[str, str]]) -> None:
    """Whatever invisible stands between them."""
    typed = "".join(digit + hidden for digit, hidden in written)
    assert normalised(typed) == "".join(str(unicodedata.decimal(digit)) for digit, _ in written)


@given(st.text())
def test_normalising_again_changes_nothing(text: str) -> None:
    """The plain form is the end of it."""
    assert normalised(normalised(text)) == normalised(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("\u0151\u0130\u0333")  # the small form of İ has two marks, which have an order
def test_what_is_normalised_stays_as_it_is(text: str) -> None:
    """It is the key by which a style is found, and is looked up itself."""
    assert normalised(normalised(text)) == normalised(text)
