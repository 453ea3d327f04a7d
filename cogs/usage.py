"""`/usage`: what a member had painted and what it cost, for that member alone."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.features.imagine.service import Service
from bot.queue.records import GuildId, UserId
from bot.texts import Texts, described
from bot.texts.queue_cards import usage_card
from cogs.answers import promptly, show


class UsageCog(commands.Cog):
    """Pictures, rewriting, pixels and dollars; today, 7 days, 30 days and all time."""

    def __init__(self, *, service: Service) -> None:
        self._service = service

    @app_commands.command(
        description=described("How many pictures you had painted here, and what they cost")
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def usage(self, interaction: discord.Interaction) -> None:
        asked = self._service.usage(GuildId(interaction.guild_id or 0), UserId(interaction.user.id))
        view = await promptly(interaction, asked, private=True)
        await show(interaction, usage_card(view, Texts(interaction.locale.value)), private=True)
