"""The sample: which mutants are made of a package, the same ones at each run."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import MetadataWrapper
from mutmut.mutation.file_mutation import MutationVisitor, deep_replace
from mutmut.mutation.pragma_handling import IgnoredCode

from tests.mutants.operators import OPERATORS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = ROOT / "tests"
Name = tuple[str, str, str]


@dataclass(frozen=True)
class Mutant:
    """One file with one change."""

    path: str
    code: str
    was: str
    becomes: str

    @property
    def name(self) -> Name:
        """Holds as long as the lines that it changes stand."""
        return self.path, self.was, self.becomes


@dataclass(frozen=True)
class Package:
    name: str
    mutants: int
    modules: list[str]
    tests: list[str]

    def files(self) -> list[str]:
        found = {path for pattern in self.modules for path in ROOT.glob(pattern)}
        return sorted(str(path.relative_to(ROOT)) for path in found)

    def sample(self) -> Iterator[Mutant]:
        """Of each module as many as its part of the lines, but one at least."""
        lines = {path: len((ROOT / path).read_text().splitlines()) for path in self.files()}
        for path, count in lines.items():
            wanted = max(1, round(self.mutants * count / sum(lines.values())))
            yield from mutants_of(path, wanted)

    def tests_for(self, path: str) -> tuple[list[str], list[str]]:
        """The package's first and those that name or import the module: they tell soonest."""
        named = Path(path).stem
        module = path.removesuffix(".py").replace("/", ".")
        imports = re.compile(rf"{module}\b|from bot[.\w]* import .*\b{named}\b")
        first, *others = (
            [test for test in all_tests() if test.startswith(each)] for each in self.tests
        )
        near = [
            test
            for test, text in all_tests().items()
            if named in Path(test).stem or imports.search(text)
        ]
        near = list(dict.fromkeys([*near, *first]))
        return near, [test for part in others for test in part if test not in near]


def packages() -> list[Package]:
    table = tomllib.loads((Path(__file__).parent / "packages.toml").read_text())
    return [Package(name, **parts) for name, parts in table.items()]


@cache
def all_tests() -> dict[str, str]:
    return {
        str(file.relative_to(ROOT)): file.read_text() for file in sorted(TESTS.rglob("test_*.py"))
    }


def mutants_of(path: str, wanted: int) -> Iterator[Mutant]:
    """Chosen by what is changed, so that a change elsewhere in the file chooses no others."""
    code = (ROOT / path).read_text()
    visitor = MutationVisitor(OPERATORS, IgnoredCode(set(), set(), set()))
    module = MetadataWrapper(cst.parse_module(code)).visit(visitor)
    seen: Counter[str] = Counter()
    ranked = []
    for each in visitor.mutations:
        function = each.contained_by_top_level_function
        where = function.name.value if isinstance(function, cst.FunctionDef) else ""
        nodes = (each.original_node, each.mutated_node)
        text = "\n".join([path, where, *map(module.code_for_node, nodes)])
        seen[text] += 1
        ranked.append((sha256(f"{text}\n{seen[text]}".encode()).digest(), *nodes))
    for _, original, mutated in sorted(ranked, key=lambda each: each[0])[:wanted]:
        changed = deep_replace(module, original, mutated)
        assert isinstance(changed, cst.Module)
        yield Mutant(path, changed.code, *difference(code, changed.code))


def difference(before: str, after: str) -> tuple[str, str]:
    """The lines that went and the lines that came, without the space around them."""
    lines = [*difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")][2:]
    went, came = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return went, came
