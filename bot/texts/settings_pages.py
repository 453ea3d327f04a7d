"""What the panel of `/settings` shows, page by page, as data; and what its controls carry.

A feature that has settings adds a `Page` of its own, or controls to one of these; the panel draws
them and changes their values without knowing what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.errors import Unit
from bot.features.settings.rules import For, Whose
from bot.policy.rules import (
    GUILDS_OWN,
    LANGUAGES,
    VALUES,
    CheckedBy,
    ResultsIn,
    Review,
    UsageReaders,
)
from bot.texts.cards import shown_size
from bot.texts.custom_ids import NUMBER, CustomId, IdPart, one_of

if TYPE_CHECKING:
    from bot.features.settings.service import SettingsView
    from bot.providers.image import Offer
    from bot.texts import Texts

Say = Callable[["Texts"], str]
Choices = Callable[["Offer", "Texts"], Sequence[tuple[str, str]]]  # a row's value, and its words


class ControlKind(StrEnum):
    """How a value is set."""

    CHANNELS = "channels"  # a select of channels
    CHANNEL = "channel"  # a select of one
    ROLES = "roles"  # a select of roles
    SWITCH = "switch"  # a button
    CHOICE = "choice"  # a select of what `choices` tells
    FORM = "form"  # a button that opens a form


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Sets one value, or several at once.

    Attributes:
        name: of the control, and of its value if it has one.
        hint: what it means, in a sentence; of a form also what may be typed.
        unit: of a control of limits, whose values depend on for whom they are.
        scopes: for whom it can be set.
    """

    name: str
    kind: ControlKind
    label: Say
    hint: Say
    choices: Choices | None = None
    unit: Unit | None = None
    scopes: frozenset[For] = frozenset({For.GUILD})

    def names(self, whose: Whose) -> tuple[str, ...]:
        """Of its values."""
        return (self.name,) if self.unit is None else whose.quotas(self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the panel.

    Attributes:
        name: letters; stands in the buttons of panels that are open for days.
        whose: for whom its values can be set; of more than one the page has a select.
    """

    name: str
    sign: str
    title: Say
    controls: tuple[Control, ...]
    whose: tuple[For, ...] = (For.GUILD,)

    def shown(self, whose: Whose) -> tuple[Control, ...]:
        """The controls of values that can be set for them."""
        return tuple(one for one in self.controls if whose.who in one.scopes)


def _sizes(offer: Offer, texts: Texts) -> list[tuple[str, str]]:  # noqa: ARG001 - as the others
    """The common ones first; Discord takes 25."""
    ratios = {one.size: one.ratio for one in offer.recommended}
    sizes = dict.fromkeys([*offer.common, *ratios])
    return [(str(one), f"{ratios[one]} · {shown_size(one)}") for one in sizes]


# Each in its own words, so that whoever reads it finds it.
LANGUAGE_NAMES = dict(
    zip(
        LANGUAGES,
        (
            *("English", "Deutsch", "Español", "Français", "日本語", "한국어"),
            *("Português (Brasil)", "简体中文", "繁體中文"),
        ),
        strict=True,
    )
)


def _languages(offer: Offer, texts: Texts) -> list[tuple[str, str]]:  # noqa: ARG001 - as the others
    return [(GUILDS_OWN, texts.say("The server's own")), *LANGUAGE_NAMES.items()]


def _places(offer: Offer, texts: Texts) -> list[tuple[str, str]]:  # noqa: ARG001 - as the others
    return [
        (ResultsIn.THREAD, texts.say("A thread for each request")),
        (ResultsIn.DAILY, texts.say("A thread for each member and day")),
        (ResultsIn.CHANNEL, texts.say("The same channel")),
    ]


def _readers(offer: Offer, texts: Texts) -> list[tuple[str, str]]:  # noqa: ARG001 - as the others
    return [
        (UsageReaders.STAFF, texts.say("Whoever may manage this server")),
        (UsageReaders.EVERYONE, texts.say("Everybody")),
    ]


def _reviews(offer: Offer, texts: Texts) -> list[tuple[str, str]]:  # noqa: ARG001 - as the others
    return [
        (Review.OFF, texts.say("Only what a rule or a check holds")),
        (Review.FLAGGED, texts.say("Whatever a rule or a check finds fault with")),
        (Review.ALWAYS, texts.say("Each picture")),
    ]


def _checks(offer: Offer, texts: Texts) -> list[tuple[str, str]]:  # noqa: ARG001 - as the others
    return [
        (CheckedBy.NOTHING, texts.say("Nobody")),
        (CheckedBy.MODEL, texts.say("A model on the bot's own machine")),
        (CheckedBy.OPENAI, texts.say("OpenAI, abroad: each picture is sent there")),
    ]


WHERE = Page(
    name="where",
    sign="📍",
    title=lambda texts: texts.say("Who and where"),
    controls=(
        Control(
            name="channels",
            kind=ControlKind.CHANNELS,
            label=lambda texts: texts.say("Channels"),
            hint=lambda texts: texts.say(
                "Pictures are painted in these and their threads; in all if none is chosen."
            ),
        ),
        Control(
            name="roles",
            kind=ControlKind.ROLES,
            label=lambda texts: texts.say("Roles"),
            hint=lambda texts: texts.say(
                "Members need one of these to have pictures painted; none if none is chosen."
            ),
        ),
    ),
)
LIMITS = Page(
    name="limits",
    sign="⏱️",
    title=lambda texts: texts.say("Limits"),
    whose=(For.GUILD, For.ROLE, For.EACH_CHANNEL, For.CHANNEL, For.MEMBER),
    controls=(
        Control(
            name="pictures",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Pictures"),
            hint=lambda texts: texts.say(
                "A whole number up to 1000000. 0 is none, -1 no limit, empty: not set."
            ),
            unit=Unit.PICTURES,
            scopes=frozenset(For),
        ),
        Control(
            name="money",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Money"),
            hint=lambda texts: texts.say(
                "US dollars such as 1.50 or 1,50. 0 is none, -1 no limit, empty: not set."
            ),
            unit=Unit.MICROS,
            scopes=frozenset(For),
        ),
        Control(
            name="cooldown_s",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Break after a picture"),
            hint=lambda texts: texts.say("Seconds from 0 to 86400; empty: not set."),
        ),
    ),
)
PICTURES = Page(
    name="pictures",
    sign="🖼️",
    title=lambda texts: texts.say("Pictures"),
    whose=(For.GUILD, For.CHANNEL),
    controls=(
        Control(
            name="default_size",
            kind=ControlKind.CHOICE,
            label=lambda texts: texts.say("Usual size"),
            hint=lambda texts: texts.say("Of a picture for which no size was asked."),
            choices=_sizes,
            scopes=frozenset({For.GUILD, For.CHANNEL}),
        ),
        Control(
            name="largest_area_px",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Largest size"),
            hint=lambda texts: texts.say(
                "Width and height such as 1536*1024, or pixels; not below the usual size."
            ),
        ),
        Control(
            name="largest_batch",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Pictures at once"),
            hint=lambda texts: texts.say("The most in one request, from 1 to 16; empty: 4."),
        ),
        Control(
            name="rewriting_allowed",
            kind=ControlKind.SWITCH,
            label=lambda texts: texts.say("Rewriting allowed"),
            hint=lambda texts: texts.say("Whether members may let Z-Image enrich their prompts."),
        ),
        Control(
            name="rewrite_by_default",
            kind=ControlKind.SWITCH,
            label=lambda texts: texts.say("Rewriting by default"),
            hint=lambda texts: texts.say("Where a member does not say; it costs more."),
        ),
    ),
)
LOCALITY = Page(
    name="locality",
    sign="🌍",
    title=lambda texts: texts.say("Language and time"),
    controls=(
        Control(
            name="language",
            kind=ControlKind.CHOICE,
            label=lambda texts: texts.say("Language"),
            hint=lambda texts: texts.say(
                "Of what everybody reads here; what one member alone reads is in theirs."
            ),
            choices=_languages,
        ),
        Control(
            name="time_zone",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Time zone"),
            hint=lambda texts: texts.say(
                "A name such as Europe/Berlin; a day begins there at 0:00."
            ),
        ),
    ),
)
MEMBERS = Page(
    name="members",
    sign="👥",
    title=lambda texts: texts.say("Members"),
    controls=(
        Control(
            name="results_in",
            kind=ControlKind.CHOICE,
            label=lambda texts: texts.say("Where pictures go"),
            hint=lambda texts: texts.say("What was asked for in a thread stays in that thread."),
            choices=_places,
        ),
        Control(
            name="preview",
            kind=ControlKind.SWITCH,
            label=lambda texts: texts.say("Preview"),
            hint=lambda texts: texts.say(
                "A picture in a thread is shown small in the channel, too."
            ),
        ),
        Control(
            name="pings",
            kind=ControlKind.SWITCH,
            label=lambda texts: texts.say("Notification"),
            hint=lambda texts: texts.say("Members are notified when their picture is posted."),
        ),
        Control(
            name="usage_readers",
            kind=ControlKind.CHOICE,
            label=lambda texts: texts.say("Who sees the server's usage"),
            hint=lambda texts: texts.say("Their own usage, everybody sees."),
            choices=_readers,
        ),
    ),
)
MODERATION = Page(
    name="moderation",
    sign="🛡️",
    title=lambda texts: texts.say("Moderation"),
    whose=(For.GUILD, For.CHANNEL, For.ROLE, For.MEMBER),
    controls=(
        Control(
            name="staff_channel",
            kind=ControlKind.CHANNEL,
            label=lambda texts: texts.say("Staff's channel"),
            hint=lambda texts: texts.say(
                "Pictures that wait, reports and appeals come here; I must be able to write there."
            ),
        ),
        Control(
            name="review",
            kind=ControlKind.CHOICE,
            label=lambda texts: texts.say("Review before posting"),
            hint=lambda texts: texts.say(
                "What is set for a member, or else for a role, replaces what is set for the place."
            ),
            choices=_reviews,
            scopes=frozenset({For.GUILD, For.CHANNEL, For.ROLE, For.MEMBER}),
        ),
        Control(
            name="newcomer_days",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Newcomers"),
            hint=lambda texts: texts.say(
                "So many days after they came, each picture of a member is reviewed. 0: of nobody."
            ),
        ),
        Control(
            name="review_rejects_after_h",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Rejected by itself"),
            hint=lambda texts: texts.say(
                "After so many hours without a decision. 0: it waits for as long as it takes."
            ),
        ),
    ),
)
CHECKS = Page(
    name="checks",
    sign="🔬",
    title=lambda texts: texts.say("Checks and reports"),
    controls=(
        Control(
            name="picture_check",
            kind=ControlKind.CHOICE,
            label=lambda texts: texts.say("Who checks pictures"),
            hint=lambda texts: texts.say(
                "Before they are posted. OpenAI is a service abroad: each picture is sent to it."
            ),
            choices=_checks,
        ),
        Control(
            name="check_hold_percent",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Pictures held from"),
            hint=lambda texts: texts.say(
                "Percent from 0 to 100: the staff see it first. Not above what refuses it."
            ),
        ),
        Control(
            name="check_refuse_percent",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Pictures refused from"),
            hint=lambda texts: texts.say(
                "Percent from 0 to 100: nobody sees it. Not below what holds it."
            ),
        ),
        Control(
            name="hides_after_reports",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Hidden after reports"),
            hint=lambda texts: texts.say(
                "So many members' reports hide a picture until the staff have looked. 0: never."
            ),
        ),
        Control(
            name="refusals_per_hour",
            kind=ControlKind.FORM,
            label=lambda texts: texts.say("Refusals an hour"),
            hint=lambda texts: texts.say(
                "After so many by Z-Image a member waits: the account is at stake. 0: never."
            ),
        ),
    ),
)

PAGES: tuple[Page, ...] = (WHERE, LIMITS, PICTURES, LOCALITY, MEMBERS, MODERATION, CHECKS)


def page_named(name: str) -> Page | None:
    """None if it is another version's."""
    return next((one for one in PAGES if one.name == name), None)


def control_of(name: str) -> Control | None:
    """That sets this value; None of a value without one, or of another version."""
    if name not in VALUES:
        return None
    controls = [one for page in PAGES for one in page.controls]
    for one in controls:
        if one.name == name or (one.unit is not None and f"_{one.unit}_per_" in name):
            return one
    return None


# ------------------------------------------------------------------------------------------------
# What the controls carry: page, control, for whom, and what was seen.


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelPress(
    CustomId,
    prefix="zeuxis:settings",
    verb=one_of(PanelVerb),
    page=IdPart("[a-z]{1,16}"),
    control=IdPart("-|[a-z_]{1,24}"),
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
