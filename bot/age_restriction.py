"""Whether an interaction comes from an age-restricted place.

Discord says so of a channel, but not of a thread: there its channel is what counts. So that one is
looked up before the interaction is answered, and what was heard holds until Discord tells of a
change, or for half a minute. A direct message is no such place.

Where the bot itself is not, by a user's own install, it may look up no channel: a thread there
counts as not restricted.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import structlog

if TYPE_CHECKING:
    from bot.runtime.clock import Clock


HOLDS_S = 30.0
LONGEST_LOOK_S = 1.0  # of the three seconds in which an interaction is to be answered
MOST_KNOWN = 1000  # channels
EXTRA = "is_restricted"  # in the interaction's extras
_NOT_SEEN = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)

log = structlog.get_logger("bot.age_restriction")


class AgeRestrictions:
    """Of channels whose threads somebody asks in."""

    def __init__(self, http: discord.http.HTTPClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._known: dict[int, tuple[bool, int]] = {}  # and until when that holds

    async def learn(self, interaction: discord.Interaction[Any]) -> None:
        """Notes down in the interaction what Discord did not send along."""
        channel = interaction.channel
        if isinstance(channel, discord.Thread) and interaction.is_guild_integration():
            interaction.extras[EXTRA] = await self._is_restricted(channel.parent_id)

    def forget(self, channel_id: int) -> None:
        """It may be another now."""
        self._known.pop(channel_id, None)

    async def _is_restricted(self, channel_id: int) -> bool | None:
        known = self._known.get(channel_id)
        if known is not None and self._clock.now_us() < known[1]:
            return known[0]
        try:
            async with asyncio.timeout(LONGEST_LOOK_S):
                channel: dict[str, Any] = dict(await self._http.get_channel(channel_id))
        except _NOT_SEEN as error:
            log.warning("age restriction not seen", channel=channel_id, error=type(error).__name__)
            return None
        is_restricted = bool(channel.get("nsfw", False))
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[channel_id] = is_restricted, self._clock.now_us() + round(HOLDS_S * 1e6)
        return is_restricted


def is_restricted(interaction: discord.Interaction[Any]) -> bool | None:
    """None if Discord did not tell in time."""
    if EXTRA in interaction.extras:
        said: bool | None = interaction.extras[EXTRA]
        return said
    return bool(getattr(interaction.channel, "nsfw", False))
