"""`python -m benchmarks [NAME …] [--quick]`: every figure as one JSON line on standard output.

A benchmark is a module or package of this folder with `run(*, quick) -> Iterator[Figure]`; its name
is its file's. A figure is {"name", "value", "unit", "limit", "holds", "beside"}; what the value is
held against was measured in the same run and stands in `beside`. Progress and tables go to standard
error. Exit status 1 if a figure does not hold or a benchmark breaks, 2 if a name is unknown.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import benchmarks

if TYPE_CHECKING:
    from collections.abc import Iterator

Figure = dict[str, Any]


def main() -> int:
    known = names()
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--quick", action="store_true", help="smaller runs, for a first look")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(known))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    figures, failed = 0, []
    for name in asked.names or known:
        try:
            for one in _figures(name, quick=asked.quick):
                figures += 1
                if not one["holds"]:
                    failed.append(one["name"])
        except Exception:  # noqa: BLE001 - the others are wanted all the same
            traceback.print_exc()
            failed.append(name)
    _say(f"{figures} figures, {len(failed)} do not hold {' '.join(failed)}".rstrip())
    return 1 if failed else 0


def names() -> list[str]:
    """Of every benchmark, in alphabetical order."""
    found = (one.name for one in iter_modules(benchmarks.__path__) if not one.name.startswith("_"))
    return sorted(name for name in found if hasattr(_module(name), "run"))


def _figures(name: str, *, quick: bool) -> Iterator[Figure]:
    _say(f"{name} …")
    began_s = time.monotonic()
    for figure in _module(name).run(quick=quick):
        print(json.dumps(figure, ensure_ascii=False), flush=True)
        yield figure
    _say(f"{name}: {time.monotonic() - began_s:.1f} s")


def _module(name: str) -> Any:
    return import_module(f"benchmarks.{name}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
