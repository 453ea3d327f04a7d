"""A bot in hikari that does what an image bot does, and says what it has done, one JSON line each.

Started by test_journeys.py; ends on SIGTERM, which hikari handles.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
import os

import hikari

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)

logging.basicConfig(level=logging.WARNING)  # to standard error; standard output is for say()
bot = hikari.GatewayBot(
    os.environ["DISCORD_TOKEN"],
    rest_url=os.environ["DISCORD_API_BASE_URL"],
    intents=hikari.Intents.GUILDS,
    banner=None,
    logs=None,
    suppress_optimization_warning=True,
)


def say(what: str, **more: object) -> None:
    print(json.dumps({"what": what, **more}), flush=True)


def picture(name: str) -> hikari.Bytes:
    return hikari.Bytes(PICTURE, name)


@bot.listen()
async def started(_: hikari.StartedEvent) -> None:
    application = await bot.rest.fetch_application()
    paint = (
        bot.rest.slash_command_builder("paint", "Paint something")
        .set_default_member_permissions(hikari.Permissions.SEND_MESSAGES)
        .set_name_localizations({hikari.Locale.DE: "male"})
        .add_option(
            hikari.CommandOption(
                type=hikari.OptionType.STRING,
                name="prompt",
                description="What",
                is_required=True,
                autocomplete=True,
            )
        )
        .add_option(
            hikari.CommandOption(
                type=hikari.OptionType.INTEGER,
                name="seed",
                description="Which",
                min_value=0,
                max_value=9,
            )
        )
    )
    menu = bot.rest.context_menu_command_builder(hikari.CommandType.MESSAGE, "Paint this")
    registered = await bot.rest.set_application_commands(application.id, [paint, menu])
    me = bot.get_me()
    say(
        "ready", user=me.username, guilds=len(bot.cache.get_guilds_view()), commands=len(registered)
    )


@bot.listen()
async def acted(event: hikari.InteractionCreateEvent) -> None:
    try:
        await answer(event.interaction)
    except Exception as error:
        say("failed", error=f"{type(error).__name__}: {error}")
        raise


async def answer(interaction: hikari.PartialInteraction) -> None:
    match interaction:
        case hikari.AutocompleteInteraction():
            text = f"{interaction.options[0].value} at dusk"
            builder = interaction.build_response(
                [hikari.impl.AutocompleteChoiceBuilder(text, text)]
            )
            await interaction.create_response(builder.choices)
        case hikari.CommandInteraction():
            await paint(interaction)
        case hikari.ComponentInteraction(custom_id="edit"):
            await ask(interaction)
        case hikari.ComponentInteraction(custom_id="size"):
            await choose(interaction)
        case hikari.ComponentInteraction():
            await again(interaction)
        case hikari.ModalInteraction():
            await submitted(interaction)


async def paint(interaction: hikari.CommandInteraction) -> None:
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    buttons = bot.rest.build_message_action_row()
    buttons.add_interactive_button(hikari.ButtonStyle.PRIMARY, "again", label="Again")
    buttons.add_interactive_button(hikari.ButtonStyle.SECONDARY, "edit", label="Edit")
    message = await interaction.edit_initial_response(
        f"Painted {interaction.options[0].value}",
        attachment=picture("picture.png"),
        component=buttons,
        user_mentions=False,
    )
    thread = await bot.rest.create_message_thread(
        message.channel_id, message.id, "A lighthouse", auto_archive_duration=dt.timedelta(hours=1)
    )
    await bot.rest.create_message(thread.id, "variations here", attachment=picture("variation.png"))
    fetched = await interaction.fetch_initial_response()
    say(
        "painted",
        message=str(message.id),
        thread=str(thread.id),
        attachment=fetched.attachments[0].filename,
    )


async def again(interaction: hikari.ComponentInteraction) -> None:
    row = bot.rest.build_message_action_row()
    menu = row.add_text_menu("size")
    menu.add_option("Square", "1:1").add_option("Wide", "16:9")
    await interaction.create_initial_response(
        hikari.ResponseType.MESSAGE_UPDATE, "Painting again", component=row
    )
    shown = await interaction.execute("only you see this", flags=hikari.MessageFlag.EPHEMERAL)
    say("pressed", follow_up=str(shown.id))


async def choose(interaction: hikari.ComponentInteraction) -> None:
    box = hikari.impl.ContainerComponentBuilder(accent_color=hikari.Color(0x3366FF))
    box.add_text_display(f"**{interaction.values[0]}**")
    gallery = hikari.impl.MediaGalleryComponentBuilder()
    gallery.add_media_gallery_item(picture("wide.png"))
    box.add_component(gallery)
    await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, component=box)
    sent = await interaction.fetch_initial_response()
    say("chosen", message=str(sent.id))


async def ask(interaction: hikari.ComponentInteraction) -> None:
    row = bot.rest.build_modal_action_row()
    row.add_text_input("prompt", "Prompt", style=hikari.TextInputStyle.PARAGRAPH, max_length=800)
    await interaction.create_modal_response("Edit the prompt", "form", component=row)
    say("asked")


async def submitted(interaction: hikari.ModalInteraction) -> None:
    text = interaction.components[0].components[0].value
    await interaction.create_initial_response(
        hikari.ResponseType.MESSAGE_CREATE, text, flags=hikari.MessageFlag.EPHEMERAL
    )
    say("submitted")


bot.run(check_for_updates=False)
