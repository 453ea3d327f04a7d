"""Discord's side: each file turns one kind of interaction into one call of the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.texts import CatalogueTranslator
from bot.texts.appeal_cards import APPEAL_PATTERN
from bot.texts.cards import PAGE_PATTERN, PATTERN
from bot.texts.case_ids import CASE_PATTERN, LIST_PATTERN
from bot.texts.default_cards import DEFAULTS_PATTERN
from bot.texts.draft_cards import DRAFT_PATTERN
from bot.texts.history_cards import HISTORY_PATTERN, PICK_PATTERN, REPOST_PATTERN
from bot.texts.log_cards import LOG_PAGE_PATTERN
from bot.texts.people_cards import PERSON_PATTERN
from bot.texts.privacy_cards import FORGET_PATTERN
from bot.texts.settings_ids import LOG_PATTERN, PANEL_PATTERN
from bot.texts.style_cards import STYLE_PATTERN, STYLES_PATTERN
from bot.texts.word_rule_ids import WORDS_PATTERN
from cogs.answers import answer_command_error, answer_unknown_button, answer_unreadable, control
from cogs.appeals import Appeals
from cogs.buttons import Buttons
from cogs.cases import Cases
from cogs.defaults import DefaultsCog
from cogs.drafts import Drafts, DraftsCog
from cogs.guilds import GuildsCog
from cogs.hand_forms import HandForms
from cogs.history import HistoryCog
from cogs.imagine import ImagineCog
from cogs.lineage import LineageCog
from cogs.menus import message_menus
from cogs.moderation import ModerationDesk, moderation_group
from cogs.moderation_log import ModerationLog
from cogs.operator import OperatorCog
from cogs.people import MemberDesk
from cogs.places import PlacesCog
from cogs.privacy import PrivacyCog
from cogs.prompt_tests import PromptTests
from cogs.provenance import ProvenanceCog, provenance_menu
from cogs.queue import QueueCog
from cogs.settings import SettingsCog
from cogs.settings_panel import Panels
from cogs.styles import StylesCog
from cogs.usage import UsageCog
from cogs.word_rules import WordRulePanels

if TYPE_CHECKING:
    from collections.abc import Collection

    from discord.ext import commands

    from bot.features.defaults.service import DefaultsService
    from bot.features.drafts.service import DraftService
    from bot.features.guilds.service import GuildService
    from bot.features.hands.service import HandsService
    from bot.features.history.service import HistoryService
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
    from bot.features.styles.service import StyleService
    from bot.features.usage.service import UsageService


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
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
    panels = Panels(settings=services.settings)
    settings = SettingsCog(settings=services.settings, panels=panels)
    history = HistoryCog(history=services.history, hands=services.hands)
    drafts = Drafts(service=services.imagine, drafts=services.drafts)
    queue, privacy = QueueCog(service=services.imagine), PrivacyCog(service=services.privacy)
    defaults = DefaultsCog(defaults=services.defaults)
    styles = StylesCog(styles=services.styles)
    known = (settings, queue, privacy, defaults, styles, history)
    for cog in (*known, *await _cogs(bot, services, drafts, operators)):
        await bot.add_cog(cog)
    forms = HandForms(
        service=services.imagine, hands=services.hands, kept=services.drafts, drafts=drafts
    )
    buttons = Buttons(
        service=services.imagine, hands=services.hands, lineage=services.lineage, forms=forms
    )
    for menu in message_menus(services.history, buttons):
        bot.tree.add_command(menu)
    bot.tree.add_command(provenance_menu(services.provenance))
    bot.add_listener(buttons.take_form, "on_form_submitted")
    _add_moderation(bot, services)
    bot.add_dynamic_items(
        control(PATTERN, buttons.press),
        control(DRAFT_PATTERN, drafts.press),
        control(PAGE_PATTERN, queue.turn_page),
        control(PANEL_PATTERN, panels.press),
        control(LOG_PATTERN, settings.turn_log),
        control(FORGET_PATTERN, privacy.forget),
        control(DEFAULTS_PATTERN, defaults.press),
        control(STYLE_PATTERN, styles.press),
        control(STYLES_PATTERN, styles.turn),
        control(HISTORY_PATTERN, history.turn),
        control(PICK_PATTERN, history.pick),
        control(REPOST_PATTERN, history.post_again),
    )


def _add_moderation(bot: commands.Bot, services: Services) -> None:
    """Each part puts its commands into the one group."""
    group = moderation_group()
    cases = Cases(moderation=services.moderation, rulings=services.people)
    desk = ModerationDesk(group, moderation=services.moderation, cases=cases)
    members = MemberDesk(group, people=services.people)
    appeals = Appeals(people=services.people)
    words = WordRulePanels(group, words=services.word_list, drafts=services.drafts)
    PromptTests(group, service=services.prompt_tests)
    log = ModerationLog(group, log=services.log)
    bot.tree.add_command(group)
    for part in (cases, desk, members, appeals, words):
        bot.add_listener(part.take_form, "on_form_submitted")
    bot.add_dynamic_items(
        control(CASE_PATTERN, cases.press),
        control(LIST_PATTERN, desk.press),
        control(PERSON_PATTERN, members.press),
        control(APPEAL_PATTERN, appeals.press),
        control(WORDS_PATTERN, words.press),
        control(LOG_PAGE_PATTERN, log.turn),
    )


async def _cogs(
    bot: commands.Bot,
    services: Services,
    drafts: Drafts,
    operators: Collection[int],
) -> tuple[commands.Cog, ...]:
    service, settings, guilds = services.imagine, services.settings, services.guilds
    return (
        ImagineCog(
            service=service,
            kept=services.drafts,
            drafts=drafts,
            options=await service.options(),
        ),
        DraftsCog(drafts=drafts),
        UsageCog(service=services.usage),
        LineageCog(service=services.lineage),
        ProvenanceCog(provenance=services.provenance),
        PlacesCog(service=service),
        GuildsCog(bot=bot, guilds=guilds, service=service),
        OperatorCog(
            bot=bot,
            settings=settings,
            guilds=guilds,
            people=services.people,
            operators=operators,
        ),
    )
