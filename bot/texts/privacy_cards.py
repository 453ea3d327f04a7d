"""What is kept of members, in words; and the question before it is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.texts.cards import Card, Colour, heading, notice
from bot.texts.custom_ids import CustomId

if TYPE_CHECKING:
    from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class ForgetPress(CustomId, prefix="zeuxis:forget"):
    """Of whoever wants to be forgotten."""


def notice_card(texts: Texts, *, detail_days: int, guild_days: int, words_days: int) -> Card:
    lines = (
        texts.say(
            "**Kept:** your prompts with size, seed, language, channel and your id; the rewritten"
            " prompt; ids of the messages that show your pictures; when each was asked for and"
            " what it cost."
        ),
        texts.say(
            "**Not kept:** pictures, names, other messages. Links and interaction tokens are wiped"
            " within a day."
        ),
        texts.say(
            "**Where staff moderate:** cases about you, and who decided what. Whether you are"
            " blocked, trusted or not heard; a block stays when you delete your data, by your"
            " number alone. What their word rules refused you, for {days} days. The file of a"
            " picture that waits for them.",
            days=words_days,
        ),
        texts.say(
            "**How long:** until you delete a picture or all your data, or {days} days after I have"
            " left the server. Costs stand one by one for {detail} days, then as sums by day.",
            days=guild_days,
            detail=detail_days,
        ),
        texts.say(
            "**Who else:** Z-Image gets your prompt without your name. A posted picture carries in"
            " its metadata that a machine made it, the prompts, size, seed and job number, and not"
            " your id."
        )
        + " "
        + texts.say(
            "OpenAI gets pictures to check, with their prompts and without your name, where a"
            " server's staff have chosen that."
        ),
        texts.say(
            "**Yours:** {export} gives you all of it, {delete} deletes it.",
            export="`/privacy export`",
            delete="`/privacy delete`",
        ),
    )
    return Card(
        Colour.NEUTRAL,
        heading("🔒", texts.say("What I keep of you")),
        *(ui.TextDisplay(line) for line in lines),
    )


def forget_card(texts: Texts) -> Card:
    """Asks before it is done."""
    said = texts.say(
        "This forgets you in all servers, now: prompts, ids and what was set for you. Waiting"
        " requests are cancelled; one that is being painted ends without being shown. Sums stay,"
        " without you. It cannot be taken back."
    )
    stays = texts.say(
        "Pictures in Discord stay. Delete those with their button before, if you do not want them:"
        " afterwards I do not know that they were yours."
    )
    row: ui.ActionRow[Card] = ui.ActionRow(
        ui.Button(
            label=texts.say("Forget me"),
            style=discord.ButtonStyle.danger,
            custom_id=str(ForgetPress()),
        )
    )
    return Card(Colour.REFUSED, ui.TextDisplay(said), ui.TextDisplay(stays), row)


def forgotten_card(texts: Texts) -> Card:
    said = texts.say("Done. Nothing here names you any more. Backups of the operator's may.")
    return notice(said, Colour.DONE)


def kept_text(texts: Texts) -> str:
    return texts.say("All that names you, in all servers. Nobody else sees this message.")
