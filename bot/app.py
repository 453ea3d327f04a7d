"""The composition root: opens and closes everything that has a life, and passes it in by keyword.

database ─ session ─▶ provider ─▶ services, Discord client ─▶ cogs, dispatcher, delivery
"""

from __future__ import annotations

import os
import random
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog
from msgspec import Struct

from bot.account_watch import AccountWatch
from bot.client import ImageBot, discord_proxy, point_discord_at
from bot.db.file import alone_on
from bot.db.sqlite import Database
from bot.delivery.composition import Delivery
from bot.delivery.likenesses import Likenesses
from bot.delivery.members import GuildMembers
from bot.delivery.pace import EditPace
from bot.delivery.posts import Posts
from bot.delivery.shown import Describer, ShownPictures, unheard
from bot.dispatcher import Dispatcher
from bot.errors import PortTaken, StorageError
from bot.features.defaults import DefaultsService
from bot.features.guilds.service import GuildService
from bot.features.hands import HandsService
from bot.features.history.service import HistoryService
from bot.features.imagine.drafts import DraftService
from bot.features.imagine.rows import end_interrupted
from bot.features.imagine.service import Service
from bot.features.lineage.service import LineageService
from bot.features.log.service import LogService
from bot.features.moderation.people import PeopleService
from bot.features.moderation.prompt_test import PromptTestService
from bot.features.moderation.service import ModerationService
from bot.features.moderation.word_list import WordListService
from bot.features.privacy.service import PrivacyService, Terms
from bot.features.provenance.service import ProvenanceService
from bot.features.settings.service import SettingsService
from bot.features.styles import StyleService
from bot.features.usage.service import UsageService
from bot.housekeeping import Housekeeping
from bot.lifecycle import Parts, forbid_cores, live, stop_on_signals, vitals_of
from bot.moderation.word_check import WordCheck
from bot.pictures import DISCORD_HOSTS, LinkRules, Relay, Thumbnails, Uploads, open_picture_session
from bot.pictures.checks import picture_checks
from bot.policy.rows import fill_from_settings
from bot.policy.rules import CheckedBy
from bot.providers.call import open_session
from bot.providers.chat import ChatRewriter
from bot.providers.zimage import OFFER, ZImageClient
from bot.queue import controls
from bot.queue.counters import begin_at_the_time
from bot.runtime.clock import SystemClock, Wakeup, Wakeups
from bot.runtime.health import serving_health
from bot.settings import FIRST_ACCOUNT
from bot.settings.policy import policy_rows
from cogs import Services, setup_cogs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import aiohttp

    from bot.providers import Provider
    from bot.providers.picture_check import PictureCheck
    from bot.settings import AccountSettings, Settings

log = structlog.get_logger("bot.app")


async def run(settings: Settings) -> int:
    """Runs until SIGTERM, SIGINT or SIGHUP; a second one ends the process at once.

    On the first: no new claims, calls that are out get the grace, what is drawn is delivered, what
    is left stays in rows for the next start. Returns the exit status.

    Raises:
        DatabaseInUse: another Zeuxis runs on this database.
        StorageError: it cannot be opened.
    """
    forbid_cores()
    stop = stop_on_signals()
    async with AsyncExitStack() as stack:
        parts = await _open(settings, stack)
        await _serve_health(settings, parts, stack)
        return await live(
            parts,
            token=settings.discord_token.reveal(),
            grace_s=settings.shutdown_grace_s,
            stop=stop,
        )


class _Ground(Struct, frozen=True, kw_only=True):
    """What nearly every part stands on."""

    settings: Settings
    database: Database
    clock: SystemClock
    randomness: random.Random
    wakeups: Wakeups
    terms: Terms
    pace: EditPace
    words: WordCheck


async def _open(settings: Settings, stack: AsyncExitStack) -> Parts:
    ground = await _open_ground(settings, stack)
    session = await stack.enter_async_context(open_session())
    checks = picture_checks(settings, session)  # what is wrong with one is said now
    if checks:
        log.info("pictures can be checked", by=sorted(checks))
    providers = {one.name: _provider(settings, one, session) for one in settings.accounts}
    provider = providers[FIRST_ACCOUNT]  # they are of one kind: offer, price and model are the same
    imagine = _imagine(ground, provider)
    drafts = DraftService(
        database=ground.database,
        clock=ground.clock,
        service=imagine,
        price=provider.price,
        rewriter=_rewriter(settings, session),
    )
    hanging = await _open_hanging_pictures(settings, stack)
    bot = await _open_client(ground, stack)
    services = _services(ground, bot, imagine, drafts, hanging, checks, model=provider.name)
    await setup_cogs(bot, services, operators=settings.operators)
    relay = await _open_relay(settings, stack)
    return Parts(
        bot=bot,
        dispatcher=_dispatcher(ground, providers, imagine),
        delivery=_delivery(
            ground, bot, imagine, checks, relay, hanging.copies, model=provider.name
        ),
        likenesses=Likenesses(
            client=bot, database=ground.database, uploads=hanging.uploads, clock=ground.clock
        ),
        housekeeping=Housekeeping(
            database=ground.database, clock=ground.clock, words=ground.words, terms=ground.terms
        ),
        account_watches=_account_watches(ground, providers),
    )


