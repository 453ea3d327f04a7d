"""No log line holds a member's id, as the page on privacy promises."""

from __future__ import annotations

import ast

from tests.syntax import nodes

OF_MEMBERS = {"user_id", "user_ids", "set_by", "decided_by", "actor"}


def log_calls() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path}:{node.lineno}", node)
        for path, there in nodes().items()
        for node in there
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
    ]


def named(call: ast.Call) -> set[str]:
    """Variables and attributes of what is logged."""
    inner = [node for value in [*call.args, *call.keywords] for node in ast.walk(value)]
    return {node.id for node in inner if isinstance(node, ast.Name)} | {
        node.attr for node in inner if isinstance(node, ast.Attribute)
    }


def test_no_log_line_is_given_a_members_id() -> None:
    calls = log_calls()
    assert len(calls) > 50, "the calls are found"
    assert [where for where, call in calls if named(call) & OF_MEMBERS] == []
