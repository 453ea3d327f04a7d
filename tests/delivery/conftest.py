"""A scene for each test, on a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.simulator import recount
from bot.db.sqlite import Database
from tests.clock import ManualClock
from tests.delivery.scene import Scene, make_scene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """At its end the counters must be right."""
    async with Database.open(tmp_path / "zeuxis.db") as database:
        yield make_scene(database, ManualClock())
        assert await database.read(recount.differences) == []
