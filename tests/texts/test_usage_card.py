"""The sums of a member, from today to all time."""

from __future__ import annotations

import pytest

from bot.queue.ledger import UsageSum, UsageView
from bot.texts import Texts
from bot.texts.usage_words import sums_text
from tests.texts.records import LOCALES

VIEW = UsageView(
    today=UsageSum(),
    week=UsageSum(images=1, rewritten=0, pixels=1_048_576, cost_micros=15_000),
    month=UsageSum(images=12, rewritten=7, pixels=15_200_000, cost_micros=285_000),
    all_time=UsageSum(images=1000, rewritten=1000, pixels=4_194_304_000, cost_micros=30_000_000),
)


def test_each_span_says_pictures_rewriting_pixels_and_cost() -> None:
    """Four lines that a phone shows and a screen reader reads."""
    assert sums_text(VIEW, Texts("en-US")).splitlines() == [
        "**Today** · none",
        "**Last 7 days** · 1 picture · 1.0 MP · **$0.015**",
        "**Last 30 days** · 12 pictures · 7 rewritten · 15.2 MP · **$0.285**",
        "**All time** · 1000 pictures · 1000 rewritten · 4194.3 MP · **$30.00**",
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_dollars_are_the_same_in_every_language(locale: str) -> None:
    """The price list is in dollars."""
    assert "**$0.285**" in sums_text(VIEW, Texts(locale))
