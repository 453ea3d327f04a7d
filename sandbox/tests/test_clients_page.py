"""docs/clients.md shows lines that the tests run, and names the versions that they run with."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PEERS = HERE / "peers"
PAGE = (HERE.parent / "docs" / "clients.md").read_text()

BOTS = {
    "discord.py": HERE / "bots.py",
    "discord.js": PEERS / "discordjs" / "journey.cjs",
    "hikari": PEERS / "hikari" / "journey.py",
    "interactions.py": PEERS / "interactions" / "journey.py",
    "oceanic.js": PEERS / "oceanic" / "journey.cjs",
}


def section(library: str) -> str:
    """What the page says of a library."""
    return PAGE.split(f"\n## {library}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("library", BOTS)
def test_the_lines_of_a_client_are_its_bot_s(library: str) -> None:
    """In the same order, though not next to each other."""
    shown = re.findall(r"```\w+\n(.*?)```", section(library), re.DOTALL)
    assert len(shown) == 1
    lines = iter(BOTS[library].read_text().splitlines())
    for line in filter(None, map(str.strip, shown[0].splitlines())):
        assert any(each.strip().startswith(line) for each in lines), line


def test_the_versions_are_those_that_are_installed() -> None:
    """By the locks of the tests."""
    for library, number in installed().items():
        assert f"\n| {library} | {number} |" in PAGE
    assert len(installed()) == len(BOTS) == PAGE.count("\n## ") - 1, "and no other has a section"


def installed() -> dict[str, str]:
    """Each library's version."""
    found = {"discord.py": version("discord.py")}
    for peer in ("discordjs", "oceanic"):
        found |= json.loads((PEERS / peer / "package.json").read_text())["dependencies"]
    for peer, library in (("hikari", "hikari"), ("interactions", "interactions.py")):
        locked = (PEERS / peer / "requirements.in").read_text()
        found[library] = locked.strip().rpartition("==")[2]
    return found
