"""Word rules in words: why one cannot be kept, and what of AutoMod cannot be applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bot.moderation.automod import Reason
from bot.moderation.word_rules import RuleOutcome
from bot.staff_refusals import (
    AutomodFault,
    ImportFault,
    WordField,
    WordRuleFault,
    WordRuleRefused,
)
from bot.texts import escaped, relative
from bot.texts.failures import permission_list
from bot.texts.settings_words import code, user_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot import staff_refusals
    from bot.moderation.word_rules import WordRule
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


MOST_LINES = 10  # of what stays with Discord
MOST_WRONG_LINES = 5  # that are told at once
RULE_NAME_SHOWN = 60


def rule_name(name: str) -> str:
    """As a part of a line, set off."""
    return f"**{escaped(name, RULE_NAME_SHOWN)}**"


def outcome_label(outcome: RuleOutcome, texts: Texts) -> str:
    match outcome:
        case RuleOutcome.REFUSE:
            return texts.say("Refuse it")
        case RuleOutcome.HOLD:
            return texts.say("The staff see the picture first")
        case RuleOutcome.SPOILER:
            return texts.say("Post it behind a spoiler")
        case RuleOutcome.RESTRICT:
            return texts.say("Only in age-restricted channels")
        case _:
            assert_never(outcome)


def field_label(field: WordField, texts: Texts) -> str:
    match field:
        case WordField.WORDS:
            return texts.say("Words and phrases")
        case WordField.PATTERNS:
            return texts.say("Regular expressions")
        case WordField.ALLOWED:
            return texts.say("Allowed all the same")
        case _:
            assert_never(field)


def entries_of(rule: WordRule, field: WordField) -> tuple[str, ...]:
    match field:
        case WordField.WORDS:
            return rule.words
        case WordField.PATTERNS:
            return rule.patterns
        case WordField.ALLOWED:
            return rule.allowed
        case _:
            assert_never(field)


def counts_text(rule: WordRule, texts: Texts) -> str:
    """How much there is in each list that is not empty."""
    counts = ((field, len(entries_of(rule, field))) for field in WordField)
    return " · ".join(f"{field_label(field, texts)}: {count}" for field, count in counts if count)


# ------------------------------------------------------------------------------------------------
# What cannot be kept, and why


def lines_refused_text(error: staff_refusals.WordLinesRefused, texts: Texts) -> str:
    """Line by line, the first of them."""
    shown = [
        texts.say(
            "{list}, line {number}: {reason}",
            list=f"**{field_label(one.field, texts)}**",
            number=one.number,
            reason=word_rule_fault_text(one.refused, texts),
        )
        for one in error.lines[:MOST_WRONG_LINES]
    ]
    left = len(error.lines) - len(shown)
    if left:
        more = texts.plural("{count} more line", "{count} more lines", count=left)
        shown.append(f"… {more}")
    return "\n".join([*shown, texts.say("Nothing was changed.")])


def rule_changed_text(error: staff_refusals.WordRuleChanged, texts: Texts) -> str:
    return texts.say(
        "{who} has changed the rule {name} {when}, so yours was not saved. Look at it again.",
        who=user_text(error.by, texts),
        name=rule_name(error.name),
        when=relative(error.at_us),
    )


def word_file_text(error: staff_refusals.WordFileRefused, texts: Texts) -> str:
    match error.fault:
        case ImportFault.TOO_LARGE:
            return texts.say("The file is larger than 1 MB. Nothing was changed.")
        case ImportFault.NOT_LOADED:
            return texts.say("The file could not be fetched from Discord. Nothing was changed.")
        case _:
            return texts.say("The file is no text in UTF-8, one entry a line. Nothing was changed.")


def automod_unread_text(error: staff_refusals.AutomodUnread, texts: Texts) -> str:
    match error.fault:
        case AutomodFault.NOT_ALLOWED:
            return texts.say(
                "Discord shows AutoMod only to those with the right {right}. Give it to me, press"
                " again, and take it away afterwards: I need it for nothing else.",
                right=f"**{permission_list(['manage_guild'], texts)}**",
            )
        case AutomodFault.UNREACHABLE:
            return texts.say("Discord did not show me AutoMod. Press again in a minute.")
        case AutomodFault.UNREADABLE:
            return texts.say("Discord showed AutoMod in a way that I cannot read.")
        case _:
            assert_never(error.fault)


# ------------------------------------------------------------------------------------------------
# What stays with Discord


def not_applied_lines(written: Sequence[str], texts: Texts) -> list[str]:
    """Of a rule's `not_applied`, the first of them."""
    lines = [f"- {_not_applied(one, texts)}" for one in written[:MOST_LINES]]
    return lines if len(written) <= MOST_LINES else [*lines, "- …"]


def _not_applied(written: str, texts: Texts) -> str:
    reason, _, entry = written.partition(":")
    said = _reason(reason, texts)
    return f"{code(entry)}: {said}" if entry else said


def _reason(reason: str, texts: Texts) -> str:
    match reason:
        case Reason.DISABLED:
            return texts.say("It is switched off in Discord.")
        case Reason.PROFILE:
            return texts.say("It looks at members' names, and I at prompts.")
        case Reason.SPAM:
            return texts.say("What is spam, Discord alone judges.")
        case Reason.MENTIONS:
            return texts.say("It counts mentions, and prompts mention nobody.")
        case Reason.PRESET:
            return texts.say("A list of Discord's own, whose words it tells nobody.")
        case Reason.WORD | Reason.ALLOWED:
            return texts.say("It would be found everywhere, or nowhere.")
        case Reason.PATTERN:
            return texts.say("This expression cannot be used here.")
        case Reason.TIME_OUT:
            return texts.say("Members are not timed out for a prompt.")
        case _:
            return texts.say("A kind of rule that I do not know.")
