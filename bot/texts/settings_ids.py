"""What the controls of `/settings` carry: page, control, for whom, and what was seen.

That is all that a press needs, so a panel works after a restart and in any process. The format is
an interface: panels stay open for days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.features.settings.rules import For, Whose

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
