"""The panel of word rules, at its fullest, in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.features.moderation.prompt_test import PromptTest
from bot.features.moderation.word_list import AutomodRead
from bot.moderation.automod import NotApplied, Reason
from bot.moderation.word_rule_rows import KeptRule
from bot.moderation.word_rules import (
    MOST_NAME_CHARACTERS,
    MOST_RULES,
    Match,
    Part,
    RuleOutcome,
    Verdict,
    WordRule,
)
from bot.policy.rules import CheckedBy, Review
from bot.staff_refusals import (
    WordField,
    WordLine,
    WordLinesRefused,
    WordRuleFault,
    WordRuleRefused,
)
from bot.texts import Texts
from bot.texts.forms import LONGEST_TEXT
from bot.texts.refusals import reason_text
from bot.texts.word_rule_cards import (
    automod_lines,
    drop_card,
    files_card,
    kept_text,
    list_files,
    prompt_test_card,
    refused_card,
    rule_card,
    words_card,
)
from bot.texts.word_rule_forms import (
    NOTHING_YET,
    WordPress,
    WordVerb,
    file_form,
    filled_of,
    rule_form,
)
from tests.texts.records import LOCALES, check_form, check_message, texts_in

if TYPE_CHECKING:
    from collections.abc import Sequence

ID = 10**18
AT_US = 1_800_000_000_000_000
NAME = "*" * MOST_NAME_CHARACTERS  # each takes a backslash
NOT_APPLIED = tuple(f"{one}:{'`' * 260}" for one in Reason) * 20


def a_rule(*, automod_id: int | None = None, number: int = 1) -> KeptRule:
    """With all that a rule may have."""
    rule = WordRule(
        id=ID - number,
        name=NAME,
        outcome=RuleOutcome.RESTRICT,
        words=("|" * 60,) * 10_000,
        patterns=("`" * 260,) * 100,
        allowed=("walrus",),
        exempt_roles=tuple(range(ID, ID + 25)),
        exempt_channels=tuple(range(ID, ID + 25)),
        automod_id=automod_id,
        not_applied=() if automod_id is None else NOT_APPLIED,
    )
    return KeptRule(rule=rule, changed_by=ID, changed_at_us=AT_US)


def all_rules() -> Sequence[KeptRule]:
    return [a_rule(automod_id=ID, number=one) for one in range(MOST_RULES)]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_fullest_panel_fits_into_a_message(locale: str) -> None:
    """With all that AutoMod keeps to itself, on the first page, one between and the last."""
    texts = Texts(locale)
    left = tuple(
        NotApplied(automod_id=1, rule_name=NAME, reason=one, entry="`" * 260)
        for _ in range(9)
        for one in Reason
    )
    names = (NAME,) * MOST_RULES
    read = AutomodRead(added=names, changed=names, dropped=names, not_applied=left)
    for page in (0, 1, 9):
        check_message(words_card(all_rules(), page, texts, automod_lines(read, texts)))
    check_message(words_card([], 0, texts))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("automod_id", [None, ID])
def test_a_rule_and_its_forms_fit(locale: str, automod_id: int | None) -> None:
    texts, kept = Texts(locale), a_rule(automod_id=automod_id)
    check_message(rule_card(kept, texts, [kept_text(kept.rule, texts)]))
    check_message(drop_card(kept, texts))
    check_message(files_card([*list_files(kept.rule)], texts))
    opens = WordPress(verb=WordVerb.FORM, rule_id=ID, seen=AT_US)
    for filled in (NOTHING_YET, filled_of(kept.rule)):
        check_form(rule_form(opens, filled, texts))
    check_form(file_form(kept, texts))


@pytest.mark.parametrize("locale", LOCALES)
def test_why_a_rule_was_refused_fits(locale: str) -> None:
    """However many lines of it are wrong, and however long."""
    texts = Texts(locale)
    again = WordPress(verb=WordVerb.AGAIN, rule_id=ID, seen=AT_US, more=ID)
    for fault in WordRuleFault:
        refused = WordRuleRefused(fault, entry="`" * 260, limit=10_000)
        lines = tuple(WordLine(field, 10_000, refused) for field in WordField) * 100
        said = reason_text(WordLinesRefused(lines), texts)
        check_message(refused_card(said, again, texts))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("review", Review)
@pytest.mark.parametrize("is_restricted", [False, True])
def test_what_would_become_of_the_longest_prompt_fits(
    locale: str, review: Review, is_restricted: bool
) -> None:
    matches = tuple(
        Match(
            rule_id=ID,
            rule_name=NAME,
            outcome=RuleOutcome.RESTRICT,
            part=Part.PROMPT,
            pattern="`" * 260,
            found="|" * 200,
        )
        for _ in range(200)
    )
    test = PromptTest(
        verdict=Verdict(matches=matches),
        exempt=matches,
        review=review,
        picture_check=CheckedBy.OPENAI,
        is_blocked=False,
        is_trusted=False,
        is_restricted=is_restricted,
    )
    whose = [f"<@{ID}>", f"<@&{ID}>", f"<#{ID}>"]
    check_message(prompt_test_card("|" * 4000, test, whose, Texts(locale)))


@pytest.mark.parametrize(
    ("outcomes", "review", "said"),
    [
        ((), Review.OFF, "Painted and posted."),
        ((), Review.FLAGGED, "Painted and posted."),
        ((), Review.ALWAYS, "once the staff have approved it"),
        ((RuleOutcome.HOLD,), Review.OFF, "once the staff have approved it"),
        ((RuleOutcome.SPOILER,), Review.OFF, "It is posted behind a spoiler."),
        ((RuleOutcome.SPOILER,), Review.FLAGGED, "once the staff have approved it"),
        ((RuleOutcome.RESTRICT,), Review.OFF, "It never leaves this age-restricted channel."),
        ((RuleOutcome.REFUSE, RuleOutcome.HOLD), Review.ALWAYS, "free of charge"),
    ],
)
def test_what_follows_is_told_in_a_restricted_place(
    outcomes: tuple[RuleOutcome, ...], review: Review, said: str
) -> None:
    matches = tuple(
        Match(rule_id=1, rule_name="x", outcome=one, part=Part.PROMPT, pattern="y", found="y")
        for one in outcomes
    )
    test = PromptTest(
        verdict=Verdict(matches=matches),
        exempt=(),
        review=review,
        picture_check=CheckedBy.NOTHING,
        is_blocked=False,
        is_trusted=False,
        is_restricted=True,
    )
    assert said in texts_in(prompt_test_card("y", test, [], Texts("en-US")))


def test_a_list_as_long_as_a_field_is_in_the_form_and_a_longer_one_is_not() -> None:
    rule = a_rule().rule
    fits = filled_of(WordRule(id=1, name="x", outcome=rule.outcome, words=("w" * LONGEST_TEXT,)))
    assert fits["words"] == "w" * LONGEST_TEXT
    assert "words" not in filled_of(rule)
