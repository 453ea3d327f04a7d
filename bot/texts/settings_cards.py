"""The panel of `/settings`, its forms, and the log: what holds, from where, what sets it.

What a control carries (page, control, for whom, what was seen) is all that a press needs, so a
panel works after a restart and in any process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from math import isqrt
from typing import TYPE_CHECKING, Any, TypeAlias

import discord
from discord import ChannelType, ui

from bot.errors import Level, Period, SettingChanged, SettingRefused, Unit
from bot.features.settings.rules import (
    For,
    Source,
    Whose,
    form_written,
    in_force,
    is_bound,
    near_zones,
    unit_of,
    whose_is,
)
from bot.policy.quotas import FORBIDDEN, UNLIMITED
from bot.policy.rules import VALUES, written
from bot.providers.image import Size, dollars
from bot.texts import plain, relative
from bot.texts.cards import TEXT_LIMIT, Card, Colour, heading, shown_size, small
from bot.texts.quotas import quota_text
from bot.texts.settings_pages import (
    PAGES,
    Control,
    ControlKind,
    Page,
    control_of,
    value_label,
    whose_label,
    window_label,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.features.settings.service import SettingsView
    from bot.policy.changes import AuditEntry
    from bot.policy.quotas import QuotaState
    from bot.providers.image import Offer
    from bot.texts import Texts

Items: TypeAlias = "list[ui.Item[Card]]"

MOST_DEFAULTS = 25  # Discord's, in a select
MOST_NAMES = 10  # of channels, roles or members in one line
LONGEST_TYPED = 60  # characters in a field of a form
TITLE_LIMIT = 45  # Discord's, of a form and of a field's label
BUTTON_LIMIT = 80
LOG_ENTRIES = 15  # on a page
HEAD_LIMIT = 200  # characters
VALUE_LIMIT = 90  # characters of a value in the log
_TYPED_ID = 900  # of the components that hold what was typed into a form
_PLACES = [
    ChannelType.text,
    ChannelType.voice,
    ChannelType.news,
    ChannelType.stage_voice,
    ChannelType.forum,
]


# ------------------------------------------------------------------------------------------------
# What a control carries. The format is an interface: panels stay open for days.


class PanelVerb(StrEnum):
    """What a control of the panel does."""

    PAGE = "page"  # turn to another page
    WHOSE = "whose"  # show what is set for others
    PICK = "pick"  # likewise, of these roles, channels or members
    SET = "set"  # to what is chosen
    ON = "on"
    OFF = "off"
    OPEN = "open"  # a form
    FORM = "form"  # that was filled in
    AGAIN = "again"  # the form, with what was typed before
    RESET = "reset"  # take the staff's value away
    DROP = "drop"  # what is deleted in Discord


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelPress:
    """A control of the panel that was used."""

    verb: PanelVerb
    page: str
    control: str
    whose: Whose
    seen: int

    def __str__(self) -> str:
        """`zeuxis:settings:set:pictures:default_size:g0:17`."""
        whose = f"{self.whose.who}{self.whose.id}"
        return f"zeuxis:settings:{self.verb}:{self.page}:{self.control}:{whose}:{self.seen}"


PANEL_PATTERN = re.compile(
    rf"zeuxis:settings:(?P<verb>{'|'.join(PanelVerb)}):(?P<page>[a-z]{{1,16}})"
    rf":(?P<control>-|[a-z_]{{1,24}}):(?P<who>[{''.join(For)}])(?P<id>0|[1-9][0-9]{{0,18}})"
    r":(?P<seen>0|[1-9][0-9]{0,14})"
)
# A button that turns to the entries of the log before this one; 0 is the newest.
LOG_PATTERN = re.compile(r"zeuxis:settings-log:(?P<before>0|[1-9][0-9]{0,14})")


def panel_pressed(match: re.Match[str]) -> PanelPress:
    """Reads a match of `PANEL_PATTERN`."""
    return PanelPress(
        verb=PanelVerb(match["verb"]),
        page=match["page"],
        control=match["control"],
        whose=Whose(who=For(match["who"]), id=int(match["id"])),
        seen=int(match["seen"]),
    )


def whose_of(text: str) -> Whose | None:
    """A choice of the select of whose limits are shown."""
    found = re.fullmatch(rf"([{''.join(For)}])(0|[1-9][0-9]{{0,18}})", text)
    return None if found is None else Whose(who=For(found[1]), id=int(found[2]))


# ------------------------------------------------------------------------------------------------
# The panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One page, as it is to be shown.

    Attributes:
        channel_id: where it is open; of a thread its channel.
        gone: ids of roles and channels in the rules that Discord knows no more.
    """

    page: Page
    whose: Whose
    guild_id: int
    channel_id: int
    view: SettingsView
    offer: Offer
    gone: frozenset[int] = frozenset()

    def press(self, verb: PanelVerb, control: str = "-") -> str:
        press = PanelPress(
            verb=verb,
            page=self.page.name,
            control=control,
            whose=self.whose,
            seen=self.view.seen,
        )
        return str(press)

    def own(self, name: str) -> str | None:
        """The row that staff have set for those whose values are shown."""
        return self.view.own.get(self.whose.key(name, self.guild_id))


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
            items += _CONTROLS[control.kind](panel, control, texts)
        items += _overview(panel, texts) + _resets(panel, texts)
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
    present = f"{panel.whose.who}{panel.whose.id}"
    if present not in choices:
        present = f"{panel.whose.who}0"
    options = [
        discord.SelectOption(label=label, value=value, default=value == present)
        for value, label in choices.items()
    ]
    select: ui.Select[Card] = ui.Select(custom_id=panel.press(PanelVerb.WHOSE), options=options)
    rows: Items = [ui.ActionRow(select)]
    if present.endswith("0") and panel.whose.who not in (For.GUILD, For.EACH_CHANNEL):
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
                default_values=_defaults([chosen], discord.SelectDefaultValueType.role, panel),
            )
        case For.MEMBER:
            return ui.UserSelect(
                custom_id=custom_id,
                placeholder=texts.say("Choose a member"),
                default_values=_defaults([chosen], discord.SelectDefaultValueType.user, panel),
            )
        case _:
            return ui.ChannelSelect(
                custom_id=custom_id,
                channel_types=_PLACES,
                placeholder=texts.say("Choose a channel"),
                default_values=_defaults([chosen], discord.SelectDefaultValueType.channel, panel),
            )


