"""Places that are gone: what waits for them ends at once, before it is drawn and billed."""

from __future__ import annotations

from typing import Protocol

import structlog
from discord.ext import commands

from bot.errors import StorageError
from bot.queue.records import ChannelId, GuildId

log = structlog.get_logger("cogs.places")


class Closing(Protocol):
    """What ends the waiting jobs of a place."""

    async def close_guild(self, guild_id: GuildId, /) -> object:
        """The bot is in it no more. Raises StorageError."""
        ...

    async def close_channel(self, channel_id: ChannelId, /) -> object:
        """A channel or a thread is deleted. Raises StorageError."""
        ...


class PlacesCog(commands.Cog):
    """Hears of them; whoever misses an event meets the closed place at the next delivery."""

    def __init__(self, *, service: Closing) -> None:
        self._service = service

    @commands.Cog.listener()
    async def on_guild_closed(self, guild_id: int) -> None:
        try:
            await self._service.close_guild(GuildId(guild_id))
        except StorageError as error:
            log.warning("waiting jobs not ended", guild=guild_id, reason=type(error).__name__)

    @commands.Cog.listener()
    async def on_channel_closed(self, channel_id: int) -> None:
        try:
            await self._service.close_channel(ChannelId(channel_id))
        except StorageError as error:
            log.warning("waiting jobs not ended", channel=channel_id, reason=type(error).__name__)
