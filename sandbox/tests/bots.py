"""A small discord.py bot with one of everything, unmodified but for where Discord is."""

from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

import discord
import yarl
from discord import app_commands, ui
from discord.gateway import DiscordWebSocket
from discord.http import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.server import Sandbox

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x03\x00\x00\x00\x02\x08\x02\x00\x00\x00"
    + bytes(200)
)


def picture(name: str = "grapes.png") -> discord.File:
    """A file that starts like a PNG of 3 × 2 px."""
    return discord.File(io.BytesIO(PNG), name, description="grapes")


class AskAgain(ui.Button[ui.View]):
    """Answers a click with an update of its message."""

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content="pressed", view=None)


class WishForm(ui.Modal, title="A wish"):
    """A form with one field of each kind that matters."""

    prompt: ui.Label[ui.Modal] = ui.Label(
        text="Prompt", component=ui.TextInput(custom_id="prompt", max_length=20)
    )
    style: ui.Label[ui.Modal] = ui.Label(
        text="Style",
        component=ui.Select(
            custom_id="style",
            options=[discord.SelectOption(label="Ink"), discord.SelectOption(label="Oil")],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        assert isinstance(self.prompt.component, ui.TextInput)
        assert isinstance(self.style.component, ui.Select)
        text = f"{self.prompt.component.value} in {self.style.component.values[0]}"
        await interaction.response.send_message(text, ephemeral=True)


class Card(ui.LayoutView):
    """A components V2 message."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        gallery: ui.MediaGallery[Card] = ui.MediaGallery(
            discord.MediaGalleryItem("attachment://grapes.png")
        )
        row: ui.ActionRow[Card] = ui.ActionRow(ui.Button(label="Reroll", custom_id="reroll"))
        section: ui.Section[Card] = ui.Section(
            "beside", accessory=ui.Thumbnail("attachment://grapes.png")
        )
        self.add_item(
            ui.Container(ui.TextDisplay("# Grapes"), gallery, section, ui.Separator(), row)
        )


class SmallBot(discord.Client):
    """Registers its commands, waits for no members, and tells when it is ready."""

    def __init__(self, *, intents: discord.Intents | None = None) -> None:
        super().__init__(
            intents=intents or discord.Intents.none(),
            guild_ready_timeout=0,
            max_messages=None,
            chunk_guilds_at_startup=False,
        )
        self.tree = app_commands.CommandTree(self)
        self.ready = asyncio.Event()

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_ready(self) -> None:
        self.ready.set()


class PaintingBot(SmallBot):
    """Its commands defer, edit, follow up, open threads, forms and cards."""

    def __init__(self, *, intents: discord.Intents | None = None) -> None:
        super().__init__(intents=intents)
        self.said: asyncio.Queue[str] = asyncio.Queue()
        add_commands(self.tree, self.said)
        add_menus_and_restricted_commands(self.tree)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without the five seconds that discord.py waits between shards."""

    async def on_resumed(self) -> None:
        await self.said.put("resumed")

    async def on_connect(self) -> None:
        await self.said.put("connected")


Bot = TypeVar("Bot", bound=SmallBot)


class ShardedPaintingBot(PaintingBot, discord.AutoShardedClient):
    """The same on as many shards as Discord recommends."""


def add_commands(tree: app_commands.CommandTree, told: asyncio.Queue[str]) -> None:
    """Registers the commands."""

    @tree.command(description="Paints a picture in a thread")
    async def paint(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 20],
        seed: app_commands.Range[int, 0, 10] | None = None,
        style: Literal["ink", "oil"] | None = None,
    ) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content=f"painting {prompt} {seed} {style}")
        response = await interaction.original_response()
        channel = interaction.client.get_partial_messageable(
            response.channel.id, guild_id=interaction.guild_id
        )
        message = await channel.fetch_message(response.id)
        thread = await message.create_thread(name=prompt)
        await thread.send("here it is", file=picture())
        await interaction.followup.send("done", file=picture())
        await told.put("painted")

    @paint.autocomplete("prompt")
    async def _suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}!", value=current + "!")]

    @tree.command(description="Whispers")
    async def whisper(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("only for you", ephemeral=True)

    @tree.command(description="Shows a button")
    async def button(interaction: discord.Interaction) -> None:
        view = ui.View(timeout=None)
        view.add_item(AskAgain(label="Again", custom_id="again"))
        view.add_item(ui.Button(label="Off", custom_id="off", disabled=True))
        await interaction.response.send_message("press", view=view)

    @tree.command(description="Shows a card")
    async def card(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=Card(), file=picture())

    @tree.command(description="Opens a form")
    async def wish(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(WishForm())


def add_menus_and_restricted_commands(tree: app_commands.CommandTree) -> None:
    """Registers what not everyone may call, and the menus."""

    @tree.command(description="For moderators")
    @app_commands.default_permissions(manage_messages=True)
    async def tidy(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("tidy")

    @tree.command(description="For adults", nsfw=True)
    async def risky(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("risky")

    @tree.command(description="Never answers")
    async def silent(interaction: discord.Interaction) -> None:
        """Leaves the member waiting."""

    @tree.context_menu(name="Quote")
    async def quote(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content}")

    @tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"hello {user.display_name}")


@asynccontextmanager
async def connected(sandbox: Sandbox, client: Bot) -> AsyncIterator[Bot]:
    """The bot, logged in and ready."""
    Route.BASE = str(sandbox.addresses["discord_api_base_url"])
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(str(sandbox.addresses["discord_gateway_url"]))
    async with client as bot:
        running = asyncio.create_task(bot.start(sandbox.state.application.token))
        ready = asyncio.create_task(bot.ready.wait())
        await asyncio.wait([running, ready], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            ready.cancel()
            running.result()
        yield bot
        await bot.close()
        await running
