"""The whole sandbox on one loopback port: Discord, Z-Image, the control interface and the page.

async with Sandbox.start(Settings(seed=7)) as sandbox:
    sandbox.addresses["discord_api_base_url"], sandbox.state, sandbox.faults, …
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.control.app import Controlled, create_control_app
from sandbox.control.calls import own_origin_only
from sandbox.control.page import add_page_files
from sandbox.control.views import guild_view
from sandbox.discord.app import API, add_discord
from sandbox.discord.cdn import CDN, MEDIA
from sandbox.discord.checks import Checks
from sandbox.discord.document import Document
from sandbox.discord.edge import Edge
from sandbox.discord.gateway.hub import HEARTBEAT_INTERVAL_S, Hub
from sandbox.discord.interactions import ANSWER_WITHIN_S
from sandbox.discord.ratelimits import RateLimits
from sandbox.discord.seed import seeded_application, sow
from sandbox.discord.state import Journal, State
from sandbox.discord.threads_life import archive_idle
from sandbox.faults import Faults, Server, fault_middleware
from sandbox.violations import Remarks, Violations
from sandbox.zimage import Pictures, ZImage, ZImageSettings
from sandbox.zimage.moderations import MODERATION_BASE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LOOPBACK = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
STOP_WITHIN_S = 2.0
ARCHIVE_EVERY_S = 60.0
CONTROL_LIMIT_BYTES = 64 << 20  # room for a few files that a member picks


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a sandbox is to be.

    Attributes:
        port: 0 takes a free one.
        data: the folder that outlives a start; None keeps everything in memory.
        seed: the world, its ids and its secrets follow from it.
        latency_scale: how slow Z-Image is; 0 answers at once.
        rate: requests a second that the Z-Image account may send.
        pictures: how Z-Image draws; plain ones are quick.
        openapi: Discord's OpenAPI document, to check requests and answers against.
        privileged_intents: bits that the bot may ask for, as if switched on in the portal.
        is_public: whether others than the application's owner may invite the bot.
        max_concurrency: shards that may start together.
        shards: how many the bot is told to use.
        strict_fields: fields that Discord does not know are refused, not only remarked on.
        answer_within_s: how long a bot's first answer to an interaction may take.
        heartbeat_interval_s: how often the gateway wants to hear from its clients.
    """

    port: int = 0
    data: Path | None = None
    seed: int = 0
    latency_scale: float = 1.0
    rate: float = 2.0
    openapi: Path | None = None
    pictures: Pictures = Pictures.PAINTED
    privileged_intents: int = 0
    is_public: bool = True
    max_concurrency: int = 1
    shards: int = 1
    strict_fields: bool = False
    answer_within_s: float = ANSWER_WITHIN_S
    heartbeat_interval_s: float = HEARTBEAT_INTERVAL_S


class OtherSeed(Exception):
    """The data folder was made with another seed, so its ids and tokens are others."""


