"""Request bodies as discord.py itself builds them, one of each kind that an image bot sends."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord import app_commands, ui
from discord.http import MultipartParameters, handle_message_parameters
from discord.webhook.async_ import interaction_message_response_params

from sandbox.tests import wrong_bodies as w

if TYPE_CHECKING:
    from collections.abc import Iterator

    from discord.abc import Snowflake

SILENT = discord.MessageFlags(suppress_notifications=True)
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, kw_only=True)
class Real:
    """One body, with the files that go with it and the message that it edits."""

    name: str
    path: str
    body: object
    method: str = "POST"
    files: dict[str, str] = field(default_factory=dict)
    before: dict[str, object] | None = None

    def __str__(self) -> str:
        return self.name


def sent(name: str, path: str, built: MultipartParameters, **more: object) -> Real:
    """The body and files of what discord.py's builders made."""
    parts = built.multipart or []
    files = {
        part["name"].removeprefix("files[").removesuffix("]"): part["filename"]
        for part in parts
        if "filename" in part
    }
    payload = built.payload if built.payload is not None else json.loads(parts[0]["value"])
    return Real(name=name, path=path, body=payload, files=files, **more)  # type: ignore[arg-type]  # the caller's fields


def picture(name: str = "picture.png", description: str | None = None) -> discord.File:
    """A file to upload."""
    return discord.File(io.BytesIO(PNG), filename=name, description=description)


class Buttons(ui.View):
    """A classic view: two buttons and a select."""

    @ui.button(label="Again", custom_id="again", emoji="🔁")
    async def again(self, interaction: discord.Interaction, button: ui.Button[Buttons]) -> None:
        """Does nothing here."""

    @ui.select(
        custom_id="size",
        options=[
            discord.SelectOption(label="Square", value="1:1"),
            discord.SelectOption(label="4:3"),
        ],
    )
    async def size(self, interaction: discord.Interaction, select: ui.Select[Buttons]) -> None:
        """Does nothing here."""

    def __init__(self) -> None:
        """Adds a link, which has no callback."""
        super().__init__(timeout=None)
        self.add_item(ui.Button(label="Help", url="https://example.org/help"))


class GalleryCard(ui.LayoutView):
    """A V2 view: container, gallery, section and select."""

    def __init__(self) -> None:
        """Builds the tree."""
        super().__init__(timeout=None)
        box: ui.Container[GalleryCard] = ui.Container(accent_colour=0x3366FF)
        box.add_item(ui.TextDisplay("**a lighthouse at dusk**"))
        gallery: ui.MediaGallery[GalleryCard] = ui.MediaGallery()
        gallery.add_item(media="attachment://picture.png", description="a lighthouse")
        box.add_item(gallery)
        box.add_item(ui.Separator())
        box.add_item(ui.Section("seed 7", accessory=ui.Thumbnail("attachment://picture.png")))
        row: ui.ActionRow[GalleryCard] = ui.ActionRow()
        row.add_item(ui.Button(label="Again", custom_id="again"))
        box.add_item(row)
        self.add_item(box)
        choice: ui.ActionRow[GalleryCard] = ui.ActionRow()
        choice.add_item(ui.UserSelect(custom_id="who", max_values=3))
        self.add_item(choice)


class Form(ui.Modal, title="Edit the prompt"):
    """A modal with a field of several kinds."""

    prompt: ui.Label[Form] = ui.Label(
        text="Prompt", component=ui.TextInput(style=discord.TextStyle.paragraph, max_length=800)
    )
    sample: ui.Label[Form] = ui.Label(
        text="Sample",
        description="a picture",
        component=ui.FileUpload(required=False, min_values=0),
    )
    size: ui.Label[Form] = ui.Label(
        text="Size",
        component=ui.Select(options=[discord.SelectOption(label="Square", value="1:1")]),
    )
    hint: ui.TextDisplay[ui.LayoutView] = ui.TextDisplay("It costs one picture.")
    seed: ui.TextInput[Form] = ui.TextInput(label="Seed", required=False)


class German(app_commands.Translator):
    """Translates everything into German, after a fashion."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        _: app_commands.TranslationContextTypes,
    ) -> str | None:
        """The same text with a mark, in German alone."""
        return f"{string.message}e" if locale is discord.Locale.german else None


def tree() -> app_commands.CommandTree[discord.Client]:
    """Commands of every kind."""
    commands = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))

    @commands.command(description="Paint something")
    @app_commands.choices(size=[app_commands.Choice(name="Square", value="1024*1024")])
    @app_commands.describe(
        prompt="What to paint", size="How large", seed="Repeatable", sample="One"
    )
    async def imagine(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 800],
        size: app_commands.Choice[str] | None = None,
        seed: app_commands.Range[int, 0, 2147483647] | None = None,
        sample: discord.Attachment | None = None,
    ) -> None:
        """Does nothing here."""

    @imagine.autocomplete("prompt")
    async def suggest(
        interaction: discord.Interaction, current: str
    ) -> list[app_commands.Choice[str]]:
        return []

    group = app_commands.Group(
        name="settings",
        description="Settings of this server",
        default_permissions=discord.Permissions(manage_guild=True),
        guild_only=True,
    )

    @group.command(description="Where pictures go")
    async def channel(interaction: discord.Interaction, where: discord.TextChannel) -> None:
        """Does nothing here."""

    commands.add_command(group)

    @commands.context_menu(name="Paint this")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def paint(interaction: discord.Interaction, message: discord.Message) -> None:
        """Does nothing here."""

    return commands


async def commands_body() -> list[dict[str, object]]:
    """The body of discord.py's bulk registration, translated."""
    commands = tree()
    translator = German()
    return [
        await c.get_translated_payload(commands, translator)
        for c in commands._get_all_commands(guild=None)
    ]


