"""A reader meets one name for one thing, and the field's word where there is one."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from tests.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What the design's words have taken the place of: account, counters, wake-up event, request,
# notify, problem, error, message, fail, mark uncertain, requeue, release a lease.
PRIVATE = (
    "gathering",
    "bells?",
    "rings?",
    "rung",
    "books",
    "gate",
    "wish(es)?",
    "teller",
    "telling",
    "ailments?",
    "troubles?",
    "wire",
    "lose",
    "losing",
    "give_up",
    "given_up",
    "hand_back",
    "put_back",
)


def test_no_two_classes_have_the_same_name() -> None:
    """Whichever module one is imported from."""
    names = Counter(
        node.name for there in nodes().values() for node in there if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_private_word_names_nothing() -> None:
    """Neither as a whole nor as a part of a name."""
    pattern = re.compile(rf"(^|_)({'|'.join(PRIVATE)})($|_)")
    found = [
        f"{path}:{name}"
        for path, there in nodes().items()
        for name in _names(there)
        if pattern.search(_in_words(name))
    ]
    assert found == []


def test_words_are_found_within_names() -> None:
    """In classes, functions, parameters, variables and attributes."""
    tree = ast.parse("class DoorBell:\n def ring(self, wish): self.gate = books = 0")
    assert {_in_words(name) for name in _names(ast.walk(tree))} == {
        "door_bell",
        "ring",
        "self",
        "wish",
        "gate",
        "books",
    }


def _names(there: Iterable[ast.AST]) -> Iterator[str]:
    """Those that are given, not those that are used."""
    for node in there:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def _in_words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
