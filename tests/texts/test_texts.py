"""The right language for every locale of Discord's."""

from __future__ import annotations

import discord
import pytest

from bot.texts import ENGLISH, LANGUAGES, Texts, language_of, relative


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("en-US", ENGLISH),
        ("en-GB", ENGLISH),
        ("de", "de"),
        ("es-ES", "es_ES"),
        ("es-419", "es_ES"),
        ("pt-BR", "pt_BR"),
        ("zh-CN", "zh_CN"),
        ("zh-TW", "zh_TW"),
        ("zh-HK", "zh_TW"),
        ("it", ENGLISH),
        ("", ENGLISH),
        ("unknown", ENGLISH),
    ],
)
def test_locale_finds_its_language_or_a_near_one(locale: str, language: str) -> None:
    """Latin America reads Spanish, Hong Kong traditional characters, everybody else English."""
    assert language_of(locale) == language


def test_every_locale_of_discord_can_be_spoken_to() -> None:
    """None of them raises, and eight languages are reached."""
    spoken = {Texts(locale.value).language for locale in discord.Locale}
    assert spoken == {ENGLISH, *LANGUAGES}


def test_texts_speak_the_language_and_fill_in_values() -> None:
    """Values stay as they are given, braces included."""
    assert Texts("de").say("seed {seed}", seed=7) == "Seed 7"
    assert Texts("en-US").say("seed {seed}", seed="{x}") == "seed {x}"


def test_plurals_follow_the_language() -> None:
    """French counts nothing as one."""
    french, german = Texts("fr"), Texts("de")
    assert french.plural("{count} picture", "{count} pictures", count=0) == "0 image"
    assert german.plural("{count} picture", "{count} pictures", count=0) == "0 Bilder"
    assert german.plural("{count} picture", "{count} pictures", count=1) == "1 Bild"
    assert Texts("ja").plural("{count} picture", "{count} pictures", count=2) == "画像2枚"


def test_numbers_have_the_language_s_decimal_mark() -> None:
    """4.2 seconds are 4,2 Sekunden."""
    assert Texts("en-US").number(4.21, decimals=1) == "4.2"
    assert Texts("fr").number(4.21, decimals=1) == "4,2"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "a few seconds"),
        (9.9, "a few seconds"),
        (12, "about 10 s"),
        (88, "about 90 s"),
        (90, "about 2 min"),
        (3599, "about 60 min"),
        (5400, "about 1.5 h"),
        (90_000, "about 25.0 h"),
    ],
)
def test_waits_are_as_exact_as_they_can_be(seconds: float, said: str) -> None:
    """Nobody is promised a second out of minutes."""
    assert Texts("en-US").about(seconds) == said


def test_instants_are_left_to_each_client() -> None:
    """Discord shows them in each reader's language and time zone."""
    assert relative(1_800_000_000_999_999) == "<t:1800000000:R>"
