"""The panel of word rules, what became of a change, and `/moderation test`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.moderation.word_rules import RuleOutcome
from bot.policy.rules import CheckedBy, Review
from bot.staff_refusals import WordField
from bot.texts import escaped, plain, quoted, relative
from bot.texts.cards import (
    CHOICE_LIMIT,
    MOST_CHOICES,
    Card,
    Colour,
    Items,
    boxed,
    button,
    channel_select,
    heading,
    options_of,
    role_select,
    select,
    small,
    turns,
)
from bot.texts.forms import correct_button
from bot.texts.settings_words import code, names_text, user_text
from bot.texts.word_rule_forms import WordPress, WordVerb
from bot.texts.word_rule_words import (
    counts_text,
    entries_of,
    not_applied_lines,
    outcome_label,
    rule_name,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.features.moderation.prompt_test import PromptTest
    from bot.features.moderation.word_list import AutomodRead
    from bot.moderation.word_rule_rows import KeptRule
    from bot.moderation.word_rules import Match, WordRule
    from bot.texts import Texts

RULES_A_PAGE = 8
_ENTRIES_SHOWN = 600  # characters


def words_card(
    rules: Sequence[KeptRule], page: int, texts: Texts, said: Sequence[str] = ()
) -> Card:
    """A page of all rules; of the last one if there are no more so many."""
    last = max(0, (len(rules) - 1) // RULES_A_PAGE)
    page = min(page, last)
    shown = rules[page * RULES_A_PAGE : (page + 1) * RULES_A_PAGE]
    items: Items = [heading("🧹", texts.say("Word rules"))]
    items += [ui.TextDisplay(_listed(one.rule, texts)) for one in shown]
    if shown:
        items.append(_picker(shown, texts))
    else:
        told = texts.say(
            "There are none yet. A rule says which words nobody may ask for here, and what follows."
        )
        items.append(ui.TextDisplay(told))
    if last:
        items.append(turns(page, last, lambda one: WordPress(verb=WordVerb.LIST, more=one), texts))
    items.append(_making(rules, texts))
    return _with_said(items, said)


def _with_said(items: Items, said: Sequence[str]) -> Card:
    return boxed([ui.TextDisplay(one) for one in said], Colour.DONE, items)


def _listed(rule: WordRule, texts: Texts) -> str:
    lines = [
        f"{rule_name(rule.name)} · {outcome_label(rule.outcome, texts)}",
        small(counts_text(rule, texts)),
    ]
    if rule.not_applied:
        told = texts.plural(
            "{count} part of it stays with Discord",
            "{count} parts of it stay with Discord",
            count=len(rule.not_applied),
        )
        lines.append(small(f"⚠️ {told}"))
    return "\n".join(lines)


def _picker(shown: Sequence[KeptRule], texts: Texts) -> ui.ActionRow[Card]:
    labels = {str(one.rule.id): plain(one.rule.name, CHOICE_LIMIT) for one in shown}
    return select(WordPress(verb=WordVerb.PICK), options_of(labels), texts.say("Look at a rule"))


def _making(rules: Sequence[KeptRule], texts: Texts) -> ui.ActionRow[Card]:
    is_read = any(one.rule.automod_id is not None for one in rules)
    automod = texts.say("Read AutoMod again") if is_read else texts.say("Read AutoMod")
    new = WordPress(verb=WordVerb.NEW)
    return ui.ActionRow(
        button(texts.say("New rule …"), new, discord.ButtonStyle.primary),
        button(automod, WordPress(verb=WordVerb.AUTOMOD)),
    )


# ------------------------------------------------------------------------------------------------
# One rule


def rule_card(kept: KeptRule, texts: Texts, said: Sequence[str] = ()) -> Card:
    rule = kept.rule
    changed = texts.say(
        "changed by {who} {when}",
        who=user_text(kept.changed_by, texts),
        when=relative(kept.changed_at_us),
    )
    items: Items = [
        heading("🧹", escaped(rule.name, CHOICE_LIMIT)),
        ui.TextDisplay("\n".join([small(counts_text(rule, texts), changed), *_entries(rule)])),
        *_automod_items(rule, texts),
        ui.TextDisplay(f"**{texts.say('What follows')}**"),
        _outcomes(kept, texts),
        *_exempt_items(kept, texts),
        _acts(kept, texts),
    ]
    return _with_said(items, said)


def _entries(rule: WordRule) -> list[str]:
    """The first of them, covered: they are words that nobody wants to read."""
    entries = [*rule.words, *rule.patterns]
    return [f"||{escaped(', '.join(entries[:100]), _ENTRIES_SHOWN)}||"] if entries else []


def _automod_items(rule: WordRule, texts: Texts) -> Items:
    if rule.automod_id is None:
        return []
    lines = [texts.say("It comes from AutoMod: change its words there, then read AutoMod again.")]
    if rule.not_applied:
        lines += [
            texts.say("This stays with Discord:"),
            *not_applied_lines(rule.not_applied, texts),
        ]
    return [ui.TextDisplay("\n".join(lines))]


def _outcomes(kept: KeptRule, texts: Texts) -> ui.ActionRow[Card]:
    labels = {str(one): outcome_label(one, texts) for one in RuleOutcome}
    return select(_press(kept, WordVerb.OUTCOME), options_of(labels, kept.rule.outcome))


def _press(kept: KeptRule, verb: WordVerb) -> WordPress:
    return WordPress(verb=verb, rule_id=kept.rule.id, seen=kept.changed_at_us)


def _exempt_items(kept: KeptRule, texts: Texts) -> Items:
    """Of a rule from AutoMod they are AutoMod's own."""
    rule = kept.rule
    if rule.automod_id is not None:
        roles = [f"<@&{one}>" for one in rule.exempt_roles]
        channels = [f"<#{one}>" for one in rule.exempt_channels]
        names = names_text([*roles, *channels])
        return [ui.TextDisplay(texts.say("Exempt: {names}", names=names))] if names else []
    return [
        role_select(
            _press(kept, WordVerb.ROLES),
            rule.exempt_roles[:MOST_CHOICES],
            texts.say("Roles that are exempt"),
            most=MOST_CHOICES,
        ),
        channel_select(
            _press(kept, WordVerb.CHANNELS),
            rule.exempt_channels[:MOST_CHOICES],
            texts.say("Channels that are exempt"),
            most=MOST_CHOICES,
        ),
    ]


