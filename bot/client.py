"""The Discord client, and the one place that bends discord.py.

No intents at all: interactions arrive without any (Discord ties them to none), so nothing is
cached and a guild costs no memory. Guild and channel are ids taken from the interaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import structlog
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# A route whose bucket is closed for longer fails at once, so that a delivery can wait in its row
# instead of in the library; 30 s is the least that discord.py takes.
LONGEST_RATE_LIMIT_WAIT_S = 30.0

log = structlog.get_logger("bot.client")


class ImageBot(commands.Bot):
    """Zeuxis in Discord.

    `prepare` is called once, after login and before the gateway, to add cogs and translator; the
    commands are registered right after it.
    """

    def __init__(self, *, prepare: Callable[[ImageBot], Awaitable[None]]) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=LONGEST_RATE_LIMIT_WAIT_S,
            guild_ready_timeout=0,
        )
        self._prepare = prepare

    async def setup_hook(self) -> None:
        await self._prepare(self)
        synced = await self.tree.sync()
        log.info("commands registered", commands=[command.name for command in synced])

    async def on_ready(self) -> None:
        log.info("ready", user=str(self.user), user_id=self.user.id if self.user else None)


def point_discord_at(*, api_base_url: str | None, gateway_url: str | None) -> None:
    """Sends discord.py to another Discord, for the whole process. None leaves the real one."""
    if api_base_url is not None:
        Route.BASE = api_base_url.rstrip("/")
    if gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
