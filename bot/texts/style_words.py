"""Styles in words: their names, and why one cannot be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bot.errors import StyleFault
from bot.policy.styles import HOLE, LEAST_LEFT, MOST_STYLES, NAME_LIMIT
from bot.texts import escaped

if TYPE_CHECKING:
    from bot.texts import Texts

SHOWN_NAME = 80  # characters of a name, with its backslashes


def style_text(name: str) -> str:
    """Its name as a part of a line, however it was typed."""
    return f"**{escaped(name, SHOWN_NAME)}**"


def style_fault_text(fault: StyleFault, texts: Texts) -> str:
    match fault:
        case StyleFault.NAMELESS:
            return texts.say("A style needs a name that can be seen.")
        case StyleFault.LONG_NAME:
            return texts.say("A style's name has at most {most} characters.", most=NAME_LIMIT)
        case StyleFault.TAKEN:
            return texts.say("This server has a style of that name already.")
        case StyleFault.NO_PLACE:
            return texts.say(
                "The text needs {hole} exactly once, where the member's words go.",
                hole=f"`{HOLE}`",
            )
        case StyleFault.LONG:
            return texts.say(
                "The text is too long: {least} characters must be left for the member.",
                least=LEAST_LEFT,
            )
        case StyleFault.LONG_NEGATIVE:
            return texts.say("What to leave out is too long.")
        case StyleFault.TOO_MANY:
            return texts.say("A server has at most {most} styles.", most=MOST_STYLES)
        case _:
            assert_never(fault)
