"""Command descriptions in every language, out of the same catalogues as the replies.

Names stay English: a member who is told to try `/imagine` must find it, whatever the language of
their Discord, and people show each other commands across languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.replies.texts import ENGLISH, Texts

if TYPE_CHECKING:
    import discord

_DESCRIPTIONS = (Location.command_description, Location.parameter_description)


def described(text: str, /, **values: str) -> app_commands.locale_str:
    """An English description, `{names}` filled in, that can be said in other languages too."""
    return app_commands.locale_str(text.format(**values), text=text, values=values)


class CatalogueTranslator(app_commands.Translator):
    """Answers discord.py while it registers the commands."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        texts = Texts(locale.value)
        if context.location not in _DESCRIPTIONS or texts.language == ENGLISH:
            return None
        text: str = string.extras.get("text", string.message)
        values: dict[str, str] = string.extras.get("values", {})
        said = texts.say(text, **values)
        return said if said != string.message else None
