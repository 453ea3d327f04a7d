"""Which part of the cogs takes what was pressed or filled in. Custom ids carry all that there is to
know, and no form is kept in memory, so this works on messages of before a restart as well."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import discord
from discord import ui

from cogs.answers import answer_unknown_button, errors_answered
from cogs.reading import custom_id_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord.ext import commands

Take: TypeAlias = Callable[[discord.Interaction, re.Match[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """Custom ids of one pattern."""

    pattern: re.Pattern[str]
    press: Take  # a button or a select
    form: Take | None = None  # None: no form bears such an id


def add_routes(bot: commands.Bot, routes: Sequence[Route]) -> None:
    """For the whole process; what they raise is answered as well."""

    async def take_form(interaction: discord.Interaction) -> None:
        async with errors_answered(interaction):
            await _take_form(interaction, routes)

    bot.add_dynamic_items(*map(_item, routes))
    bot.add_listener(take_form, "on_form_submitted")


async def _take_form(interaction: discord.Interaction, routes: Sequence[Route]) -> None:
    custom_id = custom_id_of(interaction)
    for route in routes:
        match = route.pattern.fullmatch(custom_id)
        if match is not None and route.form is not None:
            await route.form(interaction, match)
            return
    await answer_unknown_button(interaction)


def _item(route: Route) -> type[ui.DynamicItem[ui.Item[Any]]]:
    """The class that discord.py makes one of for each press."""

    class PressedItem(ui.DynamicItem[ui.Item[Any]], template=route.pattern):
        def __init__(self, item: ui.Item[Any], match: re.Match[str]) -> None:
            super().__init__(item)
            self._match = match

        @classmethod
        async def from_custom_id(
            cls, _: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(item, match)

        async def callback(self, interaction: discord.Interaction) -> None:
            async with errors_answered(interaction):
                await route.press(interaction, self._match)

    return PressedItem
