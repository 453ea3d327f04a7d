"""A bot that does the same and no more: defer, one POST, download, upload. Plain discord.py.

No queue, no database, no thread, no checks; what it draws is lost with its process. The addresses
come from the environment, as the real bot's do.
"""

from __future__ import annotations

import io
import os

import aiohttp
import discord
import yarl
from discord import app_commands

PATH = "/services/aigc/multimodal-generation/generation"
NAME = "imagine"


class BareBot(discord.Client):
    """Logs in, registers `/imagine`, says `READY` on standard output."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.none())
        self.tree = app_commands.CommandTree(self)
        self.tree.command(name=NAME, description="Draws")(self.imagine)
        self._url = os.environ["DASHSCOPE_BASE_URL"] + PATH
        self._key = os.environ["DASHSCOPE_API_KEY"]
        self._http: aiohttp.ClientSession | None = None

    async def setup_hook(self) -> None:
        self._http = aiohttp.ClientSession()
        await self.tree.sync()

    async def on_ready(self) -> None:
        print("READY", flush=True)

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
        await super().close()

    async def imagine(
        self,
        interaction: discord.Interaction[BareBot],
        prompt: str,
        size: str = "1024*1024",
        rewrite: str = "off",
    ) -> None:
        await interaction.response.defer()
        picture = await self._downloaded(await self._drawn(prompt, size, rewrite=rewrite == "on"))
        await interaction.edit_original_response(
            content=prompt, attachments=[discord.File(io.BytesIO(picture), "picture.png")]
        )

    async def _drawn(self, prompt: str, size: str, *, rewrite: bool) -> str:
        """The picture's link."""
        body = {
            "model": "z-image-turbo",
            "input": {"messages": [{"role": "user", "content": [{"text": prompt}]}]},
            "parameters": {"size": size, "prompt_extend": rewrite},
        }
        headers = {"Authorization": f"Bearer {self._key}"}
        assert self._http is not None
        async with self._http.post(self._url, json=body, headers=headers) as answer:
            told = await answer.json()
        content = told["output"]["choices"][0]["message"]["content"]
        return str(next(part["image"] for part in content if "image" in part))

    async def _downloaded(self, link: str) -> bytes:
        assert self._http is not None
        async with self._http.get(yarl.URL(link, encoded=True)) as answer:
            return await answer.read()


if __name__ == "__main__":
    discord.http.Route.BASE = os.environ["DISCORD_API_BASE_URL"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    BareBot().run(os.environ["DISCORD_TOKEN"])