class Sandbox:
    """A running sandbox; tests may reach into every part."""

    def __init__(
        self, settings: Settings, *, clock: SandboxClock, document: Document | None = None
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.violations = Violations(clock)
        self.remarks = Remarks(clock)
        self.faults = Faults(clock, seed=settings.seed)
        if settings.openapi is not None:
            document = Document.load(settings.openapi)
        self.checks = Checks(document, strict_fields=settings.strict_fields)
        self.journal = Journal(_journal_path(settings.data))
        application = seeded_application(
            settings.seed,
            privileged_intents=settings.privileged_intents,
            is_public=settings.is_public,
        )
        self.state = State(clock=clock, journal=self.journal, application=application)
        self.state.session_starts.max_concurrency = settings.max_concurrency
        self.state.answer_within_s = settings.answer_within_s
        if not self.state.load():
            sow(self.state, settings.seed)
        if self.state.bot_id not in self.state.users:
            self.journal.close()
            raise OtherSeed(
                f"{settings.data} holds a world of another seed than {settings.seed}: "
                "give the seed that it was made with, or another folder"
            )
        self.state.session_starts.shards = settings.shards
        self.hub = Hub(self.state, self.checks)
        self.hub.heartbeat_interval_s = settings.heartbeat_interval_s
        self.edge = Edge(
            state=self.state,
            limits=RateLimits(),
            violations=self.violations,
            remarks=self.remarks,
            checks=self.checks,
        )
        self.zimage = ZImage(
            ZImageSettings(
                api_keys=(self.api_key,),
                requests_per_second=settings.rate,
                latency_scale=settings.latency_scale,
                seed=settings.seed,
                pictures=settings.pictures,
            ),
            clock=clock,
            violations=self.violations,
        )
        self._tell_the_page()

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        settings: Settings | None = None,
        *,
        clock: SandboxClock | None = None,
        document: Document | None = None,
    ) -> AsyncIterator[Sandbox]:
        """A sandbox that listens; it is gone at the end of the block.

        Args:
            clock: such as `SandboxClock.manual()`, for tests.
            document: Discord's, already read; else `settings.openapi` is.
        """
        sandbox = cls(settings or Settings(), clock=clock or SandboxClock(), document=document)
        runner = web.AppRunner(sandbox._app(), access_log=None, shutdown_timeout=STOP_WITHIN_S)
        keeper: asyncio.Task[None] | None = None
        try:
            await runner.setup()
            site = web.TCPSite(runner, LOOPBACK, sandbox.settings.port)
            await site.start()
            sandbox.state.origin = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
            keeper = asyncio.create_task(sandbox._archive_threads())
            yield sandbox
        finally:
            if keeper is not None:
                keeper.cancel()
                await asyncio.wait([keeper])
            sandbox.faults.clear()
            sandbox.hub.drop()
            await runner.cleanup()
            sandbox.journal.close()

    @property
    def addresses(self) -> dict[str, object]:
        """The line that a start prints: where everything is, and who is there."""
        state = self.state
        return {
            "discord_api_base_url": state.origin + API,
            "discord_gateway_url": state.gateway_url,
            "zimage_base_url": f"{state.origin}/api/v1",
            "moderation_base_url": state.origin + MODERATION_BASE,
            "control_url": f"{state.origin}/control",
            "page_url": f"{state.origin}/page/",
            "bot_token": state.application.token,
            "api_key": self.api_key,
            "application_id": state.application.id,
            "guilds": [
                guild_view(state, guild)
                for guild in state.guilds.values()
                if state.bot_id in guild.members
            ],
        }

    @property
    def api_key(self) -> str:
        """What Z-Image's clients log in with."""
        return f"sk-{self.state.application.secret.hex()[:32]}"

    async def _archive_threads(self) -> None:
        """Archives idle threads as time goes by; moving the clock archives them at once."""
        while True:
            archive_idle(self.state)
            await self.clock.sleep(ARCHIVE_EVERY_S)

    def _tell_the_page(self) -> None:
        """Brings what happens outside Discord into the feed as well."""
        tell = self.state.publish
        self.violations.listen(lambda one: tell("SANDBOX_VIOLATION", asdict(one)))
        self.remarks.listen(lambda one: tell("SANDBOX_REMARK", asdict(one)))
        self.faults.listen(lambda: tell("SANDBOX_FAULTS", {"faults": self.faults.snapshot()}))
        self.zimage.ledger.listen(lambda entry: tell("SANDBOX_LEDGER", entry.snapshot()))

    def _app(self) -> web.Application:
        meet_faults = fault_middleware(self.faults, self.clock, self._server_of)
        app = web.Application(
            client_max_size=CONTROL_LIMIT_BYTES,
            middlewares=[own_origin_only, meet_faults],
            logger=logging.getLogger("sandbox"),
        )
        app.add_routes(self.zimage.routes())
        add_discord(app, edge=self.edge, hub=self.hub)
        controlled = Controlled(
            state=self.state,
            hub=self.hub,
            clock=self.clock,
            faults=self.faults,
            violations=self.violations,
            remarks=self.remarks,
            zimage=self.zimage,
        )
        app.add_subapp("/control", create_control_app(controlled))
        add_page_files(app, PAGE)
        return app

    def _server_of(self, request: web.Request) -> Server | None:
        """Whose faults a request meets."""
        if request.path.startswith(f"{API}/"):
            return Server.DISCORD
        is_file = request.path.startswith((f"{CDN}/", f"{MEDIA}/"))
        return Server.CDN if is_file else self.zimage.server_of(request)


def _journal_path(data: Path | None) -> Path | None:
    if data is None:
        return None
    data.mkdir(parents=True, exist_ok=True)
    return data / "discord.db"
