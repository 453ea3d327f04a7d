"""Discord's side: each file turns one kind of interaction into one call of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.texts import CatalogueTranslator
from cogs.answers import answer_command_error, answer_unknown_button, answer_unreadable
from cogs.buttons import Buttons, job_button
from cogs.guilds import GuildsCog
from cogs.imagine import ImagineCog
from cogs.operator import OperatorCog
from cogs.places import PlacesCog
from cogs.privacy import PrivacyCog, forget_button
from cogs.queue import QueueCog, page_button
from cogs.settings import Panels, SettingsCog, settings_control, settings_log_button
from cogs.usage import UsageCog

if TYPE_CHECKING:
    from collections.abc import Collection
    from random import Random

    from discord.ext import commands

    from bot.features.guilds.service import GuildService
    from bot.features.imagine.service import Service
    from bot.features.privacy.service import PrivacyService
    from bot.features.settings.service import SettingsService
    from bot.features.usage.service import UsageService


async def setup_cogs(
    bot: commands.Bot,
    *,
    service: Service,
    usage: UsageService,
    privacy: PrivacyService,
    settings: SettingsService,
    guilds: GuildService,
    operators: Collection[int] = (),
    random: Random,
) -> None:
    """Adds commands, buttons, languages and the answer to errors. Call it before the sync.

    Args:
        operators: ids of users who may do what the application's owner may.
    """
    await bot.tree.set_translator(CatalogueTranslator())
    bot.tree.error(answer_command_error)
    bot.add_listener(answer_unreadable, "on_unreadable_interaction")
    bot.add_listener(answer_unknown_button, "on_unknown_button")
    await bot.add_cog(ImagineCog(service=service, random=random, options=await service.options()))
    await bot.add_cog(QueueCog(service=service))
    await bot.add_cog(UsageCog(service=usage))
    await bot.add_cog(PrivacyCog(service=privacy))
    await bot.add_cog(PlacesCog(service=service))
    panels = Panels(settings=settings)
    await bot.add_cog(SettingsCog(settings=settings, panels=panels))
    bot.add_dynamic_items(settings_control(panels), settings_log_button(panels))
    await bot.add_cog(GuildsCog(bot=bot, guilds=guilds, service=service))
    await bot.add_cog(OperatorCog(bot=bot, settings=settings, guilds=guilds, operators=operators))
    buttons = job_button(Buttons(service=service))
    bot.add_dynamic_items(buttons, page_button(service), forget_button(privacy))