def _defaults(
    ids: Iterable[int], kind: discord.SelectDefaultValueType, panel: Panel
) -> list[discord.SelectDefaultValue]:
    """Without those that Discord knows no more."""
    return [
        discord.SelectDefaultValue(id=one, type=kind)
        for one in ids
        if one and one not in panel.gone
    ]


def panel_button(texts: Texts) -> ui.Button[Card]:
    """For any message: opens a panel for whoever presses it, if they are staff."""
    press = PanelPress(verb=PanelVerb.PAGE, page=PAGES[0].name, control="-", whose=Whose(), seen=0)
    return ui.Button(label=texts.say("Settings"), emoji="⚙️", custom_id=str(press))


# ------------------------------------------------------------------------------------------------
# Controls


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


def _list_control(panel: Panel, control: Control, texts: Texts) -> Items:
    ids: tuple[int, ...] = in_force(panel.view.held, control.name).value  # type: ignore[assignment] # of these two
    items: Items = [ui.TextDisplay(_stated(panel, control, texts))]
    if len(ids) > MOST_DEFAULTS:
        items.append(
            ui.TextDisplay(
                small(texts.say("A list of more than 25 is changed by /settings import."))
            )
        )
    else:
        items.append(ui.ActionRow(_list_select(panel, control, ids, texts)))
    gone = [one for one in ids if one in panel.gone]
    return [*items, *_dropping(panel, control.name, gone, texts)]


