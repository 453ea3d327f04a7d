"""Why a picture is where it is; a command's option and a button end here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.replies.texts import Texts
from bot.replies.why_card import why_card
from cogs.answers import promptly, show
from cogs.origin import build_asker

if TYPE_CHECKING:
    import discord

    from bot.domain.explanation import Explanation
    from bot.domain.ids import JobId
    from bot.service import Service


async def explain(interaction: discord.Interaction, service: Service, job_id: JobId) -> Explanation:
    """As of now, for whoever asks.

    Raises:
        NotYours, UnknownJob.
    """
    return await service.explain(job_id, build_asker(interaction))


async def show_why(interaction: discord.Interaction, service: Service, job_id: JobId) -> None:
    """Answers with a message of its own, for the member alone. Raises like `explain`."""
    explanation = await promptly(interaction, explain(interaction, service, job_id), private=True)
    card = why_card(explanation, Texts(interaction.locale.value))
    await show(interaction, card, private=True)
