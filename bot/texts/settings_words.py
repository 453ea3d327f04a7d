"""Settings in words: names, for whom they hold, values, and what was changed by whom."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING

from discord import ui

from bot.errors import PolicyUnreadable
from bot.features.settings.rules import For, Whose, unit_of, whose_is
from bot.policy.quotas import FORBIDDEN, UNLIMITED
from bot.policy.rules import VALUES
from bot.policy.styles import style_key, style_read
from bot.providers.image import Size, dollars
from bot.queue.records import NOBODY
from bot.refusals import Period, Unit
from bot.texts import plain, relative
from bot.texts.cards import (
    TEXT_LIMIT,
    Card,
    Colour,
    Items,
    file_card,
    fitting,
    heading,
    shown_size,
    turns_back,
    within,
)
from bot.texts.custom_ids import NUMBER, CustomId, custom_id
from bot.texts.quotas import quota_text
from bot.texts.settings_pages import control_of
from bot.texts.style_cards import style_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bot.policy.changes import AuditEntry
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
        return control.choices(offer, texts).get(str(value), str(value))
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


# ------------------------------------------------------------------------------------------------
# What was changed: the log of `/settings`, what was undone, and files to and fro.


@custom_id("zeuxis:settings-log", before=NUMBER)
class SettingsLogTurn(CustomId, frozen=True, kw_only=True):
    """To the entries of the log before this one; 0 is the newest."""

    before: int


LOG_ENTRIES = 15  # on a page
HEAD_LIMIT = 200  # characters


def log_card(entries: Sequence[AuditEntry], offer: Offer, texts: Texts, *, is_newest: bool) -> Card:
    """A page; the button of older entries is there while there may be some."""
    items: Items = [heading("🗒️", texts.say("Changes of settings"))]
    lines = [f"- {entry_text(one, offer, texts)}" for one in entries[:LOG_ENTRIES]]
    lines = fitting(lines, TEXT_LIMIT - HEAD_LIMIT)
    shown = entries[: len(lines)]
    items.append(ui.TextDisplay("\n".join(lines) or texts.say("Nothing was changed.")))
    older = shown[-1].id if len(entries) > len(shown) else None
    items += turns_back(
        lambda before: SettingsLogTurn(before=before), older, texts, is_newest=is_newest
    )
    return Card(Colour.NEUTRAL, *items)


def undone_card(entries: Sequence[AuditEntry], offer: Offer, texts: Texts) -> Card:
    """What holds again."""
    head = heading("↩️", texts.say("Taken back"))
    return Card(Colour.DONE, head, _changes(entries, offer, texts))


def imported_card(entries: Sequence[AuditEntry], offer: Offer, texts: Texts) -> Card:
    """What the file has changed."""
    if not entries:
        return Card(Colour.DONE, ui.TextDisplay(texts.say("All of it holds already.")))
    head = heading("📥", texts.say("Taken over"))
    return Card(Colour.DONE, head, _changes(entries, offer, texts))


def _changes(entries: Sequence[AuditEntry], offer: Offer, texts: Texts) -> ui.TextDisplay[Card]:
    lines = [f"- {change_text(one, offer, texts)}" for one in entries]
    left = ["…"] if len(lines) > LOG_ENTRIES else []
    return ui.TextDisplay(within([*lines[:LOG_ENTRIES], *left], TEXT_LIMIT - HEAD_LIMIT))


def exported_card(filename: str, texts: Texts) -> Card:
    said = texts.say("All that this server's staff have set; /settings import takes it back.")
    return file_card(said, filename, Colour.DONE)


def entry_text(entry: AuditEntry, offer: Offer, texts: Texts) -> str:
    """When, by whom, and what was set."""
    sign = "↩️ " if entry.undoes is not None else "📥 " if entry.source == "file" else ""
    who = actor_text(entry.actor, texts)
    return f"{relative(entry.at_us)} {who}: {sign}{change_text(entry, offer, texts)}"


def change_text(entry: AuditEntry, offer: Offer, texts: Texts) -> str:
    """What was set, for whom, from what to what."""
    name, whose = entry.key.name, whose_is(entry.key)
    label = value_label(name, texts)
    if whose != Whose():
        label = f"{whose_label(whose, entry.tenant_id, texts)}, {label}"
    was, became = (row_text(name, one, offer, texts) for one in (entry.was, entry.became))
    return f"{label}: {was} → **{became}**"


MOST_ENTRIES = 15
LONGEST_VALUE = 60  # characters


def changes_card(entries: Iterable[AuditEntry], texts: Texts, *, nothing: str) -> Card:
    """For the operator, the newest first; names and values as they stand in rows."""
    lines = [_change(one, texts) for one in entries]
    return Card(
        Colour.NEUTRAL,
        heading("📜", texts.say("What was changed")),
        ui.TextDisplay("\n".join(lines[:MOST_ENTRIES]) or nothing),
    )


def _change(entry: AuditEntry, texts: Texts) -> str:
    whose = f"{entry.key.scope} {entry.key.scope_id}".removesuffix(" 0")
    who = actor_text(entry.actor, texts)
    was, became = _value(entry.was), _value(entry.became)
    return f"{relative(entry.at_us)} {who}: `{whose} {entry.key.name}` {was} → {became}"


def _value(text: str | None) -> str:
    return "–" if text is None else f"`{text[:LONGEST_VALUE] or ' '}`"
