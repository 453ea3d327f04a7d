"""Runs the tests against each mutant, in a copy of the tree: `make mutants`.

Prints the table, then those that live; exit status 1 if a package's tests killed less than
nine tenths of those that can be told from the original.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tests.mutants.covering import CHOSEN, KEPT, TIERS, Covering, measure
from tests.mutants.mutants import near, packages
from tests.mutants.operators import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutants.mutants import Mutant, Name, Package

PYTEST = ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "tests.mutants.covering"]
PYTEST += ["--hypothesis-seed=0", "--timeout=60", "-m", TIERS]
LEAST_KILLED = 0.9
MOST_CPU_S = 300
LONGEST_S = 900.0  # for tests that wait for ever
HEAD = """\
| package | made | killed | of them by time | equivalent | alive | killed of what differs |
|---|---|---|---|---|---|---|"""
LIVING = """\
`{0}`, {kind}: {why}
```diff
- {1}
+ {2}
```
"""


def bound() -> None:
    """On the core and not by the clock, which runs as fast on a busy machine."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S + 1))


class Judge:
    """Copies of the tree, each for one mutant at a time."""

    def __init__(self, python: str, directory: Path, copies: int) -> None:
        self._python = Path(python).absolute()
        self._copies = copies
        self._covering = Covering()
        self._seconds = itertools.count(1)
        self._trees: SimpleQueue[Path] = SimpleQueue()
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        files = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for number in range(copies):
            for file in filter(None, files.split("\0")):
                if (ROOT / file).is_file():
                    copy = directory / str(number) / file
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / file, copy)
            self._trees.put(directory / str(number))

    def verdicts(self, mutants: list[Mutant]) -> Iterator[str]:
        """alive, killed, or timeout, which is killed as well."""
        with ThreadPoolExecutor(self._copies) as pool:
            found = pool.map(self._verdict, mutants)
            for mutant, verdict in zip(mutants, found, strict=True):
                print(f"{verdict:8} {mutant.path}: {mutant.becomes}", file=sys.stderr, flush=True)
                yield verdict

    def _verdict(self, mutant: Mutant) -> str:
        parts = self._covering.tests_of(mutant.path, mutant.lines, near(mutant.path))
        with self._a_tree() as tree:
            path = tree / mutant.path
            original, stat = path.read_text(), path.stat()
            path.write_text(mutant.code)
            second = next(self._seconds)
            os.utime(path, (second, second))  # compiled code is known by its second and size
            try:
                verdicts = (self._run(tree, tests) for tests in parts if tests)
                return next((each for each in verdicts if each != "alive"), "alive")
            finally:
                path.write_text(original)
                os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    @contextmanager
    def _a_tree(self) -> Iterator[Path]:
        tree = self._trees.get()
        try:
            yield tree
        finally:
            self._trees.put(tree)

    def _run(self, tree: Path, tests: list[str]) -> str:
        chosen = tree / "chosen"
        chosen.write_text("\n".join(tests))
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        process = subprocess.Popen(
            [self._python, *PYTEST, *files],
            cwd=tree,
            env={**os.environ, CHOSEN: str(chosen)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=bound,  # noqa: PLW1509  (nothing but one call)
        )
        try:
            code = process.wait(LONGEST_S)
            return {0: "alive", -signal.SIGXCPU: "timeout"}.get(code, "killed")
        except subprocess.TimeoutExpired:
            return "timeout"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("package", nargs="*", help="all, if none is named")
    parser.add_argument("--copies", type=int, default=1, help="at once")
    parser.add_argument("--python", default=sys.executable, help="which runs the tests")
    parser.add_argument("--measured", action="store_true", help="by an earlier run")
    parser.add_argument("--living", action="store_true", help="those alone that lived last time")
    asked = parser.parse_args()
    chosen = [each for each in packages() if not asked.package or each.name in asked.package]
    KEPT.mkdir(parents=True, exist_ok=True)
    if not asked.measured:
        measure(asked.python)
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        judge = Judge(asked.python, Path(directory), asked.copies)
        for package in chosen:
            run(package, judge, only_living=asked.living)
    report([each.name for each in chosen])


def run(package: Package, judge: Judge, *, only_living: bool) -> None:
    """Keeps the verdicts in a file of the package, those of a run that is stopped as well."""
    kept = KEPT / f"{package.name}.json"
    known: dict[Name, str] = {}
    if only_living:
        known = {(row[0], row[1], row[2]): row[3] for row in json.loads(kept.read_text())}
    mutants = list(package.sample())
    again = [each for each in mutants if known.get(each.name, "alive") == "alive"]
    try:
        for mutant, verdict in zip(again, judge.verdicts(again), strict=True):
            known[mutant.name] = verdict
    finally:
        rows = [[*each.name, known[each.name]] for each in mutants if each.name in known]
        kept.write_text(json.dumps(rows, indent=1, ensure_ascii=False))


def report(names: list[str]) -> None:
    """Prints the table and those that live, and keeps both."""
    reasons = known_living()
    table, living, few = [HEAD], [""], []
    for package in names:
        count: Counter[str] = Counter()
        by_time = 0  # perhaps of a busy machine
        for *name, verdict in json.loads((KEPT / f"{package}.json").read_text()):
            kind, why = reasons.get(tuple(name), ("alive", "**no reason given**"))
            count["killed" if verdict != "alive" else kind] += 1
            by_time += verdict == "timeout"
            if verdict == "alive":
                living.append(LIVING.format(*name, kind=kind, why=why))
        differ = count["killed"] + count["alive"]
        counts = [count.total(), count["killed"], by_time, count["equivalent"], count["alive"]]
        share = count["killed"] / max(1, differ)
        table.append(f"| {package} | {' | '.join(map(str, counts))} | {share:.0%} |")
        if share < LEAST_KILLED:
            few.append(package)
    told = "\n".join([*table, *living])
    (KEPT / "report.md").write_text(told)
    print(told)
    if few:
        sys.exit(f"fewer than nine in ten were killed: {', '.join(few)}")


def known_living() -> dict[tuple[str, ...], tuple[str, str]]:
    """Whether it is equivalent, and why it lives, by the lines it changes."""
    table = tomllib.loads((Path(__file__).parent / "living.toml").read_text())
    return {
        (path, each["was"], each["becomes"]): (each["is"], each["why"])
        for path, mutants in table.items()
        for each in mutants
    }


if __name__ == "__main__":
    main()
