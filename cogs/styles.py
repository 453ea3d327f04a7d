"""`/styles` for everybody, `/style` for staff: a guild's styles.

They are two commands because Discord hides a command from members as a whole or not at all.
Whoever changes one must be staff at that very moment: forms stay open longer than rights last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from bot.policy.styles import matching, style_of
from bot.refusals import Refusal
from bot.staff_refusals import SettingChanged
from bot.texts import described
from bot.texts.cards import Card
from bot.texts.forms import Form, typed_before
from bot.texts.refusals import reason_text
from bot.texts.settings_forms import changed_text
from bot.texts.style_cards import (
    FIELDS,
    StylePress,
    StylesTurn,
    StyleVerb,
    kept_card,
    refused_form_card,
    removed_card,
    style_choices,
    style_form,
    styles_card,
    written_fields,
)
from cogs.answers import (
    change,
    change_to,
    offered,
    open_form,
    promptly,
    send_form,
    show,
    show_alone,
)
from cogs.origin import author_of, check_staff, guild_of, in_guilds
from cogs.reading import filled_fields, texts_of
from cogs.routes import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.features.styles import StyleService
    from bot.policy.styles import Style

Name = Range[str, 1, 100]


class StylesCog(commands.Cog):
    """The list, and what staff do to it."""

    style = in_guilds(
        app_commands.Group(
            name="style",
            description=described("Make, change and remove this server's styles"),
            default_permissions=discord.Permissions(manage_guild=True),
        )
    )

    def __init__(self, *, styles: StyleService) -> None:
        self._service = styles

    def routes(self) -> tuple[Route[Any], ...]:
        return (
            Route(StylePress, self.press, self.press),
            Route(StylesTurn, self.turn),
        )

    @app_commands.command(description=described("The styles that this server offers"))
    @in_guilds
    async def styles(self, interaction: discord.Interaction) -> None:
        await show_alone(interaction, self._list(interaction, 0))

    async def turn(self, interaction: discord.Interaction, turn: StylesTurn) -> None:
        await change_to(interaction, self._list(interaction, turn.page))

    async def _list(self, interaction: discord.Interaction, page: int) -> Card:
        styles = await self._service.styles(guild_of(interaction))
        return styles_card(styles, page, texts_of(interaction))

    @style.command(description=described("Make a style: a text around a member's prompt"))
    async def add(self, interaction: discord.Interaction) -> None:
        check_staff(interaction)
        await open_form(interaction, self._empty_form(interaction))

    async def _empty_form(self, interaction: discord.Interaction) -> Form:
        seen = await self._service.seen(guild_of(interaction))
        return self._form(interaction, StylePress(verb=StyleVerb.FORM, seen=seen), {})

    @style.command(description=described("Change a style"))
    @app_commands.describe(style=described("One of this server's styles"))
    async def edit(self, interaction: discord.Interaction, style: Name) -> None:
        check_staff(interaction)
        await open_form(interaction, self._form_of(interaction, style))

    async def _form_of(self, interaction: discord.Interaction, name: str) -> Form:
        found, seen = await self._service.find(guild_of(interaction), name)
        press = StylePress(verb=StyleVerb.FORM, seen=seen, was=found.name_key)
        return self._form(interaction, press, written_fields(found))

    @style.command(description=described("Remove a style"))
    @app_commands.describe(style=described("One of this server's styles"))
    async def remove(self, interaction: discord.Interaction, style: Name) -> None:
        check_staff(interaction)
        removing = self._service.remove(guild_of(interaction), style, author_of(interaction))
        removed = await promptly(interaction, removing, private=True)
        await show(interaction, removed_card(removed, texts_of(interaction)), private=True)

    @edit.autocomplete("style")
    @remove.autocomplete("style")
    async def offer_styles(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Those that fit the text so far."""
        styles = self._service.styles(guild_of(interaction))
        return await offered(styles, lambda found: style_choices(matching(found, typed)))

    # The form

    async def press(self, interaction: discord.Interaction, press: StylePress) -> None:
        """A form that was filled in, or the way back to one."""
        check_staff(interaction)
        if press.verb is StyleVerb.FORM:
            await self._take(interaction, press)
        elif interaction.message is not None:
            opens = StylePress(verb=StyleVerb.FORM, seen=press.seen, was=press.was)
            filled = typed_before(interaction.message, FIELDS)
            await send_form(interaction, self._form(interaction, opens, filled))

    def _form(
        self, interaction: discord.Interaction, press: StylePress, filled: Mapping[str, str]
    ) -> Form:
        return style_form(press, filled, self._service.offer, texts_of(interaction))

    async def _take(self, interaction: discord.Interaction, press: StylePress) -> None:
        """Kept, or back with what was typed and why not."""
        filled = filled_fields(interaction)
        keeping = self._kept(interaction, press, filled)
        is_first = interaction.message is None  # else the refusal of the time before
        card = await promptly(interaction, keeping, thinking=is_first, private=True)
        await (show(interaction, card, private=True) if is_first else change(interaction, card))

    async def _kept(
        self, interaction: discord.Interaction, press: StylePress, filled: Mapping[str, str]
    ) -> Card:
        texts, offer = texts_of(interaction), self._service.offer
        try:
            style = self._read(filled)
            before = await self._service.keep(
                guild_of(interaction),
                style,
                author_of(interaction),
                was=press.was,
                seen=press.seen,
            )
        except SettingChanged as error:
            return refused_form_card(changed_text(error, offer, texts), press, filled, texts)
        except Refusal as error:
            return refused_form_card(reason_text(error, texts), press, filled, texts)
        return kept_card(style, before, offer, texts)

    def _read(self, filled: Mapping[str, str]) -> Style:
        """Raises SizeNotUnderstood, SizeOutOfRange, SizeTooNarrow."""
        size = filled.get("size", "").strip()
        return style_of(
            name=filled.get("name", ""),
            prompt=filled.get("prompt", ""),
            size=self._service.offer.parse_size(size).size if size else None,
            negative=filled.get("negative", ""),
        )
