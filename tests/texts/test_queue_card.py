"""The answer of /queue."""

from __future__ import annotations

import re

import pytest
from discord import ui

from bot.queue.places import QueueView, Waiting
from bot.queue.records import JobId
from bot.records import replace
from bot.texts import Texts
from bot.texts.cards import TEXT_LIMIT
from bot.texts.queue_cards import queue_card
from tests.texts.records import (
    DRAWN,
    LINK,
    LOCALES,
    PICTURE,
    PLACE,
    QUEUED,
    REQUEST,
    RUNNING,
    buttons_in,
    components_of,
    texts_in,
)

ENGLISH = Texts("en-US")
EMPTY = QueueView(
    mine=(), undelivered=(), tenant_waiting=0, tenant_running=0, tenant_expected_s=0.0
)
BUSY = replace(EMPTY, tenant_waiting=40, tenant_running=3, tenant_expected_s=120.0)


def waiting(number: int) -> Waiting:
    return Waiting(job=replace(QUEUED, id=JobId(number)), place=PLACE)


def cancels(view: QueueView) -> list[str]:
    card = queue_card(view, ENGLISH)
    ids = [one.custom_id for one in card.walk_children() if isinstance(one, ui.Button)]
    return [one for one in ids if one and "cancel" in one]


def test_each_waiting_picture_has_its_place_its_wait_and_cancel() -> None:
    """One line each, and one press."""
    view = replace(BUSY, mine=(waiting(17), waiting(18)))
    assert cancels(view) == ["zeuxis:2:cancel:17", "zeuxis:2:cancel:18"]
    assert (
        texts_in(queue_card(view, ENGLISH)).count("Place **3**, ready in about 10 s\n> a sitting")
        == 2
    )


def test_each_waiting_picture_can_be_asked_why() -> None:
    """One that is being painted waits for nothing."""
    view = replace(BUSY, mine=(waiting(17), Waiting(job=RUNNING, place=None)))
    labels = [getattr(one, "label", None) for one in queue_card(view, ENGLISH).walk_children()]
    assert [label for label in labels if label] == ["Why?", "Cancel", "Cancel"]


def test_pictures_in_work_say_so() -> None:
    """They have no place any more; a painted one cannot be cancelled either."""
    mine = (
        Waiting(job=RUNNING, place=None),
        Waiting(job=replace(RUNNING, cancel_requested=True), place=None),
        Waiting(job=DRAWN, place=None),
        Waiting(job=QUEUED, place=None),
    )
    view = replace(BUSY, mine=mine)
    said = texts_in(queue_card(view, ENGLISH))
    for words in (
        "Z-Image is painting",
        "Being cancelled",
        "Painted and on its way",
        "In the queue",
    ):
        assert f"{words}\n> a sitting" in said
    assert len(cancels(view)) == 2


def test_five_are_shown_and_the_others_counted() -> None:
    """A list of five hundred fits into no message."""
    view = replace(BUSY, mine=tuple(waiting(number) for number in range(1, 501)))
    assert len(cancels(view)) == 5
    assert "… and 495 more" in texts_in(queue_card(view, ENGLISH))


def test_empty_queue_says_how_to_fill_it() -> None:
    """And how busy the server is."""
    assert "/imagine" in texts_in(queue_card(EMPTY, ENGLISH))
    assert texts_in(queue_card(EMPTY, ENGLISH)).endswith(
        "-# This server: 0 waiting · 0 being painted"
    )
    assert texts_in(queue_card(BUSY, ENGLISH)).endswith(
        "-# This server: 40 waiting · 3 being painted · all done in about 2 min"
    )


def test_undelivered_picture_is_found_by_its_link_until_that_dies() -> None:
    """Paid for and not lost."""
    card = queue_card(replace(EMPTY, undelivered=(DRAWN,)), ENGLISH)
    assert buttons_in(card) == {"Open the picture": LINK}
    assert "job 17 · the link ends <t:1800086460:R>" in texts_in(card)


def unposted(count: int) -> QueueView:
    jobs = (replace(DRAWN, id=JobId(number)) for number in range(1, count + 1))
    return replace(EMPTY, undelivered=tuple(jobs))


def numbers(view: QueueView, page: int) -> list[int]:
    said = texts_in(queue_card(view, ENGLISH, page=page))
    return [int(found) for found in re.findall(r"job (\d+) ·", said)]


def turns(view: QueueView, page: int) -> dict[str, str | None]:
    """The buttons that can be pressed, with what they carry."""
    items = queue_card(view, ENGLISH, page=page).walk_children()
    return {
        str(one.label): one.custom_id
        for one in items
        if isinstance(one, ui.Button) and one.custom_id and not one.disabled
    }


def test_every_picture_that_found_no_place_is_on_some_page() -> None:
    """Three on each, in their order; a page that is no more is the last one."""
    view = unposted(8)
    assert [numbers(view, page) for page in range(4)] == [[1, 2, 3], [4, 5, 6], [7, 8], [7, 8]]
    assert "could not post them · 2/3" in texts_in(queue_card(view, ENGLISH, page=1))


def test_pages_are_turned_as_far_as_they_go() -> None:
    """By what the buttons carry, so after a restart too."""
    view = unposted(8)
    assert turns(view, 0) == {"Next": "zeuxis:unposted:1"}
    assert turns(view, 1) == {"Previous": "zeuxis:unposted:0", "Next": "zeuxis:unposted:2"}
    assert turns(view, 2) == {"Previous": "zeuxis:unposted:1"}


def test_one_page_is_not_turned() -> None:
    """There is nowhere to go."""
    assert turns(unposted(3), 0) == {}


@pytest.mark.parametrize("link", ["https://x.example/" + "a" * 500, "javascript:1", "", None])
def test_link_that_no_button_takes_is_left_out(link: str | None) -> None:
    """The rest of the answer must not be refused for it."""
    job = replace(DRAWN, picture=replace(PICTURE, link=link))
    assert buttons_in(queue_card(replace(EMPTY, undelivered=(job,)), ENGLISH)) == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_fullest_answer_fits_into_one_message_in_every_language(locale: str) -> None:
    """Forty components and four thousand characters are Discord's limits."""
    shouting = replace(QUEUED, request=replace(REQUEST, prompt="*_`~" * 200))
    undelivered = replace(DRAWN, request=shouting.request)
    view = replace(
        BUSY,
        mine=tuple(Waiting(job=shouting, place=PLACE) for _ in range(500)),
        undelivered=(undelivered,) * 9,
    )
    card = queue_card(view, Texts(locale), page=1)
    assert card.content_length() <= TEXT_LIMIT
    assert len(list(card.walk_children())) <= 40
    assert components_of(card)


def test_when_all_is_done_is_not_said_while_nobody_knows() -> None:
    """In an outage, or a pause of the server."""
    assert "all done in" in texts_in(queue_card(BUSY, ENGLISH))
    stalled = texts_in(queue_card(replace(BUSY, tenant_expected_s=None), ENGLISH))
    assert stalled.endswith("This server: 40 waiting · 3 being painted")
