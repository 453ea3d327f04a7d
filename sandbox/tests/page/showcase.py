"""A discord.py bot that shows one of everything that the page can draw, and asks for everything."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands, ui
from discord.app_commands import Choice, Range

from sandbox.painter import plain
from sandbox.tests.bots import SmallBot

if TYPE_CHECKING:
    from discord.types.interactions import (
        MessageComponentInteractionData,
        ModalSubmitInteractionData,
    )

MARKDOWN = """# Heading one
## Heading two
### Heading three
-# small print
**bold** *italic* __underlined__ ~~struck~~ ***both*** ||hidden|| `code`
> quoted **words**
> in two lines
- first
- second
  - below
1. one
2. two
```py
print("<b>not bold</b>")
```
[a link](https://example.com/a_(b)) https://example.com/x. <t:1700000000:R> \\*escaped\\*
<script>document.title = "broken"</script>"""


def picture(name: str = "grapes.png", *, seed: int = 1, width_px: int = 640) -> discord.File:
    """A gradient with a description."""
    content = plain(name, seed=seed, width_px=width_px, height_px=400, xmp=None)
    return discord.File(io.BytesIO(content), name, description=f"grapes number {seed}")


class Everything(ui.Modal, title="Every kind of field"):
    """A form with one field of each kind."""

    def __init__(self) -> None:
        super().__init__(custom_id="everything")
        options = [discord.SelectOption(label=name, value=name.lower()) for name in ("Ink", "Oil")]
        styles = [
            discord.RadioGroupOption(label=name, value=name.lower()) for name in ("Warm", "Cold")
        ]
        birds = [
            discord.CheckboxGroupOption(label=name, value=name.lower())
            for name in ("Crow", "Finch", "Wren")
        ]
        self.add_item(
            ui.Label(
                text="Title",
                description="What it is called",
                component=ui.TextInput(custom_id="title", max_length=20, min_length=2),
            )
        )
        self.add_item(
            ui.Label(text="Style", component=ui.Select(custom_id="style", options=options))
        )
        self.add_item(
            ui.Label(text="Mood", component=ui.RadioGroup(custom_id="mood", options=styles))
        )
        self.add_item(
            ui.Label(
                text="Birds",
                component=ui.CheckboxGroup(
                    custom_id="birds", options=birds, min_values=1, max_values=2
                ),
            )
        )
        self.add_item(
            ui.Label(text="Signed", component=ui.Checkbox(custom_id="signed", default=True))
        )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        assert interaction.data is not None
        said = [str(label["component"]) for label in interaction.data["components"]]  # type: ignore[typeddict-item]  # a modal's data
        await interaction.response.send_message(
            "\n".join(f"`{one}`" for one in said), ephemeral=True
        )


class People(ui.Modal, title="People and files"):
    """The other kinds."""

    def __init__(self) -> None:
        super().__init__(custom_id="people")
        self.add_item(
            ui.Label(
                text="Story",
                component=ui.TextInput(
                    custom_id="story", style=discord.TextStyle.paragraph, required=False
                ),
            )
        )
        self.add_item(ui.Label(text="Who", component=ui.UserSelect(custom_id="who", max_values=2)))
        self.add_item(ui.Label(text="Role", component=ui.RoleSelect(custom_id="role")))
        self.add_item(ui.Label(text="Where", component=ui.ChannelSelect(custom_id="where")))
        self.add_item(
            ui.Label(
                text="File",
                component=ui.FileUpload(
                    custom_id="file", required=False, min_values=0, max_values=1
                ),
            )
        )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        data = cast("ModalSubmitInteractionData", interaction.data)
        resolved = sorted(data.get("resolved", {}))
        await interaction.response.send_message(f"got {', '.join(resolved)}", ephemeral=True)


class EveryComponent(ui.LayoutView):
    """Components V2 of every kind."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        items = [
            discord.MediaGalleryItem(f"attachment://g{n}.png", description=f"grapes number {n}")
            for n in (1, 2, 3)
        ]
        items[2].spoiler = True
        row: ui.ActionRow[EveryComponent] = ui.ActionRow(
            ui.Button(
                label="Again", custom_id="again", style=discord.ButtonStyle.primary, emoji="🍇"
            ),
            ui.Button(label="Good", custom_id="good", style=discord.ButtonStyle.success),
            ui.Button(label="Remove", custom_id="remove", style=discord.ButtonStyle.danger),
            ui.Button(label="Off", custom_id="off", disabled=True),
            ui.Button(label="Site", url="https://example.com"),
        )
        select = ui.Select[EveryComponent](
            custom_id="several",
            placeholder="Choose birds",
            min_values=1,
            max_values=2,
            options=[
                discord.SelectOption(label=name, description=f"a {name}")
                for name in ("crow", "finch", "wren")
            ],
        )
        self.add_item(
            ui.Container(
                ui.TextDisplay("## A card\nwith a **gallery**"),
                ui.MediaGallery(*items),
                ui.Section("beside a thumbnail", accessory=ui.Thumbnail("attachment://g1.png")),
                ui.Separator(spacing=discord.SeparatorSpacing.large),
                ui.File("attachment://notes.txt"),
                row,
                ui.ActionRow(select),
                accent_colour=0x3F9E6E,
            )
        )


