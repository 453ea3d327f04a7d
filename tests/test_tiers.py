"""Each test is of one tier, and those of the quick tier start nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

TIERS = {"unit", "process", "page", "peers"}


def run() -> int:
    return subprocess.run([sys.executable, "-V"], check=False, capture_output=True).returncode


def fork() -> int:
    return os.fork()


def tiers(item: pytest.Item) -> set[str]:
    return TIERS & {mark.name for mark in item.iter_markers()}


@pytest.mark.parametrize("start", [run, fork])
def test_a_unit_test_starts_no_process(start: Callable[[], object]) -> None:
    """It fails, and is told what to do."""
    with pytest.raises(pytest.fail.Exception, match=r"mark it `pytest\.mark\.process`"):
        start()


@pytest.mark.process
def test_a_marked_test_may_start_one(request: pytest.FixtureRequest) -> None:
    """The mark takes it out of the quick tier."""
    assert run() == 0
    assert tiers(request.node) == {"process"}


def test_every_test_is_of_one_tier(request: pytest.FixtureRequest) -> None:
    """None is left out by all of them, none is played twice."""
    assert [one.nodeid for one in request.session.items if len(tiers(one)) != 1] == []
