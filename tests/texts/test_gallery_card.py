"""The card of several pictures: within Discord's limits at its fullest, in every language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.providers.image import dollars
from bot.queue.records import JobId, JobState
from bot.texts import Texts
from bot.texts.cards import TEXT_LIMIT
from bot.texts.gallery_cards import MOST_ON_A_MESSAGE, gallery_card, state_card
from bot.texts.picture_cards import status_card
from tests.texts.records import DELIVERED, EVERY_STATE, LOCALES, PLACE, QUEUED, texts_in

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
