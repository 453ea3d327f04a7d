"""Which tests run a line: measured once, asked for each mutant.

A pytest plugin of two parts. With coverage running, each test's lines are kept under its name;
with ZEUXIS_CHOSEN, a file of names, those tests alone are played, in its order.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from coverage import Coverage, CoverageData

from tests.mutants.operators import ROOT

if TYPE_CHECKING:
    from collections.abc import Generator

KEPT = ROOT / "test-output" / "mutants"
CHOSEN = "ZEUXIS_CHOSEN"
TIERS = "unit or sockets"
MOST_TESTS = 2000  # for one mutant: those near it, then some of each other file
RC = """\
[run]
source = bot
parallel = true
patch = subprocess
data_file = {0}/coverage
"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """What runs from here on is this test's."""
    running = Coverage.current()
    if running is not None:
        running.switch_context(item.nodeid)
    return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that were chosen, as they were ordered."""
    chosen = os.environ.get(CHOSEN)
    if chosen is not None:
        places = {name: place for place, name in enumerate(Path(chosen).read_text().splitlines())}
        items[:] = sorted(
            (item for item in items if item.nodeid in places), key=lambda item: places[item.nodeid]
        )


def measure(python: str) -> None:
    """Plays all tests once; exits if they fail, since what they say of mutants would not hold."""
    for old in KEPT.glob("coverage*"):
        old.unlink()
    rc = KEPT / "coveragerc"
    rc.write_text(RC.format(KEPT))
    rcfile = f"--rcfile={rc}"
    tests = ["-m", "pytest", "-q", "-n", "auto", "-p", "tests.mutants.covering", "-m", TIERS]
    run = subprocess.run([python, "-m", "coverage", "run", rcfile, *tests], cwd=ROOT, check=False)
    if run.returncode:
        sys.exit("the tests fail without any change")
    subprocess.run([python, "-m", "coverage", "combine", "--quiet", rcfile], cwd=ROOT, check=True)


class Covering:
    """What `measure` has kept."""

    def __init__(self) -> None:
        self._data = CoverageData(str(KEPT / "coverage"))
        self._data.read()

    def tests_of(self, path: str, lines: range, near: list[str]) -> tuple[list[str], list[str]]:
        """At most MOST_TESTS that run one of these lines: those of `near` files, and of others.

        What is run as its module is imported, constants and fields, concerns whoever runs the rest,
        and all tests of `near` files: records have nothing that runs.
        """
        by_line = self._data.contexts_by_lineno(str(ROOT / path))
        code = (ROOT / path).read_text()
        told = chain.from_iterable(by_line.get(line, ()) for line in statements(code, lines))
        tests = set(told) - {""}
        if not tests:
            tests = set(chain.from_iterable(by_line.values())) - {""}
            everything = self._data.measured_contexts()
            tests |= {test for test in everything if test.partition("::")[0] in near}
        by_file: dict[str, list[str]] = {}
        for test in sorted(tests):
            by_file.setdefault(test.partition("::")[0], []).append(test)
        first = [*chain.from_iterable(by_file.pop(file, ()) for file in near)][:MOST_TESTS]
        in_turns = filter(None, chain.from_iterable(zip_longest(*by_file.values())))
        return first, [*islice(in_turns, MOST_TESTS - len(first))]


def statements(code: str, lines: range) -> set[int]:
    """All lines of the statements that these belong to, of a compound one its head alone.

    A changed text may stand on a line that is never run: its statement begins above.
    """
    found: set[int] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = body[0].lineno if body else (node.end_lineno or node.lineno) + 1
            own = range(node.lineno, max(end, node.lineno + 1))
            if own.start < lines.stop and lines.start < own.stop:
                found.update(own)
    return found
