"""What was changed: the log of `/settings`, what was undone, and files to and fro."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

from discord import ui

from bot.features.settings.rules import Whose, whose_is
from bot.texts import relative
from bot.texts.cards import TEXT_LIMIT, Card, Colour, heading
from bot.texts.settings_ids import SettingsLogTurn
from bot.texts.settings_words import actor_text, row_text, value_label, whose_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.policy.changes import AuditEntry
    from bot.providers.image import Offer
    from bot.texts import Texts

Items: TypeAlias = "list[ui.Item[Card]]"

LOG_ENTRIES = 15  # on a page
HEAD_LIMIT = 200  # characters


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
        buttons.append(
            ui.Button(label=texts.say("Newest"), custom_id=str(SettingsLogTurn(before=0)))
        )
    if len(entries) > len(shown):
        custom_id = str(SettingsLogTurn(before=shown[-1].id))
        buttons.append(ui.Button(label=texts.say("Older"), custom_id=custom_id))
    if buttons:
        items.append(ui.ActionRow(*buttons))
    return Card(Colour.NEUTRAL, *items)


def undone_card(entries: Sequence[AuditEntry], guild_id: int, offer: Offer, texts: Texts) -> Card:
    """What holds again."""
    head = heading("↩️", texts.say("Taken back"))
    return Card(Colour.DONE, head, _changes(entries, guild_id, offer, texts))


def imported_card(entries: Sequence[AuditEntry], guild_id: int, offer: Offer, texts: Texts) -> Card:
    """What the file has changed."""
    if not entries:
        return Card(Colour.DONE, ui.TextDisplay(texts.say("All of it holds already.")))
    head = heading("📥", texts.say("Taken over"))
    return Card(Colour.DONE, head, _changes(entries, guild_id, offer, texts))


def _changes(
    entries: Sequence[AuditEntry], guild_id: int, offer: Offer, texts: Texts
) -> ui.TextDisplay[Card]:
    lines = _fitting([f"- {change_text(one, guild_id, offer, texts)}" for one in entries])
    return ui.TextDisplay("\n".join(lines if len(lines) == len(entries) else [*lines, "…"]))


def _fitting(lines: Sequence[str]) -> list[str]:
    """As many as have room beside a heading."""
    lengths = accumulate(len(one) + 1 for one in lines[:LOG_ENTRIES])
    most = TEXT_LIMIT - HEAD_LIMIT
    return list(lines[: sum(length <= most for length in lengths)])


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
    return f"{relative(entry.at_us)} {who}: {sign}{change_text(entry, guild_id, offer, texts)}"


def change_text(entry: AuditEntry, guild_id: int, offer: Offer, texts: Texts) -> str:
    """What was set, for whom, from what to what."""
    name, whose = entry.key.name, whose_is(entry.key)
    label = value_label(name, texts)
    if whose != Whose():
        label = f"{whose_label(whose, guild_id, texts)}, {label}"
    was, became = (row_text(name, one, offer, texts) for one in (entry.was, entry.became))
    return f"{label}: {was} → **{became}**"
