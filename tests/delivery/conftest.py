"""A scene for each test, on a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.simulator import recount
from bot.db.sqlite import Database
from tests.clock import ManualClock
from tests.delivery.room import Room, opened_room
from tests.delivery.scene import Scene, make_scene
from tests.queue.world import migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sandbox.discord.checks import Tally
    from sandbox.discord.document import Document


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """At its end the counters must be right."""
    async with Database.open(migrated_file(tmp_path / "zeuxis.db")) as database:
        yield make_scene(database, ManualClock())
        assert await database.read(recount.differences) == []


@pytest.fixture
async def room(document: Document, tally: Tally) -> AsyncIterator[Room]:
    """The sandbox's Discord in this process; each of its answers is valid."""
    async with opened_room(document) as opened:
        yield opened
    assert opened.sandbox.violations.snapshot() == []
    assert opened.sandbox.remarks.snapshot() == []
    tally.add(opened.sandbox.checks.tally)
    assert opened.sandbox.checks.tally.failures == []
