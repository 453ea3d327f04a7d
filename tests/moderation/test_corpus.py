"""What word rules catch of the corpus, and what they take for something that it is not."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from bot.moderation.word_rules import Part, RuleOutcome, WordRule, WordRules
from tests.moderation import corpus

LEAST_CAUGHT = 0.98
LEAST_CAUGHT_BY_TWO = 0.95
MOST_FALSE = 0.002
WORDS = (*sum(corpus.SEEDS.values(), ()), *corpus.WITHIN_OTHERS)


@pytest.fixture(scope="module")
def rules() -> WordRules:
    return WordRules([WordRule(id=1, name="corpus", outcome=RuleOutcome.REFUSE, words=WORDS)])


def test_evasions_are_caught(rules: WordRules) -> None:
    evasions = corpus.evasions(random.Random(14), each=6)
    total = Counter(one.trick for one in evasions)
    missed = [one for one in evasions if one.word not in _found(rules, one.prompt)]
    caught = total - Counter(one.trick for one in missed)
    for trick in total:
        print(f"{trick}: {caught[trick]} of {total[trick]}")
    print(f"all: {len(evasions) - len(missed)} of {len(evasions)}; missed {missed}")
    assert len(WORDS) >= 30
    assert len(evasions) >= 300
    assert len(missed) <= len(evasions) * (1 - LEAST_CAUGHT)


def test_most_evasions_by_two_tricks_at_once_are_caught(rules: WordRules) -> None:
    evasions = corpus.evasions_by_two(random.Random(14), each=20)
    missed = Counter(one.trick for one in evasions if one.word not in _found(rules, one.prompt))
    print(f"by two: {len(evasions) - missed.total()} of {len(evasions)}; missed {missed}")
    assert missed.total() <= len(evasions) * (1 - LEAST_CAUGHT_BY_TWO)


def test_clean_prompts_pass(rules: WordRules) -> None:
    prompts = corpus.clean_prompts()
    alarms = {prompt: found for prompt in prompts if (found := _found(rules, prompt))}
    print(f"false alarms: {len(alarms)} of {len(prompts)} {alarms}")
    assert len(prompts) >= 2_000
    assert len(alarms) <= len(prompts) * MOST_FALSE


def _found(rules: WordRules, prompt: str) -> set[str]:
    return {match.pattern for match in rules.check({Part.PROMPT: prompt}).matches}
