"""The panel of `/settings`: one page, and the choice of the page and of for whom it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import discord
from discord import ui

from bot.features.settings.rules import For, Whose
from bot.texts.cards import Card, Colour, heading
from bot.texts.settings_controls import CONTROLS, PLACES, limits_of_others, resets, select_defaults
from bot.texts.settings_ids import Panel, PanelPress, PanelVerb, whose_written
from bot.texts.settings_pages import PAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.texts import Texts

Items: TypeAlias = "list[ui.Item[Card]]"


def panel_card(panel: Panel, texts: Texts, said: Sequence[ui.Item[Card]] = ()) -> Card:
    """Args: said: what there is to say before, in a box of its own."""
    items: Items = [
        heading("⚙️", f"{texts.say('Settings')} · {panel.page.title(texts)}"),
        ui.ActionRow(_page_select(panel, texts)),
        *_whose_rows(panel, texts),
        ui.Separator(),
    ]
    if panel.whose.is_chosen:
        for control in panel.page.shown(panel.whose):
            items += CONTROLS[control.kind](panel, control, texts)
        items += limits_of_others(panel, texts) + resets(panel, texts)
    if not said:
        return Card(Colour.NEUTRAL, *items)
    card = Card(Colour.REFUSED, *said)
    card.add_item(ui.Container(*items, accent_colour=int(Colour.NEUTRAL)))
    return card


def _page_select(panel: Panel, texts: Texts) -> ui.Select[Card]:
    options = [
        discord.SelectOption(
            label=page.title(texts),
            value=page.name,
            emoji=page.sign,
            default=page.name == panel.page.name,
        )
        for page in PAGES
    ]
    return ui.Select(custom_id=panel.press(PanelVerb.PAGE), options=options)


def _whose_rows(panel: Panel, texts: Texts) -> Items:
    """For whom; then which role, channel or member, if it is one."""
    if len(panel.page.whose) < 2:
        return []
    choices = _whose_choices(panel, texts)
    present = whose_written(panel.whose)
    if present not in choices:
        present = f"{panel.whose.who}0"
    options = [
        discord.SelectOption(label=label, value=value, default=value == present)
        for value, label in choices.items()
    ]
    select: ui.Select[Card] = ui.Select(custom_id=panel.press(PanelVerb.WHOSE), options=options)
    rows: Items = [ui.ActionRow(select)]
    if present == f"{panel.whose.who}0" and panel.whose.who not in (For.GUILD, For.EACH_CHANNEL):
        rows.append(ui.ActionRow(_picker(panel, texts)))
    return rows


def _whose_choices(panel: Panel, texts: Texts) -> dict[str, str]:
    known = {
        For.GUILD: {"g0": texts.say("This server")},
        For.ROLE: {
            f"r{panel.guild_id}": texts.say("Each member"),
            "r0": texts.say("Each member with a role …"),
        },
        For.EACH_CHANNEL: {"e0": texts.say("Each channel")},
        For.CHANNEL: {
            f"c{panel.channel_id}": texts.say("This channel"),
            "c0": texts.say("Another channel …"),
        },
        For.MEMBER: {"m0": texts.say("One member …")},
    }
    return {value: label for who in panel.page.whose for value, label in known[who].items()}


def _picker(panel: Panel, texts: Texts) -> ui.Item[Card]:
    custom_id, chosen = panel.press(PanelVerb.PICK), panel.whose.id
    match panel.whose.who:
        case For.ROLE:
            return ui.RoleSelect(
                custom_id=custom_id,
                placeholder=texts.say("Choose a role"),
                default_values=select_defaults(
                    [chosen], discord.SelectDefaultValueType.role, panel
                ),
            )
        case For.MEMBER:
            return ui.UserSelect(
                custom_id=custom_id,
                placeholder=texts.say("Choose a member"),
                default_values=select_defaults(
                    [chosen], discord.SelectDefaultValueType.user, panel
                ),
            )
        case _:
            return ui.ChannelSelect(
                custom_id=custom_id,
                channel_types=PLACES,
                placeholder=texts.say("Choose a channel"),
                default_values=select_defaults(
                    [chosen], discord.SelectDefaultValueType.channel, panel
                ),
            )


def panel_button(texts: Texts) -> ui.Button[Card]:
    """For any message: opens a panel for whoever presses it, if they are staff."""
    press = PanelPress(verb=PanelVerb.PAGE, page=PAGES[0].name, control="-", whose=Whose(), seen=0)
    return ui.Button(label=texts.say("Settings"), emoji="⚙️", custom_id=str(press))
