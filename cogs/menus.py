"""The menus of messages: what is done with the picture that a message shows, as by its hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.queue.records import MessageId
from bot.texts import described
from bot.texts.cards import Verb
from bot.texts.result_cards import which_card
from cogs.answers import show
from cogs.origin import CONTEXTS, INSTALLS, build_asker
from cogs.reading import texts_of

if TYPE_CHECKING:
    from bot.features.history.service import HistoryService
    from cogs.buttons import Buttons


def message_menus(
    history: HistoryService, buttons: Buttons
) -> tuple[app_commands.ContextMenu, ...]:
    """discord.py takes none as part of a cog."""
    names = {
        Verb.REROLL: described("Reimagine"),
        Verb.PROMPT: described("Show prompt"),
        Verb.REPORT: described("Report"),
    }
    return tuple(_menu(name, verb, history, buttons) for verb, name in names.items())


def _menu(
    name: app_commands.locale_str, verb: Verb, history: HistoryService, buttons: Buttons
) -> app_commands.ContextMenu:
    async def use(interaction: discord.Interaction, message: discord.Message) -> None:
        """Of several pictures their member is asked which one; a form takes no deferral."""
        jobs = await history.at(build_asker(interaction), MessageId(message.id))
        if len(jobs) == 1:
            await buttons.use(verb, interaction, jobs[0].id)
            return
        texts = texts_of(interaction)
        await show(interaction, which_card(jobs, verb, texts), private=True)

    menu = app_commands.ContextMenu(name=name, callback=use)
    menu.allowed_contexts, menu.allowed_installs = CONTEXTS, INSTALLS
    return menu
