"""`/queue`: where a member's pictures stand and why, for that member alone."""

from __future__ import annotations

import re

import discord
import structlog
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.domain.ids import GuildId, JobId, UserId
from bot.domain.views import QueueView
from bot.domain.visible import normalised
from bot.errors import StorageError, UnknownJob
from bot.replies.job_choices import CHOICE_LIMIT, job_choices
from bot.replies.queue_card import queue_card
from bot.replies.texts import Texts
from bot.replies.translator import described
from bot.service import Service
from cogs.answers import promptly, show
from cogs.explaining import show_why

_NUMBER = re.compile(r"\D{0,20}0*([1-9][0-9]{0,17})", re.ASCII)

log = structlog.get_logger("cogs.queue")


class QueueCog(commands.Cog):
    """Places, expected waits and their reasons, cancelling, pictures that could not be posted."""

    def __init__(self, *, service: Service) -> None:
        self._service = service

    @app_commands.command(
        description=described("Your waiting pictures: where they stand, and a way to cancel them")
    )
    @app_commands.describe(
        why=described("One of your waiting pictures: why it stands where it does")
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def queue(
        self, interaction: discord.Interaction, why: Range[str, 1, CHOICE_LIMIT] | None = None
    ) -> None:
        if why is not None:
            await show_why(interaction, self._service, _job_id(why))
            return
        view = await promptly(interaction, self._view(interaction), private=True)
        await show(interaction, queue_card(view, Texts(interaction.locale.value)), private=True)

    @queue.autocomplete("why")
    async def offer_jobs(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """The member's open jobs that fit the text so far; none while the database is away."""
        try:
            view = await self._view(interaction)
        except StorageError as error:
            log.warning("no jobs offered", reason=type(error).__name__)
            return []
        return job_choices(view.mine, typed, Texts(interaction.locale.value))

    async def _view(self, interaction: discord.Interaction) -> QueueView:
        return await self._service.queue(
            GuildId(interaction.guild_id or 0), UserId(interaction.user.id)
        )


def _job_id(typed: str) -> JobId:
    """A choice's value, or what a member types instead: `17`, `#17`, `job １７`.

    Raises:
        UnknownJob: that is no number.
    """
    found = _NUMBER.fullmatch(normalised(typed))
    if found is None:
        raise UnknownJob
    return JobId(int(found[1]))
