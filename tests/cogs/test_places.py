"""Who deletes a place or sends the bot away ends what waits for it, at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest
from structlog.testing import capture_logs

from bot.errors import StorageUnavailable
from cogs.guilds import PlacesCog
from sandbox.discord.channels import delete_channel
from tests.cogs.conftest import connected
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.client import ImageBot
    from bot.features.imagine.jobs import JobService
    from sandbox.control.client import Control
    from sandbox.server import Sandbox
    from tests.cogs.conftest import ReadyBot


class Closed:
    """Notes what is closed, in order."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self.is_away = False

    async def close_guild(self, guild_id: int) -> None:
        self._note("guild", guild_id)

    async def close_channel(self, channel_id: int) -> None:
        self._note("channel", channel_id)

    def _note(self, what: str, number: int) -> None:
        self.told.put_nowait((what, number))
        if self.is_away:
            raise StorageUnavailable


@pytest.fixture
def closed() -> Closed:
    return Closed()


@pytest.fixture
async def bot(sandbox: Sandbox, closed: Closed) -> AsyncIterator[ReadyBot]:
    async def prepare(client: ImageBot) -> None:
        await client.add_cog(PlacesCog(jobs=cast("JobService", closed)))

    async with connected(sandbox, prepare) as client:
        yield client


async def told(closed: Closed) -> tuple[str, int]:
    return await asyncio.wait_for(closed.told.get(), PATIENCE_S)


async def test_a_kick_closes_the_guild(control: Control, bot: ReadyBot, closed: Closed) -> None:
    await control.call("DELETE", f"/guilds/{control.guild['id']}/bot")
    assert await told(closed) == ("guild", int(control.guild["id"]))


async def test_an_outage_of_discord_s_closes_nothing(
    sandbox: Sandbox, control: Control, bot: ReadyBot, closed: Closed
) -> None:
    """The guild is away for a while, and its jobs wait for it."""
    guild_id = control.guild["id"]
    away = f'{{"op":0,"t":"GUILD_DELETE","s":9,"d":{{"id":"{guild_id}","unavailable":true}}}}'
    sandbox.hub.send_frame(away.encode())
    delete_channel(sandbox.state, sandbox.state.channel(control.channel("pictures")))
    assert await told(closed) == ("channel", int(control.channel("pictures")))


async def test_a_deleted_thread_is_closed_alone(
    sandbox: Sandbox, control: Control, bot: ReadyBot, closed: Closed
) -> None:
    """Its channel stays open."""
    thread = await bot.http.start_thread_without_message(
        int(control.channel("pictures")), name="ideas", auto_archive_duration=60, type=11
    )
    delete_channel(sandbox.state, sandbox.state.channel(str(thread["id"])))
    assert await told(closed) == ("channel", int(thread["id"]))
    assert closed.told.empty()


async def test_without_the_database_the_jobs_wait_for_their_delivery(
    control: Control, bot: ReadyBot, closed: Closed
) -> None:
    """Nothing breaks, and the log says so."""
    closed.is_away = True
    with capture_logs() as logs:
        await control.call("DELETE", f"/guilds/{control.guild['id']}/bot")
        await told(closed)
        await asyncio.sleep(0)
    assert [one["reason"] for one in logs if one["event"] == "waiting jobs not ended"] == [
        "StorageUnavailable"
    ]


async def test_nothing_of_a_guild_is_cached(sandbox: Sandbox, bot: ReadyBot) -> None:
    """So that thousands of guilds cost no memory."""
    assert bot.intents.guilds
    assert sandbox.state.channels
    assert [channel for guild in bot.guilds for channel in guild.channels] == []
    assert [role for guild in bot.guilds for role in guild.roles] == []
