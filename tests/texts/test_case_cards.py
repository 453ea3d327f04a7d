"""Cases as the staff see them."""

from __future__ import annotations

import pytest

from bot.features.moderation.rows.case_views import CaseView
from bot.policy.standing import PersonStanding, StandingKind
from bot.queue.cases import Case, CaseEnd, CaseKind, CaseReason, Decision, case_reason, read_reason
from bot.queue.records import ChannelId, Job, JobId, PictureState, TenantId, UserId
from bot.queue.refusals import RefusedRequest
from bot.queue.reports import Report, ReportReason, Reports
from bot.records import replace
from bot.texts import Texts
from bot.texts.case_cards import case_card, case_mark, case_marks
from tests.texts.records import (
    DELETED,
    DELIVERED,
    DRAWN,
    LOCALES,
    PICTURE,
    buttons_in,
    check_message,
    components_of,
    menus_in,
    texts_in,
)

ENGLISH = Texts("en-US")
NOW_US = 1_800_000_000_000_000
LONG = "*`_~|<>[]@" * 500  # each is escaped
HELD = replace(DRAWN, picture=replace(PICTURE, state=PictureState.HELD))
BASE = Case(
    id=18,
    kind=CaseKind.REVIEW,
    tenant_id=TenantId(11),
    channel_id=ChannelId(21),
    user_id=UserId(41),
    job_id=JobId(17),
    about="job:17",
    opened_at_us=NOW_US,
    attempts=0,
)
REVIEW = CaseView(
    case=replace(
        BASE,
        reasons=(
            case_reason(CaseReason.RULE, "insults"),
            case_reason(CaseReason.CHECK, 87),
            case_reason(CaseReason.NEWCOMER),
        ),
    ),
    job=HELD,
    place=3,
)
REPORTED = CaseView(
    case=replace(BASE, kind=CaseKind.REPORT),
    job=DELIVERED,
    reports=Reports(
        job=DELIVERED,
        count=12,
        newest=tuple(
            Report(user_id=UserId(50 + n), reported_at_us=NOW_US, reason=reason, words="look")
            for n, reason in enumerate(ReportReason)
        ),
    ),
    place=1,
)
REFUSED = RefusedRequest(
    id=16,
    tenant_id=TenantId(11),
    channel_id=ChannelId(21),
    user_id=UserId(41),
    refused_at_us=NOW_US,
    prompt="a duck",
    negative="water",
    rules=("birds",),
)
REJECTED = replace(
    BASE,
    end=CaseEnd(
        decision=Decision.REJECTED, by=UserId(9), at_us=NOW_US, reason="too dark", note="twice"
    ),
)
BLOCK = PersonStanding(
    tenant_id=11,
    user_id=41,
    kind=StandingKind.BLOCKED,
    reason="spam",
    set_by=9,
    set_at_us=NOW_US,
)
APPEAL = replace(BASE, kind=CaseKind.APPEAL, words="please look again")
APPEALS = {
    "of a refusal": CaseView(
        case=replace(APPEAL, job_id=None, about="refusal:16"), refused=REFUSED, place=1
    ),
    "of a rejection": CaseView(case=APPEAL, job=HELD, rejected=REJECTED, place=1),
    "of a block": CaseView(
        case=replace(APPEAL, job_id=None, channel_id=ChannelId(0), about="block:41:1"),
        block=BLOCK,
        place=1,
    ),
}
REFUSALS = CaseView(
    case=replace(BASE, kind=CaseKind.REFUSALS, job_id=None, reasons=("refused:7",)), place=1
)
EVERY = {"review": REVIEW, "report": REPORTED, "refusals": REFUSALS, **APPEALS}


