"""`/queue`: where a member's pictures stand, and those that found no place in Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import ui

from bot.domain.job import JobState
from bot.replies.cards import Card, Colour, button, heading, small
from bot.replies.custom_ids import Verb, page_id
from bot.replies.quoting import quoted
from bot.replies.status_card import place_text
from bot.replies.unposted import unposted_part

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.domain.views import QueueView, Waiting
    from bot.replies.texts import Texts

MOST_SHOWN = 5  # of a member's jobs; Discord allows 40 components, and a phone shows no more
UNPOSTED_ON_A_PAGE = 3
PROMPT_LIMIT = 100


def queue_card(view: QueueView, texts: Texts, *, page: int = 0) -> Card:
    """For the member alone: it holds links that carry their own permission.

    Args:
        page: of the pictures that found no place; the last one if there are not so many any more.
    """
    parts: list[ui.Item[Card]] = [heading("⏳", texts.say("Your waiting pictures"))]
    if not view.mine:
        parts.append(ui.TextDisplay(texts.say("You have none waiting. Start one with /imagine.")))
    for waiting in view.mine[:MOST_SHOWN]:
        parts += _mine(waiting, texts)
    hidden = len(view.mine) - MOST_SHOWN
    if hidden > 0:
        parts.append(ui.TextDisplay(_and_more(hidden, texts)))
    if view.undelivered:
        parts += _unposted(view.undelivered, page, texts)
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


def _unposted(jobs: tuple[Job, ...], page: int, texts: Texts) -> list[ui.Item[Card]]:
    last = (len(jobs) - 1) // UNPOSTED_ON_A_PAGE
    page = min(page, last)
    first = page * UNPOSTED_ON_A_PAGE
    title = texts.say("Painted, but I could not post them")
    if last > 0:
        title += f" · {page + 1}/{last + 1}"
    parts: list[ui.Item[Card]] = [ui.Separator(), heading("📦", title)]
    parts += [unposted_part(job, texts) for job in jobs[first : first + UNPOSTED_ON_A_PAGE]]
    if last > 0:
        parts.append(_pages(page, last, texts))
    return parts


def _pages(page: int, last: int, texts: Texts) -> ui.ActionRow[Card]:
    """At an end the button that leads beyond it cannot be pressed; custom ids must differ."""
    earlier: ui.Button[Card] = ui.Button(
        label=texts.say("Previous"), custom_id=page_id(max(page - 1, 0)), disabled=page == 0
    )
    later: ui.Button[Card] = ui.Button(
        label=texts.say("Next"), custom_id=page_id(page + 1), disabled=page == last
    )
    return ui.ActionRow(earlier, later)


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
