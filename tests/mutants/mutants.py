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
    lines: range  # of the original
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

    def files(self) -> list[str]:
        found = {path for pattern in self.modules for path in ROOT.glob(pattern)}
        return sorted(str(path.relative_to(ROOT)) for path in found)

    def sample(self) -> Iterator[Mutant]:
        """Of each module as many as its part of the lines, but one at least."""
        lines = {path: len((ROOT / path).read_text().splitlines()) for path in self.files()}
        for path, count in lines.items():
            wanted = max(1, round(self.mutants * count / sum(lines.values())))
            yield from mutants_of(path, wanted)


def packages() -> list[Package]:
    table = tomllib.loads((Path(__file__).parent / "packages.toml").read_text())
    return [Package(name, **parts) for name, parts in table.items()]


@cache
def all_tests() -> dict[str, str]:
    return {
        str(file.relative_to(ROOT)): file.read_text() for file in sorted(TESTS.rglob("test_*.py"))
    }


def near(path: str) -> list[str]:
    """Files of tests that name the module or import it: they tell soonest."""
    named = Path(path).stem
    module = path.removesuffix(".py").replace("/", ".")
    imports = re.compile(rf"{module}\b|from bot[.\w]* import .*\b{named}\b")
    return [
        test
        for test, text in all_tests().items()
        if named in Path(test).stem or imports.search(text)
    ]


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


def difference(before: str, after: str) -> tuple[range, str, str]:
    """Which lines went, and they and those that came, without the space around them."""
    old, new = before.splitlines(), after.splitlines()
    codes = difflib.SequenceMatcher(None, old, new).get_opcodes()
    changes = [each for each in codes if each[0] != "equal"]
    first, last = changes[0][1] + 1, changes[-1][2]
    lines = range(first, max(first, last) + 1)
    went = " ".join(line.strip() for _, i, j, _, _ in changes for line in old[i:j])
    came = " ".join(line.strip() for _, _, _, i, j in changes for line in new[i:j])
    return lines, went, came
