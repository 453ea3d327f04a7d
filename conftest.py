"""Each test belongs to one tier, by what it needs: unit, process, page or peers.

A mark on a test or its module says which. What uses a fixture that starts a bot or a browser is
marked by it; all others are `unit`, and fail when they start a process.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NoReturn
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator

pytest_plugins = ["sandbox.tests.discord_document", "tests.postgres.collecting"]

TIERS = {
    "unit": "neither processes nor browsers: rules, SQLite files, sockets within one process",
    "process": "starts processes, kills some of them",
    "page": "needs Chromium",
    "peers": "needs the clients of others that sandbox/tests/peers/install brings; ZEUXIS_PEERS=1",
}
TIER_OF_FIXTURE = {"browser": "page", "stage_with": "process", "lasting_stage": "process"}
COVERAGE_OF_CHILDREN = "COVERAGE_PROCESS_CONFIG"
BUSY = "a busy machine"  # says nothing about how fast an example is
WORKERS_PER_CORE = 2  # most tests wait for other processes


def pytest_configure(config: pytest.Config) -> None:
    """Names the tiers. Workers are measured, but not the processes that tests start and kill."""
    for name, needs in TIERS.items():
        config.addinivalue_line("markers", f"{name}: {needs}")
    settings.register_profile(BUSY, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile(BUSY)
    if hasattr(config, "workerinput"):
        os.environ.pop(COVERAGE_OF_CHILDREN, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs other clients unless asked for; pytest tells how many it left out."""
    for item in items:
        item.add_marker(tier(item))
    if os.environ.get("ZEUXIS_PEERS"):
        return
    left_out = [item for item in items if item.get_closest_marker("peers")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def tier(item: pytest.Item) -> str:
    """The one that needs most, where several would do."""
    told = {mark.name for mark in item.iter_markers()}
    used = {TIER_OF_FIXTURE.get(name) for name in getattr(item, "fixturenames", ())}
    return next((name for name in reversed(TIERS) if name in told | used), "unit")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many `-n auto` means."""
    return WORKERS_PER_CORE * (os.cpu_count() or 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Keeps the quick tests quick."""
    with ExitStack() as guards:
        if item.get_closest_marker("unit"):
            guards.enter_context(patch.object(subprocess.Popen, "__init__", refuse))
            guards.enter_context(patch.object(os, "fork", refuse))
        return (yield)


def refuse(*_arguments: object, **_named: object) -> NoReturn:
    """In the place of what starts processes."""
    pytest.fail("this test starts a process: mark it `pytest.mark.process`")
