"""What the controls of word rules carry, and the forms that they open."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from discord import ui

from bot.moderation.word_rules import MOST_NAME_CHARACTERS, RuleOutcome
from bot.staff_refusals import WordField
from bot.texts.custom_ids import NUMBER, CustomId, custom_id, one_of
from bot.texts.forms import LONGEST_TEXT, Form, choice_field, text_field
from bot.texts.word_rule_words import entries_of, field_label, outcome_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.moderation.word_rule_rows import KeptRule
    from bot.moderation.word_rules import WordRule
    from bot.texts import Texts


class WordVerb(StrEnum):
    """What a control does."""

    LIST = "list"  # a page of all rules
    PICK = "pick"  # the rule that is chosen
    NEW = "new"  # opens an empty form
    EDIT = "edit"  # opens the form of a rule
    FORM = "form"  # that was filled in
    AGAIN = "again"  # the form, with what was typed before
    OUTCOME = "outcome"  # sets it
    ROLES = "roles"  # sets those that are exempt
    CHANNELS = "channels"  # likewise
    EXPORT = "export"  # its lists as files
    OPEN = "open"  # a form for a file
    FILE = "file"  # that was filled in
    ASK = "ask"  # whether it is to be dropped
    DROP = "drop"
    AUTOMOD = "automod"  # reads Discord's own rules


@custom_id("zeuxis:2:words", verb=one_of(WordVerb), rule_id=NUMBER, seen=NUMBER, more=NUMBER)
class WordPress(CustomId, frozen=True, kw_only=True):
    """A control that was used.

    Attributes:
        rule_id: 0 is none.
        seen: when the rule was changed last, as far as the panel knows.
        more: of LIST the page, of AGAIN the draft.
    """

    verb: WordVerb
    rule_id: int = 0
    seen: int = 0
    more: int = 0


NAME, OUTCOME, LIST, FILE = "name", "outcome", "list", "file"


def filled_of(rule: WordRule) -> dict[str, str]:
    """As a form holds it; a list that is longer than a field is left out."""
    lists = {str(field): "\n".join(entries_of(rule, field)) for field in WordField}
    return {
        NAME: rule.name,
        OUTCOME: rule.outcome,
        **{field: text for field, text in lists.items() if len(text) <= LONGEST_TEXT},
    }


NOTHING_YET: dict[str, str] = {
    NAME: "",
    OUTCOME: RuleOutcome.REFUSE,
    **dict.fromkeys(WordField, ""),
}


def rule_form(press: WordPress, filled: Mapping[str, str], texts: Texts) -> Form:
    """Args: press: of FORM; filled: a list that it lacks is not shown, and stays as it is."""
    form = Form(texts.say("Change a rule") if press.rule_id else texts.say("A new rule"), press)
    form.ask(texts.say("Name"), text_field(NAME, MOST_NAME_CHARACTERS, filled[NAME]))
    outcomes = {str(one): outcome_label(one, texts) for one in RuleOutcome}
    form.ask(texts.say("What follows"), choice_field(OUTCOME, outcomes, filled[OUTCOME]))
    for field in WordField:
        if field in filled:
            text = text_field(field, LONGEST_TEXT, filled[field], is_long=True, required=False)
            form.ask(field_label(field, texts), text, _hint(field, texts))
        else:
            said = texts.say("Too long for this form: it comes and goes as a file.")
            form.add_item(ui.TextDisplay(f"**{field_label(field, texts)}** · {said}"))
    return form


def _hint(field: WordField, texts: Texts) -> str:
    match field:
        case WordField.WORDS:
            return texts.say("One a line. cat* also finds cats, *cat* also bobcats.")
        case WordField.PATTERNS:
            return texts.say("One a line, as in AutoMod; (?i) in front: also in capitals.")
        case WordField.ALLOWED:
            return texts.say("One a line: where one of these stands, nothing is found.")


def file_form(kept: KeptRule, texts: Texts) -> Form:
    press = WordPress(verb=WordVerb.FILE, rule_id=kept.rule.id, seen=kept.changed_at_us)
    form = Form(texts.say("A list from a file"), press)
    lists = {str(field): field_label(field, texts) for field in WordField}
    form.ask(texts.say("Which list"), choice_field(LIST, lists, WordField.WORDS))
    hint = texts.say("A text, one entry a line; it takes the place of the list.")
    form.ask(texts.say("File"), ui.FileUpload(custom_id=FILE), hint)
    return form