def _list_select(panel: Panel, control: Control, ids: Sequence[int], texts: Texts) -> ui.Item[Card]:
    custom_id = panel.press(PanelVerb.SET, control.name)
    if control.kind is ControlKind.ROLES:
        return ui.RoleSelect(
            custom_id=custom_id,
            placeholder=texts.say("Everybody"),
            min_values=0,
            max_values=MOST_DEFAULTS,
            default_values=_defaults(ids, discord.SelectDefaultValueType.role, panel),
        )
    return ui.ChannelSelect(
        custom_id=custom_id,
        channel_types=_PLACES,
        placeholder=texts.say("All channels"),
        min_values=0,
        max_values=MOST_DEFAULTS,
        default_values=_defaults(ids, discord.SelectDefaultValueType.channel, panel),
    )


def _dropping(panel: Panel, control: str, gone: Sequence[int], texts: Texts) -> Items:
    """What is deleted in Discord, and a button to forget it."""
    if not gone:
        return []
    said = texts.say("Deleted in Discord: {ids}", ids=_cut_list([f"`{one}`" for one in gone]))
    button: ui.Button[Card] = ui.Button(
        label=texts.say("Forget these"),
        custom_id=panel.press(PanelVerb.DROP, control),
        style=discord.ButtonStyle.danger,
    )
    return [ui.Section(f"⚠️ {said}", accessory=button)]


def _switch(panel: Panel, control: Control, texts: Texts) -> Items:
    now = in_force(panel.view.held, control.name)
    is_on = now.value is True
    button: ui.Button[Card] = ui.Button(
        label=texts.say("Turn off") if is_on else texts.say("Turn on"),
        custom_id=panel.press(PanelVerb.OFF if is_on else PanelVerb.ON, control.name),
        style=discord.ButtonStyle.secondary if is_on else discord.ButtonStyle.primary,
        disabled=is_bound(now, control.name) and not is_on,
    )
    return [ui.Section(_stated(panel, control, texts), accessory=button)]


def _choice(panel: Panel, control: Control, texts: Texts) -> Items:
    assert control.choices is not None  # noqa: S101 - of this kind
    value = in_force(panel.view.held, control.name).value
    present = "" if value is None else written(value)
    choices = list(control.choices(panel.offer, texts))
    shown = choices[:MOST_DEFAULTS]
    if present and present not in dict(shown):
        shown[-1] = (present, dict(choices).get(present, present))
    options = [
        discord.SelectOption(label=label, value=one or _NOTHING, default=one == present)
        for one, label in shown
    ]
    select: ui.Select[Card] = ui.Select(
        custom_id=panel.press(PanelVerb.SET, control.name),
        placeholder=control.label(texts),
        options=options,
    )
    return [ui.TextDisplay(_stated(panel, control, texts)), ui.ActionRow(select)]


_NOTHING = "-"  # Discord takes no empty value


def chosen_value(text: str) -> str:
    """Of a choice."""
    return "" if text == _NOTHING else text


def _form(panel: Panel, control: Control, texts: Texts) -> Items:
    custom_id = panel.press(PanelVerb.OPEN, control.name)
    if control.unit is None:
        button: ui.Button[Card] = ui.Button(label=texts.say("Change …"), custom_id=custom_id)
        return [ui.Section(_stated(panel, control, texts), accessory=button)]
    lines = _limit_lines(panel, control, control.unit, texts)  # too long to stand beside a button
    button = ui.Button(label=f"{control.label(texts)} …"[:BUTTON_LIMIT], custom_id=custom_id)
    return [ui.TextDisplay("\n".join(lines)), ui.ActionRow(button)]


