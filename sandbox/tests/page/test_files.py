"""The page's files: what is vendored is what was vendored, and nothing points elsewhere."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "page"
OWN = sorted(
    path
    for path in PAGE.rglob("*")
    if path.suffix in (".js", ".css", ".html", ".svg") and path.parent.name != "vendor"
)
LONGEST = 400


def test_lit_is_the_file_that_was_vendored() -> None:
    """The checksum beside it is its own, and its licence is there."""
    told, name = (PAGE / "vendor" / "lit.sha256").read_text().split()
    assert hashlib.sha256((PAGE / "vendor" / name).read_bytes()).hexdigest() == told
    assert "Redistribution and use" in (PAGE / "vendor" / "lit.LICENSE.txt").read_text()


def test_every_module_is_preloaded() -> None:
    """One round of requests brings all of them; a module that is missing would cost another."""
    listed = set(
        re.findall(r'rel="modulepreload" href="([^"]+)"', (PAGE / "index.html").read_text())
    )
    modules = {str(path.relative_to(PAGE)) for path in PAGE.rglob("*.js")}
    assert listed == modules - {"main.js", "vendor/lit.entry.js"}


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_no_file_names_another_host_or_makes_html_of_text(path: Path) -> None:
    """Addresses are the page's own; texts never become markup."""
    text = path.read_text()
    hosts = set(re.findall(r"(?:https?|wss?)://([\w.-]+)", text)) - {"www.w3.org", "discord.com"}
    assert hosts == set()
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|unsafeHTML|document\.write|\beval\(|new Function",
        text,
    )
    assert len(text.splitlines()) <= LONGEST
