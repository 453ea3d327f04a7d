"""`python -m benchmarks.house.shape [--at COMMIT …] [--json]`: how large the house is.

Read from the commits themselves, so that two states are compared by one script without a checkout.
Whatever lies in a folder named `tests` is a test, wherever that folder stands.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import math
import subprocess
import sys
import tarfile
import tokenize
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
ROOMS = {"bot": "bot + cogs", "cogs": "bot + cogs", "sandbox": "sandbox", "tests": "tests"}
LONGEST = 5
_NO_CODE = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENCODING, tokenize.ENDMARKER),
}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file."""

    path: str
    lines: int
    code_lines: int  # without blanks, comments and docstrings
    functions: tuple[tuple[int, str], ...]  # lines with the docstring, name
    classes: tuple[str, ...]  # of the module's top level
    public_names: int


def main() -> int:
    asked = _parser().parse_args()
    found = [{"commit": commit, "rooms": shape(commit)} for commit in asked.at]
    if asked.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return 0
    for one in found:
        print(f"{one['commit']}\n{_table(one['rooms'])}\n")
    return 0


def shape(commit: str) -> dict[str, dict[str, Any]]:
    """The measures of each room."""
    rooms: dict[str, list[Module]] = {name: [] for name in ROOMS.values()}
    for path, text in sources(commit):
        room = room_of(path)
        if room is not None:
            rooms[room].append(measured(path, text))
    return {name: _summary(modules) for name, modules in rooms.items()}


def sources(commit: str) -> Iterator[tuple[str, str]]:
    """Path and text of every Python file of a commit."""
    archive = subprocess.run(
        ["git", "archive", "--format=tar", commit], cwd=ROOT, check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.name.endswith(".py") else None
            if file is not None:
                yield member.name, file.read().decode()


def room_of(path: str) -> str | None:
    folders = PurePosixPath(path).parts[:-1]
    if "tests" in folders:
        return ROOMS["tests"]
    return ROOMS.get(folders[0]) if folders else None


def measured(path: str, text: str) -> Module:
    """What one file counts for."""
    tree = ast.parse(text, path)
    nodes = list(ast.walk(tree))
    return Module(
        path=path,
        lines=len(text.splitlines()),
        code_lines=len(_code_lines(text) - _docstring_lines(nodes)),
        functions=tuple(
            (_length(node), f"{path}:{node.name}") for node in nodes if isinstance(node, _Function)
        ),
        classes=tuple(node.name for node in tree.body if isinstance(node, ast.ClassDef)),
        public_names=len(list(_public_names(tree))),
    )


def _code_lines(text: str) -> set[int]:
    return {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }


def _docstring_lines(nodes: Sequence[ast.AST]) -> set[int]:
    return {
        line
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | _Function)
        and ast.get_docstring(node, clean=False) is not None
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }


def _length(node: _Function) -> int:
    """From its `def` to its last line; decorators do not count."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _public_names(tree: ast.Module) -> Iterator[str]:
    """Functions, classes and constants of the top level, and methods of public classes."""
    for node in tree.body:
        for name in filter(_is_public, _names(node)):
            yield name
            if isinstance(node, ast.ClassDef):
                methods = (one.name for one in node.body if isinstance(one, _Function))
                yield from (f"{name}.{method}" for method in methods if _is_public(method))


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | _Function):
        return [node.name]
    if isinstance(node, ast.AnnAssign):
        return [node.target.id] if isinstance(node.target, ast.Name) else []
    if isinstance(node, ast.Assign):
        inside = (one for target in node.targets for one in ast.walk(target))
        return [one.id for one in inside if isinstance(one, ast.Name)]
    return []


def _is_public(name: str) -> bool:
    return not name.startswith("_")


def _summary(modules: Sequence[Module]) -> dict[str, Any]:
    functions = sorted((one for module in modules for one in module.functions), reverse=True)
    classes = Counter(name for module in modules for name in module.classes)
    return {
        "files": len(modules),
        "lines": sum(module.lines for module in modules),
        "code_lines": sum(module.code_lines for module in modules),
        "file_lines": _spread([module.lines for module in modules]),
        "functions": len(functions),
        "function_lines": _spread([length for length, _ in functions]),
        "longest_functions": [f"{name} {length}" for length, name in functions[:LONGEST]],
        "public_names": sum(module.public_names for module in modules),
        "class_names_twice": sorted(name for name, count in classes.items() if count > 1),
    }


def _spread(values: Sequence[int]) -> dict[str, int]:
    """By the nearest rank: each figure is a length that there is."""
    ordered = sorted(values) or [0]
    ranks = {"median": 0.5, "p90": 0.9, "max": 1.0}
    return {name: ordered[math.ceil(rank * len(ordered)) - 1] for name, rank in ranks.items()}


def _table(rooms: dict[str, dict[str, Any]]) -> str:
    head = "| | files | lines | of code | file median/p90/max | functions | median/p90/max | public"
    rows = [f"{head} | class names twice |", "|---|--:|--:|--:|--:|--:|--:|--:|---|"]
    for name, room in rooms.items():
        file, function = ("/".join(map(str, room[one].values())) for one in _SPREADS)
        cells = (name, room["files"], room["lines"], room["code_lines"], file, room["functions"])
        twice = room["class_names_twice"]
        named = f"{len(twice)} {' '.join(twice)}" if len(twice) <= LONGEST else len(twice)
        rows.append(f"| {' | '.join(map(str, (*cells, function, room['public_names'], named)))} |")
    longest = (f"{name}: {', '.join(room['longest_functions'])}" for name, room in rooms.items())
    return "\n".join([*rows, "", *longest])


_SPREADS = ("file_lines", "function_lines")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.house.shape", description=__doc__)
    parser.add_argument("--at", nargs="+", metavar="COMMIT", default=["HEAD"])
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