def test_review_card_says_all_that_is_to_be_decided_on() -> None:
    """The picture behind a spoiler, the words, whose, where, why, since when."""
    card = case_card(REVIEW, ENGLISH, image="attachment://held-17.png")
    assert texts_in(card).splitlines() == [
        "### 🔎 A picture waits for you",
        "- word rule “insults”",
        "- the check of pictures is 87 % sure",
        "- its member is new to this server",
        "**Prompt**",
        "> a sitting orange cat, 水彩",
        "**Rewritten by Z-Image**",
        "> A watercolour of an orange cat, sitting upright in morning light",
        "-# <@41> · <#21> · <t:1800000000:R> · number 3 of those that wait · 1024 × 1024",
        "-# case 18 · job 17",
    ]
    (gallery,) = [one for one in components_of(card)[0]["components"] if one["type"] == 12]
    assert gallery["items"][0]["spoiler"] is True
    assert buttons_in(card) == {
        "Approve": "zeuxis:2:case:approve:18",
        "Approve and trust": "zeuxis:2:case:trust:18",
        "Reject": "zeuxis:2:case:reject:18",
    }


def test_a_picture_that_the_card_cannot_show_is_shown_by_a_button() -> None:
    """To whoever presses it, alone; not one that is gone."""
    for view in (REVIEW, REPORTED, APPEALS["of a rejection"]):
        card = case_card(view, ENGLISH, image=None)
        assert buttons_in(card)["Show"] == "zeuxis:2:case:show:18"
    gone = replace(REPORTED, job=DELETED)
    assert "Show" not in buttons_in(case_card(gone, ENGLISH, image=None))


def test_report_card_says_what_members_say_and_where_the_picture_hangs() -> None:
    """And lets the staff choose whom they hear no more, by the number in the list."""
    card = case_card(REPORTED, ENGLISH, image="https://cdn.example/1.png")
    said = texts_in(card).splitlines()
    assert said[0] == "### 🚩 Reported by 12 members"
    assert "1\\. Sexual or naked: look · <@50>" in said
    (menu,) = menus_in(card)
    assert menu.custom_id == "zeuxis:2:case:ignore:18"
    assert [one.value for one in menu.options] == ["50", "51", "52", "53", "54", "55"]
    assert menu.max_values == 6
    assert list(buttons_in(card)) == [
        *("Remove", "Remove and warn", "Time out", "Block from painting", "Dismiss"),
        "See the picture",
    ]


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (APPEALS["of a refusal"], "Refused by the word rules: birds"),
        (APPEALS["of a refusal"], "> a duck"),
        (APPEALS["of a rejection"], "**rejected** · <@9> · <t:1800000000:R>"),
        (APPEALS["of a rejection"], "> a sitting orange cat, 水彩"),
        (APPEALS["of a block"], "Blocked from painting by <@9> · until it is taken back"),
        (APPEALS["of a block"], "> spam"),
        (APPEALS["of a block"], "-# <@41> · <t:1800000000:R> · number 1 of those that wait"),
    ],
)
def test_appeal_card_says_against_what_and_why(view: CaseView, said: str) -> None:
    card = case_card(view, ENGLISH, image=None)
    assert said in texts_in(card).splitlines()
    assert "> please look again" in texts_in(card).splitlines()
    assert list(buttons_in(card))[:2] == ["Grant", "Deny"]


@pytest.mark.parametrize("view", EVERY.values(), ids=EVERY)
def test_decided_card_says_who_what_when_why_and_has_nothing_to_press(view: CaseView) -> None:
    """In the place of the open one."""
    decided = replace(view, case=replace(view.case, end=REJECTED.end), place=None)
    card = case_card(decided, ENGLISH, image=None)
    lines = texts_in(card).splitlines()
    assert "**rejected** · <@9> · <t:1800000000:R>" in lines
    assert "> too dark" in lines
    assert "-# Note: twice" in lines
    assert buttons_in(card) == {}
    assert menus_in(card) == []


