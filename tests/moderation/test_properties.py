"""What holds for every word, text and disguise."""

from __future__ import annotations

import sys
import time
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.moderation import disguise
from bot.moderation.automaton import Automaton
from bot.moderation.phrases import squeezed
from bot.moderation.word_rules import Part, WordRules
from bot.staff_refusals import WordRuleRefused
from tests.moderation import corpus
from tests.moderation.rules import found, rule

if TYPE_CHECKING:
    import random

pytestmark = pytest.mark.slow

SEEDS = tuple(dict.fromkeys(sum(corpus.SEEDS.values(), ())))
RULES = WordRules([rule(*SEEDS, "*fig*", "rap*", "*ine", patterns=(r"\d+mm",), allowed=("fine",))])
TRICKY = st.text(
    st.sampled_from(
        "aAbil1!|$0o.  -_\n*'äñйё́\u0336\u200b\ufe0f🙂🇫🇷аеоΝկᏴɐ香蕉ﾊﾞナ바ㅂ가각ﬁßกั\x00\ud800"
    )
)
TEXTS = st.text() | TRICKY


@given(TEXTS)
@example("\ud800 fig \udfff 12mm")
@settings(max_examples=400)
def test_whatever_is_found_was_typed(text: str) -> None:
    verdict = RULES.check({Part.PROMPT: text, Part.REWRITTEN: text})
    for match in verdict.matches:
        assert match.found
        assert match.found in text


@given(TEXTS)
def test_each_cell_knows_where_it_was_typed(text: str) -> None:
    for unmasked in (disguise.unmasked(text), disguise.plain(text)):
        assert len(unmasked.pieces) == len(unmasked.cells)
        spans = [unmasked.span(at, at + 1) for at in range(len(unmasked.cells))]
        assert spans == sorted(spans)
        assert all(0 <= start < end <= len(text) for start, end in spans)


@given(
    st.sampled_from(SEEDS),
    st.sampled_from(sorted(corpus.TRICKS)),
    st.randoms(use_true_random=False),
)
@settings(max_examples=400)
def test_a_disguise_changes_nothing(word: str, trick: str, rng: random.Random) -> None:
    disguised = corpus.TRICKS[trick](word, rng)
    assume(
        any(cell.isalpha() for cell in disguise.unmasked(disguised).cells)
    )  # figures are no word
    # A word wholly of another script is taken for one of that script's language.
    assume(
        trick != "homoglyphs" or len({unicodedata.name(one).split()[0] for one in disguised}) > 1
    )
    slices = found(f"x, {disguised}, y", word)
    assert len(slices) == 1
    assert slices[0] in disguised


@given(TEXTS)
@example("🄀")  # reads 0.
@example("fig⁉")
@example(f"fig{17 * '-'}plum")
def test_a_word_is_refused_or_finds_itself(word: str) -> None:
    _find_itself(word[:60])


@pytest.mark.parametrize("form", ["{}", "{}fig", "fig {}", "*{}"])
def test_a_character_that_reads_as_several_finds_itself(form: str) -> None:
    """As ⒡ reads (f), whose letter is a word."""
    for character in map(chr, range(sys.maxunicode + 1)):
        if len(unicodedata.normalize("NFKC", character)) > 1:
            _find_itself(form.format(character))


def _find_itself(word: str) -> None:
    try:
        rules = WordRules([rule(word)])
    except WordRuleRefused:
        return
    assert rules.check({Part.PROMPT: word.strip().strip("*")}).matches, word


@given(
    st.lists(st.text("abc", min_size=1, max_size=5).map(squeezed), unique=True), st.text("abcd ")
)
def test_the_automaton_finds_every_key_where_it_ends(keys: list[str], text: str) -> None:
    runs, ends = Automaton(keys).scan(text)
    letters = "".join(text[run] for run in runs)
    assert letters == squeezed(text)
    assert {(run, keys[number]) for run, numbers in ends for number in numbers} == {
        (end, key)
        for end in range(len(letters))
        for key in keys
        if letters[: end + 1].endswith(key)
    }


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "a",
            "ab",
            "il",
            "1",
            "!",
            "$",
            "a ",
            "a.",
            ". ",
            "a" * 60 + " ",
            "б",
            "ΝА",
            "ñ",
            "a\u0301",
        ),
        *(
            "\u0301",
            "🇫🇷",
            "🇫",
            "香",
            "香 ",
            "바",
            "가각",
            "fig",
            "fine ",
            "rap",
            "ɐ",
            "\u200b",
            "a🙂",
            "<a>",
            "e'",
        ),
    ],
)
def test_time_grows_with_the_text_alone(unit: str) -> None:
    """The same units, eight times as many: eight times as long, and a margin for the machine."""
    words = (
        "*il*",
        "a" * 59,
        "*ab*",
        "*aab*",
        "i l",
        "*ilil*",
        "*바바*",
        "가가",
        "香香",
        "*1l!*",
        *SEEDS,
    )
    rules = WordRules([rule(*words, "*ine", allowed=("fine",), patterns=("(a+)+$", r"\w+\s\w+z"))])
    short, long = unit * (1_000 // len(unit)), unit * (8_000 // len(unit))
    rules.check({Part.PROMPT: long})
    assert _fastest_s(rules, long) < 24 * _fastest_s(rules, short) + 0.002


def _fastest_s(rules: WordRules, text: str) -> float:
    times = []
    for _ in range(5):
        began_s = time.thread_time()
        rules.check({Part.PROMPT: text})
        times.append(time.thread_time() - began_s)
    return min(times)
