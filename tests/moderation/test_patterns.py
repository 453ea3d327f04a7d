"""Regular expressions of staff: what they find, what is refused, and that none takes long."""

from __future__ import annotations

import sys
import time

import pytest

from bot.moderation.patterns import compiled
from bot.moderation.word_rules import Part, WordRules
from bot.staff_refusals import WordRuleFault, WordRuleRefused
from tests.moderation.rules import found, found_by, rule


@pytest.mark.parametrize(
    ("pattern", "prompt", "slices"),
    [
        (r"fig\d+", "a fig12 and fig3", ["fig12"]),
        (r"FIG", "a fig", []),
        (r"(?i)FIG", "a fig", ["fig"]),
        (r"fig", "a ＦＩＧ", ["ＦＩＧ"]),  # in plain letters
        (r"fig", "a f\u200big", ["f\u200big"]),
        (r"fig", "a fіg", ["fіg"]),
        (r"fig", "a ʙ ꜰɪɢ", ["ꜰɪɢ"]),
        (r"pl[uo]m", "plüm", ["plüm"]),
        (r"[A-Z]{5}", "a SHOUT", ["SHOUT"]),
        (r"香.蕉", "画香的蕉", ["香的蕉"]),
        (r"バナナ", "赤いバナナだ", ["バナナ"]),
        (r"바나나", "노란 바나나", ["바나나"]),
        (r"яблок[оа]", "Два ЯБЛОКА", ["ЯБЛОКА"]),
        (r"\bfig\b|\bplum\b", "one plum", ["plum"]),
    ],
)
def test_expressions_look_at_what_was_typed_and_what_it_reads(
    pattern: str, prompt: str, slices: list[str]
) -> None:
    assert found(prompt, patterns=(pattern,)) == slices


def test_each_of_many_is_found() -> None:
    """They are looked for together, and then each alone."""
    rules = WordRules([rule(patterns=tuple(f"fig{number}z" for number in range(100)))])
    assert found_by(rules, "fig7z fig99z") == ["fig7z", "fig99z"]
    assert found_by(rules, "fig100z") == []


@pytest.mark.parametrize("prompt", ["a fig and a plum", "a ＦＩＧ and a plum"])
def test_expressions_of_a_rule_that_is_left_out_are_not_found(prompt: str) -> None:
    rules = WordRules([rule(patterns=("fig",), exempt_roles=(5,)), rule("plum")])
    verdict = rules.check({Part.PROMPT: prompt}, role_ids=[5])
    assert [one.found for one in verdict.matches] == ["plum"]


def test_what_is_allowed_is_not_found_by_expressions() -> None:
    assert found("a grape", patterns=("rape",), allowed=("grape",)) == []


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("", WordRuleFault.MATCHES_ALL),
        (".*", WordRuleFault.MATCHES_ALL),
        (".", WordRuleFault.MATCHES_ALL),
        ("[a-z]+", WordRuleFault.MATCHES_ALL),
        ("^", WordRuleFault.MATCHES_ALL),
        (r"\p{Han}", WordRuleFault.MATCHES_ALL),
        ("а|о", WordRuleFault.MATCHES_ALL),
        ("(", WordRuleFault.BAD_PATTERN),
        ("(?<=a)b", WordRuleFault.BAD_PATTERN),
        (r"(a)\1", WordRuleFault.BAD_PATTERN),
        ("\ud800", WordRuleFault.BAD_PATTERN),
        ("x{1001}", WordRuleFault.TOO_COSTLY),
        ("(?:x{1000}){1000}", WordRuleFault.TOO_COSTLY),
        ("a{1000}b{1000}c{1000}d{1000}e{1000}", WordRuleFault.TOO_COSTLY),
        (r"[\p{L}]{1,100}z", WordRuleFault.TOO_COSTLY),
        ("a" * 261, WordRuleFault.TOO_LONG),
    ],
)
def test_an_expression_that_cannot_be_applied_is_refused(
    pattern: str, fault: WordRuleFault
) -> None:
    with pytest.raises(WordRuleRefused) as refused:
        compiled(pattern)
    assert (refused.value.fault, refused.value.entry) == (fault, pattern)


def test_an_expression_may_have_nearly_five_thousand_steps() -> None:
    assert found("a fig", patterns=("a{1000}b{1000}c{1000}d{1000}e{900}|fig",)) == ["fig"]


def test_without_the_extra_expressions_are_refused_and_words_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(WordRuleRefused) as refused:
        WordRules([rule("fig", patterns=("fi+g",))])
    assert refused.value.fault is WordRuleFault.NO_PATTERNS
    assert found("a fig", "fig") == ["fig"]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(?:a?){50}a{50}", "(.*a){20}b"])
def test_a_catastrophic_expression_is_bounded(pattern: str) -> None:
    """Python's own would take longer than the sun burns."""
    rules = WordRules([rule(patterns=(pattern, "plum"))])
    began_s = time.thread_time()
    found_by(rules, "a" * 2_800 + "!")
    assert time.thread_time() - began_s < 0.25
