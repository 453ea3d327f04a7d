"""`zeuxis doctor`: is everything in place? Free: nothing is drawn, nothing is posted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.client import point_discord_at
from bot.errors import ProviderError, ZeuxisError
from bot.storage.sqlite import Database
from bot.zimage import ZImageClient, open_session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.settings import Settings


async def examine(settings: Settings, say: Callable[[str], None]) -> int:
    """Says one line for each examination; returns the exit status, 1 if any failed."""
    say("ok    settings")
    examinations: tuple[tuple[str, Callable[[Settings], Awaitable[str]]], ...] = (
        ("database", _database),
        ("Z-Image key", _key),
        ("Z-Image limit", _limit),
        ("Discord token", _token),
    )
    status = 0
    for name, examination in examinations:
        try:
            say(f"ok    {name}: {await examination(settings)}")
        except (ZeuxisError, discord.DiscordException, aiohttp.ClientError, OSError) as error:
            say(f"FAIL  {name}: {error}")
            status = 1
    return status


async def _database(settings: Settings) -> str:
    async with Database.open(settings.database_url) as database:
        return f"opens, schema is current ({database.path})"


async def _key(settings: Settings) -> str:
    async with open_session() as session:
        await _client(settings, session).check_key()
    return f"good at {settings.zimage_base_url}"


async def _limit(settings: Settings) -> str:
    async with open_session() as session:
        try:
            quota = await _client(settings, session).quota()
        except ProviderError as error:
            return f"not told ({error}); ZIMAGE_REQUESTS_PER_SECOND holds"
    if quota is None:
        return "not told; ZIMAGE_REQUESTS_PER_SECOND holds"
    granted = quota.requests_per_second
    asked = settings.zimage_requests_per_second
    verdict = "as set" if granted >= asked else f"below the setting of {asked:g} per second"
    return f"{granted:g} requests per second, {verdict}"


async def _token(settings: Settings) -> str:
    point_discord_at(
        api_base_url=settings.discord_api_base_url, gateway_url=settings.discord_gateway_url
    )
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(settings.discord_token.reveal())
        return f"logs in as {client.user}"


def _client(settings: Settings, session: aiohttp.ClientSession) -> ZImageClient:
    return ZImageClient(
        session,
        base_url=settings.zimage_base_url,
        api_key=settings.dashscope_api_key,
        model=settings.zimage_model,
    )
