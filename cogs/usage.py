"""`/usage`: what was painted and what it cost, for whoever asks alone."""

from __future__ import annotations

from collections.abc import Awaitable
from io import BytesIO

import discord
from discord import app_commands
from discord.ext import commands

from bot.drawing.png import pngs_of
from bot.features.usage.rules import with_names
from bot.features.usage.service import Reader, UsageFound, UsageService
from bot.records import replace
from bot.texts import described
from bot.texts.about_cards import MOST_NAMED
from bot.texts.cards import Card
from bot.texts.usage_cards import export_text, report_card
from bot.texts.usage_charts import usage_charts
from bot.texts.usage_words import gauges_of
from cogs.answers import promptly, show, show_file
from cogs.origin import asking_in, check_in_guild, everywhere, is_staff, role_ids_of, user_of
from cogs.reading import name_of_user, texts_of


class UsageCog(commands.Cog):
    """One's own for everybody; what others use for staff, unless the server shows it to all."""

    usage = everywhere(
        app_commands.Group(
            name="usage",
            description=described("What was painted here, and what it cost"),
        )
    )

    def __init__(self, *, service: UsageService) -> None:
        self._service = service

    @usage.command(description=described("Your own pictures, what they cost, and what is left"))
    async def me(self, interaction: discord.Interaction) -> None:
        name = interaction.user.display_name
        await self._show(interaction, self._service.mine(asking_in(interaction), name))

    @usage.command(description=described("The whole server: days, hours, members, what is left"))
    async def server(self, interaction: discord.Interaction) -> None:
        check_in_guild(interaction)
        asked = self._service.server(asking_in(interaction), _reader(interaction))
        await self._show(interaction, asked)

    @usage.command(description=described("The members with the most pictures in 30 days"))
    async def top(self, interaction: discord.Interaction) -> None:
        check_in_guild(interaction)
        asked = self._service.top(asking_in(interaction), _reader(interaction))
        await self._show(interaction, asked)

    @usage.command(description=described("One member's pictures, and what they cost"))
    @app_commands.describe(user=described("Whose usage you want to see"))
    async def member(
        self, interaction: discord.Interaction, user: discord.Member | discord.User
    ) -> None:
        check_in_guild(interaction)
        asking = asking_in(interaction)._replace(user_id=user.id, role_ids=role_ids_of(user))
        asked = self._service.member(asking, _reader(interaction), user.display_name)
        await self._show(interaction, asked)

    @usage.command(description=described("The last 30 days as a file for spreadsheets"))
    async def export(self, interaction: discord.Interaction) -> None:
        check_in_guild(interaction)
        asked = self._service.export(asking_in(interaction), _reader(interaction))
        content = await promptly(interaction, asked, private=True)
        said, name = export_text(texts_of(interaction)), f"usage-{interaction.guild_id}.csv"
        await show_file(interaction, said, name, content)

    async def _show(self, interaction: discord.Interaction, asked: Awaitable[UsageFound]) -> None:
        async def shown() -> tuple[Card, list[discord.File]]:
            return await _drawn(interaction, await asked)

        card, files = await promptly(interaction, shown(), private=True)
        await show(interaction, card, files=files, private=True)


async def _drawn(
    interaction: discord.Interaction, found: UsageFound
) -> tuple[Card, list[discord.File]]:
    """With charts, or in lines where nothing can be drawn."""
    texts = texts_of(interaction)
    named = with_names(found.report, lambda user_id: name_of_user(interaction, user_id), MOST_NAMED)
    report = replace(named, gauges=gauges_of(found.limits, texts))
    charts = usage_charts(report, texts)
    pngs = await pngs_of(chart.svg for chart in charts)
    if pngs is None:
        return report_card(report, texts, sums=found.sums), []
    files = [
        discord.File(BytesIO(png), chart.filename, description=chart.alt)
        for png, chart in zip(pngs, charts, strict=True)
    ]
    return report_card(report, texts, charts, sums=found.sums), files


def _reader(interaction: discord.Interaction) -> Reader:
    return Reader(user_id=user_of(interaction), is_staff=is_staff(interaction))
