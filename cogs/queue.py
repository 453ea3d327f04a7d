"""`/queue`: where a member's pictures stand and why, for that member alone."""

from __future__ import annotations

import re
from typing import Any, Self, cast

import discord
import structlog
from discord import app_commands, ui
from discord.app_commands import Range
from discord.ext import commands

from bot.domain.ids import GuildId, JobId, UserId
from bot.domain.views import QueueView
from bot.domain.visible import normalised
from bot.errors import StorageError, UnknownJob
from bot.replies.custom_ids import PAGE_PATTERN
from bot.replies.job_choices import CHOICE_LIMIT, job_choices
from bot.replies.queue_card import queue_card
from bot.replies.texts import Texts
from bot.replies.translator import described
from bot.service import Service
from cogs.answers import change, promptly, show
from cogs.explaining import show_why
from cogs.failures import errors_answered

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
        view = await promptly(interaction, _view(interaction, self._service), private=True)
        await show(interaction, queue_card(view, Texts(interaction.locale.value)), private=True)

    @queue.autocomplete("why")
    async def offer_jobs(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """The member's open jobs that fit the text so far; none while the database is away."""
        try:
            view = await _view(interaction, self._service)
        except StorageError as error:
            log.warning("no jobs offered", reason=type(error).__name__)
            return []
        return job_choices(view.mine, typed, Texts(interaction.locale.value))


def page_button(service: Service) -> type[ui.DynamicItem[ui.Button[Any]]]:
    """The class that discord.py makes one of for each press; the page is in the custom id."""

    class PageButton(ui.DynamicItem[ui.Button[Any]], template=PAGE_PATTERN):
        def __init__(self, item: ui.Button[Any], page: int) -> None:
            super().__init__(item)
            self._page = page

        @classmethod
        async def from_custom_id(
            cls, _: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(cast("ui.Button[Any]", item), int(match["page"]))

        async def callback(self, interaction: discord.Interaction) -> None:
            async with errors_answered(interaction):
                view = await promptly(interaction, _view(interaction, service), thinking=False)
                card = queue_card(view, Texts(interaction.locale.value), page=self._page)
                await change(interaction, card)

    return PageButton


async def _view(interaction: discord.Interaction, service: Service) -> QueueView:
    """What the one who asks has, whoever's list it is that they press on."""
    return await service.queue(GuildId(interaction.guild_id or 0), UserId(interaction.user.id))


def _job_id(typed: str) -> JobId:
    """A choice's value, or what a member types instead: `17`, `#17`, `job １７`.

    Raises:
        UnknownJob: that is no number.
    """
    found = _NUMBER.fullmatch(normalised(typed))
    if found is None:
        raise UnknownJob
    return JobId(int(found[1]))
