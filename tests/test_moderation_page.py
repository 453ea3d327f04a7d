"""The page about moderation names all that staff can press, and its screens are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.texts import Texts
from bot.texts.case_controls import CaseVerb, case_verb_label

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "moderation.md").read_text(encoding="utf-8")
IN_THE_TEXT = (CaseVerb.GRANT, CaseVerb.DENY)
LARGEST_BYTES = 150_000


@pytest.mark.parametrize("verb", CaseVerb)
def test_every_verb_is_explained(verb: CaseVerb) -> None:
    """By the words that stand on its button."""
    label = case_verb_label(verb, Texts("en-US"))
    assert (f"*{label}*" if verb in IN_THE_TEXT else f"| {label} |") in PAGE


def test_every_screen_is_there_and_small() -> None:
    """Each in light and dark."""
    screens = re.findall(r'src(?:set)?="([^"]+)"', PAGE)
    assert len(screens) == len(set(screens)) == 10
    for screen in screens:
        assert (DOCS / screen).stat().st_size <= LARGEST_BYTES, screen
        assert screen.replace("light", "dark") in screens
