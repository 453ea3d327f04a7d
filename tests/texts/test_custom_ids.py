"""Controls carry what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.history.rules import Reach, Search, Turn
from bot.features.log.rows import LogFilter
from bot.features.moderation.rows.appeals import AppealKind
from bot.features.settings.rules import For, Whose
from bot.policy.audit import AuditAction
from bot.policy.styles import KEY_LIMIT
from bot.queue.records import JobId
from bot.texts.about_cards import ForgetPress
from bot.texts.cards import Press, UnpostedTurn, Verb
from bot.texts.case_controls import CasePress, CaseVerb, ListPress, ListVerb
from bot.texts.default_cards import DefaultsPress, DefaultsVerb
from bot.texts.draft_cards import DraftPress, DraftVerb
from bot.texts.history_cards import HistoryPick, HistoryTurn, RepostPress
from bot.texts.log_cards import LogTurn
from bot.texts.notice_cards import AppealPress
from bot.texts.people_cards import PersonPress, PersonVerb
from bot.texts.settings_forms import PanelPress, PanelVerb
from bot.texts.settings_pages import PAGES
from bot.texts.settings_words import SettingsLogTurn
from bot.texts.style_cards import StylePress, StylesTurn, StyleVerb
from bot.texts.word_rule_forms import WordPress, WordVerb
from tests.drawn_records import records
from tests.texts.records import CUSTOM_ID_LIMIT

if TYPE_CHECKING:
    from bot.texts.custom_ids import CustomId

IDS = st.integers(1, 2**63 - 1)
PAGE = st.integers(0, 999_999)
AT_US = st.integers(0, 10**16)
KEY = st.text(st.characters(exclude_categories=["Cc", "Cf", "Zl", "Zp", "Cs"]), max_size=KEY_LIMIT)
WHOSE = records(Whose, who=st.sampled_from(For), id=st.just(0) | IDS)
CONTROLS = ["-", *(one.name for page in PAGES for one in page.controls)]
WANTED = records(
    LogFilter,
    action=st.none() | st.sampled_from(AuditAction),
    actor=st.none() | IDS.map(str),
    user_id=st.none() | IDS,
    since_us=st.integers(0, 10**10).map(lambda since_s: since_s * 1_000_000),
)
SEARCH = records(
    Search,
    words=st.text(max_size=30),
    whose=st.sampled_from(Reach),
    kept=st.booleans(),
    first_day=st.none() | st.dates(),
    last_day=st.none() | st.dates(),
)
PRESSES: tuple[st.SearchStrategy[CustomId], ...] = (
    records(Press, verb=st.sampled_from(Verb), job_id=IDS),
    records(UnpostedTurn, page=PAGE),
    records(AppealPress, kind=st.sampled_from(AppealKind), number=IDS),
    records(CasePress, verb=st.sampled_from(CaseVerb), case_id=IDS),
    records(ListPress, verb=st.sampled_from(ListVerb), place_id=st.just(0) | IDS, page=PAGE),
    records(PersonPress, verb=st.sampled_from(PersonVerb), user_id=IDS),
    records(DraftPress, verb=st.sampled_from(DraftVerb), draft_id=IDS, typed_id=st.none() | IDS),
    records(DefaultsPress, verb=st.sampled_from(DefaultsVerb)),
    records(HistoryTurn, turn=records(Turn, beyond=IDS, newest_first=st.booleans()), search=SEARCH),
    records(HistoryPick),
    records(RepostPress, job_id=IDS),
    records(LogTurn, before=st.just(0) | st.integers(1, 10**15), wanted=WANTED),
    records(ForgetPress),
    records(
        PanelPress,
        verb=st.sampled_from(PanelVerb),
        page=st.sampled_from([one.name for one in PAGES]),
        control=st.sampled_from(CONTROLS),
        whose=WHOSE,
        seen=st.integers(0, 10**14),
    ),
    records(SettingsLogTurn, before=st.just(0) | IDS),
    records(StylePress, verb=st.sampled_from(StyleVerb), seen=st.integers(0, 10**15 - 1), was=KEY),
    records(StylesTurn, page=PAGE),
    records(
        WordPress,
        verb=st.sampled_from(WordVerb),
        rule_id=st.just(0) | IDS,
        seen=AT_US,
        more=st.just(0) | IDS,
    ),
)
KINDS = (
    *(AppealPress, CasePress, DefaultsPress, DraftPress, ForgetPress, HistoryPick, HistoryTurn),
    *(ListPress, LogTurn, PanelPress, PersonPress, Press, RepostPress, SettingsLogTurn),
    *(StylePress, StylesTurn, UnpostedTurn, WordPress),
)


@given(st.one_of(PRESSES))
def test_a_control_is_read_back_as_it_was_written(press: CustomId) -> None:
    """By its own kind alone, whatever the numbers, within Discord's limit."""
    written = str(press)
    assert [found for kind in KINDS if (found := kind.read(written)) is not None] == [press]
    assert len(written) <= CUSTOM_ID_LIMIT


