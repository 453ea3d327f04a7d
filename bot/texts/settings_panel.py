"""The panel of `/settings`: one page with its controls, and for whom it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ChannelType, ui

from bot.features.settings.rules import (
    For,
    Source,
    Whose,
    in_force,
    is_bound,
    reviews_anything,
    unit_of,
    whose_is,
)
from bot.policy.rules import CheckedBy, written
from bot.providers.image import dollars
from bot.refusals import Level, Unit
from bot.texts import relative
from bot.texts.cards import (
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
)
from bot.texts.failures import permission_list
from bot.texts.settings_forms import NOTHING, Panel, PanelPress, PanelVerb, whose_written
from bot.texts.settings_pages import PAGES, Control, ControlKind
from bot.texts.settings_words import amount_text, names_text, period_of, value_text, whose_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.policy.quotas import QuotaState
    from bot.texts import Texts


def panel_card(panel: Panel, texts: Texts, said: Sequence[ui.Item[Card]] = ()) -> Card:
    """Args: said: what there is to say before, in a box of its own."""
    items: Items = [
        heading("⚙️", f"{texts.say('Settings')} · {panel.page.title(texts)}"),
        _page_select(panel, texts),
        *_whose_rows(panel, texts),
        ui.Separator(),
    ]
    if panel.whose.is_chosen:
        for control in panel.page.shown(panel.whose):
            items += _CONTROLS[control.kind](panel, control, texts)
        items += _limits_of_others(panel, texts) + _resets(panel, texts)
    return boxed(said, Colour.REFUSED, items)


def _page_select(panel: Panel, texts: Texts) -> ui.ActionRow[Card]:
    options = [
        discord.SelectOption(
            label=page.title(texts),
            value=page.name,
            emoji=page.sign,
            default=page.name == panel.page.name,
        )
        for page in PAGES
    ]
    return select(panel.press(PanelVerb.PAGE), options)


def _whose_rows(panel: Panel, texts: Texts) -> Items:
    """For whom; then which role, channel or member, if it is one."""
    if len(panel.page.whose) < 2:
        return []
    choices = _whose_choices(panel, texts)
    present = whose_written(panel.whose)
    if present not in choices:
        present = f"{panel.whose.who}0"
    rows: Items = [select(panel.press(PanelVerb.WHOSE), options_of(choices, present))]
    if present == f"{panel.whose.who}0" and panel.whose.who not in (For.GUILD, For.EACH_CHANNEL):
        rows.append(_picker(panel, texts))
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


def _picker(panel: Panel, texts: Texts) -> ui.ActionRow[Card]:
    press, chosen = panel.press(PanelVerb.PICK), _there(panel, [panel.whose.id])
    match panel.whose.who:
        case For.ROLE:
            return role_select(press, chosen, texts.say("Choose a role"), least=1)
        case For.MEMBER:
            user = discord.SelectDefaultValueType.user
            defaults = [discord.SelectDefaultValue(id=one, type=user) for one in chosen]
            members: ui.UserSelect[Card] = ui.UserSelect(
                custom_id=str(press),
                placeholder=texts.say("Choose a member"),
                default_values=defaults,
            )
            return ui.ActionRow(members)
        case _:
            return channel_select(press, chosen, texts.say("Choose a channel"), least=1)


def panel_button(texts: Texts) -> ui.Button[Card]:
    """For any message: opens a panel for whoever presses it, if they are staff."""
    press = PanelPress(verb=PanelVerb.PAGE, page=PAGES[0].name, control="-", whose=Whose(), seen=0)
    return ui.Button(label=texts.say("Settings"), emoji="⚙️", custom_id=str(press))


# ------------------------------------------------------------------------------------------------
# The controls: what holds, from where, and how it is changed.


BUTTON_LIMIT = 80  # characters, Discord's


def _stated(panel: Panel, control: Control, texts: Texts) -> str:
    """What holds, from where, and what it means."""
    now = in_force(panel.view.held, control.name)
    value = value_text(control.name, now.value, panel.offer, texts)
    label = f"**{control.label(texts)}** · {value}"
    hint = "" if control.kind is ControlKind.FORM else control.hint(texts)
    return f"{label}\n{small(_source_text(now.source, texts), hint)}"


def _source_text(source: Source, texts: Texts) -> str:
    match source:
        case Source.DEFAULT:
            return texts.say("by default")
        case Source.OPERATOR:
            return texts.say("as whoever runs the bot has it")
        case Source.OPERATOR_HERE:
            return texts.say("as whoever runs the bot has it for this server")
        case Source.GUILD:
            return texts.say("set for this server")
        case Source.CHANNEL:
            return texts.say("set for this channel")
        case Source.ROLE:
            return texts.say("set for this role")
        case Source.MEMBER:
            return texts.say("set for this member")


def _list_control(panel: Panel, control: Control, texts: Texts) -> Items:
    ids: tuple[int, ...] = in_force(panel.view.held, control.name).value  # type: ignore[assignment] # of these two
    items: Items = [ui.TextDisplay(_stated(panel, control, texts))]
    if len(ids) > MOST_CHOICES:
        items.append(
            ui.TextDisplay(
                small(texts.say("A list of more than 25 is changed by /settings import."))
            )
        )
    else:
        items.append(_list_select(panel, control, ids, texts))
    gone = [one for one in ids if one in panel.gone]
    return [*items, *_deleted(panel, control.name, gone, texts)]


def _list_select(
    panel: Panel, control: Control, ids: Sequence[int], texts: Texts
) -> ui.ActionRow[Card]:
    press, chosen = panel.press(PanelVerb.SET, control.name), _there(panel, ids)
    if control.kind is ControlKind.ROLES:
        return role_select(press, chosen, texts.say("Everybody"), most=MOST_CHOICES)
    return channel_select(press, chosen, texts.say("All channels"), most=MOST_CHOICES)


def _channel(panel: Panel, control: Control, texts: Texts) -> Items:
    value = in_force(panel.view.held, control.name).value
    select_one = channel_select(
        panel.press(PanelVerb.SET, control.name),
        _there(panel, [int(str(value))]),
        texts.say("none"),
        kinds=(ChannelType.text, ChannelType.news),
    )
    warned = [ui.TextDisplay[Card](f"⚠️ {one}") for one in _staff_channel_warnings(panel, texts)]
    return [ui.TextDisplay(_stated(panel, control, texts)), select_one, *warned]


def _staff_channel_warnings(panel: Panel, texts: Texts) -> list[str]:
    """Why what waits for the staff would be seen by none of them."""
    if panel.view.policy.staff_channel in panel.gone:
        said = texts.say(
            "This channel was deleted in Discord. Choose another one; what waits is found with"
            " /moderation queue."
        )
        return [said]
    if panel.lacking:
        said = texts.say(
            "I could not post pictures there. I lack: {permissions}.",
            permissions=permission_list(panel.lacking, texts),
        )
        return [said]
    if not panel.view.policy.staff_channel and reviews_anything(panel.view.own):
        return [
            texts.say(
                "Pictures are reviewed, and no channel is chosen: find them with /moderation queue."
            )
        ]
    return []


def _deleted(panel: Panel, control: str, gone: Sequence[int], texts: Texts) -> Items:
    """What is deleted in Discord, and a button to forget it."""
    if not gone:
        return []
    said = texts.say("Deleted in Discord: {ids}", ids=names_text([f"`{one}`" for one in gone]))
    press = panel.press(PanelVerb.DROP, control)
    forget = button(texts.say("Forget these"), press, discord.ButtonStyle.danger)
    return [ui.Section(f"⚠️ {said}", accessory=forget)]


def _switch(panel: Panel, control: Control, texts: Texts) -> Items:
    now = in_force(panel.view.held, control.name)
    is_on = now.value is True
    turn = button(
        texts.say("Turn off") if is_on else texts.say("Turn on"),
        panel.press(PanelVerb.OFF if is_on else PanelVerb.ON, control.name),
        discord.ButtonStyle.secondary if is_on else discord.ButtonStyle.primary,
        is_off=is_bound(now, control.name) and not is_on,
    )
    return [ui.Section(_stated(panel, control, texts), accessory=turn)]


def _choice(panel: Panel, control: Control, texts: Texts) -> Items:
    assert control.choices is not None  # noqa: S101 - of this kind
    value = in_force(panel.view.held, control.name).value
    present = "" if value is None else written(value)
    choices = _offered(panel, control, control.choices(panel.offer, texts))
    shown = dict(list(choices.items())[:MOST_CHOICES])
    if present and present not in shown:
        shown.popitem()
        shown[present] = choices.get(present, present)
    options = options_of(
        {one or NOTHING: label for one, label in shown.items()}, present or NOTHING
    )
    row = select(panel.press(PanelVerb.SET, control.name), options, control.label(texts))
    return [ui.TextDisplay(_stated(panel, control, texts)), row]


def _offered(panel: Panel, control: Control, choices: Mapping[str, str]) -> Mapping[str, str]:
    """Without checks of pictures that nobody has set up."""
    if control.name != "picture_check":
        return choices
    return {
        one: label for one, label in choices.items() if one in {CheckedBy.NOTHING, *panel.checks}
    }


def _form(panel: Panel, control: Control, texts: Texts) -> Items:
    press = panel.press(PanelVerb.OPEN, control.name)
    if control.unit is None:
        change = button(texts.say("Change …"), press)
        return [ui.Section(_stated(panel, control, texts), accessory=change)]
    lines = _limit_lines(panel, control, control.unit, texts)  # too long to stand beside a button
    change = button(f"{control.label(texts)} …"[:BUTTON_LIMIT], press)
    return [ui.TextDisplay("\n".join(lines)), ui.ActionRow(change)]


_CONTROLS = {
    ControlKind.CHANNELS: _list_control,
    ControlKind.ROLES: _list_control,
    ControlKind.CHANNEL: _channel,
    ControlKind.SWITCH: _switch,
    ControlKind.CHOICE: _choice,
    ControlKind.FORM: _form,
}


def _limit_lines(panel: Panel, control: Control, unit: Unit, texts: Texts) -> list[str]:
    whose = whose_label(panel.whose, panel.guild_id, texts)
    lines = [
        _limit_line(panel, name, unit, texts)
        for name in control.names(panel.whose)
        if panel.own(name) is not None
    ]
    bounds = _bounds(panel, unit, texts)
    return [
        f"**{control.label(texts)}** · {whose}",
        *(lines or [f"- {texts.say('not set')}"]),
        *(
            [small(texts.say("Whoever runs the bot allows: {limits}", limits=bounds))]
            if bounds
            else []
        ),
    ]


def _limit_line(panel: Panel, name: str, unit: Unit, texts: Texts) -> str:
    amount, period = int(panel.own(name) or 0), period_of(name)
    line = f"- {amount_text(unit, period, amount, texts)}"
    states = _states(panel, panel.whose.level, unit, by_staff=True)
    state = next((one for one in states if one.limit.period is period), None)
    if state is None or panel.whose.who in (For.ROLE, For.EACH_CHANNEL):  # each has used its own
        return line
    return f"{line} · {_used(state, texts)}"


def _bounds(panel: Panel, unit: Unit, texts: Texts) -> str:
    """What the operator allows them, and how much of that is used."""
    is_member = panel.whose.level in (Level.ROLE, Level.MEMBER)
    states = _states(panel, Level.MEMBER if is_member else Level.GUILD, unit, by_staff=False)
    counts = panel.whose.who not in (For.ROLE, For.CHANNEL, For.EACH_CHANNEL)
    return "; ".join(
        amount_text(unit, one.limit.period, one.limit.amount, texts)
        + (f", {_used(one, texts)}" if counts else "")
        for one in states
    )


def _states(panel: Panel, level: Level, unit: Unit, *, by_staff: bool) -> list[QuotaState]:
    return [
        one
        for one in panel.view.states
        if (one.limit.level, one.limit.unit, one.limit.by_staff) == (level, unit, by_staff)
    ]


def _used(state: QuotaState, texts: Texts) -> str:
    used = dollars(state.used) if state.limit.unit is Unit.MICROS else str(state.used)
    return texts.say("{amount} used, renews {when}", amount=used, when=relative(state.renews_at_us))


def _limits_of_others(panel: Panel, texts: Texts) -> Items:
    """For whom else limits are set, of which some may be deleted meanwhile; likewise review."""
    if panel.whose.who is For.GUILD and any(one.name == "review" for one in panel.page.controls):
        return _reviews_of_others(panel, texts)
    if panel.whose.who is not For.GUILD or not any(one.unit for one in panel.page.controls):
        return []
    others = dict.fromkeys(whose_is(key) for key in panel.view.own if unit_of(key.name))
    there = [one for one in others if one.id not in panel.gone and one != Whose()]
    gone = [one.id for one in others if one.id in panel.gone]
    items: Items = []
    if there:
        names = names_text([whose_label(one, panel.guild_id, texts) for one in there])
        items.append(ui.TextDisplay(texts.say("Limits are also set for: {names}", names=names)))
    return [*items, *_deleted(panel, "limits", gone, texts)]


def _reviews_of_others(panel: Panel, texts: Texts) -> Items:
    others = dict.fromkeys(whose_is(key) for key in panel.view.own if key.name == "review")
    names = [whose_label(one, panel.guild_id, texts) for one in others if one != Whose()]
    if not names:
        return []
    said = texts.say("Review is also set for: {names}", names=names_text(names))
    return [ui.TextDisplay(said)]


def _resets(panel: Panel, texts: Texts) -> Items:
    buttons: list[ui.Button[Card]] = [
        ui.Button(
            label=control.label(texts)[:BUTTON_LIMIT],
            emoji="↩️",
            custom_id=str(panel.press(PanelVerb.RESET, control.name)),
        )
        for control in panel.page.shown(panel.whose)
        if any(panel.own(name) is not None for name in control.names(panel.whose))
    ]
    if not buttons:
        return []
    said = small(texts.say("Back to what whoever runs the bot has:"))
    return [ui.Separator(), ui.TextDisplay(said), ui.ActionRow(*buttons[:5])]


def _there(panel: Panel, ids: Iterable[int]) -> list[int]:
    """Without those that Discord knows no more."""
    return [one for one in ids if one and one not in panel.gone]
