"""The real client with the real cogs, connected to a sandbox over real sockets."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING

import pytest

from bot.client import ImageBot, point_discord_at
from bot.db.sqlite import Database
from bot.delivery.shown import Describer, unheard
from bot.features.defaults import DefaultsService
from bot.features.guilds.service import GuildService
from bot.features.hands import HandsService
from bot.features.history.service import HistoryService
from bot.features.imagine.drafts import DraftService
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
from bot.moderation.word_check import WordCheck
from bot.pictures import DISCORD_HOSTS, LinkRules, Thumbnails, Uploads, open_picture_session
from bot.providers.rewriter import RewrittenPrompt
from bot.providers.zimage import OFFER, price
from bot.records import replace
from bot.refusals import PictureGone
from bot.runtime.clock import Wakeup, Wakeups
from bot.staff_refusals import TimeOutRefused
from cogs import Services, setup_cogs
from cogs.answers import promptly
from sandbox.control.client import Control
from sandbox.server import Sandbox, Settings
from tests.clock import ManualClock
from tests.cogs.playing import Scene, WatchedService
from tests.delivery.room import QuickPosts
from tests.queue.world import migrated_file
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
    from pathlib import Path

    from bot.providers.image import Offer
    from bot.queue.records import (
        Address,
        ChannelId,
        GuildId,
        Job,
        JobId,
        MessageId,
        Origin,
        UserId,
    )
    from bot.queue.shown import Repost
    from bot.staff_refusals import TimeOutBar
    from sandbox.discord.checks import Tally
    from sandbox.discord.document import Document


class NothingHangs:
    """No picture is to be had from Discord."""

    async def links(self, _: Sequence[Job]) -> dict[JobId, str]:
        return {}

    async def post_again(self, _: Job, __: Origin, ___: Sequence[Repost]) -> MessageId:
        raise PictureGone

    async def find(self, _: Job, __: Repost, ___: Collection[MessageId]) -> None:
        return None

    async def take_away(self, _: Sequence[Address]) -> None:
        """Nobody looks for it here."""

    async def redescribe(self, _: Job) -> bool:
        return False

    async def link_at(self, _: ChannelId, __: MessageId, ___: JobId) -> None:
        return None


class ReadyBot(ImageBot):
    """Tells when it is connected, and does not wait between two connections."""

    staying: asyncio.Task[None]

    def __init__(self) -> None:
        self.hand = ManualClock()
        super().__init__(clock=self.hand, randomness=Random(7))
        self.connected = asyncio.Event()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without the five seconds that discord.py waits."""

    async def on_ready(self) -> None:
        self.connected.set()


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's is real time: without the processor it would defer what it answers at once."""
    assert promptly.__kwdefaults__ is not None
    monkeypatch.setitem(promptly.__kwdefaults__, "patience_s", PATIENCE_S)


@pytest.fixture
async def sandbox(document: Document, tally: Tally) -> AsyncIterator[Sandbox]:
    """A fresh Discord. Whatever the bot sends must keep its rules."""
    settings = Settings(seed=7, strict_fields=True, answer_within_s=PATIENCE_S)
    async with Sandbox.start(settings, document=document) as running:
        yield running
        assert running.violations.snapshot() == []
        assert running.remarks.snapshot() == []
    tally.add(running.checks.tally)


@pytest.fixture
async def control(sandbox: Sandbox) -> AsyncIterator[Control]:
    """Members act and look through this."""
    async with Control.of(sandbox) as opened:
        yield opened


@asynccontextmanager
async def connected(
    sandbox: Sandbox, prepare: Callable[[ImageBot], Awaitable[None]]
) -> AsyncIterator[ReadyBot]:
    """A bot, logged in and ready, closed at the end of the block."""
    point_discord_at(
        api_base_url=str(sandbox.addresses["discord_api_base_url"]),
        gateway_url=str(sandbox.addresses["discord_gateway_url"]),
    )
    async with ReadyBot() as bot, asyncio.TaskGroup() as tasks:
        await prepare(bot)
        tasks.create_task(bot.start(sandbox.state.application.token))
        await bot.connected.wait()
        yield bot
        await bot.close()


@pytest.fixture
def offer() -> Offer:
    """Z-Image's; a test may have another provider's."""
    return OFFER


@pytest.fixture
async def service(tmp_path: Path, offer: Offer) -> AsyncIterator[WatchedService]:
    """The real service on a real file."""
    clock = ManualClock()
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        opened = WatchedService(
            database=database,
            words=WordCheck(database=database),
            clock=clock,
            randomness=Random(7),
            offer=offer,
            price=price,
            wakeups=Wakeups(work=Wakeup(clock), result=Wakeup(clock)),
        )
        opened.recorded = asyncio.Queue()
        yield opened


class WillingRewriter:
    """Writes what a test says; nobody is called."""

    name = "qwen-flash"

    def __init__(self) -> None:
        self.answers: list[RewrittenPrompt | Exception] = []
        self.asked: list[str] = []

    async def rewrite(
        self,
        prompt: str,
        *,
        on_send: object = None,  # noqa: ARG002 - as the real one
    ) -> RewrittenPrompt:
        self.asked.append(prompt)
        answer = self.answers.pop(0) if self.answers else an_answer(f"{prompt} in low light")
        if isinstance(answer, Exception):
            raise answer
        return answer


