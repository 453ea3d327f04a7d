"""What is said of limits: before they are used up, with the last of it, and after."""

from __future__ import annotations

import pytest

from bot.policy.quotas import QuotaLimit, QuotaState, check_quotas
from bot.refusals import Level, Period, QuotaUsedUp, Unit
from bot.texts import Texts
from bot.texts.quotas import used_up_text, warning_text
from tests.texts.records import LOCALES

ENGLISH = Texts("en-US")


def a_state(used: int, *, unit: Unit = Unit.PICTURES, amount: int = 10) -> QuotaState:
    limit = QuotaLimit(level=Level.MEMBER, unit=unit, period=Period.DAY, amount=amount)
    return QuotaState(limit=limit, used=used, renews_at_us=1_800_000_000_000_000)


def test_a_warning_tells_the_limit_what_is_left_and_when_it_renews() -> None:
    assert warning_text(a_state(8), ENGLISH) == (
        "Here you may have 10 pictures a day."
        " 2 pictures of it are left; it renews <t:1800000000:R>."
    )
    money = a_state(900_000, unit=Unit.MICROS, amount=1_000_000)
    assert "pictures for $1.00 a day. $0.10 of it is left" in warning_text(money, ENGLISH)


@pytest.mark.parametrize(
    ("by_staff", "who"), [(True, "This server's staff have"), (False, "Whoever runs this bot has")]
)
def test_a_refusal_tells_whom_to_ask_for_more(by_staff: bool, who: str) -> None:
    limit = QuotaLimit(
        level=Level.GUILD, unit=Unit.PICTURES, period=Period.DAY, amount=3, by_staff=by_staff
    )
    used_up = QuotaState(limit=limit, used=3, renews_at_us=1_800_000_000_000_000)
    with pytest.raises(QuotaUsedUp) as refused:
        check_quotas([used_up], pictures=1, micros=0)
    assert used_up_text(refused.value, ENGLISH) == (
        "This server may have 3 pictures a day. That is used up; it renews <t:1800000000:R>."
        f" {who} set this limit."
    )


def test_with_the_last_of_it_nobody_reads_that_they_were_refused() -> None:
    """The request was taken; the next one will not be."""
    said = warning_text(a_state(10), ENGLISH)
    assert "Your request has used the last of it; it renews <t:1800000000:R>." in said
    assert "used up" not in said


@pytest.mark.parametrize("locale", LOCALES[1:])
@pytest.mark.parametrize("used", [8, 10])
def test_warnings_are_said_in_every_language(used: int, locale: str) -> None:
    said = warning_text(a_state(used), Texts(locale))
    assert said != warning_text(a_state(used), ENGLISH)
    assert "<t:1800000000:R>" in said
