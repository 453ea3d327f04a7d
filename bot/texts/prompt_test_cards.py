"""`/moderation test`: what would become of a prompt, and by which rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from discord import ui

from bot.moderation.word_rules import RuleOutcome
from bot.policy.rules import CheckedBy, Review
from bot.texts import escaped, quoted
from bot.texts.cards import Card, Colour, heading, small
from bot.texts.settings_words import code
from bot.texts.word_list_words import outcome_label, rule_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.features.moderation.prompt_test import PromptTest
    from bot.moderation.word_rules import Match
    from bot.texts import Texts

Items: TypeAlias = "list[ui.Item[Card]]"

_PROMPT_SHOWN = 400  # characters
_FOUND_SHOWN = 60
_MOST_MATCHES = 6  # of either kind; a message has 4,000 characters


def prompt_test_card(text: str, test: PromptTest, whose: Sequence[str], texts: Texts) -> Card:
    """Args: whose: mentions of the member, the role and the channel that it was asked for."""
    items: Items = [
        heading("🔎", texts.say("What would become of this prompt")),
        ui.TextDisplay(f"{quoted(text, _PROMPT_SHOWN)}\n{small(*whose)}"),
        ui.TextDisplay("\n".join(f"**{one}**" for one in _ends(test, texts))),
    ]
    if test.verdict.matches:
        items.append(_matches(texts.say("Found:"), test.verdict.matches, texts))
    if test.exempt:
        said = texts.say("Not counted, since this member or this channel is exempt:")
        items.append(_matches(said, test.exempt, texts))
    items.append(ui.TextDisplay("\n".join(small(one) for one in _notes(test, texts))))
    return Card(Colour.REFUSED if _is_stopped(test) else Colour.NEUTRAL, *items)


def _is_stopped(test: PromptTest) -> bool:
    return test.is_blocked or test.is_refused


def _ends(test: PromptTest, texts: Texts) -> list[str]:
    """All that would follow."""
    if test.is_blocked:
        return [texts.say("Refused: this member is blocked.")]
    if test.is_refused:
        return [texts.say("Refused before it is painted, free of charge.")]
    outcomes = test.verdict.outcomes
    ends = [
        texts.say("Painted, and posted once the staff have approved it.")
        if test.is_held
        else texts.say("Painted and posted.")
    ]
    if RuleOutcome.SPOILER in outcomes:
        ends.append(texts.say("It is posted behind a spoiler."))
    if RuleOutcome.RESTRICT in outcomes:
        ends.append(texts.say("It never leaves this age-restricted channel."))
    return ends


def _matches(head: str, matches: Sequence[Match], texts: Texts) -> ui.TextDisplay[Card]:
    lines = [
        f"- {rule_name(one.rule_name)} · {outcome_label(one.outcome, texts)}: {code(one.pattern)}"
        f" → ||{escaped(one.found, _FOUND_SHOWN)}||"
        for one in matches[:_MOST_MATCHES]
    ]
    return ui.TextDisplay("\n".join([head, *lines, *(["- …"] if matches[_MOST_MATCHES:] else [])]))


def _notes(test: PromptTest, texts: Texts) -> list[str]:
    notes = [_review(test, texts)]
    if test.picture_check is not CheckedBy.NOTHING:
        notes.append(texts.say("The picture is checked as well, once it is painted."))
    notes.append(texts.say("A rewritten prompt is held to the same rules. Nothing was stored."))
    return notes


def _review(test: PromptTest, texts: Texts) -> str:
    if test.is_trusted:
        return texts.say("This member is trusted: only a rule or a check holds their pictures.")
    match test.review:
        case Review.OFF:
            return texts.say("No review: the staff see what a rule or a check holds.")
        case Review.FLAGGED:
            return texts.say("Review: the staff see first what a rule or a check finds fault with.")
        case Review.ALWAYS:
            return texts.say("Review: the staff see each picture of this member first.")
