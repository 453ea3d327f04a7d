"""Each test belongs to one tier, by what it needs: unit, slow, sockets, process, page or peers.

A mark on a test or its module says which. What uses a fixture that opens a server, or starts a bot
or a browser, is marked by it; all others are `unit`. Those and `slow` ones fail when they start a
process or open a connection, those of `sockets` when they start a process.
"""

from __future__ import annotations

import os
import socket
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

pytest_plugins = ["sandbox.tests.discord_document", "tests.postgres.collecting"]

TIERS = {
    "unit": "rules, SQLite files, services: nothing but this process and its disk",
    "slow": "as unit, but seconds of it: long random lives, a year of rows, small benchmarks",
    "sockets": "servers and clients in this process, over the network of this machine",
    "process": "starts processes, kills some of them",
    "page": "needs Chromium",
    "peers": "needs the clients of others that sandbox/tests/peers/install brings; ZEUXIS_PEERS=1",
}
TIER_OF_FIXTURE = {
    "browser": "page",
    "lasting_stage": "process",
    "room": "sockets",
    "sandbox": "sockets",
    "stage_with": "process",
    "still": "sockets",
}
# Events of Python's audit, https://docs.python.org/3/library/audit_events.html
STARTS_A_PROCESS = dict.fromkeys(
    ("os.fork", "os.posix_spawn", "os.system", "subprocess.Popen"),
    "this test starts a process: mark it `pytest.mark.process`",
)
OPENS_A_SOCKET = dict.fromkeys(
    ("socket.bind", "socket.connect"),
    "this test opens a connection: mark it `pytest.mark.sockets`",
)
REFUSED = {
    **dict.fromkeys(("unit", "slow"), STARTS_A_PROCESS | OPENS_A_SOCKET),
    "sockets": STARTS_A_PROCESS,
}
refused: dict[str, str] = {}  # while a test is played: what it may not do, and what it is told
COVERAGE_OF_CHILDREN = "COVERAGE_PROCESS_CONFIG"
BUSY = "a busy machine"  # says nothing about how fast an example is
WORKERS_PER_CORE = 2  # where tests wait for sockets and processes


def pytest_configure(config: pytest.Config) -> None:
    """Names the tiers. Workers are measured, but not the processes that tests start and kill."""
    for name, needs in TIERS.items():
        config.addinivalue_line("markers", f"{name}: {needs}")
    settings.register_profile(BUSY, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile(BUSY)
    sys.addaudithook(partial(refuse, refused))
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
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many `-n auto` means."""
    waits = config.option.markexpr != "unit"
    return (WORKERS_PER_CORE if waits else 1) * (os.cpu_count() or 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Keeps the quick tests quick."""
    refused.update(REFUSED.get(tier(item), {}))
    try:
        return (yield)
    finally:
        refused.clear()


def refuse(refused: Mapping[str, str], event: str, arguments: tuple[Any, ...]) -> None:
    """Asked by Python before each act that it lets be watched, to its very end, when the names of
    this module are gone.
    """
    if event in refused and not (event in OPENS_A_SOCKET and arguments[0].family == socket.AF_UNIX):
        pytest.fail(refused[event])
