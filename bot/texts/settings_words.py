"""Settings in words: their names, for whom they hold, their values, and who has changed them."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

from bot.errors import Period, PolicyUnreadable, Unit
from bot.features.settings.rules import For, Whose, unit_of
from bot.policy.quotas import FORBIDDEN, UNLIMITED
from bot.policy.rules import VALUES
from bot.policy.styles import style_key, style_read
from bot.providers.image import Size, dollars
from bot.queue.records import NOBODY
from bot.texts import plain
from bot.texts.cards import shown_size
from bot.texts.quotas import quota_text
from bot.texts.settings_pages import control_of
from bot.texts.style_words import style_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.providers.image import Offer
    from bot.texts import Texts

MOST_NAMES = 10  # of channels, roles or members in one line
CODE_LIMIT = 60  # characters


# ------------------------------------------------------------------------------------------------
# Names


def value_label(name: str, texts: Texts) -> str:
    """Of one value, also of one that no page shows."""
    style = style_key(name)
    if style is not None:
        return texts.say("Style {name}", name=style_text(style))
    control = control_of(name)
    if control is None:
        return code(name)
    if control.unit is None:
        return control.label(texts)
    return period_label(control.unit, period_of(name), texts)


def period_label(unit: Unit, period: Period, texts: Texts) -> str:
    if unit is Unit.MICROS:
        match period:
            case Period.HOUR:
                return texts.say("Dollars an hour")
            case Period.DAY:
                return texts.say("Dollars a day")
            case Period.MONTH:
                return texts.say("Dollars a month")
    match period:
        case Period.HOUR:
            return texts.say("Pictures an hour")
        case Period.DAY:
            return texts.say("Pictures a day")
        case Period.MONTH:
            return texts.say("Pictures a month")


def whose_label(whose: Whose, guild_id: int, texts: Texts) -> str:
    match whose.who:
        case For.GUILD:
            return texts.say("This server")
        case For.EACH_CHANNEL:
            return texts.say("Each channel")
        case For.CHANNEL:
            return f"<#{whose.id}>"
        case For.ROLE if whose.id == guild_id:
            return texts.say("Each member")
        case For.ROLE:
            return f"<@&{whose.id}>"
        case For.MEMBER:
            return user_text(whose.id, texts)


def code(text: str) -> str:
    """On one line, whatever a file or another version holds."""
    return f"`{plain(text, CODE_LIMIT).replace('`', 'ˋ')}`"


def actor_text(actor: str, texts: Texts) -> str:
    """Of an entry of the log."""
    return user_text(int(actor), texts) if actor.isdecimal() else texts.say("whoever runs this bot")


def user_text(user_id: int, texts: Texts) -> str:
    """Whoever was forgotten has no number."""
    return texts.say("members who deleted their data") if user_id == NOBODY else f"<@{user_id}>"


def names_text(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """The first of them."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} …"


# ------------------------------------------------------------------------------------------------
# Values


def value_text(name: str, value: object, offer: Offer, texts: Texts) -> str:
    """As a part of a line; None is that nothing is set."""
    control = control_of(name)
    if isinstance(value, bool):
        return texts.say("on") if value else texts.say("off")
    if isinstance(value, tuple):
        sign = "@&" if name == "roles" else "#"
        everywhere = texts.say("Everybody") if name == "roles" else texts.say("All channels")
        return names_text([f"<{sign}{one}>" for one in value]) or everywhere
    if name == "staff_channel":
        return f"<#{value}>" if value else texts.say("none")
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
    if name in _UNITS:
        return _UNITS[name](int(str(value)), texts)
    unit = unit_of(name)
    if unit is not None and value == UNLIMITED:
        return texts.say("no limit")
    return dollars(int(str(value))) if unit is Unit.MICROS else str(value)


def _days(days: int, texts: Texts) -> str:
    return texts.plural("{count} day", "{count} days", count=days) if days else texts.say("none")


def _hours(hours: int, texts: Texts) -> str:
    return texts.say("after {hours} h", hours=hours) if hours else texts.say("never")


def _number(number: int, texts: Texts) -> str:
    return str(number) if number else texts.say("never")


def _percent(percent: int, _: Texts) -> str:
    return f"{percent} %"


_UNITS: Mapping[str, Callable[[int, Texts], str]] = {
    "newcomer_days": _days,
    "review_rejects_after_h": _hours,
    "hides_after_reports": _number,
    "refusals_per_hour": _number,
    "check_hold_percent": _percent,
    "check_refuse_percent": _percent,
}


def _area_text(area_px: int) -> str:
    return shown_size(Size(isqrt(area_px), isqrt(area_px)))


def row_text(name: str, text: str | None, offer: Offer, texts: Texts) -> str:
    """Of a row as it stands, or stood in the log; it may be another version's."""
    if text is None:
        return "–"
    if style_key(name) is not None:
        return _style_line(text)
    try:
        value = VALUES[name].read(text)
    except (KeyError, ValueError):
        return code(text)
    return value_text(name, value, offer, texts)


def _style_line(text: str) -> str:
    """The text around the prompt; its other parts the list of styles tells."""
    try:
        return code(style_read(text).prompt)
    except PolicyUnreadable:
        return code(text)


def amount_text(unit: Unit, period: Period, amount: int, texts: Texts) -> str:
    if amount in (UNLIMITED, FORBIDDEN):
        said = texts.say("no limit") if amount == UNLIMITED else texts.say("none")
        return f"{period_label(unit, period, texts)}: {said}"
    return quota_text(unit, period, amount, texts)


def period_of(name: str) -> Period:
    """Of a limit."""
    return next(one for one in Period if name.endswith(f"_{one}"))
