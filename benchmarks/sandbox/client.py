"""A discord.py client that answers each interaction with the whole flow, or with one message."""

from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.server import Sandbox

PICTURE_BYTES = 70_000


class RoundClient(discord.Client):
    """Registers `/flow` and `/plain`; `done` is set when the last call of either has returned."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.none(), guild_ready_timeout=0, max_messages=None)
        self.tree = app_commands.CommandTree(self)
        self.tree.command(name="flow", description="Defer, edit, file, thread")(self._flow)
        self.tree.command(name="plain", description="One message")(self._plain)
        self.is_up = asyncio.Event()
        self.done = asyncio.Event()

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without discord.py's pause between sessions."""

    async def on_ready(self) -> None:
        self.is_up.set()

    async def _flow(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        message = await interaction.edit_original_response(content="painting")
        channel = self.get_partial_messageable(message.channel.id, guild_id=interaction.guild_id)
        thread = await channel.get_partial_message(message.id).create_thread(name="grapes")
        file = discord.File(io.BytesIO(bytes(PICTURE_BYTES)), "grapes.png")
        await thread.send("here", file=file)
        self.done.set()

    async def _plain(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hello")
        self.done.set()


@asynccontextmanager
async def connected(sandbox: Sandbox) -> AsyncIterator[RoundClient]:
    """A fresh client, ready."""
    Route.BASE = str(sandbox.addresses["discord_api_base_url"])
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(str(sandbox.addresses["discord_gateway_url"]))
    async with RoundClient() as client:
        running = asyncio.create_task(client.start(sandbox.state.application.token))
        await client.is_up.wait()
        yield client
        await client.close()
        await running
