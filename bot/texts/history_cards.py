"""`/history`: pages of pictures, and the ids of their buttons."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.features.history.rules import Reach, Search, Turn
from bot.queue.records import JobId
from bot.texts import escaped, plain, relative
from bot.texts.cards import (
    CHOICE_LIMIT,
    Card,
    Colour,
    heading,
    jump_url,
    notice,
    prompt_shown,
    shown_size,
    small,
)
from bot.texts.result_cards import alt_text, is_spoiler

if TYPE_CHECKING:
    from bot.features.history.rules import Found, HistoryPage
    from bot.queue.records import ChannelId, GuildId, Job, MessageId
    from bot.texts import Texts


PROMPT_LIMIT = 120  # of each picture of a page, which a phone shows in narrow lines
ALT_LIMIT = 1024  # Discord's

# ------------------------------------------------------------------------------------------------
# What the buttons carry: the page beyond which job and which way, and all of the search.


HISTORY_PATTERN = re.compile(
    r"zeuxis:2:history:(?P<way>[on])(?P<beyond>[0-9]{1,19}):(?P<whose>[ms])(?P<kept>[k-])"
    r":(?P<first>[0-9]{0,7}):(?P<last>[0-9]{0,7}):(?P<words>.*)",
    re.DOTALL,
)
PICK_PATTERN = re.compile(r"zeuxis:2:history-pick")
PICK_ID = "zeuxis:2:history-pick"
REPOST_PATTERN = re.compile(r"zeuxis:2:repost:(?P<job_id>[1-9][0-9]{0,18})")


def turn_id(search: Search, turn: Turn) -> str:
    """`zeuxis:2:history:o17:s-:739950::red cat` leads to older ones than job 17."""
    way, kept = "o" if turn.newest_first else "n", "k" if search.kept else "-"
    days = ":".join(_ordinal(day) for day in (search.first_day, search.last_day))
    return f"zeuxis:2:history:{way}{turn.beyond}:{search.whose}{kept}:{days}:{search.words}"


def turned(match: re.Match[str]) -> tuple[Search, Turn]:
    """Reads a match of `HISTORY_PATTERN`."""
    search = Search(
        words=match["words"],
        whose=Reach(match["whose"]),
        kept=match["kept"] == "k",
        first_day=_day(match["first"]),
        last_day=_day(match["last"]),
    )
    return search, Turn(beyond=JobId(int(match["beyond"])), newest_first=match["way"] == "o")


def repost_id(job_id: JobId) -> str:
    """`zeuxis:2:repost:17`."""
    return f"zeuxis:2:repost:{job_id}"


def _ordinal(day: date | None) -> str:
    return "" if day is None else str(day.toordinal())


def _day(ordinal: str) -> date | None:
    """None as well for what is no day of the calendar: no button of ours carries that."""
    number = int(ordinal or 0)
    return date.fromordinal(number) if 0 < number <= date.max.toordinal() else None


# ------------------------------------------------------------------------------------------------
# Cards.


def history_card(page: HistoryPage, texts: Texts, *, in_guild: bool = True) -> Card:
    """For the member alone. A picture that cannot be had now is told in words.

    Args:
        in_guild: else there are no pictures but their own, and no server.
    """
    is_mine = page.search.whose is Reach.MINE or not in_guild
    title = texts.say("Your pictures") if is_mine else texts.say("Pictures")
    parts: list[ui.Item[Card]] = [heading("🖼️", title)]
    about = _about(page.search, texts, in_guild=in_guild)
    if about:
        parts.append(ui.TextDisplay(small(*about)))
    if not page.found:
        parts.append(ui.TextDisplay(texts.say("I have found none.")))
    for one in page.found:
        parts += [ui.Separator(), _entry(one, texts)]
    if page.found:
        parts += [ui.Separator(), _choice(page, texts)]
    if page.has_newer or page.has_older:
        parts.append(_turns(page, texts))
    return Card(Colour.NEUTRAL, *parts)


def _about(search: Search, texts: Texts, *, in_guild: bool) -> list[str]:
    """What was searched for, as far as a button can carry it."""
    words = texts.say("with the words “{words}”", words=escaped(search.words, 100))
    first = search.first_day and texts.say("from {day}", day=search.first_day.isoformat())
    last = search.last_day and texts.say("to {day}", day=search.last_day.isoformat())
    whose = (
        texts.say("your own, of the whole server")
        if search.whose is Reach.MINE
        else texts.say("those of this channel, and your own of the whole server")
    )
    kept = texts.say("kept by you") if search.kept else ""
    parts = (whose if in_guild else "", words if search.words else "", kept, first, last)
    return [one for one in parts if one]


def _entry(one: Found, texts: Texts) -> ui.Item[Card]:
    said = ui.TextDisplay[Card](
        f"{prompt_shown(one.job, PROMPT_LIMIT, texts)}\n{_line(one, texts)}"
    )
    if one.link is None:
        return said
    thumbnail: ui.Thumbnail[Card] = ui.Thumbnail(
        one.link,
        description=alt_text(one.job, texts)[:ALT_LIMIT],
        spoiler=is_spoiler(one.job),
    )
    return ui.Section(said, accessory=thumbnail)


def _line(one: Found, texts: Texts) -> str:
    job = one.job
    kept = f"**{texts.say('kept')}**" if one.is_kept else ""
    link = _message_link(job, texts)
    return small(
        f"<@{job.origin.user_id}>",
        shown_size(job.picture.size if job.picture else job.request.size),
        texts.say("seed {seed}", seed=job.request.seed),
        relative(job.created_at_us),
        kept,
        link,
    )


def _message_link(job: Job, texts: Texts) -> str:
    picture = job.picture
    if picture is None or picture.message_id is None or picture.channel_id is None:
        return ""
    url = jump_url(job.origin.guild_id, picture.channel_id, picture.message_id)
    return f"[{texts.say('message')}]({url})"


def _choice(page: HistoryPage, texts: Texts) -> ui.ActionRow[Card]:
    options = [
        discord.SelectOption(
            label=plain(one.job.request.prompt, CHOICE_LIMIT) or str(one.job.id),
            description=texts.say("job {id}", id=one.job.id),
            value=str(one.job.id),
        )
        for one in page.found
    ]
    select: ui.Select[Card] = ui.Select(
        custom_id=PICK_ID, placeholder=texts.say("Pick a picture"), options=options
    )
    return ui.ActionRow(select)


def _turns(page: HistoryPage, texts: Texts) -> ui.ActionRow[Card]:
    """Where there are no more the button cannot be pressed."""
    first, last = page.found[0].job.id, page.found[-1].job.id
    newer, older = Turn(beyond=first, newest_first=False), Turn(beyond=last, newest_first=True)
    back: ui.Button[Card] = ui.Button(
        label=texts.say("Newer"),
        custom_id=turn_id(page.search, newer),
        disabled=not page.has_newer,
    )
    on: ui.Button[Card] = ui.Button(
        label=texts.say("Older"),
        custom_id=turn_id(page.search, older),
        disabled=not page.has_older,
    )
    return ui.ActionRow(back, on)


def repost_row(job_id: JobId, texts: Texts) -> ui.ActionRow[Card]:
    """What a picture's hands do not offer where it hangs."""
    again: ui.Button[Card] = ui.Button(label=texts.say("Post again"), custom_id=repost_id(job_id))
    return ui.ActionRow(again)


def reposted_card(
    guild_id: GuildId | None, channel_id: ChannelId, message_id: MessageId, texts: Texts
) -> Card:
    """The way to it; it may have been there already."""
    url = jump_url(guild_id, channel_id, message_id)
    return notice(texts.say("The picture is here: {link}", link=url), Colour.DONE)
