"""Discord's side: each file turns one kind of interaction into one call of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from bot.texts import CatalogueTranslator
from cogs.answers import answer_command_error, answer_unknown_button, answer_unreadable
from cogs.buttons import Buttons, message_menus
from cogs.cases import Cases
from cogs.defaults import DefaultsCog
from cogs.drafts import Drafts
from cogs.guilds import GuildsCog, PlacesCog
from cogs.hand_forms import HandForms
from cogs.history import HistoryCog
from cogs.imagine import ImagineCog
from cogs.lineage import LineageCog
from cogs.moderation import ModerationDesk, ModerationLog, PromptTests, moderation_group
from cogs.operator import OperatorCog
from cogs.people import Appeals, MemberDesk
from cogs.privacy import PrivacyCog
from cogs.provenance import ProvenanceCog, provenance_menu
from cogs.queue import QueueCog
from cogs.routes import add_routes
from cogs.settings import SettingsCog
from cogs.settings_panel import Panels
from cogs.styles import StylesCog
from cogs.usage import UsageCog
from cogs.word_rules import WordRulePanels

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from discord.ext import commands

    from bot.features.defaults import DefaultsService
    from bot.features.guilds.service import GuildService
    from bot.features.hands import HandsService
    from bot.features.history.service import HistoryService
    from bot.features.imagine.drafts import DraftService
    from bot.features.imagine.service import Service
    from bot.features.lineage.service import LineageService
    from bot.features.log.service import LogService
    from bot.features.moderation.people import PeopleService
    from bot.features.moderation.prompt_test import PromptTestService
    from bot.features.moderation.service import ModerationService
    from bot.features.moderation.word_list import WordListService
    from bot.features.privacy.service import PrivacyService
    from bot.features.provenance.service import ProvenanceService
    from bot.features.settings.service import SettingsService
    from bot.features.styles import StyleService
    from bot.features.usage.service import UsageService
    from cogs.routes import Route


class Services(Struct, frozen=True, kw_only=True):
    """One of each slice; all that cogs may ask."""

    imagine: Service
    drafts: DraftService
    settings: SettingsService
    usage: UsageService
    privacy: PrivacyService
    guilds: GuildService
    lineage: LineageService
    defaults: DefaultsService
    styles: StyleService
    history: HistoryService
    hands: HandsService
    moderation: ModerationService
    log: LogService
    people: PeopleService
    word_list: WordListService
    prompt_tests: PromptTestService
    provenance: ProvenanceService


async def setup_cogs(
    bot: commands.Bot, services: Services, *, operators: Collection[int] = ()
) -> None:
    """Adds commands, buttons, languages and the answer to errors. Call it before the sync.

    Args:
        operators: ids of users who may do what the application's owner may.
    """
    await bot.tree.set_translator(CatalogueTranslator())
    bot.tree.error(answer_command_error)
    bot.add_listener(answer_unreadable, "on_unreadable_interaction")
    bot.add_listener(answer_unknown_button, "on_unknown_button")
    routes = [
        *await _add_pictures(bot, services),
        *await _add_guilds(bot, services, operators),
        *_add_moderation(bot, services),
    ]
    add_routes(bot, routes)


async def _add_pictures(bot: commands.Bot, services: Services) -> Sequence[Route[Any]]:
    """What members ask for, and what they do with it."""
    imagine, kept, hands = services.imagine, services.drafts, services.hands
    drafts = Drafts(service=imagine, drafts=kept)
    forms = HandForms(service=imagine, hands=hands, kept=kept, drafts=drafts)
    buttons = Buttons(service=imagine, hands=hands, lineage=services.lineage, forms=forms)
    history = HistoryCog(history=services.history, hands=hands)
    queue = QueueCog(jobs=imagine.jobs)
    options = await imagine.options()
    for cog in (
        ImagineCog(service=imagine, kept=kept, drafts=drafts, options=options),
        queue,
        history,
        LineageCog(service=services.lineage),
        ProvenanceCog(provenance=services.provenance),
    ):
        await bot.add_cog(cog)
    for menu in (*message_menus(services.history, buttons), provenance_menu(services.provenance)):
        bot.tree.add_command(menu)
    return [route for part in (drafts, buttons, history, queue) for route in part.routes()]


async def _add_guilds(
    bot: commands.Bot, services: Services, operators: Collection[int]
) -> Sequence[Route[Any]]:
    """What holds for guilds and members, and what is kept of them."""
    panels = Panels(settings=services.settings)
    settings = SettingsCog(settings=services.settings, panels=panels)
    defaults = DefaultsCog(defaults=services.defaults)
    styles = StylesCog(styles=services.styles)
    privacy = PrivacyCog(service=services.privacy)
    for cog in (
        settings,
        defaults,
        styles,
        privacy,
        UsageCog(service=services.usage),
        PlacesCog(jobs=services.imagine.jobs),
        GuildsCog(bot=bot, guilds=services.guilds, service=services.imagine),
        OperatorCog(
            bot=bot,
            settings=services.settings,
            guilds=services.guilds,
            people=services.people,
            operators=operators,
        ),
    ):
        await bot.add_cog(cog)
    return [
        route for part in (panels, settings, defaults, styles, privacy) for route in part.routes()
    ]


def _add_moderation(bot: commands.Bot, services: Services) -> Sequence[Route[Any]]:
    """Each part puts its commands into the one group."""
    group = moderation_group()
    cases = Cases(moderation=services.moderation, people=services.people)
    desk = ModerationDesk(group, moderation=services.moderation, cases=cases)
    members = MemberDesk(group, people=services.people)
    appeals = Appeals(people=services.people)
    words = WordRulePanels(group, words=services.word_list, drafts=services.drafts)
    PromptTests(group, service=services.prompt_tests)
    log = ModerationLog(group, log=services.log)
    bot.tree.add_command(group)
    return [
        route for part in (cases, desk, members, appeals, words, log) for route in part.routes()
    ]
