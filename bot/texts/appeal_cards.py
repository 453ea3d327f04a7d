"""What a member appeals with: the button, the form, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot import errors
from bot.features.moderation.rows.appeals import AppealKind
from bot.texts import plain
from bot.texts.cards import Card, Colour, notice
from bot.texts.custom_ids import ID, CustomId, one_of

if TYPE_CHECKING:
    from bot.texts import Texts

WORDS_LIMIT = 1000  # characters
MOST_REASON = 300  # of what the staff say
TITLE_LIMIT = 45  # Discord's
FIELD = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealPress(CustomId, prefix="zeuxis:2:appeal", kind=one_of(AppealKind), number=ID):
    """What is appealed against, of the button and of the form that it opens."""

    kind: AppealKind
    number: int


def appeal_button(kind: AppealKind, number: int, texts: Texts) -> ui.Button[Card]:
    return ui.Button(
        label=texts.say("Appeal"), custom_id=str(AppealPress(kind=kind, number=number))
    )


def button_against(error: Exception, texts: Texts) -> ui.Button[Card] | None:
    """Against a refusal that the staff of a guild may take back, once; else none."""
    if isinstance(error, errors.WordsRefused) and error.can_appeal:
        return appeal_button(AppealKind.REFUSAL, error.refusal_id, texts)
    if isinstance(error, errors.BlockedHere) and error.appeal_to is not None:
        return appeal_button(AppealKind.BLOCK, error.appeal_to, texts)
    return None


def refused_card(said: str, button: ui.Button[Card] | None) -> Card:
    """A refusal, with what the member can do about it."""
    if button is None:
        return notice(said)
    return Card(Colour.REFUSED, ui.TextDisplay(said), ui.ActionRow(button))


class AppealForm(ui.Modal):
    """Answered by its custom id, in any process; see `TypedForm` of cogs."""

    def __init__(self, kind: AppealKind, number: int, texts: Texts, *, reason: str = "") -> None:
        """`reason`: what the staff have said to the member."""
        title = texts.say("Appeal to this server's staff")[:TITLE_LIMIT]
        super().__init__(
            title=title, custom_id=str(AppealPress(kind=kind, number=number)), timeout=None
        )
        field: ui.TextInput[AppealForm] = ui.TextInput(
            custom_id=FIELD,
            style=discord.TextStyle.long,
            required=True,
            max_length=WORDS_LIMIT,
        )
        if reason:
            self.add_item(ui.TextDisplay(reason_text(reason, texts)))
        self.add_item(ui.Label(text=texts.say("Why should it be allowed?")[:45], component=field))

    def is_finished(self) -> bool:
        return True


def reason_text(reason: str, texts: Texts) -> str:
    """What the staff say to a member alone."""
    return texts.say("They say: {reason}", reason=plain(reason, MOST_REASON))


def appealed_card(texts: Texts) -> Card:
    said = texts.say(
        "Your appeal is with this server's staff. What they decide I tell you in a direct message."
    )
    return notice(said, Colour.NEUTRAL)
