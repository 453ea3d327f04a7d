"""`/queue`: where a member's pictures stand, and those that found no place in Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from bot.domain.job import JobState
from bot.replies.cards import Card, Colour, button, heading, small
from bot.replies.custom_ids import Verb
from bot.replies.quoting import quoted
from bot.replies.status_card import place_text
from bot.replies.unposted import unposted_part

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.domain.views import QueueView, Waiting
    from bot.replies.texts import Texts

MOST_SHOWN = 5  # of a member's jobs; Discord allows 40 components, and a phone shows no more
MOST_UNDELIVERED = 3
PROMPT_LIMIT = 100


def queue_card(view: QueueView, texts: Texts) -> Card:
    """For the member alone: it holds links that carry their own permission."""
    parts: list[ui.Item[Card]] = [heading("⏳", texts.say("Your waiting pictures"))]
    if not view.mine:
        parts.append(ui.TextDisplay(texts.say("You have none waiting. Start one with /imagine.")))
    for waiting in view.mine[:MOST_SHOWN]:
        parts += _mine(waiting, texts)
    hidden = len(view.mine) - MOST_SHOWN
    if hidden > 0:
        parts.append(ui.TextDisplay(_and_more(hidden, texts)))
    if view.undelivered:
        parts += _undelivered(view.undelivered, texts)
    parts += [ui.Separator(), ui.TextDisplay(_guild_line(view, texts))]
    return Card(Colour.NEUTRAL, *parts)


def _mine(waiting: Waiting, texts: Texts) -> list[ui.Item[Card]]:
    job = waiting.job
    said = ui.TextDisplay[Card](
        f"{_where(waiting, texts)}\n{quoted(job.request.prompt, PROMPT_LIMIT)}"
    )
    if job.cancel_requested or job.state is JobState.GENERATED:
        return [said]
    verbs = [Verb.WHY, Verb.CANCEL] if job.state is JobState.QUEUED else [Verb.CANCEL]
    return [said, ui.ActionRow(*(button(verb, job.id, texts) for verb in verbs))]


def _where(waiting: Waiting, texts: Texts) -> str:
    job = waiting.job
    if job.cancel_requested:
        return texts.say("Being cancelled")
    if job.state is JobState.RUNNING:
        return texts.say("Z-Image is painting")
    if job.state is JobState.GENERATED:
        return texts.say("Painted and on its way")
    return place_text(waiting.place, texts) if waiting.place else texts.say("In the queue")


def _undelivered(jobs: tuple[Job, ...], texts: Texts) -> list[ui.Item[Card]]:
    parts: list[ui.Item[Card]] = [
        ui.Separator(),
        heading("📦", texts.say("Painted, but I could not post them")),
    ]
    parts += [unposted_part(job, texts) for job in jobs[:MOST_UNDELIVERED]]
    hidden = len(jobs) - MOST_UNDELIVERED
    if hidden > 0:
        parts.append(ui.TextDisplay(_and_more(hidden, texts)))
    return parts


def _and_more(count: int, texts: Texts) -> str:
    return texts.plural("… and {count} more", "… and {count} more", count=count)


def _guild_line(view: QueueView, texts: Texts) -> str:
    parts = [
        texts.say("This server: {count} waiting", count=view.guild_waiting),
        texts.say("{count} being painted", count=view.guild_running),
    ]
    if view.guild_waiting + view.guild_running:
        parts.append(texts.say("all done in {wait}", wait=texts.about(view.guild_expected_s)))
    return small(*parts)
