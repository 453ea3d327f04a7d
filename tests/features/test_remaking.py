"""What hands make of a request, and which other sizes are offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.imagine.records import TypedEdit
from bot.features.imagine.remaking import (
    MOST_SIZES,
    edited,
    other_sizes,
    rerolled,
    resized,
    same,
    with_rewritten_prompt,
)
from bot.policy.rules import Rewriting
from bot.providers.image import Size
from bot.providers.zimage import OFFER
from bot.records import replace
from bot.refusals import Refusal, SeedNotUnderstood, UnknownJob
from tests.texts.records import DELIVERED, QUEUED, REQUEST, SHOWN

TYPED = TypedEdit(prompt="a dog", size="1024*1024", seed="3", rewriting=Rewriting.OFF)


def test_each_hand_changes_what_it_says_and_nothing_else() -> None:
    assert same(DELIVERED) == REQUEST
    assert rerolled(8)(DELIVERED) == replace(REQUEST, seed=8)
    assert resized(Size(1280, 720))(DELIVERED) == replace(REQUEST, size=Size(1280, 720))
    rewritten = with_rewritten_prompt(OFFER)(DELIVERED)
    assert rewritten == replace(REQUEST, prompt=SHOWN.shown_prompt, rewrite=False)


def test_there_is_no_rewritten_prompt_of_what_was_not_drawn() -> None:
    with pytest.raises(UnknownJob):
        with_rewritten_prompt(OFFER)(QUEUED)


@pytest.mark.parametrize(
    ("seed", "expected"), [("", 77), ("  ", 77), ("12", 12), ("１２", 12), ("+5", 5), ("007", 7)]
)
def test_seed_as_it_is_typed(seed: str, expected: int) -> None:
    """Nothing is a new one."""
    assert edited(replace(TYPED, seed=seed), OFFER, new_seed=77).seed == expected


@pytest.mark.parametrize("seed", ["seven", "1e3", "1_000", "0x10", "1.5", "--1", "٪"])
def test_what_is_no_number_is_no_seed(seed: str) -> None:
    with pytest.raises(SeedNotUnderstood):
        edited(replace(TYPED, seed=seed), OFFER, new_seed=77)


@given(st.builds(TypedEdit, prompt=st.text(), negative=st.text(), size=st.text(), seed=st.text()))
def test_whatever_is_typed_is_a_request_or_refused(typed: TypedEdit) -> None:
    """Nothing else is raised, and what passes is within the offer."""
    try:
        request = edited(typed, OFFER, new_seed=1)
    except Refusal:
        return
    assert 1 <= len(request.prompt) <= OFFER.prompt_limit
    assert 0 <= request.seed <= OFFER.max_seed
    assert OFFER.draws_area_of(request.size)


def test_other_ratios_of_the_same_area_come_first() -> None:
    """Then larger ones of its ratio; the present size is not among them."""
    size = Size(1024, 1024)
    found = other_sizes(size, OFFER, None)
    assert len(found) == MOST_SIZES
    assert size not in [one.size for one in found]
    tiers = [one.tier_px for one in found]
    same_area = tiers.count(1024)
    assert tiers[:same_area] == [1024] * same_area
    assert found[same_area].ratio == "1:1"
    assert found[same_area].tier_px > 1024


@pytest.mark.parametrize("most_px", [1, 1024 * 1024, 1536 * 1536])
def test_nothing_larger_than_the_staff_allow_is_offered(most_px: int) -> None:
    found = other_sizes(Size(1024, 1024), OFFER, most_px)
    assert all(one.size.area_px <= most_px for one in found)
