"""The cards of one request: its status, and the link of a picture that cannot be posted.

The status card is a function of the job's record, so that any process can bring any status message
up to date: from the place in the queue to the link of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from discord import ui

from bot.errors import Inspected
from bot.features.moderation.rows.appeals import AppealKind
from bot.queue.failures import APPEALABLE
from bot.queue.records import LINK_LIVES_US, JobState, PictureState
from bot.records import replace
from bot.texts import Texts, plain, quoted, relative
from bot.texts.cards import (
    Card,
    Colour,
    Items,
    Verb,
    button,
    heading,
    job_button,
    picture_link,
    prompt_shown,
    retry_button,
    shown_size,
    small,
)
from bot.texts.failures import failure_text, outage_text
from bot.texts.notice_cards import AppealPress

if TYPE_CHECKING:
    from bot.queue.places import Drawing, Place
    from bot.queue.records import Job


LONG = 2  # times the usual
PROMPT_LIMIT = 400  # characters; the result shows the prompt whole
_ENDED_WITHOUT_PICTURE = frozenset({JobState.REFUSED, JobState.FAILED, JobState.UNCERTAIN})


def status_texts(job: Job) -> Texts:
    """The guild's language for what everybody follows, the member's for what only they can mend."""
    origin = job.origin
    is_private = job.state in _ENDED_WITHOUT_PICTURE or _is_lost(job)
    return Texts(origin.locale if is_private else origin.guild_locale)


def private_texts(job: Job) -> Texts:
    """The member's language, for what nobody else sees."""
    return Texts(job.origin.locale)


def status_card(
    job: Job,
    place: Place | None,
    texts: Texts,
    *,
    drawing: Drawing | None = None,
    has_buttons: bool = True,
    preview: ui.MediaGallery[Card] | None = None,
) -> Card:
    """`place` is wanted while the job is queued; without it the card says only that it waits.

    Args:
        drawing: how far it is, while a call is out.
        has_buttons: not in a direct message, where nothing can be painted.
        preview: the picture made small, of one that hangs elsewhere.
    """
    colour, sign, title = _headline(job, texts)
    parts: Items = [*([preview] if preview else []), heading(sign, title)]
    body = _body(job, place, drawing, texts)
    if body:
        parts.append(ui.TextDisplay(body))
    if job.request.prompt and not job.has_secret_words:  # gone with a deleted picture
        parts.append(ui.TextDisplay(quoted(job.request.prompt, PROMPT_LIMIT)))
    parts.append(ui.TextDisplay(small_print(job, texts)))
    row = _buttons(job, texts)
    if row and has_buttons:
        parts.append(ui.ActionRow(*row))
    return Card(colour, *parts)


def state_in_words(
    job: Job, place: Place | None, drawing: Drawing | None, texts: Texts
) -> tuple[Colour, str, str, str]:
    """Colour, sign and title, and what is to be said beside, perhaps nothing."""
    return (*_headline(job, texts), _body(job, place, drawing, texts))