def _acts(kept: KeptRule, texts: Texts) -> ui.ActionRow[Card]:
    def act(label: str, verb: WordVerb) -> ui.Button[Card]:
        is_danger = verb is WordVerb.ASK
        style = discord.ButtonStyle.danger if is_danger else discord.ButtonStyle.secondary
        return button(label, _press(kept, verb), style)

    export = act(texts.say("As files"), WordVerb.EXPORT)
    drop = act(texts.say("Drop …"), WordVerb.ASK)
    back = button(texts.say("Back"), WordPress(verb=WordVerb.LIST))
    if kept.rule.automod_id is not None:
        return ui.ActionRow(export, drop, back)
    edit = act(texts.say("Change …"), WordVerb.EDIT)
    return ui.ActionRow(edit, act(texts.say("From a file …"), WordVerb.OPEN), export, drop, back)


def drop_card(kept: KeptRule, texts: Texts) -> Card:
    """Before it is dropped."""
    said = texts.say(
        "Drop the rule {name}? What it finds is then allowed, unless another rule finds it.",
        name=rule_name(kept.rule.name),
    )
    if kept.rule.automod_id is not None:
        said += " " + texts.say("Reading AutoMod again brings it back.")
    drop, back = _press(kept, WordVerb.DROP), WordPress(verb=WordVerb.PICK, rule_id=kept.rule.id)
    row = ui.ActionRow(
        button(texts.say("Drop it"), drop, discord.ButtonStyle.danger),
        button(texts.say("Back"), back),
    )
    return Card(Colour.REFUSED, ui.TextDisplay(said), row)


# ------------------------------------------------------------------------------------------------
# What became of a change


def kept_text(rule: WordRule, texts: Texts) -> str:
    return texts.say("The rule {name} holds from now on.", name=rule_name(rule.name))


def dropped_text(rule: WordRule, texts: Texts) -> str:
    return texts.say("The rule {name} is dropped.", name=rule_name(rule.name))


def refused_card(reason: str, press: WordPress, texts: Texts) -> Card:
    """Why nothing was changed, and a way back to the form with what was typed."""
    back = WordPress(verb=WordVerb.PICK if press.rule_id else WordVerb.LIST, rule_id=press.rule_id)
    row = ui.ActionRow(correct_button(press, texts), button(texts.say("Back"), back))
    return Card(Colour.REFUSED, ui.TextDisplay(reason), row)


def automod_lines(read: AutomodRead, texts: Texts) -> list[str]:
    """What was read, and what cannot be applied."""
    said = texts.say(
        "AutoMod is read: {added} new, {changed} changed, {dropped} dropped.",
        added=len(read.added),
        changed=len(read.changed),
        dropped=len(read.dropped),
    )
    if not read.not_applied:
        return [said]
    lines = [
        f"- {rule_name(one.rule_name)} · {line.removeprefix('- ')}"
        for one in read.not_applied[:_MOST_TOLD]
        for line in not_applied_lines([str(one)], texts)
    ]
    if len(read.not_applied) > _MOST_TOLD:
        lines.append("- …")
    return [said, "\n".join([texts.say("This stays with Discord:"), *lines])]


_MOST_TOLD = 10


def files_card(names: Sequence[str], texts: Texts) -> Card:
    """The lists of a rule, which are sent along."""
    said = texts.say("One entry a line. A list that you change comes back by “From a file …”.")
    files = [ui.File[Card](f"attachment://{name}") for name in names]
    return Card(Colour.DONE, ui.TextDisplay(said), *files)


def list_files(rule: WordRule) -> dict[str, bytes]:
    """Of each list that is not empty."""
    lists = ((field, entries_of(rule, field)) for field in WordField)
    return {f"{field}.txt": "\n".join(one).encode() for field, one in lists if one}


# ------------------------------------------------------------------------------------------------
# `/moderation test`: what would become of a prompt, and by which rules.


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
