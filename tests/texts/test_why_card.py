"""The answer of /queue why."""

from __future__ import annotations

import pytest

from bot.queue.places import AccountNow, Ahead, Explanation, Hold, Share
from bot.records import replace
from bot.refusals import Outage
from bot.texts import Texts
from bot.texts.cards import TEXT_LIMIT
from bot.texts.queue_cards import why_card
from tests.texts.records import (
    LOCALES,
    PLACE,
    QUEUED,
    REQUEST,
    RUNNING,
    buttons_in,
    components_of,
    texts_in,
)

ENGLISH = Texts("en-US")
AT_US = 1_800_000_000_000_000
ORDINARY = Share(weight=100, lead=0.0, running=0, cap=32)
ALONE = Explanation(
    job=QUEUED,
    place=PLACE,
    ahead=Ahead(),
    tenant=ORDINARY,
    member=ORDINARY,
    account=AccountNow(
        rate_per_s=2.0,
        ceiling_per_s=2.0,
        running=3,
        max_running=64,
        outage=None,
        next_try_at_us=AT_US,
        paused_until_us=AT_US,
    ),
    holds=(),
)
BEHIND = replace(
    ALONE, ahead=Ahead(own=3, of_members=2, of_tenants=5, members_waiting=1, tenants_waiting=4)
)
HELD = replace(
    BEHIND,
    job=replace(QUEUED, not_before_us=AT_US),
    holds=tuple(Hold),
    account=replace(ALONE.account, outage=Outage.ACCOUNT, rate_per_s=0.5),
    place=replace(PLACE, outage=Outage.ACCOUNT),
    tenant=Share(weight=300, lead=4.0, running=32, cap=32),
    member=Share(weight=50, lead=2.0, running=32, cap=32),
)


def said(explanation: Explanation) -> str:
    return texts_in(why_card(explanation, ENGLISH))


def test_picture_that_is_next_says_so() -> None:
    """With its wait, and what all share."""
    shown = said(ALONE)
    assert "Nothing comes before it." in shown
    assert "Place **3**, ready in about 10 s" in shown
    assert "2.0 requests per second at present, being painted: 3." in shown
    assert buttons_in(why_card(ALONE, ENGLISH)) == {"Cancel": "zeuxis:2:cancel:17"}


def test_those_before_it_are_told_apart() -> None:
    """Whose they are, and who takes turns with whom."""
    shown = said(BEHIND)
    assert "- your own: **3**" in shown
    assert "- other members here, who take turns with you (1 waiting): **2**" in shown
    assert "- other servers, which take turns with this one (4 waiting): **5**" in shown


def test_only_those_who_come_before_are_listed() -> None:
    """No line of zeros."""
    shown = said(replace(ALONE, ahead=Ahead(of_tenants=1, tenants_waiting=1)))
    assert shown.count("\n- ") == 1


def test_picture_behind_ones_own_can_be_put_first() -> None:
    """A button that would change nothing is not there."""
    assert buttons_in(why_card(BEHIND, ENGLISH)) == {
        "First of mine": "zeuxis:2:first:17",
        "Cancel": "zeuxis:2:cancel:17",
    }


def test_lead_is_told_to_whom_it_holds_back() -> None:
    """One picture more is what anybody has who was served last."""
    ahead_of_guilds = replace(BEHIND, tenant=replace(ORDINARY, lead=4.0))
    assert "This server had more than its share lately" in said(ahead_of_guilds)
    assert "You had more than your share lately" in said(
        replace(BEHIND, member=replace(ORDINARY, lead=4.0))
    )
    assert "share lately" not in said(replace(BEHIND, tenant=replace(ORDINARY, lead=1.0)))
    assert "share lately" not in said(replace(ahead_of_guilds, ahead=Ahead(own=1)))


@pytest.mark.parametrize(("weight", "times"), [(300, "3"), (50, "0.50"), (250, "2.50")])
def test_weights_are_told_as_times(weight: int, times: str) -> None:
    """The usual one is not worth a word."""
    weighed = replace(ORDINARY, weight=weight)
    assert f"this one counts {times} times" in said(replace(BEHIND, tenant=weighed))
    assert f"you count {times} times" in said(replace(BEHIND, member=weighed))
    assert "times" not in said(BEHIND)


@pytest.mark.parametrize(
    ("hold", "words"),
    [
        (Hold.OUTAGE, "Z-Image has blocked the account of this bot"),
        (Hold.PAUSE, "Z-Image asked for a pause. It goes on <t:1800000000:R>."),
        (Hold.TENANT_PAUSED, "has paused this server"),
        (Hold.BACKOFF, "Z-Image is busy. The next attempt is <t:1800000000:R>."),
        (Hold.ALL_RUNNING, "as may be at once: 3."),
        (Hold.TENANT_CAP, "This server has as many being painted as it may"),
        (Hold.PERSON_CAP, "over all servers, as one person may"),
    ],
)
def test_each_hold_is_said(hold: Hold, words: str) -> None:
    """And no other."""
    shown = said(replace(HELD, holds=(hold,)))
    assert words in shown


def test_paused_server_promises_no_wait() -> None:
    """Nobody knows when it goes on."""
    paused = replace(PLACE, is_tenant_paused=True)
    shown = said(replace(BEHIND, holds=(Hold.TENANT_PAUSED,), place=paused))
    assert "ready in" not in shown
    assert shown.count("has paused this server") == 1


def test_outage_promises_no_wait_either() -> None:
    """It says why, and when the next attempt is."""
    shown = said(replace(HELD, holds=(Hold.OUTAGE,)))
    assert "ready in" not in shown
    assert "The next attempt is <t:1800000000:R>." in shown


def test_slower_pace_is_told_with_its_reason() -> None:
    """Members notice; better they know."""
    slower = replace(ALONE, account=replace(ALONE.account, rate_per_s=1.2))
    assert "1.2 requests per second" in said(slower)
    assert "That is less than usual" in said(slower)
    assert "less than usual" not in said(ALONE)


def test_picture_that_waits_no_more_is_shown_as_it_is() -> None:
    """The choice was made while it was claimed."""
    running = replace(ALONE, job=RUNNING, place=None)
    assert "Z-Image is painting" in said(running)


@pytest.mark.parametrize("locale", LOCALES)
def test_longest_answer_fits_into_one_message_in_every_language(locale: str) -> None:
    """Everything holds it at once, and its prompt is all markup."""
    shouting = replace(HELD.job, request=replace(REQUEST, prompt="*_`~" * 200))
    card = why_card(replace(HELD, job=shouting), Texts(locale))
    assert card.content_length() <= TEXT_LIMIT
    assert components_of(card)
    assert "{" not in texts_in(card)
