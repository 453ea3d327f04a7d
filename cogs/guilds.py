"""Guilds that the bot comes to and leaves, places that are gone, and `/about` and `/help`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.errors import StorageError, ZeuxisError
from bot.features.guilds.service import Arrival, GuildService
from bot.features.imagine.jobs import JobService
from bot.features.imagine.service import Service
from bot.queue.records import ChannelId, GuildId
from bot.texts import Texts, described
from bot.texts.about_cards import Lacking, about_card, greeting_card, help_card, not_allowed_card
from bot.texts.cards import Card
from cogs.answers import NOBODY, UNREACHABLE, show_alone
from cogs.origin import asking_in, everywhere, guild_id_of, lacking_permissions
from cogs.reading import texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


MOST_TRIED = 5  # channels in which a greeting is tried

log = structlog.get_logger("cogs.guilds")


class GuildsCog(commands.Cog):
    """Says once, where it may write, what the bot is and what it lacks."""

    def __init__(self, *, bot: commands.Bot, guilds: GuildService, service: Service) -> None:
        self._bot = bot
        self._guilds = guilds
        self._service = service
        self._greeting: set[int] = set()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """discord.py keeps the list that came with the connection, and nothing else of guilds."""
        try:
            await self._guilds.listed({guild.id for guild in self._bot.guilds})
        except ZeuxisError as error:
            log.warning("guilds that were left not noted", reason=type(error).__name__)

    @commands.Cog.listener()
    async def on_guild_opened(self, guild_id: int, joined_at_us: int) -> None:
        """Also after each start: the bot may have been invited while it was away."""
        if guild_id in self._greeting:
            return
        self._greeting.add(guild_id)
        try:
            await self._open(GuildId(guild_id), joined_at_us)
        except ZeuxisError as error:
            log.warning("guild not noted", guild=guild_id, reason=type(error).__name__)
        finally:
            self._greeting.discard(guild_id)

    @commands.Cog.listener()
    async def on_guild_closed(self, guild_id: int) -> None:
        try:
            await self._guilds.closed(GuildId(guild_id))
        except ZeuxisError as error:
            log.warning("guild not noted", guild=guild_id, reason=type(error).__name__)

    async def _open(self, guild_id: GuildId, joined_at_us: int) -> None:
        arrival = await self._guilds.opened(guild_id, joined_at_us)
        if arrival is None:
            return
        try:
            seen = await _look(self._bot, guild_id)
            is_told = await _post(seen, _card(seen, arrival))
        except UNREACHABLE as error:
            log.warning("guild not greeted", guild=guild_id, error=type(error).__name__)
            return
        if is_told:
            await self._guilds.note_told(arrival)
            log.info("guild greeted", guild=guild_id, is_allowed=arrival.is_allowed)
        else:
            log.warning("guild not greeted: no channel to write in", guild=guild_id)

    @app_commands.command(description=described("What Zeuxis is, and what a picture costs"))
    @everywhere
    async def about(self, interaction: discord.Interaction) -> None:
        async def card() -> Card:
            options = await self._service.options(asking_in(interaction))
            return about_card(options, texts_of(interaction))

        await show_alone(interaction, card())

    @app_commands.command(description=described("The commands, and what this server allows"))
    @everywhere
    async def help(self, interaction: discord.Interaction) -> None:
        async def card() -> Card:
            policy = await self._service.policy(asking_in(interaction))
            is_guild = guild_id_of(interaction) is not None
            return help_card(policy, texts_of(interaction), is_guild=is_guild)

        await show_alone(interaction, card())


class PlacesCog(commands.Cog):
    """What waits for a place that is gone ends at once, before it is drawn and billed.

    Whoever misses the event meets the closed place at the next delivery.
    """

    def __init__(self, *, jobs: JobService) -> None:
        self._jobs = jobs

    @commands.Cog.listener()
    async def on_guild_closed(self, guild_id: int) -> None:
        try:
            await self._jobs.close_guild(GuildId(guild_id))
        except StorageError as error:
            log.warning("waiting jobs not ended", guild=guild_id, reason=type(error).__name__)

    @commands.Cog.listener()
    async def on_channel_closed(self, channel_id: int) -> None:
        try:
            await self._jobs.close_channel(ChannelId(channel_id))
        except StorageError as error:
            log.warning("waiting jobs not ended", channel=channel_id, reason=type(error).__name__)


# ------------------------------------------------------------------------------------------------
# The greeting. Nothing of a guild is kept, so Discord is asked for the few that are new.


class _Seen(NamedTuple):
    """A guild as it is now."""

    guild: discord.Guild
    itself: discord.Member
    channels: Sequence[discord.TextChannel]  # and of announcements; from the top


async def _look(bot: commands.Bot, guild_id: GuildId) -> _Seen:
    guild = await bot.fetch_guild(guild_id, with_counts=False)
    itself = await guild.fetch_member(bot.user.id if bot.user else 0)
    found = await guild.fetch_channels()
    channels = [one for one in found if isinstance(one, discord.TextChannel)]
    return _Seen(guild, itself, sorted(channels, key=lambda one: one.position))


def _card(seen: _Seen, arrival: Arrival) -> Card:
    texts = Texts(seen.guild.preferred_locale.value)
    if arrival.is_allowed:
        return greeting_card(tuple(_lacking(seen)), texts, is_set_up=arrival.is_set_up)
    return not_allowed_card(arrival.guild_id, texts)


async def _post(seen: _Seen, card: Card) -> bool:
    """Whether somebody can read it; if not, it is tried when the next connection begins."""
    for channel in list(_writable(seen))[:MOST_TRIED]:
        try:
            await channel.send(view=card, allowed_mentions=NOBODY)
        except discord.Forbidden:
            continue  # Discord knows more rules than permissions
        return True
    return False


def _writable(seen: _Seen) -> Iterator[discord.TextChannel]:
    """Where staff look first: where Discord tells them news, then its notices, then the top."""
    chosen = (seen.guild._public_updates_channel_id, seen.guild._system_channel_id)  # noqa: SLF001 - the public ones look into the cache
    ranks = {one: rank for rank, one in enumerate(chosen) if one is not None}
    for channel in sorted(seen.channels, key=lambda one: ranks.get(one.id, len(chosen))):
        granted = channel.permissions_for(seen.itself)
        if granted.view_channel and granted.send_messages:
            yield channel


def _lacking(seen: _Seen) -> Iterator[Lacking]:
    """Channels in which members write, or that the bot sees, and it could not post a picture."""
    for channel in seen.channels:
        granted = channel.permissions_for(seen.itself)
        everybody = channel.permissions_for(seen.guild.default_role)
        is_meant = everybody.send_messages if everybody.view_channel else granted.view_channel
        names = lacking_permissions(granted, channel.type)
        if is_meant and names:
            yield Lacking(channel_id=channel.id, names=names)
