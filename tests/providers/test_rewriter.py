"""What a rewriter is told and costs, and the prompt in its answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.providers.rewriter import (
    LIST_PRICES,
    TokenPrices,
    bare_prompt,
    instructions,
    most_micros,
    price_micros,
)

PRICES = LIST_PRICES["singapore"]


@pytest.mark.parametrize(
    "answer",
    [
        "a cat in low light",
        "  a cat in low light\n",
        '"a cat in low light"',
        "“a cat in low light”",
        "「a cat in low light」",
        "**a cat in low light**",
        "```\na cat in low light\n```",
        "```text\n“a cat in low light”\n```",
        "Prompt: a cat in low light",
        "**Rewritten prompt:** a cat in low light",
        "## Rewritten\n\n**“a cat in low light”**",
        "<think>a cat, so\na dog?</think>\n\na cat in low light",
        "a cat, so\na dog?</think>\n\na cat in low light",
    ],
)
def test_what_models_put_around_a_prompt_is_taken_off(answer: str) -> None:
    assert bare_prompt(answer, limit=800) == "a cat in low light"


@pytest.mark.parametrize(
    "answer",
    [
        'a sign that says "open"',
        '"open" beside "closed"',
        "'open' on the door's 'left'",
        "a *red* cat",
        "*red* and *blue*",
        "the prompt: a book about it",
        "“one” and “two”",
    ],
)
def test_quotes_of_the_prompt_itself_stay(answer: str) -> None:
    assert bare_prompt(answer, limit=800) == answer


@pytest.mark.parametrize(
    "answer", ["", " \n", '""', "``", "\u200b", "<think>?</think>", "<think>a cat, so", "**"]
)
def test_an_answer_without_words_is_empty_or_harmless(answer: str) -> None:
    """Nothing is made up of it."""
    assert bare_prompt(answer, limit=800) in ("", '""', "``", "**")


@pytest.mark.parametrize(
    ("answer", "cut"),
    [
        ("A cat sits. It is at 3.5 m", "A cat sits."),
        ("A cat sits there", "A cat sits"),
        ("A cat sits   there", "A cat sits"),
        ("A. cat sits there", "A. cat sits"),
        ("猫在窗边。阳光很好，很温暖，很安静，很美", "猫在窗边。阳光很好，很温暖"),
        ("猫在窗边的桌子上睡着。阳光很好", "猫在窗边的桌子上睡着。"),
        ("abcdefghijklmnopq", "abcdefghijklm"),
        ("A cat sitss.", "A cat sitss."),
        ("A cat sits. x", "A cat sits. x"),
    ],
)
def test_a_longer_one_is_cut_where_a_sentence_or_a_word_ends(answer: str, cut: str) -> None:
    """At most 13 characters here; no more than half of them is given away for it."""
    assert bare_prompt(answer, limit=13) == cut


@given(st.text(max_size=80), st.integers(1, 40))
def test_any_answer_gives_a_prompt_within_the_limit(answer: str, limit: int) -> None:
    """And what is taken off once is off."""
    prompt = bare_prompt(answer, limit=limit)
    assert len(prompt) <= limit
    assert bare_prompt(prompt, limit=limit) == prompt or len(prompt) == limit


def test_the_limit_is_told() -> None:
    assert "at most 800 characters" in instructions(800)


def test_a_price_is_that_of_both_kinds_of_tokens_rounded_up() -> None:
    """No call is free that is not."""
    prices = TokenPrices(input_micros=50_000, output_micros=400_000)
    assert price_micros(1_000_000, 1_000_000, prices) == 450_000
    assert price_micros(1, 0, prices) == 1
    assert price_micros(300, 200, prices) == 95
    assert price_micros(10**9, 10**9, TokenPrices(input_micros=0, output_micros=0)) == 0


@given(st.text(max_size=800), st.floats(0, 1), st.integers(0, 1024))
def test_what_is_reserved_is_never_less_than_what_it_comes_to(
    prompt: str, share: float, output_tokens: int
) -> None:
    """For each token of a text stands for a byte of it at least."""
    texts_bytes = len((instructions(800) + prompt).encode(errors="replace"))
    cost = price_micros(round(texts_bytes * share), output_tokens, PRICES)
    assert cost <= most_micros(prompt, PRICES, limit=800)


def test_what_is_reserved_for_a_prompt_is_a_small_part_of_a_picture() -> None:
    """Of 15,000 micro-dollars."""
    assert most_micros("x" * 800, PRICES, limit=800) < 600
    assert most_micros("猫" * 800, PRICES, limit=800) < 700
