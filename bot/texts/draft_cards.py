"""The cards of what is not queued yet, for its member alone, and the form that changes a prompt."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.providers.image import dollars
from bot.refusals import BraceFault, DraftEnd, RewritingEnd
from bot.texts import Say, Texts, deferred, escaped, quoted
from bot.texts.cards import (
    Card,
    Colour,
    button,
    heading,
    notice,
    shown_size,
    small,
)
from bot.texts.custom_ids import ID, CustomId, custom_id, one_of
from bot.texts.forms import LONGEST_TEXT, Form, correct_button, text_field

if TYPE_CHECKING:
    from bot import refusals
    from bot.features.imagine.drafts import Batch
    from bot.features.imagine.records import Draft, Options
    from bot.queue.records import JobId

_PROMPT_LIMIT = 1600  # characters as they are shown; 800 as typed fit unless most are markup
_ALL_PROMPTS_LIMIT = 3200
_MOST_COUNTED = 1_000_000  # prompts
PROMPT_FIELD = "prompt"


class DraftVerb(StrEnum):
    """What a button does to a draft."""

    USE = "use"  # paint the rewritten prompt
    EDIT = "edit"  # open the form
    SAVE = "save"  # of the form: what was typed
    AGAIN = "again"  # open the form with what was typed too long
    OWN = "own"  # paint the prompt as it was typed
    PAINT = "paint"  # all prompts of a batch
    DROP = "drop"


@custom_id(
    "zeuxis:2:draft", verb=one_of(DraftVerb), draft_id=ID, typed_id=ID._replace(is_optional=True)
)
class DraftPress(CustomId, frozen=True, kw_only=True):
    """A button that was pressed, or a form that was sent."""

    verb: DraftVerb
    draft_id: JobId
    typed_id: JobId | None = None  # the draft that holds what was typed into the form of the other


def rewritten_card(draft: Draft, options: Options, texts: Texts) -> Card:
    """Both prompts, what the rewriting has cost, and what a picture would."""
    typed = draft.typed
    prompts = [
        f"**{texts.say('Prompt')}**",
        quoted(typed.prompt, _PROMPT_LIMIT),
        f"**{texts.say('Rewritten')}**",
        quoted(draft.rewritten or "", _PROMPT_LIMIT),
    ]
    costs = small(
        texts.say("Rewriting cost {cost}", cost=dollars(draft.cost_micros)),
        _pictures_cost(typed.count, options.plain_micros * typed.count, texts),
        texts.say("nothing is painted yet"),
    )
    verbs = (DraftVerb.USE, DraftVerb.EDIT, DraftVerb.OWN, DraftVerb.DROP)
    return Card(
        Colour.NEUTRAL,
        heading("✍️", texts.say("Your prompt, rewritten")),
        ui.TextDisplay("\n".join(prompts)),
        ui.TextDisplay(costs),
        ui.ActionRow(*(_button(verb, draft.id, texts) for verb in verbs)),
    )


def batch_card(batch: Batch, texts: Texts) -> Card:
    """All prompts, how many they are and what they would cost."""
    requests, draft = batch.requests, batch.draft
    room = _ALL_PROMPTS_LIMIT // len(requests)
    lines = [f"{place}. {escaped(one.prompt, room)}" for place, one in enumerate(requests, 1)]
    costs = small(
        shown_size(requests[0].size),
        _pictures_cost(len(requests), batch.micros, texts),
        texts.say("nothing is painted yet"),
    )
    label = texts.plural("Paint {count} picture", "Paint {count} pictures", count=len(requests))
    press = DraftPress(verb=DraftVerb.PAINT, draft_id=draft.id)
    paint = button(label, press, discord.ButtonStyle.primary)
    return Card(
        Colour.NEUTRAL,
        heading("🧮", texts.say("One prompt, several pictures")),
        ui.TextDisplay("\n".join(lines)),
        ui.TextDisplay(costs),
        ui.ActionRow(paint, _button(DraftVerb.DROP, draft.id, texts)),
    )


def too_long_card(reason: str, draft_id: JobId, typed: Draft, texts: Texts) -> Card:
    """Why the form was not taken, and a way back to it with what was typed."""
    again = DraftPress(verb=DraftVerb.AGAIN, draft_id=draft_id, typed_id=typed.id)
    return Card(
        Colour.REFUSED,
        ui.TextDisplay(reason),
        ui.TextDisplay(quoted(typed.typed.prompt, _PROMPT_LIMIT)),
        ui.ActionRow(correct_button(again, texts)),
    )


def used_card(texts: Texts) -> Card:
    return notice(texts.say("Asked for. The message below tells how far it is."), Colour.ENDED)


def dropped_card(texts: Texts) -> Card:
    return notice(texts.say("Dropped. Nothing was painted."), Colour.ENDED)


def _pictures_cost(count: int, micros: int, texts: Texts) -> str:
    return texts.plural(
        "{count} picture for {cost}",
        "{count} pictures for {cost}",
        count=count,
        cost=dollars(micros),
    )


def _button(verb: DraftVerb, draft_id: JobId, texts: Texts) -> ui.Button[Card]:
    say, style = _FACES[verb]
    return button(say(texts), DraftPress(verb=verb, draft_id=draft_id), style)


_FACES: dict[DraftVerb, tuple[Say, discord.ButtonStyle]] = {
    DraftVerb.USE: (deferred("Use the rewritten"), discord.ButtonStyle.primary),
    DraftVerb.EDIT: (deferred("Edit"), discord.ButtonStyle.secondary),
    DraftVerb.OWN: (deferred("Keep mine"), discord.ButtonStyle.secondary),
    DraftVerb.DROP: (deferred("Drop"), discord.ButtonStyle.danger),
}


def prompt_form(draft: Draft, texts: Texts, typed: str | None = None) -> Form:
    """Filled with what was typed before, or with the rewritten prompt."""
    form = Form(texts.say("Edit the prompt"), DraftPress(verb=DraftVerb.SAVE, draft_id=draft.id))
    filled = typed or draft.rewritten or draft.typed.prompt
    form.ask(texts.say("Prompt"), text_field(PROMPT_FIELD, LONGEST_TEXT, filled, is_long=True))
    return form


# ------------------------------------------------------------------------------------------------
# What cannot be made of a draft, and why


def batch_too_large_text(error: refusals.BatchTooLarge, texts: Texts) -> str:
    return texts.say(
        "That would be {count} pictures at once, and {limit} are allowed here.",
        count=_count_text(error.count),
        limit=error.limit,
    )


def _count_text(count: int) -> str:
    """Alternatives multiply beyond what anybody would read."""
    return f"{count:,}".replace(",", " ") if count <= _MOST_COUNTED else f"> {_MOST_COUNTED}"


def braces_broken_text(error: refusals.BracesBroken, texts: Texts) -> str:
    place = f"“{escaped(error.before, 60)}👉{escaped(error.after, 60)}”"
    match error.fault:
        case BraceFault.UNCLOSED:
            said = texts.say("A brace of the alternatives is not closed: {place}.", place=place)
        case BraceFault.UNOPENED:
            said = texts.say("A brace is closed that was not opened: {place}.", place=place)
        case BraceFault.NESTED:
            said = texts.say("Alternatives cannot stand in one another: {place}.", place=place)
        case BraceFault.EMPTY:
            said = texts.say("One of the alternatives is empty: {place}.", place=place)
        case _:
            assert_never(error.fault)
    meant = texts.say("A brace that is meant as such is written {brace}.", brace="`\\{`")
    return f"{said} {meant}"


def no_rewriter_text(error: refusals.NoRewriter, texts: Texts) -> str:
    if error.has_several:
        return texts.say(
            "I can show you one rewritten prompt at a time. Leave the alternatives out, or send it"
            " with {choice}.",
            choice=f"`rewrite: {texts.say('off')}`",
        )
    return texts.say("Showing a rewritten prompt first is not set up here. Choose on or off.")


def rewriting_failed_text(error: refusals.RewritingFailed, texts: Texts) -> str:
    match error.end:
        case RewritingEnd.REFUSED:
            return texts.say("The rewriter does not accept this prompt. Change it, or go without.")
        case RewritingEnd.FAILED:
            return texts.say(
                "The prompt cannot be rewritten at the moment."
                " Try again in a minute, or go without."
            )
        case RewritingEnd.LOST:
            return texts.say("The rewritten prompt was lost on its way. Nothing was painted.")
        case _:
            assert_never(error.end)


def draft_closed_text(error: refusals.DraftClosed, texts: Texts) -> str:
    match error.end:
        case DraftEnd.OPEN:
            return texts.say("You were asked already. Press one of the buttons there.")
        case DraftEnd.USED:
            return texts.say("This was used already. Call /imagine for more.")
        case DraftEnd.DROPPED:
            return texts.say("This was dropped. Call /imagine to begin anew.")
        case DraftEnd.WRITING:
            return texts.say("The prompt is being rewritten. Wait a few seconds.")
        case DraftEnd.GONE:
            return texts.say("This is not kept any more. Call /imagine to begin anew.")
        case _:
            assert_never(error.end)
