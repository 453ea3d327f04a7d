"""No log line holds a member's id, as the page on privacy promises."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
OF_MEMBERS = {"user_id", "user_ids", "set_by", "decided_by", "actor"}


def log_calls() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for folder in ("bot", "cogs")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
    ]


def named(call: ast.Call) -> set[str]:
    """Variables and attributes of what is logged."""
    nodes = [node for value in [*call.args, *call.keywords] for node in ast.walk(value)]
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


def test_no_log_line_is_given_a_members_id() -> None:
    calls = log_calls()
    assert len(calls) > 50, "the calls are found"
    assert [where for where, call in calls if named(call) & OF_MEMBERS] == []