def _imagine(ground: _Ground, provider: Provider) -> Service:
    return Service(
        words=ground.words,
        database=ground.database,
        clock=ground.clock,
        randomness=ground.randomness,
        offer=provider.offer,
        price=provider.price,
        wakeups=ground.wakeups,
    )


async def _open_ground(settings: Settings, stack: AsyncExitStack) -> _Ground:
    clock = SystemClock()
    database = await _open_database(settings, stack, now_us=clock.now_us())
    return _Ground(
        settings=settings,
        database=database,
        clock=clock,
        words=WordCheck(database=database),
        randomness=random.Random(),
        wakeups=Wakeups(work=Wakeup(clock), result=Wakeup(clock)),
        terms=Terms(
            ledger_detail_days=settings.ledger_detail_days,
            guild_data_days=settings.guild_data_days,
        ),
        pace=EditPace(clock),
    )


class _HangingPictures(Struct, frozen=True, kw_only=True):
    """What fetches pictures that hang in Discord already."""

    copies: Relay
    thumbnails: Thumbnails
    uploads: Uploads


async def _open_hanging_pictures(settings: Settings, stack: AsyncExitStack) -> _HangingPictures:
    rules = LinkRules(allowed_hosts=DISCORD_HOSTS, base_url=settings.discord_api_base_url or "")
    session = await stack.enter_async_context(open_picture_session(rules))
    return _HangingPictures(
        copies=Relay(session, rules=rules, proxy_for=settings.proxy_for),
        thumbnails=Thumbnails(session, rules=rules, proxy_for=settings.proxy_for),
        uploads=Uploads(session, rules=rules, proxy_for=settings.proxy_for),
    )


async def _open_client(ground: _Ground, stack: AsyncExitStack) -> ImageBot:
    settings = ground.settings
    point_discord_at(
        api_base_url=settings.discord_api_base_url, gateway_url=settings.discord_gateway_url
    )
    return await stack.enter_async_context(
        ImageBot(
            clock=ground.clock,
            randomness=ground.randomness,
            is_for_any_guild=not settings.allowed_guilds,
            proxy=discord_proxy(settings),
        )
    )


def _services(
    ground: _Ground,
    bot: ImageBot,
    imagine: Service,
    drafts: DraftService,
    hanging: _HangingPictures,
    checks: Iterable[str],
    *,
    model: str,
) -> Services:
    database, clock, words, wakeups = ground.database, ground.clock, ground.words, ground.wakeups
    shown = ShownPictures(
        client=bot, database=database, relay=hanging.copies, model=model, clock=clock
    )
    posts = Posts(bot, on_closed=unheard, clock=clock, pace=ground.pace)
    return Services(
        imagine=imagine,
        drafts=drafts,
        settings=SettingsService(
            database=database, clock=clock, offer=OFFER, checks={*map(CheckedBy, checks)}
        ),
        usage=UsageService(database=database, clock=clock),
        privacy=PrivacyService(database=database, clock=clock, terms=ground.terms, messages=shown),
        guilds=GuildService(database=database, clock=clock),
        lineage=LineageService(database=database, thumbnails=hanging.thumbnails, clock=clock),
        defaults=DefaultsService(database=database, offer=OFFER, can_ask=drafts.has_rewriter),
        styles=StyleService(database=database, clock=clock, offer=OFFER),
        history=HistoryService(database=database, clock=clock, messages=shown),
        hands=HandsService(
            database=database,
            clock=clock,
            hanging=Describer(database=database, posts=posts),
            words=words,
        ),
        provenance=ProvenanceService(database=database, uploads=hanging.uploads, model=model),
        log=LogService(database=database, clock=clock, offer=OFFER),
        people=PeopleService(database=database, clock=clock, wakeups=wakeups),
        moderation=ModerationService(
            database=database,
            clock=clock,
            wakeups=wakeups,
            pictures=shown,
            discipline=GuildMembers(bot),
        ),
        word_list=WordListService(database=database, clock=clock, words=words),
        prompt_tests=PromptTestService(database=database, clock=clock, words=words),
    )


