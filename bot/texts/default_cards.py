"""The panel of `/defaults` and its forms; what of a member's own does not hold somewhere."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.policy.defaults import NO_DEFAULT, Unapplied
from bot.policy.rules import Rewriting
from bot.texts import escaped
from bot.texts.cards import (
    Card,
    Colour,
    Items,
    boxed,
    button,
    heading,
    options_of,
    select,
    shown_size,
    small,
)
from bot.texts.custom_ids import CustomId, custom_id, one_of
from bot.texts.forms import Form, correct_button, text_field, typed_item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.features.defaults import DefaultsView
    from bot.policy.defaults import Resolved
    from bot.providers.image import Offer
    from bot.texts import Texts

NOTHING, OTHER = "-", "other"  # values of a select: as it is here; a form
YES, NO = "yes", "no"
_SIZE_TYPED = 60  # characters
_NEGATIVE_SHOWN = 300
_MOST_OPTIONS = 25  # Discord's, in a select


class DefaultsVerb(StrEnum):
    """What a control of the panel does. A select sets what is chosen."""

    SIZE = "size"
    REWRITING = "rewriting"
    PINGS = "pings"
    ALT_WORDS = "alt"
    NEGATIVE = "negative"  # opens its form
    SIZE_FORM = "size-form"  # that was filled in
    NEGATIVE_FORM = "negative-form"
    SIZE_AGAIN = "size-again"  # the form, with what was typed before
    RESET = "reset"


@custom_id("zeuxis:2:defaults", verb=one_of(DefaultsVerb))
class DefaultsPress(CustomId, frozen=True, kw_only=True):
    """A control of the panel, or a form that it has opened."""

    verb: DefaultsVerb


def unapplied_text(why: Unapplied, resolved: Resolved, texts: Texts) -> str:
    """Why something that was set before does not hold here, as one small line."""
    match why:
        case Unapplied.STYLE_SIZE:
            return small(
                texts.say(
                    "The style's size cannot be had here, so it is {size}.",
                    size=shown_size(resolved.size),
                )
            )
        case Unapplied.SIZE:
            return small(
                texts.say(
                    "Your usual size cannot be had here, so it is {size}.",
                    size=shown_size(resolved.size),
                )
            )
        case Unapplied.REWRITING:
            return small(texts.say("Prompts are not rewritten here, so yours stays as it is."))
        case Unapplied.ASKING:
            return small(_not_shown_first(resolved.rewriting, texts))
        case _:
            assert_never(why)


def _not_shown_first(rewriting: Rewriting, texts: Texts) -> str:
    if rewriting is Rewriting.OFF:
        return texts.say("Rewritten prompts cannot be shown first here, so yours stays as it is.")
    return texts.say("Rewritten prompts cannot be shown first here, so yours is rewritten at once.")


# ------------------------------------------------------------------------------------------------
# The panel


def defaults_card(
    view: DefaultsView, offer: Offer, texts: Texts, said: Sequence[ui.Item[Card]] = ()
) -> Card:
    """Args: said: what there is to say before, in a box of its own."""
    intro = texts.say("They hold in all servers, where you do not say otherwise.")
    items: Items = [heading("🎛️", texts.say("Your defaults")), ui.TextDisplay(intro)]
    items += _size(view, offer, texts) + _rewriting(view, offer, texts)
    if offer.negative_limit is not None:
        items += _negative(view, texts)
    items += _pings(view, texts) + _alt_words(view, texts)
    if view.default != NO_DEFAULT:
        items.append(ui.ActionRow(_reset(texts)))
    return boxed(said, Colour.REFUSED, items)


def _size(view: DefaultsView, offer: Offer, texts: Texts) -> Items:
    present = view.default.size
    mine = [] if present is None else [present]
    ratios = {one.size: f"{one.ratio} · {shown_size(one.size)}" for one in offer.recommended}
    sizes = list(dict.fromkeys([*mine, *offer.common, *ratios]))[: _MOST_OPTIONS - 2]
    choices = {
        NOTHING: _as_here(shown_size(view.place.size), texts),
        **{str(one): ratios.get(one, shown_size(one)) for one in sizes},
        OTHER: texts.say("Another …"),
    }
    return [
        _said(texts.say("Size"), _unless(view, Unapplied.SIZE, texts)),
        _select(DefaultsVerb.SIZE, choices, NOTHING if present is None else str(present)),
    ]


def _rewriting(view: DefaultsView, offer: Offer, texts: Texts) -> Items:
    if not offer.rewrites:
        return []
    choices = {
        NOTHING: _as_here(_on_or_off(view.place.rewriting is Rewriting.ON, texts), texts),
        Rewriting.OFF: texts.say("Off: the prompt as I wrote it"),
        Rewriting.ON: texts.say("On: Z-Image enriches it"),
    }
    if view.can_ask or view.default.rewriting is Rewriting.ASK:
        choices[Rewriting.ASK] = texts.say("Ask: show me the new prompt before")
    why = Unapplied.ASKING if Unapplied.ASKING in view.here.unapplied else Unapplied.REWRITING
    return [
        _said(texts.say("Rewriting"), _unless(view, why, texts)),
        _select(DefaultsVerb.REWRITING, choices, view.default.rewriting or NOTHING),
    ]


def _negative(view: DefaultsView, texts: Texts) -> Items:
    words = view.default.negative
    shown = escaped(words, _NEGATIVE_SHOWN) if words else texts.say("nothing")
    change = button(texts.say("Change …"), DefaultsPress(verb=DefaultsVerb.NEGATIVE))
    return [ui.Section(f"**{texts.say('Leave out')}** · {shown}", accessory=change)]


def _pings(view: DefaultsView, texts: Texts) -> Items:
    choices = {
        NOTHING: _as_here(_on_or_off(view.pings, texts), texts),
        YES: texts.say("Always notify me"),
        NO: texts.say("Never notify me"),
    }
    return [
        _said(texts.say("When a picture is there")),
        _select(DefaultsVerb.PINGS, choices, _switch(view.default.pings)),
    ]


def _alt_words(view: DefaultsView, texts: Texts) -> Items:
    choices = {
        YES: texts.say("Tells my prompt"),
        NO: texts.say("Without my words"),
    }
    return [
        _said(
            texts.say("Alternative text"),
            small(texts.say("What a screen reader says in place of the picture.")),
        ),
        _select(DefaultsVerb.ALT_WORDS, choices, NO if view.default.alt_words is False else YES),
    ]


def _reset(texts: Texts) -> ui.Button[Card]:
    press = DefaultsPress(verb=DefaultsVerb.RESET)
    return button(texts.say("Reset all"), press, discord.ButtonStyle.danger)


def _as_here(value: str, texts: Texts) -> str:
    """As it is where the panel is open."""
    return texts.say("As the server has it · {value}", value=value)


def _on_or_off(is_on: bool, texts: Texts) -> str:
    return texts.say("on") if is_on else texts.say("off")


def _unless(view: DefaultsView, why: Unapplied, texts: Texts) -> str:
    """That it does not hold where the panel is open, if so."""
    return unapplied_text(why, view.here, texts) if why in view.here.unapplied else ""


def _said(label: str, more: str = "") -> ui.TextDisplay[Card]:
    return ui.TextDisplay("\n".join(filter(None, [f"**{label}**", more])))


def _select(verb: DefaultsVerb, choices: dict[str, str], present: str) -> ui.ActionRow[Card]:
    return select(DefaultsPress(verb=verb), options_of(choices, present))


def _switch(value: bool | None) -> str:
    return NOTHING if value is None else YES if value else NO


# ------------------------------------------------------------------------------------------------
# Forms


def size_form(filled: str, texts: Texts) -> Form:
    form = Form(texts.say("Size"), DefaultsPress(verb=DefaultsVerb.SIZE_FORM))
    field = text_field("size", _SIZE_TYPED, filled, required=False)
    hint = texts.say("Such as 16:9, wide or 1280*720; empty: as the server has it.")
    form.ask(texts.say("Size"), field, hint)
    return form


def negative_form(view: DefaultsView, offer: Offer, texts: Texts) -> Form:
    form = Form(texts.say("Leave out"), DefaultsPress(verb=DefaultsVerb.NEGATIVE_FORM))
    most, filled = offer.negative_limit or 0, view.default.negative or ""
    field = text_field("negative", most, filled, is_long=True, required=False)
    hint = texts.say("Of every picture for which you do not say; empty: nothing.")
    form.ask(texts.say("Leave out"), field, hint)
    return form


def refused_size_items(reason: str, typed: str, texts: Texts) -> Items:
    """Why nothing was changed, what was typed, and a way back to the form with it."""
    return [
        ui.TextDisplay(reason),
        typed_item(0, texts.say("Size"), typed),
        ui.ActionRow(correct_button(DefaultsPress(verb=DefaultsVerb.SIZE_AGAIN), texts)),
    ]
