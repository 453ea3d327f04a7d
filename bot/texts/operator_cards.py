"""What the operator is told in Discord: guilds, what was changed, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from bot.providers.image import dollars
from bot.texts import plain, relative
from bot.texts.cards import Card, Colour, heading
from bot.texts.settings_words import actor_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.policy.changes import AuditEntry
    from bot.queue.ledger import GuildRow
    from bot.texts import Texts


MOST_GUILDS = 20
MOST_ENTRIES = 15
LONGEST_NAME = 40  # characters
LONGEST_VALUE = 60


def guilds_card(rows: Sequence[GuildRow], names: Mapping[int, str], texts: Texts) -> Card:
    """Those that cost the most first; `names` may lack some."""
    lines = [_guild(row, names.get(row.guild_id, ""), texts) for row in rows[:MOST_GUILDS]]
    if len(rows) > MOST_GUILDS:
        lines.append(
            texts.say(
                "… and {count} more: {command} lists all",
                count=len(rows) - MOST_GUILDS,
                command="`zeuxis guilds`",
            )
        )
    return Card(
        Colour.NEUTRAL,
        heading("🎨", texts.say("Servers, the last 30 days")),
        ui.TextDisplay("\n".join(lines) or texts.say("I am in no server yet.")),
    )


def _guild(row: GuildRow, name: str, texts: Texts) -> str:
    sign = "✅" if row.is_allowed else "⛔"
    pictures = texts.plural("{count} picture", "{count} pictures", count=row.pictures_30_days)
    cost = dollars(row.cost_micros_30_days)
    return f"{sign} `{row.guild_id}` {plain(name, LONGEST_NAME)} · {pictures} · {cost}"


def changes_card(entries: Iterable[AuditEntry], texts: Texts, *, nothing: str) -> Card:
    """What was changed, the newest first."""
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
