"""What is offered while a member types a size: names, ratios, tiers, or exactly what they typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.domain.sizes import RECOMMENDED, Recommended, Size, parse_size, search_sizes, typed_size
from bot.domain.visible import normalised
from bot.errors import Refusal
from bot.replies.cards import shown_size

if TYPE_CHECKING:
    from bot.replies.texts import Texts

MOST_CHOICES = 25  # Discord's limit
# One screen of a phone, the shapes that people ask for most.
COMMON = ("1024*1024", "1248*832", "832*1248", "1280*720", "720*1280", "1536*1536", "2048*1152")


def size_choices(typed: str, texts: Texts) -> list[app_commands.Choice[str]]:
    """At most 25; their values are read by `parse_size`."""
    if not normalised(typed):
        found = [one for size in COMMON for one in RECOMMENDED if str(one.size) == size]
        return [_choice(one, texts) for one in found]
    exact = _exact(typed, texts)
    found = [one for one in _search(typed, texts) if not exact or str(one.size) != exact.value]
    choices = [_choice(one, texts) for one in found]
    return [*([exact] if exact else []), *choices][:MOST_CHOICES]


def rounding_text(asked: Size, size: Size, texts: Texts) -> str:
    """Why the picture is not quite as large as was asked."""
    return texts.say(
        "Z-Image paints in steps of 16 pixels, so {asked} became {size}.",
        asked=shown_size(asked),
        size=shown_size(size),
    )


def _exact(typed: str, texts: Texts) -> app_commands.Choice[str] | None:
    if typed_size(typed) is None:
        return None
    try:
        chosen = parse_size(typed)
    except Refusal:
        return None
    name = shown_size(chosen.size)
    if chosen.was_rounded:
        name = texts.say("{size}, rounded from {asked}", size=name, asked=shown_size(chosen.asked))
    return app_commands.Choice(name=name, value=str(chosen.asked))


def _search(typed: str, texts: Texts) -> list[Recommended]:
    """By the English words that the command knows, and by those on the screen."""
    english = search_sizes(typed)
    words = normalised(typed).split()
    return [
        one
        for one in RECOMMENDED
        if one in english or all(word in _label(one, texts).casefold() for word in words)
    ]


def _choice(one: Recommended, texts: Texts) -> app_commands.Choice[str]:
    return app_commands.Choice(name=_label(one, texts), value=str(one.size))


def _label(one: Recommended, texts: Texts) -> str:
    return f"{one.ratio} · {shown_size(one.size)} · {_shape(one.names[0], texts)}"


def _shape(name: str, texts: Texts) -> str:
    match name:
        case "square":
            return texts.say("square")
        case "portrait":
            return texts.say("portrait")
        case "landscape":
            return texts.say("landscape")
        case "tall":
            return texts.say("tall")
        case _:
            return texts.say("wide")
