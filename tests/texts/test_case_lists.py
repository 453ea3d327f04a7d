"""The list of cases that wait."""

from __future__ import annotations

import pytest

from bot.features.moderation.rows.case_views import CASES_ON_A_PAGE, CaseLine, CasePage
from bot.features.moderation.service import DecidedTogether
from bot.queue.cases import Case, CaseKind
from bot.queue.records import ChannelId, JobId, TenantId, UserId
from bot.records import replace
from bot.texts import Texts
from bot.texts.case_lists import list_card, together_text
from tests.texts.records import LOCALES, buttons_in, check_message, menus_in, texts_in

ENGLISH = Texts("en-US")
CASE = Case(
    id=18,
    kind=CaseKind.REVIEW,
    tenant_id=TenantId(11),
    channel_id=ChannelId(21),
    user_id=UserId(41),
    job_id=JobId(17),
    about="job:17",
    opened_at_us=1_800_000_000_000_000,
    attempts=0,
)


def a_page(*kinds: CaseKind, page: int = 0, pages: int = 1, prompt: str = "a cat") -> CasePage:
    lines = tuple(
        CaseLine(case=replace(CASE, id=18 + number, kind=kind), prompt=prompt)
        for number, kind in enumerate(kinds)
    )
    return CasePage(lines=lines, page=page, pages=pages, count=len(kinds))


REVIEW, REPORT, APPEAL = CaseKind.REVIEW, CaseKind.REPORT, CaseKind.APPEAL


def test_each_case_is_told_in_two_lines() -> None:
    """Number, kind, whose, where, since when; and the words."""
    card = list_card(a_page(REVIEW, REPORT), 0, ENGLISH)
    assert texts_in(card).splitlines() == [
        "### 🗂️ What waits for the staff",
        "-# the whole server · 2 cases · the oldest first",
        "**18** · review · <@41> · <#21> · <t:1800000000:R>",
        "> a cat",
        "**19** · report · <@41> · <#21> · <t:1800000000:R>",
        "> a cat",
    ]
    (opens,) = menus_in(card)
    assert opens.custom_id == "zeuxis:2:cases:open:0:0"
    assert [one.value for one in opens.options] == ["18", "19"]


def test_what_is_of_no_place_names_none() -> None:
    """An appeal against a block."""
    line = CaseLine(case=replace(CASE, kind=APPEAL, channel_id=ChannelId(0)))
    card = list_card(replace(a_page(APPEAL), lines=(line,)), 0, ENGLISH)
    assert "**18** · appeal · <@41> · <t:1800000000:R>" in texts_in(card).splitlines()


def test_pictures_are_marked_to_be_decided_together() -> None:
    """Held ones alone; without a mark there is nothing to press."""
    page = a_page(REVIEW, REPORT, REVIEW)
    _, marks = menus_in(list_card(page, 21, ENGLISH))
    assert [one.value for one in marks.options] == ["18", "20"]
    assert (marks.min_values, marks.max_values) == (0, 2)
    assert buttons_in(list_card(page, 21, ENGLISH)) == {}
    marked = list_card(page, 21, ENGLISH, marked=[20, 99])
    _, marks = menus_in(marked)
    assert [one.default for one in marks.options] == [False, True]
    assert buttons_in(marked) == {
        "Approve the marked: 1": "zeuxis:2:cases:approve:21:0",
        "Reject the marked: 1": "zeuxis:2:cases:reject:21:0",
    }


def test_pages_turn_both_ways() -> None:
    """Beyond an end there is nothing to press."""
    card = list_card(a_page(REVIEW, page=1, pages=3), 0, ENGLISH)
    assert texts_in(card).startswith("### 🗂️ What waits for the staff · 2/3")
    assert buttons_in(card) == {
        "Previous": "zeuxis:2:cases:page:0:0",
        "Next": "zeuxis:2:cases:page:0:2",
    }


def test_an_empty_list_says_so() -> None:
    """And where nothing waits."""
    said = texts_in(list_card(a_page(), 21, ENGLISH)).splitlines()
    assert said[1:] == ["-# <#21>", "Nothing waits."]


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (DecidedTogether(decided=3), "Decided: 3"),
        (
            DecidedTogether(decided=1, by_others=2, not_theirs=1),
            "Decided: 1 · decided by others before: 2 · not yours to decide: 1",
        ),
    ],
)
def test_what_became_of_the_marked_is_told(done: DecidedTogether, said: str) -> None:
    """Above the list, as it is then."""
    assert together_text(done, ENGLISH) == said
    told = list_card(a_page(), 0, ENGLISH, said=said)
    assert f"**{said}**" in texts_in(told).splitlines()


@pytest.mark.parametrize("locale", LOCALES)
def test_a_full_page_has_room_in_a_message_in_every_language(locale: str) -> None:
    """Whatever was asked for."""
    page = a_page(*([REVIEW] * CASES_ON_A_PAGE), page=99, pages=1000, prompt="*`_~" * 500)
    big = replace(
        page,
        lines=tuple(
            replace(
                one,
                case=replace(
                    one.case,
                    id=2**62 + one.case.id,
                    user_id=UserId(2**62),
                    channel_id=ChannelId(2**62),
                ),
            )
            for one in page.lines
        ),
        count=10**6,
    )
    marked = [one.case.id for one in big.lines]
    check_message(list_card(big, 2**62, Texts(locale), marked=marked, said="x" * 200))
