"""Command descriptions are said in other languages, names are not."""

from __future__ import annotations

import discord
import pytest
from discord import app_commands
from discord.app_commands import (
    TranslationContext,
    TranslationContextLocation,
    TranslationContextTypes,
)

from bot.texts import CatalogueTranslator, described


@app_commands.command()
async def imagine(_: discord.Interaction, prompt: str) -> None:
    """What is described; nobody calls it."""


DESCRIPTION: TranslationContextTypes = TranslationContext(
    TranslationContextLocation.parameter_description, imagine.parameters[0]
)
NAME: TranslationContextTypes = TranslationContext(TranslationContextLocation.command_name, imagine)
TEXT = described("What to paint, in any language; at most {limit} characters", limit="800")


def test_english_is_filled_in() -> None:
    """It is what every client without a translation shows."""
    assert TEXT.message == "What to paint, in any language; at most 800 characters"


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (discord.Locale.korean, "그릴 내용(어떤 언어든 가능, 최대 800자)"),
        (
            discord.Locale.latin_american_spanish,
            "Qué pintar, en cualquier idioma; como máximo 800 caracteres",
        ),
        (discord.Locale.british_english, None),
        (discord.Locale.italian, None),
    ],
)
async def test_descriptions_are_said_in_the_languages_we_have(
    locale: discord.Locale, said: str | None
) -> None:
    """Where there is none, Discord shows the English one by itself."""
    assert await CatalogueTranslator().translate(TEXT, locale, DESCRIPTION) == said


async def test_names_stay_as_they_are() -> None:
    """`/imagine` is `/imagine` everywhere."""
    string = described("Cancel")
    assert await CatalogueTranslator().translate(string, discord.Locale.german, NAME) is None
    assert await CatalogueTranslator().translate(string, discord.Locale.german, DESCRIPTION)
