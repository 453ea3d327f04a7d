"""A database that is taken away under the bot, or opened by a second one by another name."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.journeys.test_imagine import SMALL
from tests.robustness.rows import states
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.journeys.stage import Stage

ENDS_WITHIN_S = 45.0


async def some_waiting(stage: Stage) -> None:
    """One is posted, one is out, and more are acknowledged."""
    assert await stage.pictures(await stage.imagine(size=SMALL))
    stage.fault({"server": "zimage", "kind": "latency", "match": "POST *", "seconds": 3.0})
    for number in range(4):
        await stage.imagine(f"cat {number}", size=SMALL)
    await stage.until(lambda: sum(states(stage).values()) == 5)


async def test_a_deleted_database_is_put_back_and_nothing_is_lost(stage: Stage) -> None:
    """The bot ends by itself and says why; the next start draws what was acknowledged, once."""
    await some_waiting(stage)
    for suffix in ("", "-wal", "-shm"):
        stage.database.with_name(stage.database.name + suffix).unlink()
    assert stage.bot is not None
    assert await asyncio.wait_for(stage.bot.wait(), ENDS_WITHIN_S) == 1
    assert "was deleted under the running bot" in stage.log
    assert "the database was saved" in stage.log
    assert "Traceback" not in stage.log
    stage.fault()
    await stage.start_bot()
    await stage.until(lambda: states(stage) == {"shown": 5})
    assert stage.ledger()["billed"] == 5


def put_in_place(copy: Path, database: Path) -> None:
    copy.replace(database)


def copy_over(copy: Path, database: Path) -> None:
    shutil.copyfile(copy, database)


@pytest.mark.parametrize(
    ("replace", "why"),
    [
        (put_in_place, "another file was put in the place of"),
        (copy_over, "was written over by another program"),
    ],
)
async def test_a_replaced_database_ends_the_bot_and_leaves_both(
    stage: Stage, tmp_path: Path, replace: Callable[[Path, Path], None], why: str
) -> None:
    """The operator decides; the copy holds all that was acknowledged."""
    copy = tmp_path / "copy.db"
    backing_up = await stage.spawn_bot(("backup", str(copy)))
    assert await asyncio.wait_for(backing_up.wait(), PATIENCE_S) == 0
    await some_waiting(stage)
    kept = copy.read_bytes()
    replace(copy, stage.database)
    assert stage.bot is not None
    assert await asyncio.wait_for(stage.bot.wait(), ENDS_WITHIN_S) == 1
    assert why in stage.log
    assert "Traceback" not in stage.log
    rescued = stage.database.with_name("zeuxis.db.rescued")
    assert stage.database.read_bytes() == kept
    assert not stage.database.with_name("zeuxis.db-wal").exists()
    shutil.move(rescued, stage.database)
    assert sum(states(stage).values()) == 5


def symlink(link: Path, database: Path) -> None:
    link.symlink_to(database)


def hard_link(link: Path, database: Path) -> None:
    link.hardlink_to(database)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (symlink, "another Zeuxis runs on this database"),
        (hard_link, "has another name"),
    ],
)
async def test_no_second_bot_by_another_name(
    stage: Stage, make: Callable[[Path, Path], None], why: str
) -> None:
    """Two bots on one file would draw and bill the same job."""
    link = stage.folder / "elsewhere" / "link.db"
    link.parent.mkdir()
    make(link, stage.database)
    second = await stage.spawn_bot(DATABASE_URL=f"sqlite:///{link}")
    assert await asyncio.wait_for(second.wait(), PATIENCE_S) == 1
    assert why in stage.log
    assert "Traceback" not in stage.log
    assert await stage.pictures(await stage.imagine(size=SMALL))


async def test_no_migration_under_a_running_bot(stage: Stage) -> None:
    """The bot that runs knows the schema that it has found."""
    migrating = await stage.spawn_bot(("migrate",))
    assert await asyncio.wait_for(migrating.wait(), PATIENCE_S) == 1
    assert "another Zeuxis runs on this database" in stage.log
