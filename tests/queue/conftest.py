"""A world for each test, on a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.queue.world import World, open_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    tx = open_file(tmp_path / "queue.db")
    yield World(tx)
    left = World(tx).differences()
    tx.close()
    assert left == []
