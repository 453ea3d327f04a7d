"""The tree of the house is drawn as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/design.md").read_text(encoding="utf-8")
TREE = PAGE.split("## The house")[1].split("```")[1]
WALK = PAGE.split("open in this order:**")[1].split("\n\n")[0]


def modules(folder: str) -> list[str]:
    """Packages and modules right below it, by their names."""
    paths = (ROOT / folder).iterdir()
    return [
        one.stem
        for one in paths
        if not one.name.startswith("__") and (one.suffix == ".py" or any(one.glob("*.py")))
    ]


@pytest.mark.parametrize(
    "folder", ["bot", "bot/cli", "bot/delivery", "bot/features", "bot/policy", "bot/queue"]
)
def test_every_room_is_drawn(folder: str) -> None:
    """Where a reader looks first."""
    drawn = set(re.findall(r"\w+", TREE))
    assert [name for name in modules(folder) if name not in drawn] == []


def test_what_is_drawn_is_there() -> None:
    """A module that has moved is drawn where it went."""
    names = re.findall(r"(\w+)\.py\b", TREE)
    there = {path.stem for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py")}
    assert names
    assert [name for name in names if name not in there] == []


def test_the_way_of_a_picture_leads_through_files_that_are_there() -> None:
    """In the order in which they are opened."""
    walk = re.findall(r"`([\w/]+\.py)`", WALK)
    assert len(walk) == 12
    assert [path for path in walk if not (ROOT / path).is_file()] == []


def test_decisions_stand_together_each_once() -> None:
    """Where the list ends is easily missed when one is added, or two lists are merged."""
    decisions, after = PAGE.split("\n## Dependencies")
    said = re.findall(r"^- \*\*(2026-.+?)\*\*", decisions, re.MULTILINE | re.DOTALL)
    assert len(said) == len(set(said)) > 100
    assert "\n- **2026-" not in after
