"""Alternatives in braces: how many prompts they make, which ones, and what is wrong with them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.imagine.permutations import permutations_of
from bot.refusals import BraceFault, BracesBroken


def prompts(text: str) -> list[str]:
    found = permutations_of(text)
    made = list(found.prompts())
    assert len(made) == found.count
    return made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "a {red|blue} {cat|dog}",
            ["a red cat", "a red dog", "a blue cat", "a blue dog"],
        ),
        ("{ day | night }", ["day", "night"]),
        ("{a|b}{c|d|e}", ["ac", "ad", "ae", "bc", "bd", "be"]),
        ("{same|same}", ["same", "same"]),
        ("a {b|c} and {d}", ["a b and {d}", "a c and {d}"]),
        (r"{a\|b|c}", ["a|b", "c"]),
        (r"{a \{x\}|c}", ["a {x}", "c"]),
        ("猫{在|不在}这里", ["猫在这里", "猫不在这里"]),
        ("👩‍🚀{🐱|🐶}", ["👩‍🚀🐱", "👩‍🚀🐶"]),
    ],
)
def test_each_alternative_makes_a_prompt(text: str, made: list[str]) -> None:
    assert prompts(text) == made


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("a cat", "a cat"),
        ("a {cat}", "a {cat}"),
        ("a {cat", "a {cat"),
        ("a cat}", "a cat}"),
        ("{{cat}}", "{{cat}}"),
        ("a cat | a dog", "a cat | a dog"),
        ("||a cat||", "||a cat||"),
        ("} a | b {", "} a | b {"),
        (r"\{a|b\}", "{a|b}"),
        (r"{a\|b}", "{a|b}"),
        (r"¯\_(ツ)_/¯", r"¯\_(ツ)_/¯"),
        ("", ""),
    ],
)
def test_a_prompt_without_alternatives_is_one(text: str, prompt: str) -> None:
    """As it was typed, but for a backslash before a brace or a bar."""
    assert prompts(text) == [prompt]


@pytest.mark.parametrize(
    ("text", "fault", "before", "after"),
    [
        ("a {red|blue cat", BraceFault.UNCLOSED, "a ", "{red|blue cat"),
        ("a {red|blue} cat}", BraceFault.UNOPENED, "a {red|blue} cat", "}"),
        ("a {red|{light|dark} blue}", BraceFault.NESTED, "a {red|", "{light|dark} blue}"),
        ("a {b {c|d}}", BraceFault.NESTED, "a {b ", "{c|d}}"),
        ("a {red|} cat", BraceFault.EMPTY, "a {red|", "} cat"),
        ("a {|red} cat", BraceFault.EMPTY, "a {", "|red} cat"),
        ("a {red| |blue} cat", BraceFault.EMPTY, "a {red| ", "|blue} cat"),
        ("x" * 50 + "{a|b" + "y" * 50, BraceFault.UNCLOSED, "x" * 20, "{a|b" + "y" * 16),
    ],
)
def test_broken_braces_are_refused_with_their_place(
    text: str, fault: BraceFault, before: str, after: str
) -> None:
    with pytest.raises(BracesBroken) as caught:
        permutations_of(text)
    assert (caught.value.fault, caught.value.before, caught.value.after) == (fault, before, after)


def test_how_many_there_are_is_known_before_any_is_made() -> None:
    """Ten times two are 1,024; a prompt as long as Discord's window takes is counted at once."""
    assert permutations_of("{a|b}" * 10).count == 1024
    began_s = time.perf_counter()
    assert permutations_of("{a|b}" * 1200).count == 2**1200
    assert time.perf_counter() - began_s < 1


@given(st.text(alphabet="ab{}|\\ ", max_size=40))
def test_any_text_is_some_prompts_or_refused(text: str) -> None:
    """What none is made of is left as it is."""
    try:
        found = permutations_of(text)
    except BracesBroken:
        assert "|" in text
        return
    if found.count == 1:
        assert len(list(found.prompts())) == 1
    if "|" not in text:
        assert next(found.prompts()) == text.replace("\\{", "{").replace("\\}", "}")
