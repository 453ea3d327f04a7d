"""The composition root: opens and closes everything that has a life, and passes it in by keyword.

database ─ session ─▶ provider, relay ─▶ service, dispatcher ─▶ Discord client, cogs, delivery
"""

from __future__ import annotations

import os
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from bot.account_watch import AccountWatch
from bot.client import ImageBot, discord_proxy, point_discord_at
from bot.db.connection import real_path
from bot.db.file import alone_on
from bot.db.sqlite import Database
from bot.delivery.composition import Delivery
from bot.delivery.likenesses import Likenesses
from bot.delivery.members import GuildMembers
from bot.delivery.pace import EditPace
from bot.delivery.posts import Posts
from bot.delivery.shown import Describer, ShownPictures, unheard
from bot.dispatcher import Dispatcher
from bot.errors import BackupRefused, PortTaken, StorageError
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
from bot.lifecycle import Parts, forbid_cores, live, stop_on_signals
from bot.moderation.word_check import WordCheck
from bot.pictures import DISCORD_HOSTS, LinkRules, Relay, Thumbnails, Uploads, open_picture_session
from bot.pictures.checks import picture_checks
from bot.policy.quotas import UNLIMITED
from bot.policy.rows import fill_from_settings
from bot.policy.rules import ONE_SHARE, CheckedBy, Key, Scope
from bot.providers.call import open_session
from bot.providers.chat import ChatRewriter
from bot.providers.zimage import OFFER, ZImageClient
from bot.queue import controls
from bot.queue.counters import begin_at_the_time
from bot.queue.restore import restore as replace_by_backup
from bot.runtime.clock import SystemClock, Wakeup, Wakeups
from bot.runtime.health import Vital, serving_health
from bot.runtime.logs import configure_logs
from bot.settings import FIRST_ACCOUNT
from cogs import Services, setup_cogs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp

    from bot.policy.rules import Value
    from bot.providers import Provider
    from bot.providers.picture_check import PictureCheck
    from bot.settings import AccountSettings, Settings

# How long each part may go without success. The queue is looked at every two seconds; a delivery is
# given up after two minutes; discord.py waits up to some minutes between two attempts.
CLAIM_WITHIN_S = 30.0
MOVE_WITHIN_S = 180.0
CONNECTED_WITHIN_S = 300.0
ROUND_WITHIN_S = 300.0

log = structlog.get_logger("bot.app")


def start_logs(settings: Settings) -> None:
    """Logs for the process, with this installation's secrets kept out."""
    configure_logs(
        level=settings.log_level,
        form=settings.log_format,
        secrets=(
            settings.discord_token.reveal(),
            *(one.api_key.reveal() for one in settings.accounts),
            *([settings.rewriter.api_key.reveal()] if settings.rewriter else []),
            *([settings.picture_check.api_key.reveal()] if settings.picture_check else []),
            settings.proxy_password,
        ),
    )


async def run(settings: Settings) -> int:
    """Runs until SIGTERM or SIGINT; a second one ends the process at once.

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


async def migrate(settings: Settings) -> int:
    """Opening the database brings it to this version's schema; refused while the bot runs."""
    with alone_on(settings.database_url):
        async with Database.open(settings.database_url) as database:
            log.info("schema is current", path=str(database.path))
    return 0


async def backup(settings: Settings, file: str) -> int:
    """Copies the database to `file` while the bot may be running, of whatever version it is."""
    target = _named(file)
    async with Database.look(settings.database_url, is_any_schema=True) as database:
        await database.backup(target)
    log.info("backed up", path=str(target))
    return 0


def restore(settings: Settings, file: str) -> int:
    """Puts a backup in the database's place; refused while the bot runs."""
    source, path = _named(file), real_path(settings.database_url)
    with alone_on(settings.database_url):
        ended = replace_by_backup(source, path, now_us=SystemClock().now_us())
    log.info("restored", path=str(path), backup=str(source), ended_as_uncertain=ended)
    return 0


