"""The page for operators names log lines as they are."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.syntax import ROOT, nodes

PAGE = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
TABLE = PAGE.split("## Log lines to know")[1].split("\n\n")[1]
NAMED = [
    name
    for line in TABLE.splitlines()[2:]
    for name in re.findall(r"`([^`]+)`", line.split(" | ")[0])
]


@cache
def said() -> set[str]:
    """Strings, and the names of errors."""
    errors = nodes()[Path("bot/errors.py")]
    return {
        node.value
        for there in nodes().values()
        for node in there
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    } | {node.name for node in errors if isinstance(node, ast.ClassDef)}


@pytest.mark.parametrize("name", NAMED)
def test_what_the_page_names_is_logged(name: str) -> None:
    """By some string in the code, part by part where something stands between them."""
    parts = [part.strip(" ,") for part in re.split(r"…|=\d+", name)]
    assert all(any(part in one for one in said()) for part in parts if part), parts