def callbacks() -> Iterator[Real]:
    """First answers to interactions."""
    reply = interaction_message_response_params
    mentions = discord.AllowedMentions.none()
    yield Real(name="defer", path=w.CALLBACK, body={"type": 5})
    yield Real(name="ephemeral defer", path=w.CALLBACK, body={"type": 5, "data": {"flags": 64}})
    yield Real(name="deferred update", path=w.CALLBACK, body={"type": 6})
    yield sent(
        "answer with buttons",
        w.CALLBACK,
        reply(type=4, content="Painting", view=Buttons(), allowed_mentions=mentions),
    )
    yield sent(
        "answer with a file",
        w.CALLBACK,
        reply(type=4, file=picture(), flags=discord.MessageFlags(ephemeral=True)),
    )
    yield sent(
        "update by a component",
        w.CALLBACK,
        reply(type=7, content="Cancelled", view=None),
        before={"flags": 0, "content": "Painting", "attachments": []},
    )
    suggestion = app_commands.Choice(name="a lighthouse", value="a lighthouse at dusk")
    found = {"choices": [suggestion.to_dict()]}
    yield Real(name="suggestions", path=w.CALLBACK, body={"type": 8, "data": found})
    yield Real(name="modal", path=w.CALLBACK, body={"type": 9, "data": Form().to_dict()})


def follow_ups() -> Iterator[Real]:
    """What comes after the first answer."""
    loading = {"flags": 128, "content": "", "attachments": []}
    embed = discord.Embed(title="A lighthouse", description="at dusk", colour=0x3366FF)
    embed.set_image(url="attachment://picture.png").set_footer(text="seed 7")
    embed.add_field(name="Size", value="1024 × 1024").timestamp = discord.utils.utcnow()
    yield sent(
        "edit of the original with embed and file",
        f"{w.FOLLOW_UP}/messages/@original",
        handle_message_parameters(embed=embed, attachments=[picture()], content=None),
        method="PATCH",
        before=loading,
    )
    yield sent(
        "V2 follow-up with a file",
        w.FOLLOW_UP,
        handle_message_parameters(view=GalleryCard(), file=picture()),
    )
    yield sent(
        "silent follow-up of two files",
        w.FOLLOW_UP,
        handle_message_parameters(
            files=[picture("a.png", "alt text"), picture("b.png")],
            flags=discord.MessageFlags(ephemeral=True, suppress_notifications=True),
        ),
    )


def messages(parent: Snowflake) -> Iterator[Real]:
    """What the bot sends with its own token."""
    poll = discord.Poll(question="Which one?", duration=timedelta(hours=24))
    poll.add_answer(text="the first", emoji="1️⃣").add_answer(text="the second")
    reference = discord.MessageReference(message_id=1, channel_id=2, fail_if_not_exists=False)
    yield sent(
        "message with nonce and buttons",
        w.MESSAGES,
        handle_message_parameters(
            content="Your picture",
            nonce="1234567890123456789012345",
            view=Buttons(),
            message_reference=reference.to_message_reference_dict(),
            allowed_mentions=discord.AllowedMentions(users=[parent], everyone=False),
            mention_author=False,
        ),
    )
    yield sent("poll", w.MESSAGES, handle_message_parameters(poll=poll))
    yield sent(
        "edit of a message",
        f"{w.MESSAGES}/{{message_id}}",
        handle_message_parameters(content="Done", view=None, embeds=[]),
        method="PATCH",
        before={"flags": 0, "content": "Painting", "attachments": []},
    )
    yield sent(
        "forum post with a file",
        "/channels/{channel_id}/threads",
        handle_message_parameters(
            content="a lighthouse",
            file=picture(),
            flags=SILENT,
            channel_payload={
                "name": "A lighthouse",
                "auto_archive_duration": 1440,
                "rate_limit_per_user": None,
                "type": 11,
            },
        ),
    )


def threads() -> Iterator[Real]:
    """Threads, as discord.py's HTTP client fills in their bodies."""
    started = {"name": "A lighthouse", "auto_archive_duration": 1440, "rate_limit_per_user": None}
    yield Real(name="thread of a message", path=w.THREAD_OF_MESSAGE, body=started)
    yield Real(
        name="private thread",
        path="/channels/{channel_id}/threads",
        body={**started, "type": 12, "invitable": True},
    )
    yield Real(
        name="archived thread",
        path="/channels/{channel_id}",
        method="PATCH",
        body={"archived": True, "locked": True},
    )
    yield Real(name="direct conversation", path="/users/@me/channels", body={"recipient_id": 5})


async def real_bodies() -> list[Real]:
    """Every one of them; needs a running loop, as views and modals do."""
    sync = Real(name="command sync", path=w.COMMANDS, method="PUT", body=await commands_body())
    return [sync, *callbacks(), *follow_ups(), *messages(discord.Object(5)), *threads()]
