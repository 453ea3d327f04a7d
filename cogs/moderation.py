"""`/moderation`: the group to which each part of moderation adds its commands."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.texts import described


def moderation_group() -> app_commands.Group:
    """Without commands: each part of moderation adds its own."""
    return app_commands.Group(
        name="moderation",
        description=described("For this server's staff: what waits, who may do what"),
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=discord.Permissions(manage_messages=True),
    )