_CONTROLS = {
    ControlKind.CHANNELS: _list_control,
    ControlKind.ROLES: _list_control,
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
    amount, period = int(panel.own(name) or 0), _window_of(name)
    line = f"- {amount_text(unit, period, amount, texts)}"
    level = panel.whose.level
    states = _states(panel, level, unit, by_staff=True)
    state = next((one for one in states if one.limit.period is period), None)
    return line if state is None or level is Level.ROLE else f"{line} · {_used(state, texts)}"


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


def amount_text(unit: Unit, period: Period, amount: int, texts: Texts) -> str:
    if amount in (UNLIMITED, FORBIDDEN):
        said = texts.say("no limit") if amount == UNLIMITED else texts.say("none")
        return f"{window_label(unit, period, texts)}: {said}"
    return quota_text(unit, period, amount, texts)


def _window_of(name: str) -> Period:
    return next(one for one in Period if name.endswith(f"_{one}"))


def _overview(panel: Panel, texts: Texts) -> Items:
    """For whom else limits are set, of which some may be deleted meanwhile."""
    if panel.whose.who is not For.GUILD or not any(one.unit for one in panel.page.controls):
        return []
    others = dict.fromkeys(whose_is(key) for key in panel.view.own if unit_of(key.name))
    there = [one for one in others if one.id not in panel.gone and one != Whose()]
    gone = [one.id for one in others if one.id in panel.gone]
    items: Items = []
    if there:
        names = _cut_list([whose_label(one, panel.guild_id, texts) for one in there])
        items.append(ui.TextDisplay(texts.say("Limits are also set for: {names}", names=names)))
    return [*items, *_dropping(panel, "limits", gone, texts)]


def _resets(panel: Panel, texts: Texts) -> Items:
    buttons: list[ui.Button[Card]] = [
        ui.Button(
            label=control.label(texts)[:BUTTON_LIMIT],
            emoji="↩️",
            custom_id=panel.press(PanelVerb.RESET, control.name),
        )
        for control in panel.page.shown(panel.whose)
        if any(panel.own(name) is not None for name in control.names(panel.whose))
    ]
    if not buttons:
        return []
    said = small(texts.say("Back to what whoever runs the bot has:"))
    return [ui.Separator(), ui.TextDisplay(said), ui.ActionRow(*buttons[:5])]


def _cut_list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} …"


# ------------------------------------------------------------------------------------------------
# Values in words


def value_text(name: str, value: object, offer: Offer, texts: Texts) -> str:
    """As a part of a line; None is that nothing is set."""
    control = control_of(name)
    if isinstance(value, bool):
        return texts.say("on") if value else texts.say("off")
    if isinstance(value, tuple):
        sign = "@&" if name == "roles" else "#"
        everywhere = texts.say("Everybody") if name == "roles" else texts.say("All channels")
        return _cut_list([f"<{sign}{one}>" for one in value]) or everywhere
    if name == "default_size":
        return shown_size(value if isinstance(value, Size) else offer.default_size)
    if name == "largest_area_px":
        return _area_text(value if isinstance(value, int) else offer.max_area_px)
    if control is not None and control.choices is not None:
        return dict(control.choices(offer, texts)).get(str(value), str(value))
    return _number_text(name, value, texts)


def _number_text(name: str, value: object, texts: Texts) -> str:
    if name == "cooldown_s":
        return texts.say("{seconds} s", seconds=value) if value else texts.say("none")
    if value is None:
        return texts.say("not set")
    unit = unit_of(name)
    if unit is not None and value == UNLIMITED:
        return texts.say("no limit")
    return dollars(int(str(value))) if unit is Unit.MICROS else str(value)


def _area_text(area_px: int) -> str:
    return shown_size(Size(isqrt(area_px), isqrt(area_px)))


def _row_text(name: str, text: str | None, offer: Offer, texts: Texts) -> str:
    """Of a row as it stands, or stood in the log; it may be another version's."""
    if text is None:
        return "–"
    try:
        value = VALUES[name].read(text)
    except (KeyError, ValueError):
        return f"`{plain(text, VALUE_LIMIT)}`"
    return value_text(name, value, offer, texts)


# ------------------------------------------------------------------------------------------------
# Forms


class SettingsForm(ui.Modal):
    """Answered by what it carries, so discord.py has no reason to keep it in memory."""

    def is_finished(self) -> bool:
        return True