def an_answer(prompt: str, *, input_tokens: int = 300, output_tokens: int = 200) -> RewrittenPrompt:
    """95 micro-dollars."""
    return RewrittenPrompt(
        prompt=prompt,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        request_id="r-1",
        duration_us=1,
    )


@pytest.fixture
def rewriter() -> WillingRewriter | None:
    """A test may have none."""
    return WillingRewriter()


@pytest.fixture
def drafts(service: WatchedService, rewriter: WillingRewriter | None) -> DraftService:
    """On the same file."""
    return DraftService(
        database=service.database,
        clock=service.clock,
        service=service,
        price=price,
        rewriter=rewriter,
    )


@pytest.fixture
def settings(service: WatchedService, offer: Offer) -> SettingsService:
    """On the same file."""
    return SettingsService(database=service.database, clock=service.clock, offer=offer)


@pytest.fixture
def guilds(service: WatchedService) -> GuildService:
    """Likewise."""
    return GuildService(database=service.database, clock=service.clock)


@pytest.fixture
def usage(service: WatchedService) -> UsageService:
    """Likewise."""
    return UsageService(database=service.database, clock=service.clock)


@pytest.fixture
def privacy(service: WatchedService) -> PrivacyService:
    """On the same file."""
    return PrivacyService(
        database=service._database,
        clock=service._clock,
        terms=Terms(),
        messages=NothingHangs(),
    )


@pytest.fixture
async def lineage(service: WatchedService, sandbox: Sandbox) -> AsyncIterator[LineageService]:
    """On the same file; pictures are fetched from the sandbox."""
    base_url = str(sandbox.addresses["discord_api_base_url"])
    rules = LinkRules(allowed_hosts=DISCORD_HOSTS, base_url=base_url)
    async with open_picture_session(rules) as session:
        thumbnails = Thumbnails(session, rules=rules, proxy_for=lambda _: None)
        yield LineageService(database=service.database, thumbnails=thumbnails, clock=service.clock)


@pytest.fixture
async def provenance(service: WatchedService) -> AsyncIterator[ProvenanceService]:
    """On the same file; nobody is asked for a picture."""
    rules = LinkRules(allowed_hosts=(), base_url="")
    async with open_picture_session(rules) as session:
        uploads = Uploads(session, rules=rules, proxy_for=lambda _: None)
        yield ProvenanceService(database=service.database, uploads=uploads, model="z-image-turbo")


@pytest.fixture
def history(service: WatchedService) -> HistoryService:
    """On the same file; nothing hangs in Discord."""
    return HistoryService(database=service.database, clock=service.clock, messages=NothingHangs())


class ListeningDiscord:
    """Times out whomever it is told to, unless it is to refuse."""

    def __init__(self) -> None:
        self.timed_out: list[tuple[int, int, str]] = []  # guild, user, reason
        self.refuses: TimeOutBar | None = None

    async def time_out(
        self, guild_id: GuildId, user_id: UserId, *, until_at_us: int, reason: str
    ) -> None:
        if self.refuses is not None:
            raise TimeOutRefused(self.refuses)
        assert until_at_us > 0
        self.timed_out.append((guild_id, user_id, reason))


@pytest.fixture
def people(service: WatchedService) -> PeopleService:
    """On the same file."""
    return PeopleService(
        database=service.database,
        clock=service.clock,
        wakeups=Wakeups(work=Wakeup(service.clock), result=Wakeup(service.clock)),
    )


@pytest.fixture
def services(
    service: WatchedService,
    settings: SettingsService,
    guilds: GuildService,
    usage: UsageService,
    privacy: PrivacyService,
    lineage: LineageService,
    drafts: DraftService,
    history: HistoryService,
    provenance: ProvenanceService,
    people: PeopleService,
) -> Services:
    """All of them."""
    database, clock, offer = service.database, service.clock, settings.offer
    return Services(
        imagine=service,
        drafts=drafts,
        settings=settings,
        guilds=guilds,
        usage=usage,
        privacy=privacy,
        lineage=lineage,
        defaults=DefaultsService(database=database, offer=offer, can_ask=drafts.has_rewriter),
        styles=StyleService(database=database, clock=clock, offer=offer),
        history=history,
        hands=HandsService(
            database=database, clock=clock, hanging=NothingHangs(), words=service.words
        ),
        provenance=provenance,
        people=people,
        log=LogService(database=database, clock=clock, offer=offer),
        moderation=ModerationService(
            database=database,
            clock=clock,
            wakeups=service.wakeups,
            pictures=NothingHangs(),
            discipline=ListeningDiscord(),
        ),
        word_list=WordListService(database=database, clock=clock, words=service.words),
        prompt_tests=PromptTestService(database=database, clock=clock, words=service.words),
    )


@pytest.fixture
async def scene(
    sandbox: Sandbox, control: Control, service: WatchedService, services: Services
) -> AsyncIterator[Scene]:
    """The bot with its cogs. Nothing draws, so whatever is asked for stays in the queue."""

    async def prepare(bot: ImageBot) -> None:
        posts = QuickPosts(bot, on_closed=unheard, clock=ManualClock())
        hanging = Describer(database=service.database, posts=posts)
        hands = HandsService(
            database=service.database, clock=service.clock, hanging=hanging, words=service.words
        )
        await setup_cogs(bot, replace(services, hands=hands))

    async with connected(sandbox, prepare) as bot:
        yield Scene(
            sandbox=sandbox,
            control=control,
            service=service,
            bot=bot,
        )
