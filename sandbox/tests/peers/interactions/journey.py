"""A bot in interactions.py that does what an image bot does, and says what it has done.

One JSON line each, on standard output. Started by test_journeys.py; ends on SIGTERM.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import signal

import interactions
from interactions.api.http.route import Route

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)

logging.basicConfig(level=logging.WARNING)  # to standard error; standard output is for say()
Route.BASE = os.environ["DISCORD_API_BASE_URL"]
bot = interactions.Client(token=os.environ["DISCORD_TOKEN"], intents=interactions.Intents.GUILDS)


def say(what: str, **more: object) -> None:
    print(json.dumps({"what": what, **more}), flush=True)


def picture(name: str) -> interactions.File:
    return interactions.File(io.BytesIO(PICTURE), file_name=name)


@interactions.listen()
async def on_startup() -> None:
    registered = await bot.http.get_application_commands(bot.app.id, interactions.GLOBAL_SCOPE)
    say("ready", user=bot.user.username, guilds=len(bot.guilds), commands=len(registered))


@interactions.listen(disable_default_listeners=True)
async def on_error(event: interactions.events.Error) -> None:
    say("failed", error=f"{event.source}: {type(event.error).__name__}: {event.error}")
    raise event.error


@interactions.slash_command(
    interactions.LocalisedName(default_locale="english_us", english_us="paint", german="male"),
    description="Paint something",
    default_member_permissions=interactions.Permissions.SEND_MESSAGES,
)
@interactions.slash_option(
    "prompt", "What", interactions.OptionType.STRING, required=True, autocomplete=True
)
@interactions.slash_option(
    "seed", "Which", interactions.OptionType.INTEGER, min_value=0, max_value=9
)
async def paint(ctx: interactions.SlashContext, prompt: str, seed: int | None = None) -> None:
    await ctx.defer()
    buttons = interactions.ActionRow(
        interactions.Button(
            style=interactions.ButtonStyle.PRIMARY, label="Again", custom_id="again"
        ),
        interactions.Button(
            style=interactions.ButtonStyle.SECONDARY, label="Edit", custom_id="edit"
        ),
    )
    message = await ctx.edit(
        content=f"Painted {prompt}",
        file=picture("picture.png"),
        components=[buttons],
        allowed_mentions=interactions.AllowedMentions.none(),
    )
    thread = await message.create_thread("A lighthouse", interactions.AutoArchiveDuration.ONE_HOUR)
    await thread.send("variations here", file=picture("variation.png"))
    fetched = await bot.http.get_interaction_message(bot.app.id, ctx.token)
    say(
        "painted",
        message=str(message.id),
        thread=str(thread.id),
        attachment=fetched["attachments"][0]["filename"],
    )


@paint.autocomplete("prompt")
async def suggest(ctx: interactions.AutocompleteContext) -> None:
    await ctx.send([f"{ctx.input_text} at dusk"])


@interactions.message_context_menu(name="Paint this")
async def paint_this(_: interactions.ContextMenuContext) -> None: ...


@interactions.component_callback("again")
async def again(ctx: interactions.ComponentContext) -> None:
    menu = interactions.StringSelectMenu(
        interactions.StringSelectOption(label="Square", value="1:1"),
        interactions.StringSelectOption(label="Wide", value="16:9"),
        custom_id="size",
    )
    await ctx.edit_origin(content="Painting again", components=[menu])
    shown = await ctx.send("only you see this", ephemeral=True)
    say("pressed", follow_up=str(shown.id))


@interactions.component_callback("size")
async def choose(ctx: interactions.ComponentContext) -> None:
    item = interactions.MediaGalleryItem(interactions.UnfurledMediaItem("attachment://wide.png"))
    box = interactions.ContainerComponent(
        interactions.TextDisplayComponent(f"**{ctx.values[0]}**"),
        interactions.MediaGalleryComponent([item]),
        accent_color=0x3366FF,
    )
    sent = await ctx.send(components=[box], file=picture("wide.png"))
    say("chosen", message=str(sent.id))


@interactions.component_callback("edit")
async def ask(ctx: interactions.ComponentContext) -> None:
    text = interactions.ParagraphText(label="Prompt", custom_id="prompt", max_length=800)
    await ctx.send_modal(interactions.Modal(text, title="Edit the prompt", custom_id="form"))
    say("asked")


@interactions.modal_callback("form")
async def submitted(ctx: interactions.ModalContext, prompt: str) -> None:
    await ctx.send(prompt, ephemeral=True)
    say("submitted")


signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as by Ctrl-C
bot.start()