def settings_form(
    panel: Panel, control: Control, texts: Texts, typed: Mapping[str, str] | None = None
) -> SettingsForm:
    """Filled with what is set, or with what was typed before."""
    form = SettingsForm(
        title=control.label(texts)[:TITLE_LIMIT],
        custom_id=panel.press(PanelVerb.FORM, control.name),
    )
    form.add_item(ui.TextDisplay(_form_head(panel, control, texts)))
    for name in control.names(panel.whose):
        own = panel.own(name)
        filled = "" if own is None else form_written(name, own)
        field: ui.TextInput[SettingsForm] = ui.TextInput(
            custom_id=name,
            default=(typed or {}).get(name, filled) or None,
            placeholder=_placeholder(name, panel, texts),
            required=False,
            max_length=LONGEST_TYPED,
        )
        form.add_item(ui.Label(text=value_label(name, texts)[:TITLE_LIMIT], component=field))
    return form


def _form_head(panel: Panel, control: Control, texts: Texts) -> str:
    lines = [f"**{whose_label(panel.whose, panel.guild_id, texts)}**"]
    if panel.whose.who is For.ROLE:
        lines.append(texts.say("Of several roles the most generous counts."))
    return "\n".join([*lines, control.hint(texts)])


def _placeholder(name: str, panel: Panel, texts: Texts) -> str:
    if unit_of(name) is not None:
        return texts.say("not set")
    value = in_force(panel.view.held, name).value
    return plain(value_text(name, value, panel.offer, texts), 100)


def refused_items(
    panel: Panel,
    control: Control,
    wrong: Sequence[SettingRefused],
    typed: Mapping[str, str],
    texts: Texts,
) -> Items:
    """Why nothing was changed, what was typed, and a way back to the form with it."""
    reasons = [refused_text(error, typed.get(error.name, ""), texts) for error in wrong]
    held = [(name, typed[name]) for name in control.names(panel.whose) if typed.get(name)]
    button: ui.Button[Card] = ui.Button(
        label=texts.say("Correct it"),
        style=discord.ButtonStyle.primary,
        custom_id=panel.press(PanelVerb.AGAIN, control.name),
    )
    return [
        ui.TextDisplay("\n".join(dict.fromkeys(reasons))),
        *(
            ui.TextDisplay(
                f"{value_label(name, texts)}: `{text.replace('`', 'ˋ')}`", id=_typed_id(name, panel)
            )
            for name, text in held
        ),
        ui.ActionRow(button),
    ]


def refused_text(error: SettingRefused, typed: str, texts: Texts) -> str:
    """In the words of the panel; of a time zone also what may have been meant."""
    control = control_of(error.name)
    if control is None:
        expected = error.expected
    elif error.name in ("default_size", "largest_area_px") and not typed:
        expected = texts.say(
            "Z-Image must paint it, and the largest may not be below the usual one."
        )
    else:
        expected = control.hint(texts)
    wrong = texts.say("{name} cannot be that.", name=f"**{value_label(error.name, texts)}**")
    said = f"{wrong} {expected} {texts.say('Nothing was changed.')}"
    near = near_zones(typed) if error.name == "time_zone" and typed else []
    if not near:
        return said
    names = ", ".join(f"`{one}`" for one in near)
    return f"{said} {texts.say('Did you mean {names}?', names=names)}"


def changed_text(error: SettingChanged, offer: Offer, texts: Texts) -> str:
    """Whose change stands in the way, and what it is now."""
    return texts.say(
        "{who} has changed {name} {when}, so yours was not saved. It is now {value}.",
        who=actor_text(error.by, texts),
        name=f"**{value_label(error.name, texts)}**",
        when=relative(error.at_us),
        value=_row_text(error.name, error.value, offer, texts),
    )


def _typed_id(name: str, panel: Panel) -> int:
    """Of the component that holds it: which of the form's fields it is."""
    control = control_of(name)
    return _TYPED_ID + (control.names(panel.whose).index(name) if control else 0)


