"""The bot's own code as Python reads it, read once for all tests that look at it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent


def nodes(*folders: str) -> dict[Path, list[ast.AST]]:
    """Of each file in these folders, or of all, by its path from the root; the module is first."""
    within = folders or ("",)
    return {path: found for path, found in _all().items() if any(map(path.is_relative_to, within))}


@cache
def _all() -> dict[Path, list[ast.AST]]:
    return {
        path.relative_to(ROOT): [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
        for folder in ("bot", "cogs")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }
