"""The audit log in words: every act has some, and what is wanted survives a button."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from bot.features.log.rows import LogEntry, LogFilter
from bot.features.log.service import LogPage
from bot.features.moderation.rows.appeals import AppealKind
from bot.features.moderation.rules import OWN
from bot.policy.audit import AuditAction
from bot.providers.zimage import OFFER
from bot.queue.cases import CaseReason, case_reason
from bot.texts import LANGUAGES, Texts
from bot.texts.cards import TEXT_LIMIT
from bot.texts.log_cards import (
    LogTurn,
    action_text,
    acts_card,
)

ENGLISH = Texts("en-US")
AGAINST = {
    AppealKind.REFUSAL: "Refused by a rule or check",
    AppealKind.REVIEW: "Picture rejected",
    AppealKind.BLOCK: "Member blocked from painting",
}
IDS = st.integers(1, 2**63 - 1)


def entry(number: int = 1, **others: Any) -> LogEntry:
    given = {
        "action": AuditAction.REMOVED,
        "actor": "11",
        "source": "discord",
        "user_id": 12,
        "scope": "",
        "scope_id": 0,
        "name": "",
        "was": None,
        "became": None,
        "undoes": None,
        "job_id": None,
        "case_id": None,
        "details": "",
        "chain": None,
        "tenant_id": 5,
        **others,
    }
    return LogEntry(id=number, number=number, at_us=10**15, **given)


def said(*entries: LogEntry, has_more: bool = False, texts: Texts = ENGLISH) -> str:
    page = LogPage(entries=entries, has_more=has_more, is_of_place=False)
    card = acts_card(page, LogFilter(), OFFER, texts, is_newest=True)
    return str(card.to_components())  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_in_a_guild_s_log_has_words(language: str) -> None:
    """What the operator does stands in none."""
    others = {AuditAction.PAUSED, AuditAction.RESUMED}
    words = [action_text(one, Texts(language)) for one in AuditAction if one not in others]
    assert not any(one.startswith("`") for one in words)
    assert len({*words}) == len(words)


def test_an_act_of_another_version_stands_as_it_is() -> None:
    assert "**`exorcised`**" in said(entry(action="exorcised"))


def test_what_staff_decide_about_themselves_is_said() -> None:
    assert "about themselves" in said(entry(details=OWN))


@pytest.mark.parametrize("kind", AppealKind)
def test_against_what_an_appeal_was_made_is_said_in_words(kind: AppealKind) -> None:
    found = said(entry(action=AuditAction.APPEALED, details=kind))
    assert AGAINST[kind] in found
    assert f"`{kind}`" not in found


def test_why_a_picture_was_held_is_said_in_words() -> None:
    reasons = (case_reason(CaseReason.RULE, "Slurs"), case_reason(CaseReason.NEWCOMER))
    found = said(entry(action=AuditAction.HELD, details="; ".join(reasons)))
    assert "word rule “Slurs”, its member is new to this server" in found


def test_an_id_of_today_fits_into_discord_s_100_characters() -> None:
    most = 2**63 - 1
    wanted = LogFilter(action=AuditAction.UNTRUSTED, actor=str(most), user_id=most, since_us=10**16)
    assert len(str(LogTurn(before=10**15, wanted=wanted))) <= 100


def test_a_page_of_long_entries_fits_and_goes_on_where_it_ended() -> None:
    """A style's text may be long; what has no room stands on the next page."""
    entries = [entry(number, details="x" * 900, case_id=number) for number in range(40, 0, -1)]
    found = said(*entries)
    assert len(found) < TEXT_LIMIT * 2
    shown = found.count("Picture removed")
    assert 0 < shown < 40
    assert f"zeuxis:2:log:{41 - shown}:" in found
