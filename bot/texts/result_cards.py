"""The picture as it is posted: what was asked, what was drawn, and the hands to go on with it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.providers.image import dollars
from bot.queue.records import JobId
from bot.texts import plain, quoted
from bot.texts.cards import (
    CHOICE_LIMIT,
    TEXT_LIMIT,
    Card,
    Colour,
    Press,
    Verb,
    job_button,
    job_select,
    marks_of,
    notice,
    shown_size,
    small,
    verb_label,
)
from bot.texts.picture_cards import ALT_TEXT_LIMIT, MODEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.queue.records import Job
    from bot.texts import Texts


# 800 characters of prompt and 500 of what to leave out fit whole unless most of them are markup.
RESULT_PROMPT_LIMIT = 1500
NEGATIVE_LIMIT = 700
FOLDED_LIMIT = 200  # of the rewritten prompt; a spoiler would take as much room as all of it


class Note(StrEnum):
    """What was not as usual about a delivery."""

    NO_THREAD = "no_thread"  # posted beside the status message: a thread was not possible
    SHRUNK = "shrunk"  # over the upload limit, encoded anew
    LINKED = "linked"  # likewise, but shown from the provider's link
    OTHER_SIZE = "other_size"  # not the size that was asked for
    OTHER_TYPE = "other_type"  # no PNG


def result_card(
    job: Job,
    image: str,
    alt: str,
    texts: Texts,
    *,
    notes: Iterable[Note] = (),
    lineage: str = "",
) -> Card:
    """The picture with its hands.

    Args:
        image: `attachment://name.png`, or an address.
        alt: a line from `alt_text`.
        lineage: its place in its family, as a part of the small print.
    """
    gallery: ui.MediaGallery[Card] = ui.MediaGallery(
        discord.MediaGalleryItem(image, description=alt[:ALT_TEXT_LIMIT], spoiler=is_spoiler(job))
    )
    foot = ui.TextDisplay[Card](_foot(job, texts, notes, lineage))
    prompts = ui.TextDisplay[Card](_prompts(job, texts, TEXT_LIMIT - len(foot.content)))
    return Card(Colour.DONE, gallery, prompts, foot, *hands(job, texts))


def hidden_card(job: Job, texts: Texts) -> Card:
    """In the place of the picture until the staff have looked; without its words, which may be what
    was reported."""
    said = texts.say("This picture is hidden until the staff have looked at it.")
    foot = small(f"<@{job.origin.user_id}>", texts.say("job {id}", id=job.id))
    return notice(f"{said}\n{foot}", Colour.ENDED)


def is_spoiler(job: Job) -> bool:
    """Shown once somebody clicks."""
    return job.picture is not None and job.picture.is_spoiler


def alt_text(job: Job, texts: Texts, *, tells_words: bool = True) -> str:
    """What a screen reader says in place of the picture: as its member has put it, if they have.

    Args:
        tells_words: else the member keeps their words out of it.
    """
    if job.picture is not None and job.picture.alt_text:
        return plain(job.picture.alt_text, ALT_TEXT_LIMIT)
    if not tells_words:
        return texts.say("AI-generated picture")
    said = texts.say("AI-generated picture: {prompt}", prompt=plain(job.request.prompt, 900))
    return said[:ALT_TEXT_LIMIT]


def _prompts(job: Job, texts: Texts, limit: int) -> str:
    request, picture = job.request, job.picture
    parts = [label(texts.say("Prompt")), quoted(request.prompt, RESULT_PROMPT_LIMIT)]
    if request.negative:
        parts += [label(texts.say("Left out")), quoted(request.negative, NEGATIVE_LIMIT)]
    if picture is not None and has_rewritten_prompt(job):
        parts.append(label(texts.say("Rewritten by Z-Image")))
        folded = small(texts.say("all of it: {where}", where=_way_to(Verb.PROMPT, texts)))
        room = limit - len("\n".join([*parts, folded])) - len("\n")
        shown = quoted(picture.shown_prompt, min(FOLDED_LIMIT, room))
        parts += [shown, folded] if shown.endswith("…") else [shown]
    return "\n".join(parts)


def _way_to(verb: Verb, texts: Texts) -> str:
    """In the menu."""
    return f"{verb_label(Verb.MORE, texts)} → {verb_label(verb, texts)}"


def has_rewritten_prompt(job: Job) -> bool:
    """One that says something else than the member's own."""
    picture = job.picture
    return (
        picture is not None
        and job.request.rewrite
        and picture.shown_prompt not in ("", job.request.prompt)
    )


def label(text: str) -> str:
    return f"**{text}**"


