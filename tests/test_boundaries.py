"""What imports alone do not show."""

from __future__ import annotations

import ast

from tests.syntax import nodes

EXECUTE = {"execute", "executemany", "executescript"}


def test_sql_is_executed_by_rows_and_the_database_alone() -> None:
    """Others pass functions of packages of rows to the database."""
    found = [
        f"{path}:{node.lineno}"
        for path, there in nodes().items()
        if path.parts[1] not in {"queue", "policy", "db", "moderation"}
        and not path.match("bot/features/*/rows.py")
        and not path.match("bot/features/*/rows/*.py")
        for node in there
        if isinstance(node, ast.Attribute) and node.attr in EXECUTE
    ]
    assert found == []
