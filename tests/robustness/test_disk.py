"""A disk that is full, locked or damaged: said plainly, nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.journeys.test_imagine import SMALL, text_of
from tests.robustness.rows import pictures, rows, states, undone
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.journeys.stage import Stage

NOTHING_WRITTEN = "cannot write anything down"
HANGS = {"server": "zimage", "kind": "hang_before", "match": "POST *"}
LATENCY = {"server": "zimage", "kind": "latency", "match": "POST *", "seconds": 1.0}


@contextmanager
def full_disk(stage: Stage) -> Iterator[None]:
    """No file of the bot grows any more: the kernel refuses, as it would without space.

    The log of the bot is far shorter than the database's write-ahead log, so it goes on.
    """
    assert stage.bot is not None
    wal = Path(f"{stage.database}-wal")
    limit_bytes = wal.stat().st_size
    assert limit_bytes > 4 * (stage.folder / "bot.log").stat().st_size
    pid, most = stage.bot.pid, resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit_bytes, most))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))


async def refusal(stage: Stage) -> str:
    """What a member is told who asks now, for their eyes only."""
    settled = await stage.control.settled(await stage.imagine(size=SMALL), 15)
    (message,) = settled["messages"]
    assert message["flags"] & 64
    return text_of(message)


async def some_pictures(stage: Stage, count: int = 6) -> None:
    """Fills the write-ahead log a little."""
    for _ in range(count):
        await stage.imagine(size=SMALL)
    await stage.until(lambda: states(stage) == {"shown": count})


async def test_a_full_disk_refuses_new_requests_and_loses_no_answer(stage: Stage) -> None:
    """The picture that is drawn meanwhile is kept in memory, and recorded once there is space."""
    await some_pictures(stage)
    stage.fault(HANGS)
    await stage.imagine("held in memory", size=SMALL)
    await stage.until(stage.fired)
    with full_disk(stage):
        assert NOTHING_WRITTEN in await refusal(stage)
        stage.fault()  # only now is it answered
        await stage.until(lambda: "not recorded yet, kept in memory" in stage.log)
        queue = await stage.control.act("command", name="queue", options={})
        assert (await stage.control.settled(queue))["messages"], "reading goes on"
    await stage.until(lambda: states(stage) == {"shown": 7})
    assert await stage.pictures(await stage.imagine(size=SMALL)), "without a restart"
    assert stage.ledger()["billed"] == len(pictures(stage)) == 8


async def test_a_locked_database_refuses_for_as_long_as_it_is(stage: Stage) -> None:
    """By a backup program, say. Afterwards all goes on by itself."""
    stage.fault(HANGS)
    await stage.imagine(size=SMALL)
    await stage.until(stage.fired)
    with closing(sqlite3.connect(stage.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        stage.fault()  # only now is it answered
        assert NOTHING_WRITTEN in await refusal(stage)
    await stage.until(lambda: states(stage) == {"shown": 1})
    assert stage.ledger()["billed"] == 1


async def test_a_damaged_database_is_not_touched(stage: Stage) -> None:
    """The bot does not start, and says what to do."""
    await some_pictures(stage, 2)
    await stage.kill_bot()
    with stage.database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 20_000)
    damaged = stage.database.read_bytes()
    for name in ("-wal", "-shm"):
        Path(f"{stage.database}{name}").unlink()
    process = await stage.spawn_bot()
    assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 1
    assert "restore a backup" in stage.log
    assert stage.database.read_bytes() == damaged


async def test_a_database_that_cannot_be_opened_is_said_so(stage: Stage) -> None:
    """A folder that cannot be written, say."""
    process = await stage.spawn_bot(DATABASE_URL="sqlite:////proc/zeuxis/zeuxis.db")
    assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 1
    assert "cannot open /proc/zeuxis/zeuxis.db" in stage.log


async def command(stage: Stage, *arguments: str) -> int:
    """The exit status of one command."""
    process = await stage.spawn_bot(arguments)
    return await asyncio.wait_for(process.wait(), PATIENCE_S)


async def test_a_backup_under_load_is_whole_private_and_can_be_restored(stage: Stage) -> None:
    """What was acknowledged by then is in it; what was open then is never billed twice."""
    await some_pictures(stage, 3)
    stage.fault(LATENCY)
    for number in range(4):
        await stage.imagine(f"cat {number}", size=SMALL)
    copy = stage.folder / "copy.db"
    assert await command(stage, "backup", str(copy)) == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    assert rows(copy, "SELECT count(*) FROM job") == [(7,)]
    await stage.until(lambda: states(stage) == {"shown": 7})
    await stage.kill_bot()
    assert await command(stage, "restore", str(copy)) == 0
    await stage.start_bot()
    await stage.until(lambda: undone(stage) == 0)
    assert states(stage)["uncertain"] + states(stage)["shown"] == 7
    assert stage.ledger()["billed"] == len(pictures(stage)) == 7


async def test_nothing_is_restored_under_a_running_bot(stage: Stage) -> None:
    """It would write into a file that is no more."""
    copy = stage.folder / "copy.db"
    assert await command(stage, "backup", str(copy)) == 0
    assert await command(stage, "restore", str(copy)) == 1
    assert "another Zeuxis runs on this database" in stage.log
    assert await stage.pictures(await stage.imagine(size=SMALL))
