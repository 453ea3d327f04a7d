"""Each test is of one tier, and those of the quick tiers start nothing."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

TIERS = {"unit", "slow", "sockets", "process", "page", "peers"}


def run() -> int:
    return subprocess.run([sys.executable, "-V"], check=False, capture_output=True).returncode


def fork() -> int:
    return os.fork()


def bind() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))


def connect() -> int:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", 9))


async def serve() -> None:
    async with await asyncio.start_server(print, "127.0.0.1", 0):
        """Whom nobody calls."""


def tiers(item: pytest.Item) -> set[str]:
    return TIERS & {mark.name for mark in item.iter_markers()}


@pytest.mark.parametrize("start", [run, fork])
def test_a_unit_test_starts_no_process(start: Callable[[], object]) -> None:
    """It fails, and is told what to do."""
    with pytest.raises(pytest.fail.Exception, match=r"mark it `pytest\.mark\.process`"):
        start()


@pytest.mark.sockets
@pytest.mark.parametrize("start", [run, fork])
def test_neither_does_one_with_sockets(start: Callable[[], object]) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"mark it `pytest\.mark\.process`"):
        start()


@pytest.mark.parametrize("reach", [bind, connect])
def test_a_unit_test_opens_no_connection(reach: Callable[[], object]) -> None:
    """It fails, and is told what to do."""
    with pytest.raises(pytest.fail.Exception, match=r"mark it `pytest\.mark\.sockets`"):
        reach()


async def test_a_unit_test_opens_no_server() -> None:
    """Also not through its event loop, whose own pair of sockets is no connection."""
    with pytest.raises(pytest.fail.Exception, match=r"mark it `pytest\.mark\.sockets`"):
        await serve()


@pytest.mark.sockets
async def test_a_test_with_sockets_may_open_both(request: pytest.FixtureRequest) -> None:
    """The mark takes it out of the quickest tier."""
    bind()
    await serve()
    assert connect() > 0
    assert tiers(request.node) == {"sockets"}


@pytest.mark.process
def test_a_marked_test_may_start_one(request: pytest.FixtureRequest) -> None:
    """The mark takes it out of the quick tier."""
    assert run() == 0
    assert tiers(request.node) == {"process"}


def test_every_test_is_of_one_tier(request: pytest.FixtureRequest) -> None:
    """None is left out by all of them, none is played twice."""
    assert [one.nodeid for one in request.session.items if len(tiers(one)) != 1] == []
