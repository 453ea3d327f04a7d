"""Benchmarks are played by hand; here most are so small that they say nothing, but they run.

Types are checked besides. What is only seen here: options of commands, columns, settings and what
the bot says, which all are strings to a benchmark.
"""

from __future__ import annotations

import inspect
import json
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules, walk_packages
from typing import Any

import pytest

import benchmarks
from benchmarks import attacks, fairness, pace
from benchmarks.__main__ import main, names

NO_BENCHMARKS = {"house", "simulator"}  # are programs of their own, or parts of others
OF_ANOTHER_VENV = {"benchmarks.billing.sdk"}
KEYS = {"name", "value", "unit", "limit", "holds", "beside"}
# By name, what makes it small.
IN_MEMORY: dict[str, dict[str, Any]] = {
    "attacks": {"MIXED_ROUNDS": 100, "NEWCOMER_JOBS": 2_500},
    "claim_cost": {"FEW": 100, "QUICK_MANY": 200, "ROUNDS": 1, "CLAIMS": 5},
    "concurrency": {"QUICK_S": 120},
    "expected_wait": {"QUICK_PART": (0.35, 0.3505), "GUILDS": 20},
    "fairness": {"QUICK_GUILDS": 40, "QUICK_JOBS": 400, "QUICK_ROWS": 50, "WATCHED": 5},
    "history": {"FEW": 100, "QUICK_PICTURES": 300, "QUICK_ROUNDS": 1, "ROUNDS": 1, "REPEATS": 1},
    "limits": {"QUICK_JOBS": 1_000, "ROUNDS": 1, "SUBMITS": 5},
    "pace": {"QUICK_S": 400, "ROWS_S": 20},
    "unknown_limit": {"PHASE_S": 30, "SETTLED_S": 5, "RISES_WITHIN_S": 20},
    "word_rules": {"WORDS": 100, "PATTERNS": 4, "BATCH": 4},
}
# Without the official SDK, which would be a process; it is played where it is installed.
OVER_SOCKETS: dict[str, dict[str, Any]] = {
    "billing": {"_QUICK_CALLS": 8, "_SDK_PYTHON": Path("nowhere")},
    "sandbox": {},
}
WITH_THE_BOT: dict[str, dict[str, Any]] = {
    "bill": {"JOBS": 10},
    "burst": {"SUBMITS": 16, "BURST": 60, "WITHIN_S": 0.1, "ACKNOWLEDGED_WITHIN_S": 0.5},
    "disk": {"JOBS": 9},
    "edits": {"JOBS": 6},
    "throughput": {"JOBS": 24},
    "felt": {"BLOCKS": 1, "QUICK_ROUNDS": 1, "WARM_UP": 1, "PAUSE_S": 0.0},
}
LONG = {"chaos", "imports", "kill", "relay", "stop"}  # seconds, however small


def run(name: str, small: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the shape that is promised; what must never happen does not in a small run either."""
    benchmark = import_module(f"benchmarks.{name}")
    for constant, value in small.items():
        monkeypatch.setattr(benchmark, constant, value)
    figures = list(benchmark.run(quick=True))
    assert figures
    for figure in figures:
        assert figure.keys() == KEYS
        assert isinstance(figure["holds"], bool)
        assert {type(figure["value"]), type(figure["limit"])} <= {int, float}
        assert figure["limit"] or figure["holds"], figure
        json.dumps(figure, allow_nan=False)
    assert len({figure["name"] for figure in figures}) == len(figures)


def test_every_benchmark_is_found() -> None:
    """None is left out by its name, by a missing `run` or by this file."""
    there = {one.name for one in iter_modules(benchmarks.__path__) if one.name[0] != "_"}
    assert set(names()) == there - NO_BENCHMARKS
    assert set(names()) == {*IN_MEMORY, *OVER_SOCKETS, *WITH_THE_BOT, *LONG}


@pytest.mark.parametrize("name", names())
def test_every_benchmark_has_a_quick_run(name: str) -> None:
    parameters = inspect.signature(import_module(f"benchmarks.{name}").run).parameters
    assert parameters["quick"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["quick"].default is False


def test_all_that_belongs_to_them_can_be_imported() -> None:
    """Also what a benchmark starts as a process of its own."""
    found = {one.name for one in walk_packages(benchmarks.__path__, "benchmarks.")}
    assert found > OF_ANOTHER_VENV
    for name in found - OF_ANOTHER_VENV:
        import_module(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_MEMORY)
def test_those_without_a_bot_yield_figures(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        fairness, "ProcessPoolExecutor", lambda at_once, **_: ThreadPoolExecutor(at_once)
    )
    run(name, IN_MEMORY[name], monkeypatch)


@pytest.mark.sockets
@pytest.mark.parametrize("name", OVER_SOCKETS)
def test_those_of_the_clients_yield_figures(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run(name, OVER_SOCKETS[name], monkeypatch)


@pytest.mark.process
@pytest.mark.parametrize("name", WITH_THE_BOT)
def test_those_with_the_bot_yield_figures(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`felt` asks a bare bot for the same; it would wait for an answer in vain."""
    run(name, WITH_THE_BOT[name], monkeypatch)


def test_one_that_breaks_does_not_take_the_others_along(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_attack(*, quick: bool) -> None:
        raise TimeoutError

    monkeypatch.setattr(attacks, "run", no_attack)
    monkeypatch.setattr(pace, "run", lambda **_: iter([dict.fromkeys(KEYS, True)]))
    monkeypatch.setattr("sys.argv", ["benchmarks", "attacks", "pace"])
    assert main() == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == dict.fromkeys(KEYS, True)
    assert said.err.splitlines()[-1] == "1 figures, 1 do not hold attacks"