class Album(ui.LayoutView):
    """As many pictures as asked, a thumbnail, and a select that opens a form."""

    def __init__(self, count: int) -> None:
        super().__init__(timeout=None)
        items = [
            discord.MediaGalleryItem(f"attachment://p{n}.png", description=f"picture {n}")
            for n in range(count)
        ]
        moods = [discord.SelectOption(label=name) for name in ("Warm", "Cold")]
        self.add_item(
            ui.Container(
                ui.Section(f"**{count}** pictures", accessory=ui.Thumbnail("attachment://p0.png")),
                ui.MediaGallery(*items),
                ui.ActionRow(ui.Select(custom_id="mood", placeholder="Change it", options=moods)),
            )
        )


class Refine(ui.Modal, title="Change it"):
    """A form that is filled in already."""

    def __init__(self, mood: str) -> None:
        super().__init__(custom_id="refine")
        self.words: ui.TextInput[Refine] = ui.TextInput(
            custom_id="words", default=f"{mood} grapes", style=discord.TextStyle.paragraph
        )
        sizes = [
            discord.RadioGroupOption(label=name, value=name, default=name == "wide")
            for name in ("wide", "tall")
        ]
        self.size: ui.RadioGroup[Refine] = ui.RadioGroup(custom_id="size", options=sizes)
        self.same: ui.Checkbox[Refine] = ui.Checkbox(custom_id="same", default=True)
        self.add_item(ui.TextDisplay("The seed **stays** if it is ticked."))
        self.add_item(ui.Label(text="Words", component=self.words))
        self.add_item(ui.Label(text="Size", component=self.size))
        self.add_item(ui.Label(text="Same seed", component=self.same))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        said = f"{self.words.value}, {self.size.value}, {self.same.value}"
        await interaction.response.send_message(said)


class Word(ui.Modal, title="One word"):
    """A form that is filled in with a few keys."""

    def __init__(self) -> None:
        super().__init__(custom_id="word")
        self.word: ui.TextInput[Word] = ui.TextInput(custom_id="said")
        self.add_item(ui.Label(text="Word", component=self.word))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"said {self.word.value}")


class Turns(ui.View):
    """A button for each way in which a press is answered."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        for custom_id in ("again", "change", "later", "ask"):
            self.add_item(ui.Button(label=custom_id.title(), custom_id=custom_id))


class Showcase(SmallBot):
    """Connects without intents; its commands are registered when it is ready."""

    def __init__(self) -> None:
        super().__init__()
        self.used: asyncio.Queue[tuple[str, list[str]]] = asyncio.Queue()
        _add_shows(self.tree)
        _add_questions(self.tree)
        _add_menus(self.tree)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Tells which component was used, and answers it beside those that a view answers."""
        if interaction.type is not discord.InteractionType.component:
            return
        data = cast("MessageComponentInteractionData", interaction.data)
        values = cast("list[str]", data.get("values", []))  # none of a button
        await self.used.put((data["custom_id"], values))
        match data["custom_id"]:
            case "remove":
                return
            case "change":
                await interaction.response.edit_message(content="changed")
            case "later":
                await interaction.response.defer()
                await interaction.followup.send("here it is")
            case "mood":
                await interaction.response.send_modal(Refine(values[0].lower()))
            case "ask":
                await interaction.response.send_modal(Word())
            case custom_id:
                await interaction.response.send_message(
                    f"used {custom_id} {values}", ephemeral=True
                )


