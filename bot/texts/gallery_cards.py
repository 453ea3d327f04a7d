"""The card of a request for several pictures: what is painted so far, what is to come, what failed.

A function of the jobs' records, as the status card of one picture is; only where each file hangs is
told by the message. So whoever brings it up to date, it says the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.providers.image import dollars
from bot.queue.records import JobState
from bot.texts import quoted
from bot.texts.cards import (
    Card,
    Colour,
    Items,
    Verb,
    heading,
    job_button,
    picture_link,
    retry_button,
    shown_size,
    small,
)
from bot.texts.picture_cards import (
    MODEL,
    appeal_button,
    is_on_its_way,
    is_rejected,
    small_print,
    state_in_words,
    status_card,
)
from bot.texts.result_cards import Note, alt_text, is_spoiler, note_text, picture_choice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.queue.places import Drawing, Place
    from bot.queue.records import Job, JobId
    from bot.texts import Texts

MOST_ON_A_MESSAGE = 10  # files, and pictures of a media gallery: Discord's
PROMPTS_LIMIT = 1500  # characters, of all different prompts together
REASON_LIMIT = 150
MOST_IN_A_ROW = 5  # buttons: Discord's


def state_card(
    jobs: Sequence[Job],
    place: Place | None,
    texts: Texts,
    *,
    drawing: Drawing | None = None,
    preview: ui.MediaGallery[Card] | None = None,
) -> Card:
    """Of a request's status message, on which no picture hangs."""
    if jobs[0].count == 1:
        return status_card(jobs[0], place, texts, drawing=drawing, preview=preview)
    return gallery_card(jobs, texts, place=place, drawing=drawing, preview=preview)


def gallery_card(
    jobs: Sequence[Job],
    texts: Texts,
    images: Mapping[JobId, str] | None = None,
    *,
    place: Place | None = None,
    drawing: Drawing | None = None,
    preview: ui.MediaGallery[Card] | None = None,
    tells_words: bool = True,
) -> Card:
    """All jobs of a request in the order of their numbers.

    Args:
        images: of those whose picture hangs on this message, where the card finds it.
        place, drawing: of the one that comes next.
        preview: see `status_card`.
        tells_words: see `alt_text`.
    """
    images = images or {}
    colour, sign, title, said = _state(jobs, place, drawing, texts)
    parts: Items = [preview] if preview else []
    parts += _pictures(jobs, images, texts, tells_words)
    parts.append(heading(sign, f"{title} · {_count(jobs, texts)}"))
    body = "\n".join(filter(None, [said, _prompts(jobs)]))
    if body:
        parts.append(ui.TextDisplay(body))
    lines = [_line(job, texts) for job in jobs if not is_coming(job)]
    parts.append(ui.TextDisplay("\n".join([*lines, _foot(jobs, texts)])))
    parts += _buttons(jobs, images, texts)
    return Card(colour, *parts)


def is_coming(job: Job) -> bool:
    """It may still be painted or posted."""
    return job.state in (JobState.QUEUED, JobState.RUNNING) or is_on_its_way(job)


def _is_worth_another_try(job: Job) -> bool:
    """With the same seed, which nobody refused."""
    return job.state in (JobState.DRAWN, JobState.FAILED, JobState.UNCERTAIN)


def ready_text(jobs: Sequence[Job], texts: Texts) -> str:
    """For the member who is notified once, when nothing is to come any more."""
    user = f"<@{jobs[0].origin.user_id}>"
    return texts.say("{user}, your pictures are ready.", user=user)


def _pictures(
    jobs: Sequence[Job], images: Mapping[JobId, str], texts: Texts, tells_words: bool
) -> Iterator[ui.Item[Card]]:
    items = [
        discord.MediaGalleryItem(
            images[job.id],
            description=alt_text(job, texts, tells_words=tells_words),
            spoiler=is_spoiler(job),
        )
        for job in jobs
        if job.id in images
    ]
    if items:
        yield ui.MediaGallery(*items)


def _state(
    jobs: Sequence[Job], place: Place | None, drawing: Drawing | None, texts: Texts
) -> tuple[Colour, str, str, str]:
    """Of the furthest that is to come; then done if there is any picture, else as the last."""
    order = (JobState.DRAWN, JobState.QUEUED, JobState.RUNNING)
    coming = sorted(filter(is_coming, jobs), key=lambda job: order.index(job.state))
    shown = [job for job in jobs if job.is_shown]
    told = (coming or shown or list(jobs))[-1]
    colour, sign, title, said = state_in_words(told, place, drawing, texts)
    return colour, sign, title, said if coming else ""


def _count(jobs: Sequence[Job], texts: Texts) -> str:
    painted = sum(job.picture is not None for job in jobs)
    return texts.say("{painted} of {count} painted", painted=painted, count=jobs[0].count)


def _prompts(jobs: Sequence[Job]) -> str:
    """Each once; gone with deleted pictures, and not there until it may be shown."""
    told = [job.request.prompt for job in jobs if not job.has_secret_words]
    prompts = list(filter(None, dict.fromkeys(told)))
    return "\n".join(quoted(one, PROMPTS_LIMIT // len(prompts)) for one in prompts)


def _line(job: Job, texts: Texts) -> str:
    """How one of them ended."""
    picture = job.picture
    if job.is_hidden:
        said = texts.say("This picture is hidden until the staff have looked at it.")
        return small(f"**{job.number}**", said)
    if picture is None or not job.is_shown:
        _, sign, title, said = state_in_words(job, None, None, texts)
        return small(f"**{job.number}**", f"{sign} {title}", said.partition("\n")[0][:REASON_LIMIT])
    return small(
        f"**{job.number}**",
        shown_size(picture.size),
        texts.say("seed {seed}", seed=job.request.seed),
        "" if picture.cost_micros is None else dollars(picture.cost_micros),
        texts.say(
            "painted in {seconds} s", seconds=texts.number(picture.duration_us / 1e6, decimals=1)
        ),
        texts.say("job {id}", id=job.id),
        *(note_text(one, job, texts) for one in _notes(job) if one is not Note.NO_THREAD),
    )


def _notes(job: Job) -> list[Note]:
    return [Note(one) for one in job.picture.notes] if job.picture else []


def _foot(jobs: Sequence[Job], texts: Texts) -> str:
    """Names the first job, so that the card can be recognised by it."""
    shown = [job for job in jobs if job.is_shown]
    parts = [small(texts.say("AI-generated"), MODEL)] if shown else []
    if any(Note.NO_THREAD in _notes(job) for job in shown):
        parts.append(small(note_text(Note.NO_THREAD, jobs[0], texts)))
    return "\n".join([*parts, small_print(jobs[0], texts)])


def _buttons(
    jobs: Sequence[Job], images: Mapping[JobId, str], texts: Texts
) -> Iterator[ui.ActionRow[Card]]:
    shown = [job for job in jobs if job.id in images]
    if shown:
        yield picture_choice(shown, texts)
    row: list[ui.Button[Card]] = []
    if any(map(is_coming, jobs)):
        row.append(job_button(Verb.CANCEL, jobs[0].id, texts))
    if not images:
        row += [link for job in jobs if job.is_shown for link in picture_link(job, texts)][:1]
    if all(job.is_without_picture for job in jobs) and any(map(_is_worth_another_try, jobs)):
        row.append(retry_button(jobs[0].id, texts))
    if row:
        yield ui.ActionRow(*row)
    rejected = [appeal_button(job, texts) for job in jobs if is_rejected(job)]
    if rejected:
        yield ui.ActionRow(*rejected[:MOST_IN_A_ROW])
