"""The card of several pictures: within Discord's limits at its fullest, in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.policy.rules import Review
from bot.providers.image import dollars
from bot.queue.records import JobId, JobState, RequestId
from bot.records import replace
from bot.texts import Texts
from bot.texts.cards import TEXT_LIMIT
from bot.texts.gallery_cards import MOST_ON_A_MESSAGE, gallery_card, state_card
from bot.texts.picture_cards import status_card
from bot.texts.result_cards import Note, note_text
from tests.texts.records import (
    DELIVERED,
    EVERY_STATE,
    LOCALES,
    PLACE,
    QUEUED,
    check_message,
    texts_in,
)

if TYPE_CHECKING:
    from bot.queue.records import Job

COMPONENTS_LIMIT = 40  # Discord's, nested ones counted
LONGEST = "*" * 800


@pytest.mark.parametrize("locale", LOCALES)
def test_ten_pictures_of_long_prompts_fit(locale: str) -> None:
    """With their buttons, and others that are still to come."""
    asked = [replace(QUEUED.request, prompt=f"{n}{LONGEST}") for n in range(MOST_ON_A_MESSAGE)]
    assert DELIVERED.picture is not None
    picture = replace(DELIVERED.picture, cost_micros=15_000)
    jobs = [
        replace(DELIVERED, id=JobId(n), number=n, count=11, request=asked[n - 1], picture=picture)
        for n in range(1, MOST_ON_A_MESSAGE + 1)
    ]
    jobs.append(replace(QUEUED, id=JobId(11), number=11, count=11))
    images = {job.id: "attachment://a.png" for job in jobs[:-1]}
    card = gallery_card(jobs, Texts(locale), images, place=PLACE)
    assert len(list(card.walk_children())) <= COMPONENTS_LIMIT
    assert len(texts_in(card)) <= TEXT_LIMIT


@pytest.mark.parametrize("locale", LOCALES)
def test_every_end_has_a_line_and_all_of_them_fit(locale: str) -> None:
    """Of whichever state."""
    jobs = [replace(one, number=n, count=len(EVERY_STATE)) for n, one in enumerate(EVERY_STATE, 1)]
    shown = texts_in(state_card(jobs, PLACE, Texts(locale)))
    assert len(shown) <= TEXT_LIMIT
    ended = [job for job in jobs if job.state not in (JobState.QUEUED, JobState.RUNNING)]
    assert f"**{ended[-1].number}**" in shown


@pytest.mark.parametrize("review", Review)
@pytest.mark.parametrize("job", EVERY_STATE)
def test_discord_takes_the_card_also_where_no_words_are_left_to_show(
    job: Job, review: Review
) -> None:
    """Held, rejected or deleted, all of them alike."""
    jobs = [replace(job, id=JobId(n), number=n, count=2, review=review) for n in (1, 2)]
    check_message(gallery_card(jobs, Texts("en-US")))


def test_the_card_of_one_picture_is_its_status_card() -> None:
    """As it always was."""
    texts = Texts("en-US")
    assert texts_in(state_card([QUEUED], PLACE, texts)) == texts_in(
        status_card(QUEUED, PLACE, texts)
    )


def test_each_picture_tells_its_seed_and_cost_once() -> None:
    """The foot is of them all, so it has none of one."""
    assert DELIVERED.picture is not None
    picture = replace(DELIVERED.picture, cost_micros=15_000)
    jobs = [replace(DELIVERED, id=JobId(n), number=n, count=2, picture=picture) for n in (1, 2)]
    images = {job.id: "attachment://a.png" for job in jobs}
    shown = texts_in(gallery_card(jobs, Texts("en-US"), images))
    assert shown.count(f"seed {DELIVERED.request.seed}") == len(jobs)
    assert shown.count(dollars(15_000)) == len(jobs)


def of_two(*states: JobState, **picture: object) -> list[Job]:
    """A request for two that ended so."""
    made = []
    for number, state in enumerate(states, 1):
        job = replace(
            DELIVERED, id=JobId(number), request_id=RequestId(1), number=number, count=len(states)
        )
        if state is JobState.DRAWN:
            assert job.picture is not None
            made.append(replace(job, picture=replace(job.picture, **picture)))  # type: ignore[arg-type]
        else:
            made.append(replace(job, state=state, picture=None))
    return made


def line_of(shown: str, number: int) -> str:
    (line,) = [one for one in shown.split("\n") if one.startswith(f"-# **{number}**")]
    return line


@pytest.mark.parametrize("note", [one for one in Note if one is not Note.NO_THREAD])
def test_what_was_not_as_usual_is_said_in_the_line_of_its_picture(note: Note) -> None:
    """Not of the others."""
    texts = Texts("en-US")
    one, other = of_two(JobState.DRAWN, JobState.DRAWN, notes=())
    assert one.picture is not None
    told = replace(one, picture=replace(one.picture, notes=(note,)))
    shown = texts_in(gallery_card([told, other], texts))
    assert note_text(note, told, texts) in line_of(shown, 1)
    assert note_text(note, told, texts) not in line_of(shown, 2)


def test_a_thread_that_could_not_be_opened_is_told_once() -> None:
    """Of all pictures together."""
    texts = Texts("en-US")
    jobs = of_two(JobState.DRAWN, JobState.DRAWN, notes=(Note.NO_THREAD,))
    assert texts_in(gallery_card(jobs, texts)).count("could not open a thread") == 1


def test_each_line_tells_what_its_picture_cost() -> None:
    """Where that is still known."""
    texts = Texts("en-US")
    one, other = of_two(JobState.DRAWN, JobState.DRAWN, cost_micros=15_000)
    assert other.picture is not None
    other = replace(other, picture=replace(other.picture, cost_micros=None))
    shown = texts_in(gallery_card([one, other], texts))
    assert "$0.015" in line_of(shown, 1)
    assert "$" not in line_of(shown, 2)


@pytest.mark.parametrize(
    ("ends", "is_offered"),
    [
        ([JobState.FAILED, JobState.FAILED], True),
        ([JobState.UNCERTAIN, JobState.CANCELLED], True),
        ([JobState.FAILED, JobState.REFUSED], True),
        ([JobState.REFUSED, JobState.REFUSED], False),
        ([JobState.CANCELLED, JobState.CANCELLED], False),
        ([JobState.FAILED, JobState.DRAWN], False),
        ([JobState.FAILED, JobState.QUEUED], False),
    ],
)
def test_a_request_without_any_picture_can_be_tried_again(
    ends: list[JobState], *, is_offered: bool
) -> None:
    """If another try with the same seeds may end otherwise."""
    card = gallery_card(of_two(*ends), Texts("en-US"))
    labels = [getattr(one, "label", None) for one in card.walk_children()]
    assert ("Try again" in labels) is is_offered