def _add_shows(tree: app_commands.CommandTree) -> None:
    @tree.command(description="Shows text with every mark")
    async def text(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(MARKDOWN)

    @tree.command(description="Shows an embed and two pictures")
    async def embed(interaction: discord.Interaction) -> None:
        box = discord.Embed(
            title="An *embed*",
            description="with **text**",
            colour=0xC8553D,
            url="https://example.com",
        )
        box.add_field(name="one", value="1").add_field(name="two", value="2").add_field(
            name="wide", value="3", inline=False
        )
        box.set_author(name="Parrhasius").set_footer(text="a curtain").set_image(
            url="attachment://big.png"
        )
        box.timestamp = discord.utils.snowflake_time(interaction.id)
        await interaction.response.send_message(
            "look",
            embed=box,
            files=[
                picture("big.png"),
                picture("two.png", seed=2),
                picture("SPOILER_three.png", seed=3),
            ],
        )

    @tree.command(description="Shows a card with a gallery, a file, buttons and a select")
    async def card(interaction: discord.Interaction) -> None:
        files = [picture(f"g{n}.png", seed=n) for n in (1, 2, 3)]
        files.append(discord.File(io.BytesIO(b"notes"), "notes.txt"))
        await interaction.response.send_message(view=EveryComponent(), files=files)

    @tree.command(description="Shows up to ten pictures, wherever it is called")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def wall(interaction: discord.Interaction, count: Range[int, 1, 10]) -> None:
        files = [picture(f"p{n}.png", seed=n, width_px=320) for n in range(count)]
        await interaction.response.send_message(view=Album(count), files=files)

    @tree.command(description="Thinks, then answers in a thread")
    async def think(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        message = await interaction.edit_original_response(content="a thought")
        channel = interaction.client.get_partial_messageable(
            message.channel.id, guild_id=interaction.guild_id
        )
        thread = await (await channel.fetch_message(message.id)).create_thread(name="Thoughts")
        await thread.send("inside")

    @tree.command(description="Never answers")
    async def silent(interaction: discord.Interaction) -> None:
        """Leaves the member waiting."""

    @tree.command(description="Whispers")
    async def whisper(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("for your eyes", ephemeral=True)


def _add_questions(tree: app_commands.CommandTree) -> None:
    @tree.command(description="Takes every kind of option")
    @app_commands.choices(
        style=[Choice(name="Ink wash", value="ink"), Choice(name="Oil paint", value="oil")]
    )
    async def take(
        interaction: discord.Interaction,
        word: Range[str, 2, 8],
        number: Range[int, 1, 10],
        style: Choice[str] | None = None,
        loud: bool | None = None,
        who: discord.Member | None = None,
        where: app_commands.AppCommandChannel | None = None,
        role: discord.Role | None = None,
        file: discord.Attachment | None = None,
        bird: str | None = None,
    ) -> None:
        got = {
            "word": word,
            "number": number,
            "style": style and style.value,
            "loud": loud,
            "who": who and who.display_name,
            "where": where and where.name,
            "role": role and role.name,
            "file": file and file.filename,
            "bird": bird,
        }
        await interaction.response.send_message(
            f"took { ({k: v for k, v in got.items() if v is not None}) }"
        )

    @take.autocomplete("bird")
    async def _birds(_: discord.Interaction, current: str) -> list[Choice[str]]:
        birds = ("blackbird", "bluetit", "crow", "finch", "wren")
        return [Choice(name=bird.title(), value=bird) for bird in birds if current.lower() in bird]

    @tree.command(description="Opens a form")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Everything())

    @tree.command(description="Opens a form for people and files")
    async def people(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(People())

    @tree.command(description="For moderators")
    @app_commands.default_permissions(manage_messages=True)
    async def tidy(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("tidy")


def _add_menus(tree: app_commands.CommandTree) -> None:
    @tree.context_menu(name="Repeat")
    async def repeat(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content or 'nothing'}")

    @tree.context_menu(name="Echo")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def echo(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"echo of {message.content}")

    @tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction, user: discord.Member) -> None:
        await interaction.response.send_message(f"hello {user.mention}")
