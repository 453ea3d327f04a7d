"""`/history` and the menus of messages: pictures are found again, for whoever asks alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.errors import UnknownJob
from bot.features.history.rules import Reach
from bot.features.imagine.remaking import rerolled
from bot.queue.records import JobId, MessageId
from bot.texts import Texts, described
from bot.texts.history_cards import history_card, picked_card, reposted_card, turned, words_card
from cogs.answers import change, promptly, show
from cogs.imagine import submit_and_show
from cogs.origin import asking_in, build_asker, build_origin, role_ids

if TYPE_CHECKING:
    from bot.features.history.rules import HistoryPage, Search, Turn
    from bot.features.history.service import HistoryService
    from bot.features.imagine.service import Service

TYPED_LIMIT = 100  # characters of a search; as many of its words are heeded as a button can carry
DAY_LIMIT = 30
_NUMBER = re.compile("[1-9][0-9]{0,18}", re.ASCII)


class HistoryCog(commands.Cog):
    """Pages of pictures, and what a message's menu does with the picture that it shows."""

    def __init__(self, *, history: HistoryService, service: Service) -> None:
        self._history = history
        self._service = service

    @property
    def menus(self) -> tuple[app_commands.ContextMenu, ...]:
        """Of messages; discord.py takes none as part of a cog."""
        return (
            _menu(described("Reimagine"), self._reimagine),
            _menu(described("Show prompt"), self._show_prompt),
        )

    @app_commands.command(
        description=described("Pictures painted before: find one by its words, use it again")
    )
    @app_commands.describe(
        words=described("Words of the prompt; of the last one the beginning is enough"),
        kept=described("Only pictures that you keep"),
        whose=described("Your own of the whole server, or also everybody's of this channel"),
        first=described("The first day: 2026-11-30, today, yesterday, or 7d for a week ago"),
        last=described("The last day, likewise"),
    )
    @app_commands.rename(first="from", last="to")
    @app_commands.choices(
        whose=[
            app_commands.Choice(name="mine", value=Reach.MINE.value),
            app_commands.Choice(name="server", value=Reach.SERVER.value),
        ]
    )
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def history(
        self,
        interaction: discord.Interaction,
        words: Range[str, 1, TYPED_LIMIT] = "",
        kept: bool = False,
        whose: str = Reach.SERVER.value,
        first: Range[str, 1, DAY_LIMIT] | None = None,
        last: Range[str, 1, DAY_LIMIT] | None = None,
    ) -> None:
        async def found() -> HistoryPage:
            search = await self._history.search(
                asking_in(interaction),
                words=words,
                whose=Reach(whose),
                kept=kept,
                first_day=first,
                last_day=last,
            )
            return await _page(interaction, self._history, search, None)

        page = await promptly(interaction, found(), private=True)
        await show(interaction, history_card(page, _texts(interaction)), private=True)

    async def _reimagine(self, interaction: discord.Interaction, message: discord.Message) -> None:
        job = await self._history.at(build_asker(interaction), MessageId(message.id))
        submission = self._service.remade(
            job.id,
            build_origin(interaction, parent_id=job.id),
            asker=build_asker(interaction),
            remake=rerolled(self._service.new_seed()),
            role_ids=role_ids(interaction),
        )
        await submit_and_show(interaction, self._service, submission)

    async def _show_prompt(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        work = self._history.at(build_asker(interaction), MessageId(message.id))
        job = await promptly(interaction, work, private=True)
        await show(interaction, words_card(job, _texts(interaction)), private=True)

    async def turn(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        """To the next page; which one, and of what, is in the custom id."""
        search, turn = turned(match)
        work = _page(interaction, self._history, search, turn)
        page = await promptly(interaction, work, thinking=False)
        await change(interaction, history_card(page, _texts(interaction)))

    async def pick(self, interaction: discord.Interaction, _: re.Match[str]) -> None:
        """One of a page; the page stays."""
        work = self._history.picked(build_asker(interaction), _picked(interaction))
        job = await promptly(interaction, work, private=True)
        await show(interaction, picked_card(job, _texts(interaction)), private=True)

    async def post_again(self, interaction: discord.Interaction, match: re.Match[str]) -> None:
        """Where it is pressed, if that is the picture's place."""
        asker, origin = build_asker(interaction), build_origin(interaction)
        work = self._history.post_again(asker, JobId(int(match["job_id"])), origin)
        posted = await promptly(interaction, work, private=True)
        if posted.message_id is not None:
            where = (origin.guild_id, posted.channel_id, posted.message_id)
            await show(interaction, reposted_card(*where, _texts(interaction)), private=True)


def _menu(name: app_commands.locale_str, callback: Any) -> app_commands.ContextMenu:
    menu = app_commands.ContextMenu(name=name, callback=callback)
    menu.allowed_contexts = app_commands.AppCommandContext(guild=True)
    menu.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
    return menu


async def _page(
    interaction: discord.Interaction, history: HistoryService, search: Search, turn: Turn | None
) -> HistoryPage:
    return await history.page(asking_in(interaction), build_asker(interaction), search, turn)


def _picked(interaction: discord.Interaction) -> JobId:
    """Raises UnknownJob: a client sent what no page offers."""
    match dict(interaction.data or {}).get("values"):
        case [str(value)] if _NUMBER.fullmatch(value):
            return JobId(int(value))
        case _:
            raise UnknownJob


def _texts(interaction: discord.Interaction) -> Texts:
    return Texts(interaction.locale.value)
