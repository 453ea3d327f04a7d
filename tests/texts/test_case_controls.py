"""What the forms of cases ask, and what is read of them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.features.moderation.rules import Ruling
from bot.queue.cases import Decision
from bot.texts import Texts
from bot.texts.cards import MOST_REASON
from bot.texts.case_controls import (
    BLOCKS_US,
    DECISIONS,
    REASON_LIMIT,
    TIME_OUTS_US,
    CaseVerb,
    RejectReason,
    case_form,
    lasts_text,
    reject_reason_label,
    rejection_form,
    ruling_of,
)
from tests.texts.records import LOCALES, check_form

ENGLISH = Texts("en-US")
WITH_FORM = (*(CaseVerb.REJECT, CaseVerb.TIMEOUT, CaseVerb.BLOCK, CaseVerb.WARN, CaseVerb.DENY),)


def fields_of(verb: CaseVerb) -> dict[str, Any]:
    form = case_form(verb, 18, ENGLISH)
    assert form is not None
    fields = [one["component"] for one in form.to_dict()["components"]]
    return {one["custom_id"]: one for one in fields}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("verb", CaseVerb)
def test_forms_are_such_that_discord_takes_them(verb: CaseVerb, locale: str) -> None:
    """In every language; verbs that say all are done at once."""
    form = case_form(verb, 2**62, Texts(locale))
    assert (form is not None) == (verb in WITH_FORM)
    if form is not None:
        check_form(form)
    check_form(rejection_form(2**62, 10**5, Texts(locale)))


def test_a_form_bears_its_buttons_verb_and_case() -> None:
    """That is all that there is to know when it comes back."""
    form = case_form(CaseVerb.REJECT, 18, ENGLISH)
    assert form is not None
    assert form.custom_id == "zeuxis:2:case:reject:18"
    assert rejection_form(0, 3, ENGLISH).custom_id == "zeuxis:2:cases:reject:0:3"


def test_rejection_asks_for_reason_words_note_and_whether_to_tell() -> None:
    """Telling is the default."""
    fields = fields_of(CaseVerb.REJECT)
    assert list(fields) == ["kind", "reason", "note", "tells"]
    assert [one["value"] for one in fields["kind"]["options"]] == [*RejectReason]
    assert len(RejectReason) <= 10, "as many as a group of radio buttons has"
    assert fields["tells"]["default"] is True


@pytest.mark.parametrize(
    ("verb", "offered"),
    [
        (CaseVerb.TIMEOUT, [str(one) for one in TIME_OUTS_US]),
        (CaseVerb.BLOCK, [*(str(one) for one in BLOCKS_US), "0"]),
    ],
)
def test_what_lasts_asks_how_long(verb: CaseVerb, offered: list[str]) -> None:
    """A block perhaps until it is taken back; a time-out at most as long as Discord has it."""
    assert [one["value"] for one in fields_of(verb)["lasts"]["options"]] == offered
    assert max(TIME_OUTS_US) == 28 * 86_400_000_000


@pytest.mark.parametrize(
    ("filled", "reason"),
    [
        ({"kind": "violent", "reason": "", "tells": "True"}, "Violent or disturbing"),
        ({"kind": "violent", "reason": "blood"}, "Violent or disturbing: blood"),
        ({"kind": "other", "reason": "boring"}, "boring"),
        ({"kind": "other", "reason": ""}, "Something else"),
        ({"kind": "forged", "reason": "blood"}, "blood"),
        ({}, ""),
    ],
)
def test_reason_is_the_chosen_one_with_the_words(filled: dict[str, str], reason: str) -> None:
    """In one line, for the member."""
    assert ruling_of(CaseVerb.REJECT, filled, ENGLISH).reason == reason


@pytest.mark.parametrize("locale", LOCALES)
def test_longest_reason_is_told_whole(locale: str) -> None:
    """Whatever the language of its label."""
    texts = Texts(locale)
    longest = max(len(reject_reason_label(one, texts)) for one in RejectReason)
    assert longest + len(": ") + REASON_LIMIT <= MOST_REASON


def test_all_that_was_filled_in_is_in_the_ruling() -> None:
    """Note and telling too."""
    filled = {"reason": "spam", "note": "third time", "tells": "False", "lasts": "86400000000"}
    assert ruling_of(CaseVerb.BLOCK, filled, ENGLISH) == Ruling(
        decision=Decision.BLOCKED,
        reason="spam",
        note="third time",
        tells_member=False,
        lasts_us=86_400_000_000,
    )


@pytest.mark.parametrize("lasts", ["0", "", "17", "-1", "forever"])
def test_only_offered_spans_are_taken(lasts: str) -> None:
    """A client that made another one up blocks until it is taken back."""
    assert ruling_of(CaseVerb.BLOCK, {"lasts": lasts}, ENGLISH).lasts_us is None


def test_every_verb_that_decides_has_its_decision() -> None:
    """The others only show and ignore."""
    assert set(CaseVerb) - set(DECISIONS) == {CaseVerb.IGNORE, CaseVerb.SHOW}


def test_spans_are_told_in_the_largest_unit() -> None:
    """One of a kind without an s."""
    assert [lasts_text(one, ENGLISH) for one in TIME_OUTS_US] == [
        *("10 minutes", "1 hour", "1 day", "7 days", "28 days"),
    ]
