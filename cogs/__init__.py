"""Discord's side: each file turns one kind of interaction into one call of the service."""

from __future__ import annotations

from dataclasses import dataclass
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
from cogs.settings import SettingsCog, settings_log_button
from cogs.settings_panel import Panels, settings_control
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One of each slice; all that cogs may ask."""

    imagine: Service
    settings: SettingsService
    usage: UsageService
    privacy: PrivacyService
    guilds: GuildService


async def setup_cogs(
    bot: commands.Bot, services: Services, *, random: Random, operators: Collection[int] = ()
) -> None:
    """Adds commands, buttons, languages and the answer to errors. Call it before the sync.

    Args:
        operators: ids of users who may do what the application's owner may.
    """
    await bot.tree.set_translator(CatalogueTranslator())
    bot.tree.error(answer_command_error)
    bot.add_listener(answer_unreadable, "on_unreadable_interaction")
    bot.add_listener(answer_unknown_button, "on_unknown_button")
    panels = Panels(settings=services.settings)
    settings = SettingsCog(settings=services.settings, panels=panels)
    for cog in (settings, *await _cogs(bot, services, random, operators)):
        await bot.add_cog(cog)
    bot.add_dynamic_items(
        job_button(Buttons(service=services.imagine)),
        page_button(services.imagine),
        settings_control(panels),
        settings_log_button(settings),
        forget_button(services.privacy),
    )


async def _cogs(
    bot: commands.Bot,
    services: Services,
    random: Random,
    operators: Collection[int],
) -> tuple[commands.Cog, ...]:
    service, settings, guilds = services.imagine, services.settings, services.guilds
    return (
        ImagineCog(service=service, random=random, options=await service.options()),
        QueueCog(service=service),
        UsageCog(service=services.usage),
        PrivacyCog(service=services.privacy),
        PlacesCog(service=service),
        GuildsCog(bot=bot, guilds=guilds, service=service),
        OperatorCog(bot=bot, settings=settings, guilds=guilds, operators=operators),
    )
