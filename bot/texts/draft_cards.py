"""The cards of what is not queued yet, for its member alone, and the form that changes a prompt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.providers.image import dollars
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
from bot.texts.custom_ids import ID, CustomId, one_of
from bot.texts.forms import LONGEST_TEXT, Form, correct_button, text_field

if TYPE_CHECKING:
    from bot.features.drafts.records import Draft
    from bot.features.drafts.service import Batch
    from bot.features.imagine.records import Options
    from bot.queue.records import JobId

_PROMPT_LIMIT = 1600  # characters as they are shown; 800 as typed fit unless most are markup
_ALL_PROMPTS_LIMIT = 3200
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPress(
    CustomId,
    prefix="zeuxis:2:draft",
    verb=one_of(DraftVerb),
    draft_id=ID,
    typed_id=ID._replace(is_optional=True),
):
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
