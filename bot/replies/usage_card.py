"""`/usage`: what a member had drawn and what it cost.

One line for each span of time and no table: a table needs type of one width, which no font gives
Chinese, Japanese and Korean words, and screen readers read lines better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from bot.domain.price import dollars
from bot.replies.cards import Card, Colour, heading

if TYPE_CHECKING:
    from bot.domain.views import UsageSum, UsageView
    from bot.replies.texts import Texts


def usage_card(view: UsageView, texts: Texts) -> Card:
    """Today, 7 days, 30 days and all time, each with pictures, rewriting, pixels and cost."""
    spans = (
        (texts.say("Today"), view.today),
        (texts.say("Last 7 days"), view.week),
        (texts.say("Last 30 days"), view.month),
        (texts.say("All time"), view.all_time),
    )
    lines = [f"**{name}** · {_sum(span, texts)}" for name, span in spans]
    return Card(
        Colour.NEUTRAL,
        heading("📊", texts.say("Your pictures on this server")),
        ui.TextDisplay("\n".join(lines)),
    )


def _sum(span: UsageSum, texts: Texts) -> str:
    if not span.images:
        return texts.say("none")
    parts = [texts.plural("{count} picture", "{count} pictures", count=span.images)]
    if span.rewritten:
        parts.append(texts.plural("{count} rewritten", "{count} rewritten", count=span.rewritten))
    parts.append(f"{texts.number(span.pixels / 1e6, decimals=1)} MP")
    parts.append(f"**{dollars(span.cost_micros)}**")
    return " · ".join(parts)
