"""Image requests: the limits of the reference, with counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.policy.precedence import policy_of
from bot.providers.image import dollars
from bot.providers.zimage import OFFER, price
from bot.refusals import PromptEmpty, PromptTooLong, SeedOutOfRange

SAMPLE = (Path(__file__).parents[1] / "data" / "reference_prompt.txt").read_text("utf-8")


def test_the_references_own_sample_prompt_is_refused_with_its_count() -> None:
    """It has 1,039 characters; the service would cut it at 800 without a word."""
    with pytest.raises(PromptTooLong) as raised:
        OFFER.image_request(prompt=SAMPLE, size=OFFER.default_size, seed=0, rewrite=False)
    assert (raised.value.characters, raised.value.limit) == (1039, 800)


def test_800_characters_pass_whatever_their_script() -> None:
    """A character is a code point: an ideograph counts one, as in the reference."""
    for prompt in (SAMPLE[:800].strip(), "橘" * 800, "😀" * 800):
        request = OFFER.image_request(prompt=prompt, size=OFFER.default_size, seed=0, rewrite=False)
        assert request.prompt == prompt
    with pytest.raises(PromptTooLong):
        OFFER.image_request(prompt="橘" * 801, size=OFFER.default_size, seed=0, rewrite=False)


@pytest.mark.parametrize(
    "prompt", ["", " \n\t ", "\u200b", "\u3164", "\u2800", "\u00ad", "\u202e", " \ufeff\u2060 "]
)
def test_a_prompt_that_shows_nothing_is_refused(prompt: str) -> None:
    """The service would answer with an error, or draw and bill anything."""
    with pytest.raises(PromptEmpty):
        OFFER.image_request(prompt=prompt, size=OFFER.default_size, seed=0, rewrite=False)


def test_invisible_edges_neither_count_nor_reach_the_model() -> None:
    """What stands between the words does: it belongs to some scripts and to many emoji."""
    request = OFFER.image_request(
        prompt="\u200b" * 900 + "👩\u200d🚀 می\u200cخواهم" + "\u2800" * 900,
        negative="\u3164dogs\ufeff",
        size=OFFER.default_size,
        seed=0,
        rewrite=False,
    )
    assert request.prompt == "👩\u200d🚀 می\u200cخواهم"
    assert request.negative == "dogs"


def test_what_is_left_out_may_show_nothing() -> None:
    """Then nothing is left out."""
    request = OFFER.image_request(
        prompt="cat", negative="\u200b\u2800", size=OFFER.default_size, seed=0, rewrite=False
    )
    assert request.negative == ""


@pytest.mark.parametrize(("seed", "fits"), [(0, True), (2147483647, True)])
def test_the_bounds_of_the_seed_pass(seed: int, fits: bool) -> None:
    """0…2147483647, both ends included."""
    assert (
        OFFER.image_request(prompt="cat", size=OFFER.default_size, seed=seed, rewrite=True).seed
        == seed
    ) is fits


@pytest.mark.parametrize("seed", [-1, 2147483648])
def test_a_seed_beyond_the_bounds_is_refused(seed: int) -> None:
    """Before anything is sent or billed."""
    with pytest.raises(SeedOutOfRange):
        OFFER.image_request(prompt="cat", size=OFFER.default_size, seed=seed, rewrite=True)


def test_rewriting_doubles_the_price() -> None:
    """$0.015 and $0.03 in Singapore."""
    asked = (
        OFFER.image_request(prompt="cat", size=OFFER.default_size, seed=1, rewrite=rewrite)
        for rewrite in (False, True)
    )
    prices = policy_of([]).prices
    assert [dollars(price(one, prices)) for one in asked] == ["$0.015", "$0.03"]


@pytest.mark.parametrize(
    ("micros", "shown"),
    [(0, "$0.00"), (1_000_000, "$1.00"), (14_340, "$0.01434"), (1_234_500, "$1.2345")],
)
def test_dollars_lose_no_digit(micros: int, shown: str) -> None:
    """At least two decimals, and every one that is not nought."""
    assert dollars(micros) == shown
