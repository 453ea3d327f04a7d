"""The Discord client; here and in discord_answers discord.py is bent.

No intents at all: interactions arrive without any (Discord ties them to none), so nothing is
cached and a guild costs no memory. Guild and channel are ids taken from the interaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import discord
import structlog
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.utils import MISSING

from bot.discord_answers import mend_answers
from bot.domain.retrying import next_wait_s
from bot.health import Pulse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from random import Random

    from bot.clock import Clock
    from bot.settings import Settings

# A route whose bucket is closed for longer fails at once, so that a delivery can wait in its row
# instead of in the library; 30 s is the least that discord.py takes.
LONGEST_RATE_LIMIT_WAIT_S = 30.0
MOST_CONNECTIONS = 64  # else a burst of answers opens one for each, which takes longer than to wait

_UNREACHABLE = (
    aiohttp.ClientError,
    discord.DiscordServerError,
    discord.RateLimited,
    OSError,
    TimeoutError,
)

log = structlog.get_logger("bot.client")


class ImageBot(commands.Bot):
    """Zeuxis in Discord.

    `prepare` is called once, after the login and before the gateway, to add cogs and translator;
    the commands are registered right after it.
    """

    def __init__(
        self,
        *,
        prepare: Callable[[ImageBot], Awaitable[None]],
        clock: Clock,
        randomness: Random,
        proxy: str | None = None,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=LONGEST_RATE_LIMIT_WAIT_S,
            connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
            guild_ready_timeout=0,
            proxy=proxy,
        )
        mend_answers(self.http, longest_wait_s=LONGEST_RATE_LIMIT_WAIT_S)
        self._prepare = prepare
        self._is_prepared = False
        self._clock = clock
        self._randomness = randomness
        self._is_connected = False
        self._lost = Pulse()  # beats when the connection is lost
        self._lost.beat()

    def disconnected_s(self) -> float:
        """How long there has been no connection to the gateway; 0 while there is one."""
        return 0.0 if self._is_connected else self._lost.age_s()

    async def stay_connected(self, token: str) -> None:
        """Logs in and keeps the connection, through any outage of Discord or the network.

        Raises:
            LoginFailure: Discord refuses the token.
            DiscordException: it refuses the bot for good in another way.
        """
        attempt = 0
        while not await self._logged_in(token):
            attempt += 1
            wait_s = next_wait_s(attempt=attempt, randomness=self._randomness)
            log.error("Discord cannot be reached", attempt=attempt, next_try_in_s=round(wait_s, 1))
            await self._clock.sleep_until(self._clock.now_us() + round(wait_s * 1e6))
        await self.connect()

    async def _logged_in(self, token: str) -> bool:
        try:
            await self.login(token)
        except _UNREACHABLE as error:
            log.info("no login", error=type(error).__name__, says=str(error))
            await self.http.close()
            self.http.connector = MISSING  # it was closed with its session; login makes another
            return False
        return True

    async def setup_hook(self) -> None:
        """Runs at every login that got this far; the cogs are added once."""
        if not self._is_prepared:
            await self._prepare(self)
            self._is_prepared = True
        synced = await self.tree.sync()
        log.info("commands registered", commands=[command.name for command in synced])

    async def on_connect(self) -> None:
        self._is_connected = True

    async def on_resumed(self) -> None:
        self._is_connected = True

    async def on_disconnect(self) -> None:
        """Comes again with each attempt to reconnect that fails."""
        if self._is_connected:
            self._is_connected = False
            self._lost.beat()

    async def on_ready(self) -> None:
        log.info("ready", user=str(self.user), user_id=self.user.id if self.user else None)


def discord_proxy(settings: Settings) -> str | None:
    """One for REST and gateway alike, as discord.py takes it."""
    return settings.proxy_for(settings.discord_api_base_url or Route.BASE)


def point_discord_at(*, api_base_url: str | None, gateway_url: str | None) -> None:
    """Sends discord.py to another Discord, for the whole process. None leaves the real one."""
    if api_base_url is not None:
        Route.BASE = api_base_url.rstrip("/")
    if gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


def gateway_url() -> str:
    """Where discord.py will connect to, as it asks there."""
    return str(DiscordWebSocket.DEFAULT_GATEWAY.with_query(v="10", encoding="json"))
