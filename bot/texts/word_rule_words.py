"""Why a word rule cannot be kept, as staff read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bot.errors import WordRuleFault, WordRuleRefused
from bot.texts.settings_words import code

if TYPE_CHECKING:
    from bot.texts import Texts


def word_rule_fault_text(error: WordRuleRefused, texts: Texts) -> str:
    """With the word or expression that it is about."""
    entry = f"{code(error.entry)}: " if error.entry.strip() else ""
    return entry + _said(error, texts)


def _said(error: WordRuleRefused, texts: Texts) -> str:  # noqa: C901 # one for each fault
    limit = error.limit
    match error.fault:
        case WordRuleFault.NAME:
            return texts.say(
                "A word rule needs a name that can be seen, of at most {limit} characters.",
                limit=limit,
            )
        case WordRuleFault.EMPTY:
            return texts.say(
                "There is nothing to look for. Give a word, a phrase or a regular expression."
            )
        case WordRuleFault.MATCHES_ALL:
            return texts.say(
                "This would be found in nearly every prompt. Make it longer or more exact."
            )
        case WordRuleFault.TOO_LONG:
            return texts.say("This is too long: at most {limit} characters.", limit=limit)
        case WordRuleFault.TOO_MANY_RULES:
            return texts.say("A server has at most {limit} word rules.", limit=limit)
        case WordRuleFault.TOO_MANY_WORDS:
            return texts.say(
                "All word rules of a server together have at most {limit} words.", limit=limit
            )
        case WordRuleFault.TOO_MANY_PATTERNS:
            return texts.say(
                "All word rules of a server together have at most {limit} regular expressions.",
                limit=limit,
            )
        case WordRuleFault.BAD_PATTERN:
            return texts.say(
                "I cannot read this as a regular expression."
                " It may not look ahead or back ({examples}).",
                examples="`(?=…)` `(?<!…)` `\\1`",
            )
        case WordRuleFault.TOO_COSTLY:
            return texts.say(
                "It would take too long to look for this in every prompt."
                " Make it shorter, or leave out words that look alike."
            )
        case WordRuleFault.NO_PATTERNS:
            return texts.say(
                "Regular expressions are not installed here. Whoever runs the bot can add them."
            )
        case WordRuleFault.TAKEN:
            return texts.say("Another rule has this name already.")
        case _:
            assert_never(error.fault)