def _foot(job: Job, texts: Texts, notes: Iterable[Note], lineage: str) -> str:
    picture = job.picture
    seconds = picture.duration_us / 1e6 if picture else 0.0
    cost_micros = picture.cost_micros if picture else None
    lines = [
        *(small(note_text(note, job, texts)) for note in notes),
        small(
            f"<@{job.origin.user_id}>",
            shown_size(picture.size if picture else job.request.size),
            texts.say("seed {seed}", seed=job.request.seed),
            "" if cost_micros is None else dollars(cost_micros),
            texts.say("painted in {seconds} s", seconds=texts.number(seconds, decimals=1))
            if picture
            else "",
        ),
        small(texts.say("AI-generated"), MODEL, texts.say("job {id}", id=job.id), lineage),
    ]
    return "\n".join(lines)


def note_text(note: Note, job: Job, texts: Texts) -> str:
    """For its member."""
    match note:
        case Note.NO_THREAD:
            return texts.say("I could not open a thread, so the picture is here.")
        case Note.SHRUNK:
            return texts.say("The picture was too large to upload, so I made the file smaller.")
        case Note.LINKED:
            return texts.say(
                "The picture is too large to upload. It is shown from Z-Image's own link, which "
                "lasts a day: save it if you want to keep it."
            )
        case Note.OTHER_SIZE:
            return texts.say(
                "{asked} was asked for, but Z-Image painted it in the size below.",
                asked=shown_size(job.request.size),
            )
        case Note.OTHER_TYPE:
            return texts.say("Z-Image delivered this picture as another type of file than PNG.")
        case _:
            assert_never(note)


# ------------------------------------------------------------------------------------------------
# Hands: what a picture is gone on with.


MENU = (Verb.AGAIN, Verb.PROMPT, Verb.LINEAGE, Verb.ALT, Verb.REPORT, Verb.DELETE)


def hands(job: Job, texts: Texts, *, is_kept: bool = False) -> tuple[ui.ActionRow[Card], ...]:
    """A row of buttons and a menu.

    Args:
        is_kept: by whoever alone sees them; what everybody sees says nothing of that.
    """
    rewritten = [Verb.REWRITTEN] if has_rewritten_prompt(job) else []
    verbs = [Verb.REROLL, Verb.EDIT, Verb.RESIZE, *rewritten]
    keep = job_button(Verb.KEEP, job.id, texts)
    if is_kept:
        keep.label = texts.say("No longer keep")
    row = ui.ActionRow[Card](*(job_button(one, job.id, texts) for one in verbs), keep)
    options = [
        discord.SelectOption(label=verb_label(one, texts), value=one, emoji=_SIGNS[one])
        for one in MENU
    ]
    return row, job_select(Verb.MORE, job.id, options, texts)


_SIGNS = {
    Verb.AGAIN: "🔁",
    Verb.PROMPT: "📝",
    Verb.LINEAGE: "🌳",
    Verb.ALT: "💬",
    Verb.REPORT: "🚩",
    Verb.DELETE: "🗑️",
}


def picture_choice(jobs: Sequence[Job], texts: Texts, verb: Verb = Verb.PICK) -> ui.ActionRow[Card]:
    """Which picture of several, by default to get its hands for oneself alone. At least one."""
    options = [
        discord.SelectOption(
            label=plain(" · ".join([str(one.number), *_words_of(one)]), CHOICE_LIMIT),
            value=str(one.id),
        )
        for one in jobs
    ]
    return job_select(verb, JobId(jobs[0].request_id), options, texts)


def _words_of(job: Job) -> list[str]:
    return [] if job.has_secret_words else [job.request.prompt]


def which_card(jobs: Sequence[Job], verb: Verb, texts: Texts) -> Card:
    """Before something is done to one picture of a message that shows several."""
    asked = ui.TextDisplay[Card](verb_label(Verb.PICK, texts))
    return Card(Colour.NEUTRAL, asked, picture_choice(jobs, texts, verb))


def picked_card(
    job: Job, texts: Texts, *, is_kept: bool, also: Sequence[ui.ActionRow[Card]] = ()
) -> Card:
    """The hands of one picture, for whoever picked it among others.

    Args:
        also: what else can be done with it where it was picked.
    """
    said = small(
        f"**{job.number}/{job.count}**" if job.count > 1 else "",
        *marks_of(job, texts),
    )
    quote = ui.TextDisplay[Card](f"{quoted(job.request.prompt, RESULT_PROMPT_LIMIT)}\n{said}")
    return Card(Colour.DONE, quote, *hands(job, texts, is_kept=is_kept), *also)


def result_marks(job: Job) -> frozenset[str]:
    """By which a message that shows its picture is found: its menu, or before that a button; among
    others the choice of it."""
    chosen = f"{Press(verb=Verb.PICK, job_id=JobId(job.request_id))}={job.id}"
    menu, former = (Press(verb=one, job_id=job.id) for one in (Verb.MORE, Verb.DELETE))
    return menu.in_all_versions() | former.in_all_versions() | {chosen}
