"""Pictures that are found again: the pages of `/history`, and where one comes from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.features.history.rules import Reach, Search, Turn
from bot.features.lineage.rules import where_it_hangs
from bot.features.provenance.rules import Evidence
from bot.queue.records import JobId
from bot.texts import escaped, plain, quoted, relative
from bot.texts.cards import (
    CHOICE_LIMIT,
    Card,
    Colour,
    Items,
    button,
    heading,
    jump_url,
    marks_of,
    notice,
    picture_url,
    prompt_shown,
    select,
    small,
)
from bot.texts.custom_ids import ID, CustomId, IdPart, custom_id
from bot.texts.result_cards import alt_text, has_rewritten_prompt, is_spoiler, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.features.history.rules import Found, HistoryPage
    from bot.features.provenance.rules import Traced
    from bot.queue.records import ChannelId, GuildId, Job, MessageId
    from bot.texts import Texts

PROMPT_LIMIT = 120  # of each picture of a page, which a phone shows in narrow lines
ALT_LIMIT = 1024  # Discord's

# ------------------------------------------------------------------------------------------------
# What the buttons carry: the page beyond which job and which way, and all of the search.


def _turn_read(text: str) -> Turn:
    return Turn(beyond=JobId(int(text[1:])), newest_first=text[0] == "o")


def _turn_written(turn: Turn) -> str:
    return f"{'o' if turn.newest_first else 'n'}{turn.beyond}"


def _search_read(text: str) -> Search:
    marks, first, last, words = text.split(":", 3)
    return Search(
        words=words,
        whose=Reach(marks[0]),
        kept=marks[1] == "k",
        first_day=_day(first),
        last_day=_day(last),
    )


def _search_written(search: Search) -> str:
    days = (_ordinal(day) for day in (search.first_day, search.last_day))
    return ":".join((f"{search.whose}{'k' if search.kept else '-'}", *days, search.words))


def _ordinal(day: date | None) -> str:
    return "" if day is None else str(day.toordinal())


def _day(ordinal: str) -> date | None:
    """None as well for what is no day of the calendar: no button of ours carries that."""
    number = int(ordinal or 0)
    return date.fromordinal(number) if 0 < number <= date.max.toordinal() else None


@custom_id(
    "zeuxis:2:history",
    turn=IdPart("[on][0-9]{1,19}", _turn_read, _turn_written),
    search=IdPart("[ms][k-]:[0-9]{0,7}:[0-9]{0,7}:.*", _search_read, _search_written),
)
class HistoryTurn(CustomId, frozen=True, kw_only=True):
    """`zeuxis:2:history:o17:s-:739950::red cat` leads to older ones than job 17."""

    turn: Turn
    search: Search


@custom_id("zeuxis:2:history-pick")
class HistoryPick(CustomId, frozen=True):
    """Which picture is what was chosen."""


@custom_id("zeuxis:2:repost", job_id=ID)
class RepostPress(CustomId, frozen=True, kw_only=True):
    """Where it is pressed the picture is posted again."""

    job_id: JobId


# ------------------------------------------------------------------------------------------------
# Cards.


def history_card(page: HistoryPage, texts: Texts, *, in_guild: bool = True) -> Card:
    """For the member alone. A picture that cannot be had now is told in words.

    Args:
        in_guild: else there are no pictures but their own, and no server.
    """
    is_mine = page.search.whose is Reach.MINE or not in_guild
    title = texts.say("Your pictures") if is_mine else texts.say("Pictures")
    parts: Items = [heading("🖼️", title)]
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
        *marks_of(job, texts)[:2],
        relative(job.created_at_us),
        kept,
        link,
    )


def _message_link(job: Job, texts: Texts) -> str:
    url = picture_url(job)
    return f"[{texts.say('message')}]({url})" if url else ""


def _choice(page: HistoryPage, texts: Texts) -> ui.ActionRow[Card]:
    options = [
        discord.SelectOption(
            label=plain(one.job.request.prompt, CHOICE_LIMIT) or str(one.job.id),
            description=texts.say("job {id}", id=one.job.id),
            value=str(one.job.id),
        )
        for one in page.found
    ]
    return select(HistoryPick(), options, texts.say("Pick a picture"))


def _turns(page: HistoryPage, texts: Texts) -> ui.ActionRow[Card]:
    """Where there are no more the button cannot be pressed."""
    first, last = page.found[0].job.id, page.found[-1].job.id
    newer, older = Turn(beyond=first, newest_first=False), Turn(beyond=last, newest_first=True)
    back, on = (HistoryTurn(search=page.search, turn=turn) for turn in (newer, older))
    return ui.ActionRow(
        button(texts.say("Newer"), back, is_off=not page.has_newer),
        button(texts.say("Older"), on, is_off=not page.has_older),
    )


def repost_row(job_id: JobId, texts: Texts) -> ui.ActionRow[Card]:
    """What a picture's hands do not offer where it hangs."""
    return ui.ActionRow(button(texts.say("Post again"), RepostPress(job_id=job_id)))


def reposted_card(
    guild_id: GuildId | None, channel_id: ChannelId, message_id: MessageId, texts: Texts
) -> Card:
    """The way to it; it may have been there already."""
    url = jump_url(guild_id, channel_id, message_id)
    return notice(texts.say("The picture is here: {link}", link=url), Colour.DONE)


# ------------------------------------------------------------------------------------------------
# `/provenance`: where a picture comes from, told to whoever asked, alone.


TRACED_PROMPT_LIMIT = 700


def provenance_card(found: Sequence[Traced], model: str, texts: Texts) -> Card:
    """`model`: what draws here."""
    parts: Items = [heading("🔎", texts.say("Where this picture comes from"))]
    for number, one in enumerate(found):
        if number:
            parts.append(ui.Separator())
        parts.append(ui.TextDisplay(_told(one, model, texts)))
    return Card(Colour.NEUTRAL, *parts)


def _told(one: Traced, model: str, texts: Texts) -> str:
    by = small(_evidence_text(one.evidence, texts))
    if one.job is None:
        said = texts.say("It was painted here, by another member of this server.")
        return f"{said}\n{by}"
    return "\n".join([*_job_lines(one.job, model, texts), by])


def _job_lines(job: Job, model: str, texts: Texts) -> list[str]:
    asked = texts.say(
        "Painted for {who}, {when}.",
        who=f"<@{job.origin.user_id}>",
        when=_moment(job.created_at_us),
    )
    lines = [asked]
    if job.is_deleted:
        lines.append(texts.say("It was deleted, and its prompt with it."))
    else:
        lines += [label(texts.say("Prompt")), prompt_shown(job, TRACED_PROMPT_LIMIT, texts)]
        if job.picture is not None and has_rewritten_prompt(job):
            rewritten = quoted(job.picture.shown_prompt, TRACED_PROMPT_LIMIT)
            lines += [label(texts.say("Rewritten by Z-Image")), rewritten]
    link = _message_link(job, texts)
    if link and where_it_hangs(job) is not None:
        lines.append(link)
    return [*lines, small(model, *marks_of(job, texts))]


def _moment(at_us: int) -> str:
    """Day and time, as each reader's own client says it."""
    return f"<t:{at_us // 1_000_000}:f>"


def _evidence_text(evidence: Evidence, texts: Texts) -> str:
    match evidence:
        case Evidence.POSTED:
            return texts.say("by this message")
        case Evidence.MARKED:
            return texts.say("by its metadata, and it looks like it")
        case Evidence.ONLY_MARKED:
            return texts.say("only by its metadata, which anybody can write")
        case Evidence.ALIKE:
            return texts.say("by its look alone")
        case _:
            assert_never(evidence)
