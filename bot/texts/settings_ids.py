"""What the controls of `/settings` carry: page, control, for whom, and what was seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.features.settings.rules import For, Whose
from bot.texts.custom_ids import NUMBER, CustomId, Part, one_of

if TYPE_CHECKING:
    from bot.features.settings.service import SettingsView
    from bot.policy.rules import CheckedBy
    from bot.providers.image import Offer
    from bot.texts.settings_pages import Page

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


_WHOSE = Part(f"[{''.join(For)}](?:{NUMBER.pattern})", _whose_read, whose_written)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelPress(
    CustomId,
    prefix="zeuxis:settings",
    verb=one_of(PanelVerb),
    page=Part("[a-z]{1,16}"),
    control=Part("-|[a-z_]{1,24}"),
    whose=_WHOSE,
    seen=NUMBER,
):
    """A control of the panel that was used: `zeuxis:settings:set:pictures:default_size:g0:17`."""

    verb: PanelVerb
    page: str
    control: str
    whose: Whose
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsLogTurn(CustomId, prefix="zeuxis:settings-log", before=NUMBER):
    """To the entries of the log before this one; 0 is the newest."""

    before: int


def whose_of(text: str) -> Whose | None:
    """A choice of the select of whose limits are shown."""
    return _WHOSE.read(text) if re.fullmatch(_WHOSE.pattern, text) else None


def chosen_value(text: str) -> str:
    """Of a choice."""
    return "" if text == NOTHING else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
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