def typed_before(message: discord.Message, names: Sequence[str]) -> dict[str, str]:
    """What the refusal of a form holds, by the field."""
    found: dict[str, str] = {}
    waiting: list[Any] = list(message.components)
    while waiting:
        one = waiting.pop()
        waiting += getattr(one, "children", ())
        place, content = (getattr(one, "id", None) or 0) - _TYPED_ID, getattr(one, "content", "")
        text = re.search(r"`([^`]*)`$", content)
        if 0 <= place < len(names) and text is not None:
            found[names[place]] = text[1]
    return found


# ------------------------------------------------------------------------------------------------
# What was changed


def log_card(
    entries: Sequence[AuditEntry], guild_id: int, offer: Offer, texts: Texts, *, is_newest: bool
) -> Card:
    """A page; the button of older entries is there while there may be some."""
    items: Items = [heading("🗒️", texts.say("Changes of settings"))]
    lines = _fitting([f"- {_entry_text(one, guild_id, offer, texts)}" for one in entries])
    shown = entries[: len(lines)]
    items.append(ui.TextDisplay("\n".join(lines) or texts.say("Nothing was changed.")))
    buttons: list[ui.Button[Card]] = []
    if not is_newest:
        buttons.append(ui.Button(label=texts.say("Newest"), custom_id="zeuxis:settings-log:0"))
    if len(entries) > len(shown):
        custom_id = f"zeuxis:settings-log:{shown[-1].id}"
        buttons.append(ui.Button(label=texts.say("Older"), custom_id=custom_id))
    if buttons:
        items.append(ui.ActionRow(*buttons))
    return Card(Colour.NEUTRAL, *items)


def undone_card(entries: Sequence[AuditEntry], guild_id: int, offer: Offer, texts: Texts) -> Card:
    """What holds again."""
    lines = _fitting([f"- {_change_text(one, guild_id, offer, texts)}" for one in entries])
    if len(lines) < len(entries):
        lines.append("…")
    return Card(
        Colour.DONE,
        heading("↩️", texts.say("Taken back")),
        ui.TextDisplay("\n".join(lines)),
    )


def _fitting(lines: Sequence[str]) -> list[str]:
    """As many as have room beside a heading."""
    lengths = accumulate(len(one) + 1 for one in lines[:LOG_ENTRIES])
    most = TEXT_LIMIT - HEAD_LIMIT
    return list(lines[: sum(length <= most for length in lengths)])


def imported_card(entries: Sequence[AuditEntry], guild_id: int, offer: Offer, texts: Texts) -> Card:
    """What the file has changed."""
    if not entries:
        return Card(Colour.DONE, ui.TextDisplay(texts.say("All of it holds already.")))
    card = undone_card(entries, guild_id, offer, texts)
    for item in card.walk_children():
        if isinstance(item, ui.TextDisplay) and item.content.startswith("###"):
            item.content = heading("📥", texts.say("Taken over")).content
    return card


def exported_card(filename: str, texts: Texts) -> Card:
    said = texts.say("All that this server's staff have set; /settings import takes it back.")
    return Card(
        Colour.DONE,
        ui.TextDisplay(said),
        ui.File(f"attachment://{filename}"),
    )


def _entry_text(entry: AuditEntry, guild_id: int, offer: Offer, texts: Texts) -> str:
    sign = "↩️ " if entry.undoes is not None else "📥 " if entry.source == "file" else ""
    who = actor_text(entry.actor, texts)
    return f"{relative(entry.at_us)} {who}: {sign}{_change_text(entry, guild_id, offer, texts)}"


def _change_text(entry: AuditEntry, guild_id: int, offer: Offer, texts: Texts) -> str:
    name, whose = entry.key.name, whose_is(entry.key)
    label = value_label(name, texts)
    if whose != Whose():
        label = f"{whose_label(whose, guild_id, texts)}, {label}"
    was, became = (_row_text(name, one, offer, texts) for one in (entry.was, entry.became))
    return f"{label}: {was} → **{became}**"


def actor_text(actor: str, texts: Texts) -> str:
    return f"<@{actor}>" if actor.isdecimal() else texts.say("whoever runs this bot")
