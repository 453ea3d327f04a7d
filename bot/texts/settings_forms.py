"""What the controls of the panel carry, its forms, and why what was typed was not saved."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from discord import ui
from msgspec import Struct

from bot.features.settings.forms import form_written, near_zones
from bot.features.settings.rules import For, Whose, in_force, unit_of
from bot.texts import plain, relative
from bot.texts.custom_ids import NUMBER, CustomId, IdPart, custom_id, one_of
from bot.texts.forms import Form, correct_button, text_field, typed_item
from bot.texts.settings_pages import Control, Page, control_of
from bot.texts.settings_words import actor_text, row_text, value_label, value_text, whose_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.features.settings.service import SettingsView
    from bot.policy.rules import CheckedBy
    from bot.providers.image import Offer
    from bot.staff_refusals import SettingChanged, SettingRefused
    from bot.texts import Texts
    from bot.texts.cards import Items

NOTHING = "-"  # Discord takes no empty value


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


def _whose_read(text: str) -> Whose:
    return Whose(who=For(text[0]), id=int(text[1:]))


def whose_written(whose: Whose) -> str:
    return f"{whose.who}{whose.id}"


_WHOSE = IdPart(f"[{''.join(For)}](?:{NUMBER.pattern})", _whose_read, whose_written)


@custom_id(
    "zeuxis:settings",
    verb=one_of(PanelVerb),
    page=IdPart("[a-z]{1,16}"),
    control=IdPart("-|[a-z_]{1,24}"),
    whose=_WHOSE,
    seen=NUMBER,
)
class PanelPress(CustomId, frozen=True, kw_only=True):
    """A control of the panel that was used: `zeuxis:settings:set:pictures:default_size:g0:17`."""

    verb: PanelVerb
    page: str
    control: str
    whose: Whose
    seen: int


def whose_of(text: str) -> Whose | None:
    """A choice of the select of whose limits are shown."""
    return _WHOSE.read(text) if re.fullmatch(_WHOSE.pattern, text) else None


def chosen_value(text: str) -> str:
    """Of a choice."""
    return "" if text == NOTHING else text


class Panel(Struct, frozen=True, kw_only=True):
    """One page, as it is to be shown.

    Attributes:
        channel_id: where it is open; of a thread its channel.
        gone: ids of roles and channels in the rules that Discord knows no more.
        lacking: permissions that the bot would need in the staff's channel.
        checks: of pictures, that the operator has set up.
    """

    page: Page
    whose: Whose
    guild_id: int
    channel_id: int
    view: SettingsView
    offer: Offer
    gone: frozenset[int] = frozenset()
    lacking: tuple[str, ...] = ()
    checks: frozenset[CheckedBy] = frozenset()

    def press(self, verb: PanelVerb, control: str = "-") -> PanelPress:
        return PanelPress(
            verb=verb,
            page=self.page.name,
            control=control,
            whose=self.whose,
            seen=self.view.seen,
        )

    def own(self, name: str) -> str | None:
        """The row that staff have set for those whose values are shown."""
        return self.view.own.get(self.whose.key(name, self.guild_id))


# ------------------------------------------------------------------------------------------------
# The forms.


LONGEST_TYPED = 60  # characters in a field


def settings_form(
    panel: Panel, control: Control, texts: Texts, typed: Mapping[str, str] | None = None
) -> Form:
    """Filled with what is set, or with what was typed before."""
    form = Form(control.label(texts), panel.press(PanelVerb.FORM, control.name))
    form.add_item(ui.TextDisplay(_form_head(panel, control, texts)))
    for name in control.names(panel.whose):
        own = panel.own(name)
        filled = "" if own is None else form_written(name, own)
        field = text_field(
            name,
            LONGEST_TYPED,
            (typed or {}).get(name, filled),
            required=False,
            placeholder=_placeholder(name, panel, texts),
        )
        form.ask(value_label(name, texts), field)
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
    return [
        ui.TextDisplay("\n".join(dict.fromkeys(reasons))),
        *(typed_item(_place(name, panel), value_label(name, texts), text) for name, text in held),
        ui.ActionRow(correct_button(panel.press(PanelVerb.AGAIN, control.name), texts)),
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
        value=row_text(error.name, error.value, offer, texts),
    )


def _place(name: str, panel: Panel) -> int:
    """Which of the form's fields it is."""
    control = control_of(name)
    return control.names(panel.whose).index(name) if control else 0
