"""`/privacy`: what is kept of whoever asks, as a file, and gone."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.features.privacy.service import WORDS_DAYS, PrivacyService
from bot.texts import described
from bot.texts.about_cards import ForgetPress, forget_card, forgotten_card, kept_text, privacy_card
from cogs.answers import change, promptly, show, show_file
from cogs.origin import everywhere, user_of
from cogs.reading import texts_of
from cogs.routes import Route


class PrivacyCog(commands.Cog):
    """For everybody, about themselves alone."""

    privacy = everywhere(
        app_commands.Group(
            name="privacy",
            description=described("What I keep of you, as a file, or deleted"),
        )
    )

    def __init__(self, *, service: PrivacyService) -> None:
        self._service = service

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(ForgetPress, self.forget),)

    @privacy.command(description=described("What is kept of you, where, and for how long"))
    async def notice(self, interaction: discord.Interaction) -> None:
        terms = self._service.terms
        card = privacy_card(
            texts_of(interaction),
            detail_days=terms.ledger_detail_days,
            guild_days=terms.guild_data_days,
            words_days=WORDS_DAYS,
        )
        await show(interaction, card, private=True)

    @privacy.command(description=described("All that I keep of you, in all servers, as a file"))
    async def export(self, interaction: discord.Interaction) -> None:
        asked = self._service.export(user_of(interaction), limit_bytes=interaction.filesize_limit)
        name, content = await promptly(interaction, asked, private=True)
        await show_file(interaction, kept_text(texts_of(interaction)), name, content)

    @privacy.command(description=described("Forget me in all servers; it asks before"))
    async def delete(self, interaction: discord.Interaction) -> None:
        await show(interaction, forget_card(texts_of(interaction)), private=True)

    async def forget(self, interaction: discord.Interaction, _: ForgetPress) -> None:
        work = self._service.forget(user_of(interaction))
        await promptly(interaction, work, thinking=False)
        await change(interaction, forgotten_card(texts_of(interaction)))
