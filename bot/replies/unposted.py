"""A picture that found no place in Discord: its link, for its member alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from bot.replies.cards import Card, Colour, heading, small
from bot.replies.failures import failure_text
from bot.replies.quoting import quoted
from bot.replies.status_card import small_print
from bot.replies.texts import relative

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.replies.texts import Texts

PROMPT_LIMIT = 100
URL_LIMIT = 512  # Discord's, for a link button
LINK_LIFETIME_US = 24 * 3600 * 1_000_000  # Z-Image API reference (2025-12-23)


def unposted_card(job: Job, texts: Texts) -> Card:
    """What a member is told in private; it holds a link that carries its own permission."""
    parts: list[ui.Item[Card]] = [heading("📦", texts.say("Painted, but not posted"))]
    if job.failure is not None:
        parts.append(ui.TextDisplay(failure_text(job.failure, texts)))
    parts += [unposted_part(job, texts), ui.TextDisplay(small_print(job, texts))]
    return Card(Colour.REFUSED, *parts)


def unposted_part(job: Job, texts: Texts) -> ui.Item[Card]:
    """One of a list: the prompt, how long the link lives, and the link if a button takes it."""
    url = job.outcome.url if job.outcome else ""
    dies_at_us = (job.finished_at_us or job.created_at_us) + LINK_LIFETIME_US
    said = ui.TextDisplay[Card](
        quoted(job.request.prompt, PROMPT_LIMIT)
        + "\n"
        + small(
            texts.say("job {id}", id=job.id),
            texts.say("the link ends {when}", when=relative(dies_at_us)),
        )
    )
    if not url.startswith(("https://", "http://")) or len(url) > URL_LIMIT:
        return said
    return ui.Section(said, accessory=ui.Button(label=texts.say("Open the picture"), url=url))