def test_a_block_that_ends_says_when() -> None:
    """In each reader's own clock."""
    view = APPEALS["of a block"]
    assert view.block is not None
    ending = replace(view, block=replace(view.block, until_at_us=NOW_US))
    said = texts_in(case_card(ending, ENGLISH, image=None)).splitlines()
    assert "Blocked from painting by <@9> · ends <t:1800000000:R>" in said


def test_a_decided_review_waits_no_more() -> None:
    """Its title says so too."""
    decided = replace(REVIEW, case=replace(REVIEW.case, end=REJECTED.end), place=None)
    said = texts_in(case_card(decided, ENGLISH, image=None)).splitlines()
    assert said[0] == "### 🔎 A picture that was held"


def test_what_a_setting_decided_names_nobody() -> None:
    """Nobody did."""
    end = CaseEnd(decision=Decision.REJECTED, by=UserId(0), at_us=NOW_US)
    decided = replace(REVIEW, case=replace(REVIEW.case, end=end), place=None)
    said = texts_in(case_card(decided, ENGLISH, image=None)).splitlines()
    assert "**rejected** · <t:1800000000:R>" in said


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("view", EVERY.values(), ids=EVERY)
def test_the_longest_card_has_room_in_a_message_in_every_language(
    view: CaseView, locale: str
) -> None:
    """Whatever members and staff have written, open and decided."""
    texts = Texts(locale)
    end = CaseEnd(
        decision=Decision.TIMED_OUT, by=UserId(2**62), at_us=NOW_US, reason=LONG, note=LONG
    )
    longest = _longest(view)
    check_message(case_card(longest, texts, image="attachment://held.png"))
    check_message(case_card(longest, texts, image=None))
    decided = replace(longest, case=replace(longest.case, end=end), place=None)
    check_message(case_card(decided, texts, image="attachment://held.png"))


def _longest(view: CaseView) -> CaseView:
    case = replace(
        view.case,
        id=2**62,
        user_id=UserId(2**62),
        channel_id=ChannelId(2**62),
        reasons=tuple(case_reason(CaseReason.RULE, LONG) for _ in range(30)),
        words=LONG,
    )
    rejected = view.rejected
    if rejected is not None and rejected.end is not None:
        rejected = replace(rejected, end=replace(rejected.end, reason=LONG, note=LONG))
    return replace(
        view,
        case=case,
        job=_wordy(view),
        reports=_many_reports(view),
        refused=view.refused
        and replace(view.refused, prompt=LONG, negative=LONG, rules=(LONG,) * 30),
        rejected=rejected,
        block=view.block and replace(view.block, reason=LONG),
        place=10**6,
    )


def _wordy(view: CaseView) -> Job | None:
    job = view.job
    if job is None or job.picture is None:
        return None
    return replace(
        job,
        request=replace(job.request, prompt=LONG, negative=LONG),
        picture=replace(job.picture, shown_prompt=LONG + "!"),
    )


def _many_reports(view: CaseView) -> Reports | None:
    if view.reports is None:
        return None
    newest = tuple(
        Report(user_id=UserId(2**62 + n), reported_at_us=NOW_US, reason="person", words=LONG)
        for n in range(10)
    )
    return replace(view.reports, count=10**6, newest=newest)


def test_reason_of_another_version_is_shown_as_it_stands() -> None:
    """A row outlives the code that wrote it."""
    assert read_reason(case_reason(CaseReason.RULE, "a:b")) == (CaseReason.RULE, "a:b")
    assert read_reason("moon: full") == (None, "moon: full")
    odd = replace(REVIEW, case=replace(REVIEW.case, reasons=("moon: full",)))
    assert "- moon: full" in texts_in(case_card(odd, ENGLISH, image=None)).splitlines()


def test_a_card_is_found_by_its_mark_or_its_controls() -> None:
    """Open and decided."""
    marks = case_marks(REVIEW.case, ENGLISH)
    assert case_mark(REVIEW.case, ENGLISH) == "-# case 18 · job 17"
    assert {"-# case 18 · job 17", "zeuxis:2:case:approve:18"} <= marks
