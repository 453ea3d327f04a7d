"""The bot's own session, the real discord.py client, and servers on real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest
from discord.http import Route

from bot.client import point_discord_at
from bot.pictures import LinkRules, Relay, open_picture_session
from tests.pictures.uploads import taking_uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import aiohttp

    from tests.pictures.uploads import Uploads
    from tests.providers.raw_server import RawServer


@pytest.fixture
async def relay_for() -> AsyncIterator[Callable[[RawServer], Relay]]:
    """A relay that takes links to this server, as the bot's does with a sandbox."""
    sessions: list[aiohttp.ClientSession] = []

    def relay_to(server: RawServer) -> Relay:
        rules = LinkRules(allowed_hosts=(".aliyuncs.com",), base_url=server.base_url)
        sessions.append(open_picture_session(rules))
        return Relay(sessions[-1], rules=rules)

    yield relay_to
    for session in sessions:
        await session.close()


@pytest.fixture
async def uploads() -> AsyncIterator[Uploads]:
    async with taking_uploads() as taking:
        yield taking


@pytest.fixture
async def channel(uploads: Uploads) -> AsyncIterator[discord.PartialMessageable]:
    """A channel of the real discord.py client, logged in at our server."""
    real = Route.BASE
    point_discord_at(api_base_url=uploads.api_base_url, gateway_url=None)
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login("token")
            yield client.get_partial_messageable(5)
    finally:
        point_discord_at(api_base_url=real, gateway_url=None)
