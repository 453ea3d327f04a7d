"""What options offer while they are typed: a member's jobs, and sizes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from discord import app_commands

from bot.queue.records import Job, JobId
from bot.refusals import Refusal, UnknownJob
from bot.texts import Texts, plain
from bot.texts.cards import CHOICE_LIMIT, MOST_CHOICES, shown_size
from bot.visible import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.providers.image import Offer, Recommended, Size

# ------------------------------------------------------------------------------------------------
# A member's jobs as choices that an option offers while it is typed.


_JOB_NUMBER = re.compile(r"\D{0,20}0*([1-9][0-9]{0,17})", re.ASCII)


def job_choices(jobs: Iterable[Job], typed: str, texts: Texts) -> list[app_commands.Choice[str]]:
    """Those whose number or prompt holds what was typed; the value is the job's number."""
    sought = normalised(typed)
    found = []
    for job in jobs:
        name = f"{texts.say('job {id}', id=job.id)} · {job.request.prompt}"
        if sought in normalised(name):
            shown = plain(name, CHOICE_LIMIT)
            found.append(app_commands.Choice(name=shown, value=str(job.id)))
    return found[:MOST_CHOICES]


def job_of_choice(typed: str) -> JobId:
    """A choice's value, or what a member types instead: `17`, `#17`, `job １７`.

    Raises:
        UnknownJob: that is no number.
    """
    found = _JOB_NUMBER.fullmatch(normalised(typed))
    if found is None:
        raise UnknownJob
    return JobId(int(found[1]))


# ------------------------------------------------------------------------------------------------
# What is offered while a member types a size: names, ratios, tiers, or exactly what they typed.


def size_choices(typed: str, offer: Offer, texts: Texts) -> list[app_commands.Choice[str]]:
    """At most 25; their values are read by `Offer.parse_size`."""
    if not normalised(typed):
        found = [one for size in offer.common for one in offer.recommended if one.size == size]
        return [_choice(one, texts) for one in found]
    exact = _exact(typed, offer, texts)
    found = [
        one for one in _search(typed, offer, texts) if not exact or str(one.size) != exact.value
    ]
    near = [_choice(one, texts) for one in found]
    return [*([exact] if exact else []), *near][:MOST_CHOICES]


def rounding_text(asked: Size, size: Size, texts: Texts) -> str:
    """Why the picture is not quite as large as was asked."""
    return texts.say(
        "Z-Image paints in steps of 16 pixels, so {asked} became {size}.",
        asked=shown_size(asked),
        size=shown_size(size),
    )


def _exact(typed: str, offer: Offer, texts: Texts) -> app_commands.Choice[str] | None:
    if offer.typed_size(typed) is None:
        return None
    try:
        chosen = offer.parse_size(typed)
    except Refusal:
        return None
    name = shown_size(chosen.size)
    if chosen.was_rounded:
        name = texts.say("{size}, rounded from {asked}", size=name, asked=shown_size(chosen.asked))
    return app_commands.Choice(name=name, value=str(chosen.asked))


def _search(typed: str, offer: Offer, texts: Texts) -> list[Recommended]:
    """By the English words that the command knows, and by those on the screen."""
    english = offer.search_sizes(typed)
    words = normalised(typed).split()
    return [
        one
        for one in offer.recommended
        if one in english or all(word in size_label(one, texts).casefold() for word in words)
    ]


def _choice(one: Recommended, texts: Texts) -> app_commands.Choice[str]:
    return app_commands.Choice(name=size_label(one, texts), value=str(one.size))


def size_label(one: Recommended, texts: Texts) -> str:
    """`16:9 · 1280 × 720 · wide`."""
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
