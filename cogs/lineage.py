"""`/lineage`: how a picture came to be and what came from it, for whoever asks alone."""

from __future__ import annotations

from io import BytesIO

import discord
import structlog
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.drawing.png import is_installed, pngs_of
from bot.features.lineage.rules import link_in, where_it_hangs
from bot.features.lineage.service import FamilyFound, LineageService
from bot.queue.records import Job, JobId, UserId
from bot.texts import Texts, described
from bot.texts.cards import CHOICE_LIMIT, Card
from bot.texts.choices import job_choices, job_of_choice
from bot.texts.lineage_cards import FILENAME, lineage_alt_text, lineage_card, lineage_chart
from cogs.answers import UNREACHABLE, offered, promptly, show
from cogs.origin import build_asker, everywhere
from cogs.reading import texts_of

log = structlog.get_logger("cogs.lineage")


class LineageCog(commands.Cog):
    """The tree that a picture belongs to, as far as the member may see it."""

    def __init__(self, *, service: LineageService) -> None:
        self._service = service

    @app_commands.command(
        description=described("How a picture came to be, and what came from it, as a tree")
    )
    @app_commands.describe(job=described("One of your pictures, or the number of any in here"))
    @everywhere
    async def lineage(
        self, interaction: discord.Interaction, job: Range[str, 1, CHOICE_LIMIT]
    ) -> None:
        await show_lineage(interaction, self._service, job_of_choice(job))

    @lineage.autocomplete("job")
    async def offer_pictures(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """The member's newest that fit the text so far."""
        newest = self._service.newest(build_asker(interaction))
        return await offered(newest, lambda jobs: job_choices(jobs, typed, texts_of(interaction)))


async def show_lineage(
    interaction: discord.Interaction, service: LineageService, job_id: JobId
) -> None:
    """Answers with a message of its own, for the member alone; a command and a button end here.

    Raises:
        UnknownJob, MadeRestricted, StorageError.
    """
    drawn = _drawn(interaction, service, job_id)
    card, files = await promptly(interaction, drawn, private=True)
    await show(interaction, card, files=files, private=True)


async def _drawn(
    interaction: discord.Interaction, service: LineageService, job_id: JobId
) -> tuple[Card, list[discord.File]]:
    """With a panel, or in lines where nothing can be drawn."""
    texts = texts_of(interaction)
    found = await service.find(job_id, build_asker(interaction))
    png = await _panel(interaction, service, found, texts)
    if png is None:
        return lineage_card(found, texts, has_panel=False), []
    file = discord.File(BytesIO(png), FILENAME, description=lineage_alt_text(found, texts))
    return lineage_card(found, texts, has_panel=True), [file]


async def _panel(
    interaction: discord.Interaction, service: LineageService, found: FamilyFound, texts: Texts
) -> bytes | None:
    if not is_installed():
        return None

    async def link_of(job: Job) -> str | None:
        return await _fresh_link(interaction.client, job)

    thumbnails = await service.thumbnails(found, UserId(interaction.user.id), link_of)
    chart = lineage_chart(found, thumbnails, texts)
    pngs = await pngs_of([chart.svg], zoom=chart.zoom)
    return None if pngs is None else pngs[0]


# ------------------------------------------------------------------------------------------------
# Where a picture is fetched from: links of Discord's live for a day, its message tells a new one.


async def _fresh_link(client: discord.Client, job: Job) -> str | None:
    """None if the message or its picture is gone, or may not be read."""
    hangs = where_it_hangs(job)
    if hangs is None:
        return None
    try:
        message = await client.http.get_message(*hangs)
    except UNREACHABLE as error:
        log.info("picture not looked up", job=job.id, error=type(error).__name__)
        return None
    return link_in(message, job.id)