@pytest.mark.parametrize(
    "written",
    [
        "",
        "zeuxis:cancel:",
        "zeuxis:cancel:0",
        "zeuxis:paint:1",
        "zeuxis:cancel:1:2",
        "zeuxis:3:cancel:1",
        "xzeuxis:cancel:1",
        "zeuxis:2:case:paint:1",
        "zeuxis:2:case:approve:0",
        "zeuxis:2:draft:again:17:",
        "zeuxis:case:approve:1",
    ],
)
def test_other_controls_are_none_of_ours(written: str) -> None:
    """A forged or foreign custom id reaches nothing."""
    assert [kind for kind in KINDS if kind.read(written)] == []


@pytest.mark.parametrize(
    ("written", "press"),
    [
        ("zeuxis:2:reroll:17", Press(verb=Verb.REROLL, job_id=JobId(17))),
        ("zeuxis:unposted:1", UnpostedTurn(page=1)),
        ("zeuxis:2:appeal:refusal:17", AppealPress(kind=AppealKind.REFUSAL, number=17)),
        ("zeuxis:2:case:approve:18", CasePress(verb=CaseVerb.APPROVE, case_id=18)),
        ("zeuxis:2:cases:page:0:1", ListPress(verb=ListVerb.PAGE, place_id=0, page=1)),
        ("zeuxis:2:person:block:17", PersonPress(verb=PersonVerb.BLOCK, user_id=17)),
        ("zeuxis:2:draft:use:17", DraftPress(verb=DraftVerb.USE, draft_id=JobId(17))),
        (
            "zeuxis:2:draft:again:17:19",
            DraftPress(verb=DraftVerb.AGAIN, draft_id=JobId(17), typed_id=JobId(19)),
        ),
        ("zeuxis:2:defaults:size", DefaultsPress(verb=DefaultsVerb.SIZE)),
        ("zeuxis:2:defaults:rewriting", DefaultsPress(verb=DefaultsVerb.REWRITING)),
        (
            "zeuxis:2:history:o17:s-:::red cat",
            HistoryTurn(
                turn=Turn(beyond=JobId(17), newest_first=True), search=Search(words="red cat")
            ),
        ),
        ("zeuxis:2:history-pick", HistoryPick()),
        ("zeuxis:2:repost:17", RepostPress(job_id=JobId(17))),
        (
            "zeuxis:2:log:9:3:timed-out:0:7",
            LogTurn(before=9, wanted=LogFilter(action="timed out", user_id=7, since_us=3_000_000)),
        ),
        ("zeuxis:forget", ForgetPress()),
        (
            "zeuxis:settings:set:pictures:default_size:g0:17",
            PanelPress(
                verb=PanelVerb.SET, page="pictures", control="default_size", whose=Whose(), seen=17
            ),
        ),
        ("zeuxis:settings-log:0", SettingsLogTurn(before=0)),
        (
            "zeuxis:2:style:again:17:noir",
            StylePress(verb=StyleVerb.AGAIN, seen=17, was="noir"),
        ),
        ("zeuxis:2:styles:1", StylesTurn(page=1)),
        (
            "zeuxis:2:words:edit:7:1796000000000000:0",
            WordPress(verb=WordVerb.EDIT, rule_id=7, seen=1_796_000_000_000_000),
        ),
    ],
)
def test_the_formats_are_an_interface(written: str, press: CustomId) -> None:
    """Messages with these ids hang in channels for years."""
    assert str(press) == written
    assert type(press).read(written) == press


def test_a_button_of_the_first_version_is_one_of_today() -> None:
    """It had no number."""
    press = Press(verb=Verb.REROLL, job_id=JobId(17))
    assert Press.read("zeuxis:reroll:17") == press
    assert press.in_all_versions() == {"zeuxis:2:reroll:17", "zeuxis:reroll:17"}
    first_version = ["cancel", "reroll", "again", "delete", "why", "first"]
    second_version = [
        *("later", "edit", "resize", "size", "rewritten", "keep", "more", "pick"),
        *("prompt", "alt", "report", "lineage", "correct"),
    ]
    assert list(Verb) == [*first_version, *second_version]


def test_verbs_of_cases_are_an_interface() -> None:
    assert [str(verb) for verb in CaseVerb] == [
        *("approve", "trust", "reject", "remove", "warn", "timeout", "block", "dismiss"),
        *("grant", "deny", "ignore", "show"),
    ]
