"""Which part of the cogs takes what was pressed or filled in. Custom ids carry all that there is to
know, and no form is kept in memory, so this works on messages of before a restart as well."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import discord
from discord import ui
from msgspec import Struct

from bot.texts.custom_ids import CustomId
from cogs.answers import answer_unknown_button, errors_answered
from cogs.reading import custom_id_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord.ext import commands

Carried = TypeVar("Carried", bound=CustomId)


class Route(Struct, Generic[Carried], frozen=True):
    """Custom ids of one kind."""

    kind: type[Carried]
    press: Callable[[discord.Interaction, Carried], Awaitable[None]]  # a button or a select
    form: Callable[[discord.Interaction, Carried], Awaitable[None]] | None = None  # None: no form


def add_routes(bot: commands.Bot, routes: Sequence[Route[Any]]) -> None:
    """For the whole process; what they raise is answered as well."""

    async def take_form(interaction: discord.Interaction) -> None:
        async with errors_answered(interaction):
            await _take_form(interaction, routes)

    bot.add_dynamic_items(*map(_item, routes))
    bot.add_listener(take_form, "on_form_submitted")


async def _take_form(interaction: discord.Interaction, routes: Sequence[Route[Any]]) -> None:
    custom_id = custom_id_of(interaction)
    for route in routes:
        carried = route.kind.read(custom_id)
        if carried is not None and route.form is not None:
            await route.form(interaction, carried)
            return
    await answer_unknown_button(interaction)


def _item(route: Route[Any]) -> type[ui.DynamicItem[ui.Item[Any]]]:
    """The class that discord.py makes one of for each press."""

    class PressedItem(ui.DynamicItem[ui.Item[Any]], template=route.kind.pattern()):
        def __init__(self, item: ui.Item[Any], carried: CustomId) -> None:
            super().__init__(item)
            self._carried = carried

        @classmethod
        async def from_custom_id(
            cls, _: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(item, route.kind.of(match))

        async def callback(self, interaction: discord.Interaction) -> None:
            async with errors_answered(interaction):
                await route.press(interaction, self._carried)

    return PressedItem
