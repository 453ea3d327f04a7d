"""`/history`: pictures are found again, for whoever asks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.features.history.rules import Reach
from bot.queue.records import JobId, Surface
from bot.refusals import UnknownJob
from bot.texts import described
from bot.texts.cards import Card
from bot.texts.history_cards import (
    HistoryPick,
    HistoryTurn,
    RepostPress,
    history_card,
    repost_row,
    reposted_card,
)
from bot.texts.result_cards import picked_card
from cogs.answers import change, promptly, show
from cogs.origin import asking_in, build_asker, build_origin, everywhere, guild_id_of, surface_of
from cogs.reading import chosen_ids, texts_of
from cogs.routes import Route

if TYPE_CHECKING:
    from bot.features.hands import HandsService
    from bot.features.history.rules import HistoryPage, Search, Turn
    from bot.features.history.service import HistoryService

TYPED_LIMIT = 100  # characters of a search; as many of its words are heeded as a button can carry
DAY_LIMIT = 30


class HistoryCog(commands.Cog):
    """Pages of pictures, and what is done with one of them."""

    def __init__(self, *, history: HistoryService, hands: HandsService) -> None:
        self._history = history
        self._hands = hands

    def routes(self) -> tuple[Route[Any], ...]:
        return (
            Route(HistoryTurn, self.turn),
            Route(HistoryPick, self.pick),
            Route(RepostPress, self.post_again),
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
            app_commands.Choice(name=described("mine"), value=Reach.MINE.value),
            app_commands.Choice(name=described("server"), value=Reach.SERVER.value),
        ]
    )
    @everywhere
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
        await show(interaction, _card(interaction, page), private=True)

    async def turn(self, interaction: discord.Interaction, turn: HistoryTurn) -> None:
        """To the next page; which one, and of what, is in the custom id."""
        work = _page(interaction, self._history, turn.search, turn.turn)
        page = await promptly(interaction, work, thinking=False)
        await change(interaction, _card(interaction, page))

    async def pick(self, interaction: discord.Interaction, _: HistoryPick) -> None:
        """One of a page; the page stays."""
        work = self._hands.hold(_picked(interaction), build_asker(interaction))
        held, texts = await promptly(interaction, work, private=True), texts_of(interaction)
        is_ours = surface_of(interaction) is not Surface.INTERACTION
        also = [repost_row(held.job.id, texts)] if is_ours else []
        card = picked_card(held.job, texts, is_kept=held.is_kept, also=also)
        await show(interaction, card, private=True)

    async def post_again(self, interaction: discord.Interaction, press: RepostPress) -> None:
        """Where it is pressed, if that is the picture's place."""
        asker, origin = build_asker(interaction), build_origin(interaction)
        work = self._history.post_again(asker, press.job_id, origin)
        posted = await promptly(interaction, work, private=True)
        if posted.message_id is not None:
            where = (origin.guild_id, posted.channel_id, posted.message_id)
            await show(interaction, reposted_card(*where, texts_of(interaction)), private=True)


async def _page(
    interaction: discord.Interaction, history: HistoryService, search: Search, turn: Turn | None
) -> HistoryPage:
    return await history.page(asking_in(interaction), build_asker(interaction), search, turn)


def _card(interaction: discord.Interaction, page: HistoryPage) -> Card:
    in_guild = guild_id_of(interaction) is not None
    return history_card(page, texts_of(interaction), in_guild=in_guild)


def _picked(interaction: discord.Interaction) -> JobId:
    """Raises UnknownJob: a client sent what no page offers."""
    match chosen_ids(interaction):
        case [job_id]:
            return JobId(job_id)
        case _:
            raise UnknownJob
