"""Word rules and what they find, as tests say it."""

from __future__ import annotations

from typing import Any

from bot.moderation.word_rules import Part, RuleOutcome, WordRule, WordRules


def rule(*words: str, **fields: Any) -> WordRule:
    """One that refuses these words."""
    known = {"id": 1, "name": "fruit", "outcome": RuleOutcome.REFUSE}
    return WordRule(words=words, **{**known, **fields})


def found(prompt: str, *words: str, **fields: Any) -> list[str]:
    """The slices of a prompt that one rule of these words finds."""
    return found_by(WordRules([rule(*words, **fields)]), prompt)


def found_by(rules: WordRules, prompt: str) -> list[str]:
    """The slices of a prompt that they find."""
    return [match.found for match in rules.check({Part.PROMPT: prompt}).matches]
