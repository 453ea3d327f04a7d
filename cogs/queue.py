"""`/queue`: where a member's pictures stand, for that member alone."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ids import GuildId, UserId
from bot.replies.queue_card import queue_card
from bot.replies.texts import Texts
from bot.replies.translator import described
from bot.service import Service
from cogs.answers import promptly, show


class QueueCog(commands.Cog):
    """Places, expected waits, cancelling, and pictures that could not be posted."""

    def __init__(self, *, service: Service) -> None:
        self._service = service

    @app_commands.command(
        description=described("Your waiting pictures: where they stand, and a way to cancel them")
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def queue(self, interaction: discord.Interaction) -> None:
        asked = self._service.queue(GuildId(interaction.guild_id or 0), UserId(interaction.user.id))
        view = await promptly(interaction, asked, private=True)
        await show(interaction, queue_card(view, Texts(interaction.locale.value)), private=True)
