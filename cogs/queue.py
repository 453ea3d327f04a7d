"""`/queue`: where a member's pictures stand and why, for that member alone."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.features.imagine.jobs import JobService
from bot.queue.places import QueueView
from bot.queue.records import JobId
from bot.texts import described
from bot.texts.cards import CHOICE_LIMIT, Card, UnpostedTurn
from bot.texts.choices import job_choices, job_of_choice
from bot.texts.queue_cards import queue_card, why_card
from cogs.answers import change_to, offered, show_alone
from cogs.origin import build_asker, everywhere, guild_id_of
from cogs.reading import texts_of
from cogs.routes import Route


class QueueCog(commands.Cog):
    """Places, expected waits and their reasons, cancelling, pictures that could not be posted."""

    def __init__(self, *, jobs: JobService) -> None:
        self._jobs = jobs

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(UnpostedTurn, self.turn_page),)

    @app_commands.command(
        description=described("Your waiting pictures: where they stand, and a way to cancel them")
    )
    @app_commands.describe(
        why=described("One of your waiting pictures: why it stands where it does")
    )
    @everywhere
    async def queue(
        self, interaction: discord.Interaction, why: Range[str, 1, CHOICE_LIMIT] | None = None
    ) -> None:
        if why is not None:
            await show_why(interaction, self._jobs, job_of_choice(why))
        else:
            await show_alone(interaction, own_queue_card(interaction, self._jobs))

    @queue.autocomplete("why")
    async def offer_jobs(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """The member's open jobs that fit the text so far."""

        def fitting(view: QueueView) -> list[app_commands.Choice[str]]:
            return job_choices((one.job for one in view.mine), typed, texts_of(interaction))

        return await offered(queue_seen(interaction, self._jobs), fitting)

    async def turn_page(self, interaction: discord.Interaction, turn: UnpostedTurn) -> None:
        await change_to(interaction, own_queue_card(interaction, self._jobs, page=turn.page))


async def own_queue_card(
    interaction: discord.Interaction, jobs: JobService, *, page: int = 0
) -> Card:
    """In the words of the one who asks."""
    view = await queue_seen(interaction, jobs)
    is_guild = guild_id_of(interaction) is not None
    return queue_card(view, texts_of(interaction), page=page, is_guild=is_guild)


async def queue_seen(interaction: discord.Interaction, jobs: JobService) -> QueueView:
    """What the one who asks has, whoever's list it is that they press on."""
    asker = build_asker(interaction)
    return await jobs.queue(asker.guild_id, asker.user_id, is_restricted=asker.is_restricted)


async def show_why(interaction: discord.Interaction, jobs: JobService, job_id: JobId) -> None:
    """For the member alone; a command's option and a button end here.

    Raises:
        NotYours, UnknownJob.
    """
    await show_alone(interaction, explained_card(interaction, jobs, job_id))


async def explained_card(interaction: discord.Interaction, jobs: JobService, job_id: JobId) -> Card:
    """Why a picture is where it is. Raises as `show_why`."""
    explanation = await jobs.explain(job_id, build_asker(interaction))
    return why_card(explanation, texts_of(interaction))
