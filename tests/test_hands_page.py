"""The page about hands names all of them, and its screens are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.texts import Texts
from bot.texts.cards import Verb, verb_label
from bot.texts.result_cards import MENU

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "hands.md").read_text(encoding="utf-8")
ON_THE_CARD = (Verb.REROLL, Verb.EDIT, Verb.RESIZE, Verb.REWRITTEN, Verb.KEEP)
LARGEST_BYTES = 150_000


@pytest.mark.parametrize("verb", [*ON_THE_CARD, *MENU])
def test_every_hand_has_a_line(verb: Verb) -> None:
    """By the words that stand on it."""
    label = verb_label(verb, Texts("en-US"))
    assert f"| {label} |" in PAGE or f"| More → {label} |" in PAGE


def test_every_screen_is_there_and_small() -> None:
    """Each in light and dark."""
    screens = re.findall(r'src="([^"]+)"', PAGE)
    assert len(screens) == len(set(screens)) > 20
    for screen in screens:
        assert (DOCS / screen).stat().st_size <= LARGEST_BYTES, screen
        assert screen.replace("light", "dark") in screens
