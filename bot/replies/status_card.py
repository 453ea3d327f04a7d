"""The status message: from its place in the queue to the link of the picture.

One function of the job's record, so that any process can bring any status message up to date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from discord import ui

from bot.domain.job import JobState
from bot.errors import Inspected
from bot.replies.cards import (
    Card,
    Colour,
    button,
    heading,
    jump_url,
    retry_button,
    shown_size,
    small,
)
from bot.replies.custom_ids import Verb
from bot.replies.failures import failure_text, outage_text
from bot.replies.quoting import quoted
from bot.replies.texts import Texts, relative

if TYPE_CHECKING:
    from bot.domain.job import Job
    from bot.domain.views import Place

PROMPT_LIMIT = 400  # characters; the result shows the prompt whole
_ENDED_WITHOUT_PICTURE = frozenset({JobState.REFUSED, JobState.FAILED, JobState.UNCERTAIN})


def status_texts(job: Job) -> Texts:
    """The guild's language for what everybody follows, the member's for what only they can mend."""
    origin = job.origin
    return Texts(origin.locale if job.state in _ENDED_WITHOUT_PICTURE else origin.guild_locale)


def private_texts(job: Job) -> Texts:
    """The member's language, for what nobody else sees."""
    return Texts(job.origin.locale)


def status_card(job: Job, place: Place | None, texts: Texts, *, has_buttons: bool = True) -> Card:
    """`place` is wanted while the job is queued; without it the card says only that it waits.

    Args:
        has_buttons: not in a direct message, where nothing can be painted.
    """
    colour, sign, title = _headline(job, texts)
    parts: list[ui.Item[Card]] = [heading(sign, title)]
    body = _body(job, place, texts)
    if body:
        parts.append(ui.TextDisplay(body))
    if job.request.prompt:  # gone with a deleted picture
        parts.append(ui.TextDisplay(quoted(job.request.prompt, PROMPT_LIMIT)))
    parts.append(ui.TextDisplay(small_print(job, texts)))
    row = _buttons(job, texts)
    if row and has_buttons:
        parts.append(ui.ActionRow(*row))
    return Card(colour, *parts)


def small_print(job: Job, texts: Texts) -> str:
    """Names the job, so that a card can be recognised by it."""
    return small(
        f"<@{job.origin.user_id}>",
        shown_size(job.request.size),
        texts.say("seed {seed}", seed=job.request.seed),
        texts.say("job {id}", id=job.id),
    )


def _headline(job: Job, texts: Texts) -> tuple[Colour, str, str]:
    match job.state:
        case JobState.QUEUED:
            return Colour.WAITING, "⏳", texts.say("In the queue")
        case JobState.RUNNING if job.cancel_requested:
            return Colour.ENDED, "🚫", texts.say("Being cancelled")
        case JobState.RUNNING:
            return Colour.WORKING, "🎨", texts.say("Z-Image is painting")
        case JobState.GENERATED:
            return _headline_of_drawn(job, texts)
        case JobState.DELIVERED:
            return Colour.DONE, "✅", texts.say("Done")
        case JobState.CANCELLED:
            return Colour.ENDED, "🚫", texts.say("Cancelled")
        case JobState.REFUSED:
            return Colour.REFUSED, "✋", texts.say("Refused")
        case JobState.FAILED:
            return Colour.REFUSED, "⚠️", texts.say("No picture this time")
        case JobState.UNCERTAIN:
            return Colour.REFUSED, "❔", texts.say("Lost on the way")
        case _:
            assert_never(job.state)


def _headline_of_drawn(job: Job, texts: Texts) -> tuple[Colour, str, str]:
    if job.failure is not None:
        return Colour.REFUSED, "📦", texts.say("Painted, but not posted")
    return Colour.WORKING, "📤", texts.say("Painted and on its way")


def _body(job: Job, place: Place | None, texts: Texts) -> str:
    match job.state:
        case JobState.QUEUED:
            return _waiting(job, place, texts)
        case JobState.RUNNING if job.cancel_requested:
            return texts.say("It is being painted already. The picture will not be posted.")
        case JobState.DELIVERED if _is_gone(job):
            return texts.say("The picture was deleted.")
        case JobState.CANCELLED if job.outcome is not None:
            return texts.say("It had been painted, so it was charged once.")
        case JobState.CANCELLED if job.failure is not None:
            return failure_text(job.failure, texts)
        case JobState.CANCELLED:
            return texts.say("Nothing was charged.")
        case _ if job.failure is not None:
            return failure_text(job.failure, texts)
        case _:
            return ""


def _waiting(job: Job, place: Place | None, texts: Texts) -> str:
    if job.not_before_us is not None and not (place and place.outage):
        when = relative(job.not_before_us)
        return texts.say("Z-Image is busy. The next attempt is {when}.", when=when)
    return place_text(place, texts) if place else ""


def place_text(place: Place, texts: Texts) -> str:
    """`Place **3**, ready in about 12 s`; where nothing is drawn at present, why."""
    where = texts.say("Place {position}", position=f"**{place.position}**")
    if place.outage is not None:
        return f"{where}. {outage_text(place.outage, texts)}"
    if place.is_guild_paused:
        return f"{where}. {paused_text(texts)}"
    return texts.say(
        "Place {position}, ready in {wait}",
        position=f"**{place.position}**",
        wait=texts.about(place.expected_s),
    )


def paused_text(texts: Texts) -> str:
    return texts.say(
        "The person who runs the bot has paused this server."
        " The picture waits until they let it go on."
    )


def _buttons(job: Job, texts: Texts) -> list[ui.Button[Card]]:
    match job.state:
        case JobState.QUEUED | JobState.RUNNING if not job.cancel_requested:
            return [button(Verb.CANCEL, job.id, texts)]
        case JobState.DELIVERED:
            return _result_link(job, texts)
        case JobState.REFUSED if job.failure is None or job.failure.detail != Inspected.INPUT:
            return [button(Verb.REROLL, job.id, texts)]
        case JobState.FAILED | JobState.UNCERTAIN:
            return [retry_button(job.id, texts)]
        case _:
            return []


def _result_link(job: Job, texts: Texts) -> list[ui.Button[Card]]:
    posting = job.posting
    if posting.result_message_id is None or _is_gone(job):
        return []
    channel_id = posting.result_channel_id or posting.thread_id or job.origin.channel_id
    url = jump_url(job.origin.guild_id, channel_id, posting.result_message_id)
    return [ui.Button(label=texts.say("See the picture"), url=url)]


def _is_gone(job: Job) -> bool:
    return job.deleted_at_us is not None or job.posting.result_message_id is None
