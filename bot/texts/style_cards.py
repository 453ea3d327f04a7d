"""Styles: the list, the form, what became of one, and why one cannot be kept."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from discord import app_commands, ui

from bot.policy.styles import HOLE, KEY_LIMIT, LEAST_LEFT, MOST_STYLES, NAME_LIMIT
from bot.staff_refusals import StyleFault
from bot.texts import escaped, plain, quoted
from bot.texts.cards import (
    CHOICE_LIMIT,
    MOST_CHOICES,
    Card,
    Colour,
    Items,
    heading,
    shown_size,
    small,
    turns,
)
from bot.texts.custom_ids import NUMBER, CustomId, IdPart, custom_id, one_of
from bot.texts.forms import Form, correct_button, text_field, typed_item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.policy.styles import Style
    from bot.providers.image import Offer
    from bot.texts import Texts

FIELDS = ("name", "prompt", "size", "negative")  # of the form
STYLES_A_PAGE = 10
_SIZE_TYPED = 60  # characters
_PROMPT_SHOWN, _NEGATIVE_SHOWN = 160, 80
_WHOLE_PROMPT = 1500  # of one style alone, with its backslashes


class StyleVerb(StrEnum):
    """What a control of a style does."""

    FORM = "form"  # that was filled in
    AGAIN = "again"  # the form, with what was typed before


@custom_id("zeuxis:2:style", verb=one_of(StyleVerb), seen=NUMBER, was=IdPart(f".{{0,{KEY_LIMIT}}}"))
class StylePress(CustomId, frozen=True, kw_only=True):
    """A form of a style, or the button that opens it again."""

    verb: StyleVerb
    seen: int
    was: str = ""  # the name key of the style that is changed; empty: a new one


@custom_id("zeuxis:2:styles", page=NUMBER)
class StylesTurn(CustomId, frozen=True, kw_only=True):
    """To another page of the list."""

    page: int


# ------------------------------------------------------------------------------------------------
# The list


def styles_card(styles: Sequence[Style], page: int, texts: Texts) -> Card:
    """A page of it; of the last one if there are no more so many."""
    head = heading("🎨", texts.say("Styles of this server"))
    if not styles:
        said = texts.say(
            "There are none yet. Whoever may manage this server makes them with /style add."
        )
        return Card(Colour.NEUTRAL, head, ui.TextDisplay(said))
    last = (len(styles) - 1) // STYLES_A_PAGE
    page = min(page, last)
    shown = styles[page * STYLES_A_PAGE : (page + 1) * STYLES_A_PAGE]
    items: Items = [head]
    items += [ui.TextDisplay(_listed(one, texts)) for one in shown]
    used = texts.say("Name one in the option `style` of /imagine.")
    items.append(ui.TextDisplay(small(used)))
    if last:
        items.append(turns(page, last, lambda one: StylesTurn(page=one), texts))
    return Card(Colour.NEUTRAL, *items)


def _listed(style: Style, texts: Texts) -> str:
    size = "" if style.size is None else f" · {shown_size(style.size)}"
    lines = [f"{style_text(style.name)}{size}", quoted(style.prompt, _PROMPT_SHOWN)]
    if style.negative:
        lines.append(_left_out(style, _NEGATIVE_SHOWN, texts))
    return "\n".join(lines)


def _left_out(style: Style, limit: int, texts: Texts) -> str:
    return small(texts.say("Left out: {words}", words=escaped(style.negative, limit)))


def style_choices(styles: Sequence[Style]) -> list[app_commands.Choice[str]]:
    """Their values are names, which are found whatever was changed meanwhile."""
    return [
        app_commands.Choice(name=plain(f"{one.name} · {one.prompt}", CHOICE_LIMIT), value=one.name)
        for one in styles[:MOST_CHOICES]
    ]


# ------------------------------------------------------------------------------------------------
# The form


def written_fields(style: Style) -> dict[str, str]:
    """As a form holds it."""
    size = "" if style.size is None else str(style.size)
    return {"name": style.name, "prompt": style.prompt, "size": size, "negative": style.negative}


def style_form(press: StylePress, filled: Mapping[str, str], offer: Offer, texts: Texts) -> Form:
    form = Form(texts.say("Change a style") if press.was else texts.say("A new style"), press)
    hints: dict[str, tuple[str | None, int]] = {
        "name": (None, NAME_LIMIT),
        "prompt": (
            texts.say("{hole} stands where the member's words go.", hole=HOLE),
            offer.prompt_limit,
        ),
        "size": (texts.say("Such as 16:9, wide or 1280*720; empty: as usual."), _SIZE_TYPED),
        "negative": (texts.say("Empty: nothing."), offer.negative_limit or 0),
    }
    for name, (hint, most) in hints.items():
        if most:
            field = text_field(
                name,
                most,
                filled.get(name) or (HOLE if name == "prompt" else ""),
                is_long=name in ("prompt", "negative"),
                required=name in ("name", "prompt"),
            )
            form.ask(_label(name, texts), field, hint)
    return form


def _label(name: str, texts: Texts) -> str:
    match name:
        case "name":
            return texts.say("Name")
        case "prompt":
            return texts.say("Prompt")
        case "size":
            return texts.say("Size")
        case _:
            return texts.say("Leave out")


def refused_form_card(
    reason: str, press: StylePress, filled: Mapping[str, str], texts: Texts
) -> Card:
    """Why nothing was changed, what was typed, and a way back to the form with it."""
    again = StylePress(verb=StyleVerb.AGAIN, seen=press.seen, was=press.was)
    held: Items = [
        typed_item(place, _label(name, texts), filled[name])
        for place, name in enumerate(FIELDS)
        if filled.get(name)
    ]
    row = ui.ActionRow(correct_button(again, texts))
    return Card(Colour.REFUSED, ui.TextDisplay(reason), *held, row)


# ------------------------------------------------------------------------------------------------
# What became of one


def kept_card(style: Style, before: Style | None, offer: Offer, texts: Texts) -> Card:
    said = (
        texts.say("The style {style} can be named from now on.", style=style_text(style.name))
        if before is None
        else texts.say("The style {style} is changed.", style=style_text(style.name))
    )
    left = texts.say(
        "{count} characters are left for the member's own words.",
        count=offer.prompt_limit - style.share,
    )
    return Card(Colour.DONE, *_told(said, style, texts), ui.TextDisplay(small(left)))


def removed_card(style: Style, texts: Texts) -> Card:
    """With all that it was, for whoever wants it back."""
    said = texts.say("The style {style} is removed.", style=style_text(style.name))
    back = texts.say("Pictures stay as they are. /settings undo takes it back.")
    return Card(Colour.DONE, *_told(said, style, texts), ui.TextDisplay(small(back)))


def _told(said: str, style: Style, texts: Texts) -> Items:
    lines = [quoted(style.prompt, _WHOLE_PROMPT)]
    if style.size is not None:
        lines.append(small(shown_size(style.size)))
    if style.negative:
        lines.append(_left_out(style, _WHOLE_PROMPT, texts))
    return [ui.TextDisplay(said), ui.TextDisplay("\n".join(lines))]


# ------------------------------------------------------------------------------------------------
# In words: names, and why one cannot be kept.


SHOWN_NAME = 80  # characters of a name, with its backslashes


def style_text(name: str) -> str:
    """Its name as a part of a line, however it was typed."""
    return f"**{escaped(name, SHOWN_NAME)}**"


def style_fault_text(fault: StyleFault, texts: Texts) -> str:
    match fault:
        case StyleFault.NAMELESS:
            return texts.say("A style needs a name that can be seen.")
        case StyleFault.LONG_NAME:
            return texts.say("A style's name has at most {most} characters.", most=NAME_LIMIT)
        case StyleFault.TAKEN:
            return texts.say("This server has a style of that name already.")
        case StyleFault.NO_PLACE:
            return texts.say(
                "The text needs {hole} exactly once, where the member's words go.",
                hole=f"`{HOLE}`",
            )
        case StyleFault.LONG:
            return texts.say(
                "The text is too long: {least} characters must be left for the member.",
                least=LEAST_LEFT,
            )
        case StyleFault.LONG_NEGATIVE:
            return texts.say("What to leave out is too long.")
        case StyleFault.TOO_MANY:
            return texts.say("A server has at most {most} styles.", most=MOST_STYLES)
        case _:
            assert_never(fault)