def small_print(job: Job, texts: Texts) -> str:
    """Names the job, so that a card can be recognised by it. Of several pictures each has its own
    size and seed."""
    is_alone = job.count == 1
    return small(
        f"<@{job.origin.user_id}>",
        shown_size(job.request.size) if is_alone else "",
        texts.say("seed {seed}", seed=job.request.seed) if is_alone else "",
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
        case JobState.DRAWN:
            return _headline_of_drawn(job, texts)
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
    state = PictureState.DUE if job.picture is None else job.picture.state
    match state:
        case PictureState.HELD if job.review_case is not None:
            return Colour.WAITING, "🔎", texts.say("With the staff")
        case PictureState.HELD | PictureState.DUE:
            return Colour.WORKING, "📤", texts.say("Painted and on its way")
        case PictureState.SHOWN | PictureState.DELETED:
            return Colour.DONE, "✅", texts.say("Done")
        case PictureState.UNDELIVERABLE:
            return Colour.REFUSED, "📦", texts.say("Painted, but not posted")
        case PictureState.WITHHELD if job.failure is not None:
            return Colour.REFUSED, "✋", texts.say("Refused")
        case PictureState.WITHHELD:
            return Colour.ENDED, "🚫", texts.say("Cancelled")
        case PictureState.LOST:
            return Colour.REFUSED, "⚠️", texts.say("No picture this time")
        case _:
            assert_never(state)


def _body(job: Job, place: Place | None, drawing: Drawing | None, texts: Texts) -> str:
    match job.state:
        case JobState.QUEUED:
            return _waiting(job, place, texts)
        case JobState.RUNNING if job.cancel_requested:
            return texts.say("It is being painted already. The picture will not be posted.")
        case JobState.RUNNING if drawing is not None:
            return drawing_text(drawing, texts)
        case JobState.DRAWN if _is_gone(job):
            return texts.say("The picture was deleted.")
        case JobState.DRAWN if job.is_held:
            return _held(job, texts)
        case JobState.CANCELLED | JobState.DRAWN if job.is_withheld and job.failure is None:
            return texts.say("It had been painted, so it was charged once.")
        case JobState.CANCELLED if job.failure is not None:
            return failure_text(job.failure, texts)
        case JobState.CANCELLED:
            return texts.say("Nothing was charged.")
        case _ if job.failure is not None:
            return failure_text(job.failure, texts)
        case _:
            return ""


def _held(job: Job, texts: Texts) -> str:
    """Nothing until the staff have it: that takes a moment."""
    if job.review_case is None or job.review_case.place is None:
        return ""
    return texts.say("Place {position}", position=f"**{job.review_case.place}**")


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
    if place.is_tenant_paused:
        return f"{where}. {paused_text(texts)}"
    return texts.say(
        "Place {position}, ready in {wait}",
        position=f"**{place.position}**",
        wait=texts.about(place.expected_s),
    )


BAR_CELLS = 10


def drawing_text(drawing: Drawing, texts: Texts) -> str:
    """A bar against the usual time, and since when, which clients count on by themselves."""
    filled = bar_cells(drawing)
    since = relative(drawing.since_us)
    usual = texts.about(drawing.usual_s)
    if is_long(drawing):
        said = texts.say(
            "Begun {since}; it usually takes {usual}. It may still come.", since=since, usual=usual
        )
    else:
        said = texts.say("Begun {since}; it usually takes {usual}.", since=since, usual=usual)
    return f"`{'▰' * filled}{'▱' * (BAR_CELLS - filled)}` {said}"


def is_long(drawing: Drawing) -> bool:
    return drawing.elapsed_s > LONG * drawing.usual_s


def bar_cells(drawing: Drawing) -> int:
    """How many of the bar's cells are full; the last only when the picture is there."""
    share = drawing.elapsed_s / max(drawing.usual_s, 0.001)
    return min(BAR_CELLS - 1, int(BAR_CELLS * share))


def paused_text(texts: Texts) -> str:
    return texts.say(
        "The person who runs the bot has paused this server."
        " The picture waits until they let it go on."
    )


def _buttons(job: Job, texts: Texts) -> list[ui.Button[Card]]:
    match job.state:
        case JobState.QUEUED if not job.cancel_requested:
            return [job_button(Verb.CANCEL, job.id, texts), job_button(Verb.LATER, job.id, texts)]
        case JobState.RUNNING if not job.cancel_requested:
            return [job_button(Verb.CANCEL, job.id, texts)]
        case JobState.DRAWN if _is_lost(job):
            return [retry_button(job.id, texts)]
        case JobState.DRAWN if is_on_its_way(job):
            return [job_button(Verb.CANCEL, job.id, texts)]
        case JobState.DRAWN if is_rejected(job):
            return [appeal_button(job, texts)]
        case JobState.DRAWN:
            return picture_link(job, texts) if job.is_shown else []
        case JobState.REFUSED if job.failure is None or job.failure.detail != Inspected.INPUT:
            return [job_button(Verb.REROLL, job.id, texts)]
        case JobState.FAILED | JobState.UNCERTAIN:
            return [retry_button(job.id, texts)]
        case _:
            return []


def is_rejected(job: Job) -> bool:
    """By the staff, or by what they have set: its member may ask them to look once more."""
    is_theirs = job.failure is not None and job.failure.kind in APPEALABLE
    return is_theirs and job.is_withheld and job.review_case is not None


def appeal_button(job: Job, texts: Texts) -> ui.Button[Card]:
    """Of one that was rejected."""
    assert job.review_case is not None  # noqa: S101 - is_rejected
    label = texts.say("Appeal")
    return button(
        label if job.count == 1 else f"{label} · {job.number}",
        AppealPress(kind=AppealKind.REVIEW, number=job.review_case.id),
    )


def _is_gone(job: Job) -> bool:
    """Deleted by its member, or shown by a message that no row knows any more."""
    is_posted = job.picture is not None and job.picture.message_id is not None
    return job.is_deleted or (job.is_shown and not is_posted)


def is_on_its_way(job: Job) -> bool:
    """It is painted and does not hang yet."""
    return job.is_held or job.is_due


def _is_lost(job: Job) -> bool:
    return job.picture is not None and job.picture.state is PictureState.LOST


# ------------------------------------------------------------------------------------------------
# Names of threads, and what is said of pictures elsewhere.


ALT_TEXT_LIMIT = 1024  # characters, Discord's, for one picture
THREAD_NAME_LIMIT = 100  # characters, Discord's
DAY_NAME_LIMIT = 60
MODEL = "Z-Image"


def thread_name(job: Job) -> str:
    """The beginning of the prompt; a thread's name knows no markdown."""
    shown = "" if job.has_secret_words else job.request.prompt
    return plain(shown, THREAD_NAME_LIMIT) or MODEL


def day_thread_name(name: str, texts: Texts) -> str:
    """Of one member's pictures of a day. A name of another length is cut, so that all has room."""
    shown = plain(name, DAY_NAME_LIMIT) or MODEL
    return texts.say("{name}: pictures of the day", name=shown)[:THREAD_NAME_LIMIT]


# ------------------------------------------------------------------------------------------------
# A picture that found no place in Discord: its link, for its member alone.


UNPOSTED_PROMPT_LIMIT = 100
URL_LIMIT = 512  # Discord's, for a link button


def unposted_card(job: Job, texts: Texts) -> Card:
    """What a member is told in private; it holds a link that carries its own permission, unless
    that stays in age-restricted places."""
    parts: Items = [heading("📦", texts.say("Painted, but not posted"))]
    if job.failure is not None:
        failure = replace(job.failure, detail="") if job.is_veiled else job.failure
        parts.append(ui.TextDisplay(failure_text(failure, texts)))
    parts += [unposted_part(job, texts), ui.TextDisplay(small_print(job, texts))]
    return Card(Colour.REFUSED, *parts)


def unposted_part(job: Job, texts: Texts) -> ui.Item[Card]:
    """One of a list: the prompt, how long the link lives, and the link if a button takes it."""
    url = (job.picture and job.picture.link) or ""
    drawn_at_us = job.picture.drawn_at_us if job.picture else job.created_at_us
    said = ui.TextDisplay[Card](
        prompt_shown(job, UNPOSTED_PROMPT_LIMIT, texts)
        + "\n"
        + small(
            texts.say("job {id}", id=job.id),
            texts.say("the link ends {when}", when=relative(drawn_at_us + LINK_LIVES_US)),
        )
    )
    if not url.startswith(("https://", "http://")) or len(url) > URL_LIMIT:
        return said
    return ui.Section(said, accessory=ui.Button(label=texts.say("Open the picture"), url=url))
