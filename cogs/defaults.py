"""`/defaults`: what a member has set for themselves, and how they change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.policy.rules import Rewriting
from bot.refusals import Refusal
from bot.texts import described
from bot.texts.cards import Card
from bot.texts.default_cards import (
    OTHER,
    YES,
    DefaultsPress,
    DefaultsVerb,
    defaults_card,
    negative_form,
    refused_size_items,
    size_form,
)
from bot.texts.forms import Form, typed_before
from bot.texts.refusals import reason_text
from bot.texts.settings_forms import NOTHING
from cogs.answers import change_to, open_form, show_alone
from cogs.origin import asking_in, everywhere, user_of
from cogs.reading import chosen_values, filled_fields, texts_of
from cogs.routes import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from bot.features.defaults import DefaultsService
    from bot.texts.cards import Card
    from bot.texts.forms import Form


class DefaultsCog(commands.Cog):
    """For everybody, about themselves alone."""

    def __init__(self, *, defaults: DefaultsService) -> None:
        self._service = defaults

    def routes(self) -> tuple[Route[Any], ...]:
        return (Route(DefaultsPress, self.press, self.press),)

    @app_commands.command(description=described("What holds for your pictures unless you say"))
    @everywhere
    async def defaults(self, interaction: discord.Interaction) -> None:
        await show_alone(interaction, self._panel(interaction))

    async def press(self, interaction: discord.Interaction, press: DefaultsPress) -> None:
        """Any control of the panel, or a form that was filled in."""
        making = self._form(interaction, press.verb)
        if making is not None:
            await open_form(interaction, making)
            return
        await change_to(interaction, self._changed(interaction, press.verb))

    def _form(self, interaction: discord.Interaction, verb: DefaultsVerb) -> Awaitable[Form] | None:
        """The one that this press opens."""
        match verb:
            case DefaultsVerb.NEGATIVE:
                return self._negative_form(interaction)
            case DefaultsVerb.SIZE_AGAIN if interaction.message is not None:
                typed = typed_before(interaction.message, ["size"])["size"]
                return self._size_form(interaction, typed)
            case DefaultsVerb.SIZE if chosen_values(interaction) == [OTHER]:
                return self._size_form(interaction)
            case _:
                return None

    async def _negative_form(self, interaction: discord.Interaction) -> Form:
        view = await self._service.view(asking_in(interaction))
        return negative_form(view, self._service.offer, texts_of(interaction))

    async def _size_form(self, interaction: discord.Interaction, typed: str | None = None) -> Form:
        if typed is None:
            view = await self._service.view(asking_in(interaction))
            typed = str(view.default.size or "")
        return size_form(typed, texts_of(interaction))

    async def _changed(self, interaction: discord.Interaction, verb: DefaultsVerb) -> Card:
        """The panel with what holds then, or why nothing was changed."""
        typed = filled_fields(interaction)
        try:
            await self._change(interaction, verb, typed)
        except Refusal as error:
            texts = texts_of(interaction)
            said = refused_size_items(reason_text(error, texts), typed.get("size", ""), texts)
            return await self._panel(interaction, said)
        return await self._panel(interaction)

    async def _change(
        self, interaction: discord.Interaction, verb: DefaultsVerb, typed: dict[str, str]
    ) -> None:
        """Raises SizeNotUnderstood, SizeOutOfRange, SizeTooNarrow, PromptTooLong, StorageError."""
        user_id = user_of(interaction)
        value = next(iter(chosen_values(interaction)), NOTHING)
        is_on = None if value == NOTHING else value == YES
        match verb:
            case DefaultsVerb.SIZE:
                await self._service.change_size(user_id, "" if value == NOTHING else value)
            case DefaultsVerb.SIZE_FORM:
                await self._service.change_size(user_id, typed.get("size", ""))
            case DefaultsVerb.NEGATIVE_FORM:
                await self._service.change(user_id, negative=typed.get("negative"))
            case DefaultsVerb.REWRITING:
                chosen = None if value == NOTHING else Rewriting(value)
                await self._service.change(user_id, rewriting=chosen)
            case DefaultsVerb.PINGS:
                await self._service.change(user_id, pings=is_on)
            case DefaultsVerb.ALT_WORDS:
                await self._service.change(user_id, alt_words=None if is_on else False)
            case DefaultsVerb.RESET:
                await self._service.reset(user_id)
            case _:
                pass  # it has opened a form

    async def _panel(
        self, interaction: discord.Interaction, said: Sequence[ui.Item[Card]] = ()
    ) -> Card:
        view = await self._service.view(asking_in(interaction))
        return defaults_card(view, self._service.offer, texts_of(interaction), said)
