"""The picture as it is posted: with what was asked, what was drawn, and how to draw it again."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

import discord
from discord import ui

from bot.replies.cards import TEXT_LIMIT, Card, Colour, button, shown_size, small
from bot.replies.custom_ids import Verb
from bot.replies.quoting import plain, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.job import Job
    from bot.replies.texts import Texts

ALT_TEXT_LIMIT = 1024  # Discord's, for one picture
THREAD_NAME_LIMIT = 100  # likewise
MODEL = "Z-Image"
# 800 characters of prompt and 500 of what to leave out fit whole unless most of them are markup.
PROMPT_LIMIT = 1500
NEGATIVE_LIMIT = 700


class Note(StrEnum):
    """What was not as usual about a delivery."""

    NO_THREAD = "no_thread"  # posted beside the status message: a thread was not possible
    SHRUNK = "shrunk"  # over the upload limit, encoded anew
    LINKED = "linked"  # likewise, but shown from the provider's link
    OTHER_SIZE = "other_size"  # not the size that was asked for
    OTHER_TYPE = "other_type"  # no PNG


def result_card(
    job: Job, image: str, alt: str, texts: Texts, *, notes: Iterable[Note] = ()
) -> Card:
    """`image` is `attachment://name.png` or an address, `alt` a line from `alt_text`."""
    gallery: ui.MediaGallery[Card] = ui.MediaGallery(
        discord.MediaGalleryItem(image, description=alt[:ALT_TEXT_LIMIT])
    )
    foot = ui.TextDisplay[Card](_foot(job, texts, notes))
    prompts = ui.TextDisplay[Card](_prompts(job, texts, TEXT_LIMIT - len(foot.content)))
    verbs = (Verb.REROLL, Verb.AGAIN, Verb.DELETE)
    row: ui.ActionRow[Card] = ui.ActionRow(*(button(verb, job.id, texts) for verb in verbs))
    return Card(Colour.DONE, gallery, prompts, foot, row)


def alt_text(job: Job, texts: Texts) -> str:
    """What a screen reader says in place of the picture."""
    said = texts.say("AI-generated picture: {prompt}", prompt=plain(job.request.prompt, 900))
    return said[:ALT_TEXT_LIMIT]


def thread_name(job: Job) -> str:
    """The beginning of the prompt; a thread's name knows no markdown."""
    return plain(job.request.prompt, THREAD_NAME_LIMIT) or MODEL


def _prompts(job: Job, texts: Texts, limit: int) -> str:
    request, outcome = job.request, job.outcome
    parts = [_label(texts.say("Prompt")), quoted(request.prompt, PROMPT_LIMIT)]
    if request.negative:
        parts += [_label(texts.say("Left out")), quoted(request.negative, NEGATIVE_LIMIT)]
    if outcome and request.rewrite and outcome.shown_prompt != request.prompt:
        parts.append(_label(texts.say("Rewritten by Z-Image")))
        left = limit - len("\n".join(parts)) - len("\n")
        parts.append(quoted(outcome.shown_prompt, left))
    return "\n".join(parts)


def _label(text: str) -> str:
    return f"**{text}**"


def _foot(job: Job, texts: Texts, notes: Iterable[Note]) -> str:
    outcome = job.outcome
    seconds = outcome.duration_us / 1e6 if outcome else 0.0
    lines = [
        *(small(_note(note, job, texts)) for note in notes),
        small(
            f"<@{job.origin.user_id}>",
            shown_size(outcome.size if outcome else job.request.size),
            texts.say("seed {seed}", seed=job.request.seed),
            texts.say("painted in {seconds} s", seconds=texts.number(seconds, decimals=1))
            if outcome
            else "",
        ),
        small(texts.say("AI-generated"), MODEL, texts.say("job {id}", id=job.id)),
    ]
    return "\n".join(lines)


def _note(note: Note, job: Job, texts: Texts) -> str:
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