def _named(file: str) -> Path:
    if not file.strip():
        raise BackupRefused("no file is named for the backup")
    return Path(file).expanduser()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
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
    checks = _picture_checks(settings, session)
    providers = {one.name: _provider(settings, one, session) for one in settings.accounts}
    provider = providers[FIRST_ACCOUNT]  # they are of one kind: offer, price and model are the same
    service = Service(
        words=ground.words,
        database=ground.database,
        clock=ground.clock,
        randomness=ground.randomness,
        offer=provider.offer,
        price=provider.price,
        wakeups=ground.wakeups,
    )
    drafts = DraftService(
        database=ground.database,
        clock=ground.clock,
        service=service,
        price=provider.price,
        rewriter=_rewriter(settings, session),
    )
    discords = await _open_discords(settings, stack)
    bot = await _open_client(ground, service, drafts, discords, stack, model=provider.name)
    relay = await _open_relay(settings, stack)
    return Parts(
        bot=bot,
        dispatcher=_dispatcher(ground, providers, service),
        delivery=_delivery(
            ground, bot, service, ground.words, checks, relay, discords.copies, model=provider.name
        ),
        likenesses=Likenesses(
            client=bot, database=ground.database, uploads=discords.uploads, clock=ground.clock
        ),
        housekeeping=Housekeeping(
            database=ground.database, clock=ground.clock, words=ground.words, terms=ground.terms
        ),
        account_watches=_account_watches(ground, providers),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Discords:
    """What fetches pictures that hang already."""

    copies: Relay
    thumbnails: Thumbnails
    uploads: Uploads


async def _open_discords(settings: Settings, stack: AsyncExitStack) -> _Discords:
    rules = _rules_of_discord(settings)
    session = await stack.enter_async_context(open_picture_session(rules))
    return _Discords(
        copies=Relay(session, rules=rules, proxy_for=settings.proxy_for),
        thumbnails=Thumbnails(session, rules=rules, proxy_for=settings.proxy_for),
        uploads=Uploads(session, rules=rules, proxy_for=settings.proxy_for),
    )


async def _open_client(
    ground: _Ground,
    service: Service,
    drafts: DraftService,
    discords: _Discords,
    stack: AsyncExitStack,
    *,
    model: str,
) -> ImageBot:
    settings = ground.settings
    point_discord_at(
        api_base_url=settings.discord_api_base_url, gateway_url=settings.discord_gateway_url
    )

    async def prepare(bot: ImageBot) -> None:
        shown = ShownPictures(
            client=bot,
            database=ground.database,
            relay=discords.copies,
            model=model,
            clock=ground.clock,
        )
        posts = Posts(bot, on_closed=unheard, clock=ground.clock, pace=ground.pace)
        hanging = Describer(database=ground.database, posts=posts)
        people = GuildMembers(bot)
        provenance = ProvenanceService(
            database=ground.database, uploads=discords.uploads, model=model
        )
        services = _services(
            ground, service, drafts, discords.thumbnails, shown, hanging, people, provenance
        )
        await setup_cogs(bot, services, operators=settings.operators)

    return await stack.enter_async_context(
        ImageBot(
            prepare=prepare,
            clock=ground.clock,
            randomness=ground.randomness,
            is_for_any_guild=not settings.allowed_guilds,
            proxy=discord_proxy(settings),
        )
    )


def _services(
    ground: _Ground,
    service: Service,
    drafts: DraftService,
    thumbnails: Thumbnails,
    shown: ShownPictures,
    hanging: Describer,
    members: GuildMembers,
    provenance: ProvenanceService,
) -> Services:
    database, clock = ground.database, ground.clock
    return Services(
        imagine=service,
        drafts=drafts,
        settings=SettingsService(
            database=database, clock=clock, offer=OFFER, checks=_checks_set_up(ground.settings)
        ),
        usage=UsageService(database=database, clock=clock),
        privacy=PrivacyService(database=database, clock=clock, terms=ground.terms),
        guilds=GuildService(database=database, clock=clock),
        lineage=LineageService(database=database, thumbnails=thumbnails, clock=clock),
        defaults=DefaultsService(database=database, offer=OFFER, can_ask=drafts.has_rewriter),
        styles=StyleService(database=database, clock=clock, offer=OFFER),
        history=HistoryService(database=database, clock=clock, messages=shown),
        hands=HandsService(database=database, clock=clock, hanging=hanging, words=ground.words),
        provenance=provenance,
        log=LogService(database=database, clock=clock, offer=OFFER),
        people=PeopleService(database=database, clock=clock, wakeups=ground.wakeups),
        moderation=ModerationService(
            database=database,
            clock=clock,
            wakeups=ground.wakeups,
            pictures=shown,
            discipline=members,
        ),
        word_list=WordListService(database=database, clock=clock, words=ground.words),
        prompt_tests=PromptTestService(database=database, clock=clock, words=ground.words),
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
    words: WordCheck,
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
        words=words,
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
    kept = await database.write(fill_from_settings, _policy(settings), OFFER, now_us=now_us)
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


def _checks_set_up(settings: Settings) -> frozenset[CheckedBy]:
    """What staff may choose from."""
    is_there = {
        CheckedBy.MODEL: settings.picture_check_model is not None,
        CheckedBy.OPENAI: settings.picture_check is not None,
    }
    return frozenset(one for one, is_set in is_there.items() if is_set)


def _picture_checks(
    settings: Settings, session: aiohttp.ClientSession
) -> Mapping[str, PictureCheck]:
    """By name. Raises SettingsError at the start, not at the first picture."""
    checks = picture_checks(settings, session)
    if checks:
        log.info("pictures can be checked", by=sorted(checks))
    return checks


async def _open_relay(settings: Settings, stack: AsyncExitStack) -> Relay:
    base_url, *others = (one.base_url for one in settings.accounts)
    rules = LinkRules(
        allowed_hosts=settings.zimage_result_hosts,
        base_url=base_url,
        other_base_urls=tuple(others),
    )
    session = await stack.enter_async_context(open_picture_session(rules))
    return Relay(session, rules=rules, proxy_for=settings.proxy_for)


def _rules_of_discord(settings: Settings) -> LinkRules:
    """For files that Discord has."""
    return LinkRules(allowed_hosts=DISCORD_HOSTS, base_url=settings.discord_api_base_url or "")


async def _serve_health(settings: Settings, parts: Parts, stack: AsyncExitStack) -> None:
    port = settings.health_port
    try:
        await stack.enter_async_context(serving_health(port, _vitals(parts)))
    except OSError as error:
        raise PortTaken(f"HEALTH_PORT: port {port} cannot be had: {error.strerror}") from error


def _vitals(parts: Parts) -> tuple[Vital, ...]:
    return (
        Vital(
            says="queue: no claim has succeeded",
            age_s=parts.dispatcher.pulse.age_s,
            bound_s=CLAIM_WITHIN_S,
        ),
        Vital(
            says="outbox: pictures are due and nothing has moved",
            age_s=parts.delivery.outbox.pulse.age_s,
            bound_s=MOVE_WITHIN_S,
        ),
        Vital(
            says="screener: drawn pictures are to be looked at and nothing has moved",
            age_s=parts.delivery.screener.pulse.age_s,
            bound_s=MOVE_WITHIN_S,
        ),
        Vital(
            says="staff cards: cases are due and nothing has moved",
            age_s=parts.delivery.staff_cards.pulse.age_s,
            bound_s=MOVE_WITHIN_S,
        ),
        Vital(
            says="notices: members are to be told and nothing has moved",
            age_s=parts.delivery.notices.pulse.age_s,
            bound_s=MOVE_WITHIN_S,
        ),
        Vital(
            says="held files: nobody has looked which are to be kept",
            age_s=parts.delivery.keeper.pulse.age_s,
            bound_s=ROUND_WITHIN_S,
        ),
        Vital(
            says="gateway: no connection to Discord",
            age_s=parts.bot.disconnected_s,
            bound_s=CONNECTED_WITHIN_S,
        ),
        Vital(
            says="housekeeping: no round has succeeded",
            age_s=parts.housekeeping.pulse.age_s,
            bound_s=ROUND_WITHIN_S,
        ),
    )


def _policy(settings: Settings) -> dict[Key, Value]:
    """The rows that the settings fill."""
    values: dict[str, Value] = {
        "waiting_per_member": settings.max_waiting_per_member,
        "waiting_per_guild": settings.max_waiting_per_guild,
        "running": settings.zimage_max_running,
        "running_per_guild": settings.max_running_per_guild,
        "running_per_person": settings.max_running_per_person,
        "expected_wait_s": settings.max_expected_wait_s,
        "default_size": OFFER.parse_size(settings.default_size).size,
        "rewrite_by_default": settings.rewrite_by_default,
        "price_plain_micros": settings.prices.plain_micros,
        "price_rewritten_micros": settings.prices.rewritten_micros,
        "rewriter_input_micros": settings.rewriter_prices.input_micros,
        "rewriter_output_micros": settings.rewriter_prices.output_micros,
        "account_micros_per_day": _micros(settings.budget_per_day_usd),
        "guild_pictures_per_day": settings.pictures_per_guild_per_day,
        "member_pictures_per_day": settings.pictures_per_member_per_day,
        "time_zone": ZoneInfo(settings.time_zone),
        "is_allowed": not settings.allowed_guilds,
        "outside_guilds": settings.outside_guilds == "any",
    }
    persons = () if settings.outside_guilds == "any" else settings.outside_guilds
    guilds, roles = settings.guild_weights.items(), settings.role_weights.items()
    return {
        **{Key(Scope.OPERATOR, 0, name): value for name, value in values.items()},
        **{Key(Scope.GUILD, one, "is_allowed"): True for one in settings.allowed_guilds},
        **{Key(Scope.PERSON, one, "outside_guilds"): True for one in persons},
        **{Key(Scope.GUILD, one, "weight"): round(weight * ONE_SHARE) for one, weight in guilds},
        **{Key(Scope.ROLE, one, "weight"): round(weight * ONE_SHARE) for one, weight in roles},
    }


def _micros(budget_usd: float) -> int:
    return UNLIMITED if budget_usd < 0 else round(budget_usd * 1e6)