def _dispatcher(ground: _Ground, providers: Mapping[str, Provider], service: Service) -> Dispatcher:
    return Dispatcher(
        database=ground.database,
        providers=providers,
        clock=ground.clock,
        randomness=ground.randomness,
        wakeups=ground.wakeups,
        may_call=service.first_answers.settled,
    )


def _delivery(
    ground: _Ground,
    bot: ImageBot,
    service: Service,
    checks: Mapping[str, PictureCheck],
    relay: Relay,
    copies: Relay,
    *,
    model: str,
) -> Delivery:
    return Delivery(
        client=bot,
        database=ground.database,
        jobs=service.jobs,
        relay=relay,
        copies=copies,
        words=ground.words,
        checks=checks,
        model=model,
        clock=ground.clock,
        randomness=ground.randomness,
        wakeup=ground.wakeups.result,
        pace=ground.pace,
    )


def _account_watches(ground: _Ground, providers: Mapping[str, Provider]) -> list[AccountWatch]:
    return [
        AccountWatch(
            account=one.name,
            database=ground.database,
            provider=providers[one.name],
            clock=ground.clock,
            requests_per_second=one.requests_per_second,
        )
        for one in ground.settings.accounts
    ]


async def _open_database(settings: Settings, stack: AsyncExitStack, *, now_us: int) -> Database:
    stack.enter_context(alone_on(settings.database_url))
    database = await stack.enter_async_context(Database.open(settings.database_url))
    stack.push_async_callback(_rescue, database)
    await _fill_policy(settings, database, now_us=now_us)
    await database.write(
        controls.configure,
        [
            controls.Allowance(
                account=one.name,
                requests_per_second=one.requests_per_second,
                max_running=one.max_running,
            )
            for one in settings.accounts
        ],
        now_us=now_us,
    )
    await database.write(begin_at_the_time, now_us=now_us)
    interrupted = await database.write(end_interrupted, now_us=now_us)
    if interrupted:
        log.warning("prompts were being rewritten when the bot ended", drafts=interrupted)
    return database


async def _fill_policy(settings: Settings, database: Database, *, now_us: int) -> None:
    kept = await database.write(fill_from_settings, policy_rows(settings), OFFER, now_us=now_us)
    for one in kept:
        log.warning(
            "somebody has changed this since, so the setting has no effect",
            scope=one.key.scope,
            scope_id=one.key.scope_id,
            name=one.key.name,
            value=one.value,
            setting=one.setting,
            changed_by="an operator" if one.changed_by.isdecimal() else one.changed_by,
        )


async def _rescue(database: Database) -> None:
    """Last of all, when nothing more is written: what only this process still has."""
    try:
        place = await database.rescue()
    except StorageError as error:
        log.critical("the database could not be saved", error=str(error))
    else:
        if place is not None:
            log.critical("the database was saved, with all that was acknowledged", path=str(place))
    if database.holds_anothers():
        os._exit(1)


def _provider(
    settings: Settings, account: AccountSettings, session: aiohttp.ClientSession
) -> Provider:
    return ZImageClient(
        session,
        base_url=account.base_url,
        api_key=account.api_key,
        model=settings.zimage_model,
        proxy=settings.proxy_for(account.base_url),
    )


def _rewriter(settings: Settings, session: aiohttp.ClientSession) -> ChatRewriter | None:
    chosen = settings.rewriter
    if chosen is None:
        return None
    return ChatRewriter(
        session,
        base_url=chosen.base_url,
        api_key=chosen.api_key,
        model=chosen.model,
        prompt_limit=OFFER.prompt_limit,
        proxy=settings.proxy_for(chosen.base_url),
    )


async def _open_relay(settings: Settings, stack: AsyncExitStack) -> Relay:
    base_url, *others = (one.base_url for one in settings.accounts)
    rules = LinkRules(
        allowed_hosts=settings.zimage_result_hosts,
        base_url=base_url,
        other_base_urls=tuple(others),
    )
    session = await stack.enter_async_context(open_picture_session(rules))
    return Relay(session, rules=rules, proxy_for=settings.proxy_for)


async def _serve_health(settings: Settings, parts: Parts, stack: AsyncExitStack) -> None:
    port = settings.health_port
    try:
        await stack.enter_async_context(serving_health(port, vitals_of(parts)))
    except OSError as error:
        raise PortTaken(f"HEALTH_PORT: port {port} cannot be had: {error.strerror}") from error
