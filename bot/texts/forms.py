"""What forms share: one class, their fields, and what was typed into one that was refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.texts.cards import Verb, verb_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.texts import Texts
    from bot.texts.cards import Card
    from bot.texts.custom_ids import CustomId

TITLE_LIMIT = 45  # characters, Discord's, of a form and of a field's label
LONGEST_TEXT = 4000  # likewise, of what a field takes
_TYPED_ID = 900  # of the components that hold what was typed


class Form(ui.Modal):
    """Answered by what it carries, so discord.py has no reason to keep it in memory."""

    def __init__(self, title: str, carried: CustomId) -> None:
        super().__init__(title=title[:TITLE_LIMIT], custom_id=str(carried))

    def ask(self, label: str, field: ui.Item[Form], hint: str | None = None) -> None:
        self.add_item(ui.Label(text=label[:TITLE_LIMIT], component=field, description=hint))

    def is_finished(self) -> bool:
        return True


def text_field(
    name: str,
    limit: int,
    filled: str = "",
    *,
    is_long: bool = False,
    required: bool = True,
    placeholder: str | None = None,
) -> ui.TextInput[Form]:
    """Filled with what has room."""
    return ui.TextInput(
        custom_id=name,
        style=discord.TextStyle.paragraph if is_long else discord.TextStyle.short,
        default=filled[:limit] or None,
        placeholder=placeholder,
        required=required,
        max_length=limit,
    )


def choice_field(name: str, labels: Mapping[str, str], chosen: str = "") -> ui.RadioGroup[Form]:
    """One of a few: values and what they are called."""
    options = [
        discord.RadioGroupOption(label=label, value=value, default=value == chosen)
        for value, label in labels.items()
    ]
    return ui.RadioGroup(custom_id=name, options=options)


# ------------------------------------------------------------------------------------------------
# Of a form that was refused: its message holds what was typed, and leads back to it.


def correct_button(carried: CustomId, texts: Texts) -> ui.Button[Card]:
    """Opens the form again."""
    label, style = verb_label(Verb.CORRECT, texts), discord.ButtonStyle.primary
    return ui.Button(label=label, style=style, custom_id=str(carried))


def typed_item(place: int, label: str, text: str) -> ui.TextDisplay[Card]:
    """What was typed into the field at this place of a form; `typed_before` reads it back."""
    return ui.TextDisplay(f"{label}: `{text.replace('`', 'ˋ')}`", id=_TYPED_ID + place)


def typed_before(message: discord.Message, names: Sequence[str]) -> dict[str, str]:
    """What the refusal of a form holds, by the field; what was left empty is empty."""
    found = dict.fromkeys(names, "")
    waiting: list[Any] = list(message.components)
    while waiting:
        one = waiting.pop()
        waiting += getattr(one, "children", ())
        place, content = (getattr(one, "id", None) or 0) - _TYPED_ID, getattr(one, "content", "")
        text = re.search(r"`([^`]*)`$", content)
        if 0 <= place < len(names) and text is not None:
            found[names[place]] = text[1]
    return found
