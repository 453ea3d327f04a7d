"""`/settings`: its commands, the log, and the file of export and import.

Whoever calls or presses must be staff at that very moment: messages stay longer than rights last.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.features.settings.file import LARGEST_FILE_BYTES
from bot.staff_refusals import ImportFault, ImportRefused
from bot.texts import described
from bot.texts.cards import Card
from bot.texts.settings_pages import PAGES
from bot.texts.settings_words import (
    SettingsLogTurn,
    exported_card,
    imported_card,
    log_card,
    undone_card,
)
from cogs.answers import UNREACHABLE, change_to, promptly, show, show_alone
from cogs.origin import author_of, check_staff, guild_of, in_guilds, user_of
from cogs.reading import texts_of
from cogs.routes import Route
from cogs.settings_panel import Panels

if TYPE_CHECKING:
    from bot.features.settings.service import SettingsService

FILENAME = "zeuxis-settings.json"


class SettingsCog(commands.Cog):
    """The commands, and what is not for one page of the panel."""

    settings = in_guilds(
        app_commands.Group(
            name="settings",
            description=described("What this server's staff set for pictures"),
            default_permissions=discord.Permissions(manage_guild=True),
        )
    )

    def __init__(self, *, settings: SettingsService, panels: Panels) -> None:
        self._service = settings
        self._panels = panels

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(SettingsLogTurn, self.turn_log),)

    @settings.command(description=described("See what holds here, and change it"))
    async def panel(self, interaction: discord.Interaction) -> None:
        check_staff(interaction)
        await self._panels.open(interaction, PAGES[0])

    @settings.command(name="log", description=described("Who has changed what, and when"))
    async def show_log(self, interaction: discord.Interaction) -> None:
        check_staff(interaction)
        await show_alone(interaction, self._log_card(interaction, 0))

    async def turn_log(self, interaction: discord.Interaction, turn: SettingsLogTurn) -> None:
        check_staff(interaction)
        await change_to(interaction, self._log_card(interaction, turn.before))

    async def _log_card(self, interaction: discord.Interaction, before: int) -> Card:
        """The entries before this one; 0: the newest."""
        guild_id = guild_of(interaction)
        entries = await self._service.log(guild_id, before=before or None)
        offer, texts = self._service.offer, texts_of(interaction)
        return log_card(entries, offer, texts, is_newest=before == 0)

    @settings.command(description=described("Take the last change back"))
    async def undo(self, interaction: discord.Interaction) -> None:
        check_staff(interaction)
        guild_id = guild_of(interaction)
        undoing = self._service.undo(guild_id, author_of(interaction))
        entries = await promptly(interaction, undoing, private=True)
        texts = texts_of(interaction)
        card = undone_card(entries, self._service.offer, texts)
        await show(interaction, card, private=True)

    @settings.command(description=described("All that is set here as a file"))
    async def export(self, interaction: discord.Interaction) -> None:
        check_staff(interaction)
        exporting = self._service.export(guild_of(interaction))
        content = await promptly(interaction, exporting, private=True)
        card = exported_card(FILENAME, texts_of(interaction))
        file = discord.File(io.BytesIO(content), filename=FILENAME)
        await show(interaction, card, private=True, files=[file])

    @settings.command(
        name="import", description=described("Set all that a file says, and nothing else")
    )
    @app_commands.describe(file=described("One that /settings export has made for this server"))
    async def take_over(self, interaction: discord.Interaction, file: discord.Attachment) -> None:
        check_staff(interaction)
        if file.size > LARGEST_FILE_BYTES:
            raise ImportRefused(ImportFault.TOO_LARGE)
        guild_id = guild_of(interaction)

        async def restoring() -> Card:
            content = await _content(file)
            user_id = user_of(interaction)
            entries = await self._service.restore(guild_id, content, user_id)
            texts = texts_of(interaction)
            return imported_card(entries, self._service.offer, texts)

        await show_alone(interaction, restoring())


async def _content(file: discord.Attachment) -> bytes:
    try:
        return await file.read()
    except UNREACHABLE as error:
        raise ImportRefused(ImportFault.NOT_LOADED) from error
