"""By which words a prompt is found."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.queue.words import (
    BLOCK,
    MOST_WORDS,
    WORD_LIMIT,
    Sought,
    packed,
    places,
    sought_in,
    unpacked,
    words_of,
)

FEW_PLACES = st.sets(st.integers(0, BLOCK - 1), max_size=200)
ALL_PLACES = FEW_PLACES | FEW_PLACES.map(set(range(0, BLOCK, 100)).union)  # too many for a list
DENSE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x4FFF), min_size=1, max_size=40)


def is_found(typed: str, prompt: str) -> bool:
    words = words_of(prompt)
    return all(
        any(one.startswith(word) for one in words) if is_beginning else word in words
        for word, is_beginning in sought_in(typed)
    )


@pytest.mark.parametrize(
    ("typed", "prompt"),
    [
        ("CAT", "a cat, sleeping"),
        ("straße", "STRASSE im Regen"),
        ("ｃａｔ ２", "cat 2"),
        ("café", "cafe\u0301 at night"),
        ("sleeping cat", "a cat, sleeping"),
        ("cat slee", "a cat, sleeping"),
        ("黒猫", "月の下の黒猫が歩く"),
        ("猫", "月の下の黒猫"),
        ("黒", "月の下の黒猫"),
        ("月の下", "月の下の黒猫"),
        ("แมว", "รูปแมวดำ"),
        ("cat猫", "白い猫 cat"),
        ("हिन्दी", "हिन्दी में बिल्ली"),
        ("고양", "검은 고양이"),
        ("don't", "I don't know"),
    ],
)
def test_a_picture_is_found_by_what_its_prompt_says(typed: str, prompt: str) -> None:
    assert is_found(typed, prompt)


@pytest.mark.parametrize(
    ("typed", "prompt"),
    [
        ("cat dog", "a cat"),
        ("at", "a cat"),
        ("ca sleeping", "a cat, sleeping"),
        ("猫黒", "月の下の黒猫"),
        ("下猫", "月の下の黒猫"),
    ],
)
def test_a_picture_is_not_found_by_what_its_prompt_does_not_say(typed: str, prompt: str) -> None:
    assert not is_found(typed, prompt)


def test_the_last_word_alone_is_a_beginning() -> None:
    assert sought_in("red ca") == (Sought("red", False), Sought("ca", True))


@given(st.text(max_size=300))
def test_words_are_few_short_and_of_letters_numbers_and_their_signs(text: str) -> None:
    words = words_of(text)
    assert len(words) <= MOST_WORDS
    for word in words:
        assert 1 <= len(word) <= WORD_LIMIT
        assert {unicodedata.category(one)[0] for one in word} <= {*"LNM"}


@given(st.text(max_size=60))
def test_a_short_prompt_is_found_by_itself_and_by_each_of_its_words(text: str) -> None:
    assert is_found(text, text)
    assert all(is_found(one, text) for one in text.split())


@given(st.text(max_size=60), st.integers(0, 60))
def test_a_prompt_is_found_by_its_beginning_as_far_as_it_was_typed(text: str, end: int) -> None:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    assert is_found(folded[:end], folded)


@given(DENSE, st.integers(0, 40), st.integers(1, 8))
def test_what_has_no_blanks_is_found_by_any_part_of_it(text: str, start: int, length: int) -> None:
    assert is_found(text[start : start + length], text)


@given(st.text(max_size=200))
def test_case_and_forms_of_the_same_letters_make_no_difference(text: str) -> None:
    assert words_of(unicodedata.normalize("NFKC", text)) == words_of(text)
    assert words_of(text.casefold()) == words_of(text)


@given(ALL_PLACES)
def test_a_block_comes_back_as_it_was_packed(wanted: set[int]) -> None:
    bits = sum(1 << place for place in wanted)
    content = packed(bits)
    assert unpacked(content) == bits
    assert len(content) <= BLOCK // 8
    assert [*places(bits, newest_first=True)] == sorted(wanted, reverse=True)
    assert [*places(bits, newest_first=False)] == sorted(wanted)


@given(st.lists(ALL_PLACES, max_size=4))
def test_several_are_unpacked_together(wanted: list[set[int]]) -> None:
    contents = [packed(sum(1 << place for place in one)) for one in wanted]
    assert unpacked(*contents) == sum(1 << place for place in set().union(*wanted))
