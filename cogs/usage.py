"""`/usage`: what a member had painted and what it cost, for that member alone."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ids import GuildId, UserId
from bot.replies.texts import Texts
from bot.replies.translator import described
from bot.replies.usage_card import usage_card
from bot.service import Service
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
