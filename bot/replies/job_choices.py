"""A member's open jobs as choices that an option offers while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.domain.visible import normalised
from bot.replies.quoting import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.views import Waiting
    from bot.replies.texts import Texts

MOST_CHOICES = 25  # Discord's
CHOICE_LIMIT = 100  # characters, Discord's


def job_choices(
    waiting: Iterable[Waiting], typed: str, texts: Texts
) -> list[app_commands.Choice[str]]:
    """Those whose number or prompt holds what was typed; the value is the job's number."""
    sought = normalised(typed)
    found = []
    for one in waiting:
        name = f"{texts.say('job {id}', id=one.job.id)} · {one.job.request.prompt}"
        if sought in normalised(name):
            shown = plain(name, CHOICE_LIMIT)
            found.append(app_commands.Choice(name=shown, value=str(one.job.id)))
    return found[:MOST_CHOICES]
