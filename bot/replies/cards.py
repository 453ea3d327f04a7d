"""What all cards share: one coloured box, a budget of characters, links and buttons."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.replies.custom_ids import Verb, custom_id

if TYPE_CHECKING:
    from bot.domain.ids import ChannelId, GuildId, JobId, MessageId
    from bot.domain.sizes import Size
    from bot.replies.texts import Texts

TEXT_LIMIT = 4000  # characters in all text displays of one message


class Colour(IntEnum):
    """The stripe at the side of a card."""

    WAITING = 0x8A93A6
    WORKING = 0xE8A33D
    DONE = 0x3F9E6E
    ENDED = 0x6B7280  # by the member's own wish
    REFUSED = 0xC8553D
    NEUTRAL = 0x5B6EE1


class Card(ui.LayoutView):
    """A message of Zeuxis.

    Its buttons are answered by what they carry (see `custom_ids`), in any process and after any
    restart. So it never listens, and discord.py has no reason to keep every card in memory.
    """

    def __init__(self, colour: Colour, *items: ui.Item[Card]) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*items, accent_colour=int(colour)))

    def is_finished(self) -> bool:
        return True


def notice(text: str, colour: Colour = Colour.REFUSED) -> Card:
    """One thing to say."""
    return Card(colour, ui.TextDisplay(text))


def heading(sign: str, text: str) -> ui.TextDisplay[Card]:
    return ui.TextDisplay(f"### {sign} {text}")


def small(*parts: str) -> str:
    """Small print: what identifies a picture, for whoever looks for it."""
    return "-# " + " · ".join(filter(None, parts))


def shown_size(size: Size) -> str:
    return f"{size.width_px} × {size.height_px}"


def jump_url(guild_id: GuildId, channel_id: ChannelId, message_id: MessageId) -> str:
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


def button(verb: Verb, job_id: JobId, texts: Texts) -> ui.Button[Card]:
    label, style = _face(verb, texts)
    return ui.Button(label=label, style=style, custom_id=custom_id(verb, job_id))


def retry_button(job_id: JobId, texts: Texts) -> ui.Button[Card]:
    """The same wish with the same seed, after an end without a picture."""
    return ui.Button(label=texts.say("Try again"), custom_id=custom_id(Verb.AGAIN, job_id))


def _face(verb: Verb, texts: Texts) -> tuple[str, discord.ButtonStyle]:
    match verb:
        case Verb.CANCEL:
            return texts.say("Cancel"), discord.ButtonStyle.secondary
        case Verb.REROLL:
            return texts.say("Reroll"), discord.ButtonStyle.primary
        case Verb.AGAIN:
            return texts.say("Same seed again"), discord.ButtonStyle.secondary
        case Verb.DELETE:
            return texts.say("Delete"), discord.ButtonStyle.danger
        case Verb.WHY:
            return texts.say("Why?"), discord.ButtonStyle.secondary
        case Verb.FIRST:
            return texts.say("First of mine"), discord.ButtonStyle.primary
        case _:
            assert_never(verb)
