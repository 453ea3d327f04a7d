"""What the panel of `/settings` shows, page by page, as data.

A feature that has settings adds a `Page` of its own, or controls to one of these; the panel draws
them and changes their values without knowing what they mean.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from bot.features.settings.rules import For, Whose
from bot.policy.rules import (
    GUILDS_OWN,
    LANGUAGES,
    VALUES,
    CheckedBy,
    ResultsIn,
    Review,
    Scope,
    UsageReaders,
)
from bot.refusals import Unit
from bot.texts import Say, deferred
from bot.texts.cards import shown_size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.providers.image import Offer
    from bot.texts import Texts

Choices: TypeAlias = "Callable[[Offer, Texts], Mapping[str, str]]"  # rows' values in words


class ControlKind(StrEnum):
    """How a value is set."""

    CHANNELS = "channels"  # a select of channels
    CHANNEL = "channel"  # a select of one
    ROLES = "roles"  # a select of roles
    SWITCH = "switch"  # a button
    CHOICE = "choice"  # a select of what `choices` tells
    FORM = "form"  # a button that opens a form


_FOR = {
    Scope.GUILD: For.GUILD,
    Scope.CHANNEL: For.CHANNEL,
    Scope.ROLE: For.ROLE,
    Scope.MEMBER: For.MEMBER,
}


class Control(Struct, frozen=True):
    """Sets one value, or several at once.

    Attributes:
        name: of the control, and of its value if it has one.
        hint: what it means, in a sentence; of a form also what may be typed.
        unit: of a control of limits, whose values depend on for whom they are.
    """

    name: str
    label: Say
    hint: Say
    kind: ControlKind = ControlKind.FORM
    choices: Choices | None = None
    unit: Unit | None = None

    @property
    def whose(self) -> frozenset[For]:
        """For whom it can be set."""
        if self.unit is not None:
            return frozenset(For)
        return frozenset(_FOR[one] for one in VALUES[self.name].staff)

    def names(self, whose: Whose) -> tuple[str, ...]:
        """Of its values."""
        return (self.name,) if self.unit is None else whose.quotas(self.unit)


class Page(Struct, frozen=True):
    """A page of the panel.

    Attributes:
        name: letters; stands in the buttons of panels that are open for days.
    """

    name: str
    sign: str
    title: Say
    controls: tuple[Control, ...]

    @property
    def whose(self) -> list[For]:
        """For whom its values can be set; of more than one the page has a select."""
        return [one for one in For if any(one in control.whose for control in self.controls)]

    def shown(self, whose: Whose) -> tuple[Control, ...]:
        """The controls of values that can be set for them."""
        return tuple(one for one in self.controls if whose.who in one.whose)


def _sizes(offer: Offer, _: Texts) -> dict[str, str]:
    """The common ones first; Discord takes 25."""
    ratios = {one.size: one.ratio for one in offer.recommended}
    sizes = dict.fromkeys([*offer.common, *ratios])
    return {str(one): f"{ratios[one]} · {shown_size(one)}" for one in sizes}


def _one_of(labels: Mapping[str, Say]) -> Choices:
    return lambda _, texts: {value: label(texts) for value, label in labels.items()}


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


def _languages(_: Offer, texts: Texts) -> dict[str, str]:
    return {GUILDS_OWN: texts.say("The server's own"), **LANGUAGE_NAMES}


_PLACES = _one_of(
    {
        ResultsIn.THREAD: deferred("A thread for each request"),
        ResultsIn.DAILY: deferred("A thread for each member and day"),
        ResultsIn.CHANNEL: deferred("The same channel"),
    }
)
_READERS = _one_of(
    {
        UsageReaders.STAFF: deferred("Whoever may manage this server"),
        UsageReaders.EVERYONE: deferred("Everybody"),
    }
)
_REVIEWS = _one_of(
    {
        Review.OFF: deferred("Only what a rule or a check holds"),
        Review.FLAGGED: deferred("Whatever a rule or a check finds fault with"),
        Review.ALWAYS: deferred("Each picture"),
    }
)
_CHECKS = _one_of(
    {
        CheckedBy.NOTHING: deferred("Nobody"),
        CheckedBy.MODEL: deferred("A model on the bot's own machine"),
        CheckedBy.OPENAI: deferred("OpenAI, abroad: each picture is sent there"),
    }
)

WHERE = Page(
    "where",
    "📍",
    deferred("Who and where"),
    (
        Control(
            "channels",
            deferred("Channels"),
            deferred("Pictures are painted in these and their threads; in all if none is chosen."),
            kind=ControlKind.CHANNELS,
        ),
        Control(
            "roles",
            deferred("Roles"),
            deferred("Members need one of these to have pictures painted; none if none is chosen."),
            kind=ControlKind.ROLES,
        ),
    ),
)
LIMITS = Page(
    "limits",
    "⏱️",
    deferred("Limits"),
    (
        Control(
            "pictures",
            deferred("Pictures"),
            deferred("A whole number up to 1000000. 0 is none, -1 no limit, empty: not set."),
            unit=Unit.PICTURES,
        ),
        Control(
            "money",
            deferred("Money"),
            deferred("US dollars such as 1.50 or 1,50. 0 is none, -1 no limit, empty: not set."),
            unit=Unit.MICROS,
        ),
        Control(
            "cooldown_s",
            deferred("Break after a picture"),
            deferred("Seconds from 0 to 86400; empty: not set."),
        ),
    ),
)
PICTURES = Page(
    "pictures",
    "🖼️",
    deferred("Pictures"),
    (
        Control(
            "default_size",
            deferred("Usual size"),
            deferred("Of a picture for which no size was asked."),
            kind=ControlKind.CHOICE,
            choices=_sizes,
        ),
        Control(
            "largest_area_px",
            deferred("Largest size"),
            deferred("Width and height such as 1536*1024, or pixels; not below the usual size."),
        ),
        Control(
            "largest_batch",
            deferred("Pictures at once"),
            deferred("The most in one request, from 1 to 16; empty: 4."),
        ),
        Control(
            "rewriting_allowed",
            deferred("Rewriting allowed"),
            deferred("Whether members may let Z-Image enrich their prompts."),
            kind=ControlKind.SWITCH,
        ),
        Control(
            "rewrite_by_default",
            deferred("Rewriting by default"),
            deferred("Where a member does not say; it costs more."),
            kind=ControlKind.SWITCH,
        ),
    ),
)
LOCALITY = Page(
    "locality",
    "🌍",
    deferred("Language and time"),
    (
        Control(
            "language",
            deferred("Language"),
            deferred("Of what everybody reads here; what one member alone reads is in theirs."),
            kind=ControlKind.CHOICE,
            choices=_languages,
        ),
        Control(
            "time_zone",
            deferred("Time zone"),
            deferred("A name such as Europe/Berlin; a day begins there at 0:00."),
        ),
    ),
)
MEMBERS = Page(
    "members",
    "👥",
    deferred("Members"),
    (
        Control(
            "results_in",
            deferred("Where pictures go"),
            deferred("What was asked for in a thread stays in that thread."),
            kind=ControlKind.CHOICE,
            choices=_PLACES,
        ),
        Control(
            "preview",
            deferred("Preview"),
            deferred("A picture in a thread is shown small in the channel, too."),
            kind=ControlKind.SWITCH,
        ),
        Control(
            "pings",
            deferred("Notification"),
            deferred("Members are notified when their picture is posted."),
            kind=ControlKind.SWITCH,
        ),
        Control(
            "usage_readers",
            deferred("Who sees the server's usage"),
            deferred("Everybody sees their own usage."),
            kind=ControlKind.CHOICE,
            choices=_READERS,
        ),
    ),
)
MODERATION = Page(
    "moderation",
    "🛡️",
    deferred("Moderation"),
    (
        Control(
            "staff_channel",
            deferred("Staff's channel"),
            deferred(
                "Pictures that wait, reports and appeals come here; I must be able to write there."
            ),
            kind=ControlKind.CHANNEL,
        ),
        Control(
            "review",
            deferred("Review before posting"),
            deferred(
                "What is set for a member, or else for a role, replaces what is set for the place."
            ),
            kind=ControlKind.CHOICE,
            choices=_REVIEWS,
        ),
        Control(
            "newcomer_days",
            deferred("Newcomers"),
            deferred(
                "So many days after they came, each picture of a member is reviewed. 0: of nobody."
            ),
        ),
        Control(
            "review_rejects_after_h",
            deferred("Rejected by itself"),
            deferred(
                "After so many hours without a decision. 0: it waits for as long as it takes."
            ),
        ),
    ),
)
CHECKS = Page(
    "checks",
    "🔬",
    deferred("Checks and reports"),
    (
        Control(
            "picture_check",
            deferred("Who checks pictures"),
            deferred(
                "Before they are posted. OpenAI is a service abroad: each picture is sent to it."
            ),
            kind=ControlKind.CHOICE,
            choices=_CHECKS,
        ),
        Control(
            "check_hold_percent",
            deferred("Pictures held from"),
            deferred("Percent from 0 to 100: the staff see it first. Not above what refuses it."),
        ),
        Control(
            "check_refuse_percent",
            deferred("Pictures refused from"),
            deferred("Percent from 0 to 100: nobody sees it. Not below what holds it."),
        ),
        Control(
            "hides_after_reports",
            deferred("Hidden after reports"),
            deferred(
                "So many members' reports hide a picture until the staff have looked. 0: never."
            ),
        ),
        Control(
            "refusals_per_hour",
            deferred("Refusals an hour"),
            deferred("After so many by Z-Image a member waits: the account is at stake. 0: never."),
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
