"""What imports alone do not show."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXECUTE = {"execute", "executemany", "executescript"}


def test_sql_is_executed_by_rows_and_the_database_alone() -> None:
    """Others pass functions of packages of rows to the database."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("bot", "cogs")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.relative_to(ROOT).parts[1] not in {"queue", "policy", "db", "moderation"}
        and not path.match("bot/features/*/rows.py")
        and not path.match("bot/features/*/rows/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in EXECUTE
    ]
    assert found == []
