"""The database as the bot opens it: real files, real threads, real tasks."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

import pytest

from bot.db import connection
from bot.db.connection import (
    MOST_PER_COMMIT,
    QUICK_CHECK_BYTES,
    Call,
    commit,
    connect,
    database_path,
    quick_check,
    storage_error,
)
from bot.db.file import log_of
from bot.db.sqlite import Database, _empty_log
from bot.errors import SchemaTooNew, StorageCorrupt, StorageUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from bot.db import Transaction


def put(tx: Transaction, n: int) -> int:
    tx.execute("INSERT INTO person (user_id, running) VALUES (?, 0)", (n,))
    return n


def count(tx: Transaction) -> int:
    return int(tx.execute("SELECT count(*) FROM person").fetchone()[0])


def fail(tx: Transaction, n: int) -> None:
    put(tx, n)
    raise LookupError(n)


def fill_the_disk(tx: Transaction) -> None:
    """A real SQLITE_FULL: the file may not grow, and something large is to be written."""
    pages = tx.execute("PRAGMA page_count").fetchone()[0]
    tx.execute(f"PRAGMA max_page_count = {pages}")
    tx.execute("INSERT INTO latency VALUES ('zimage', ?, 0, 0)", ("x" * 200_000,))


async def test_what_is_written_is_read(tmp_path: Path) -> None:
    """By the readers, right after the write returned."""
    async with Database.open(tmp_path / "a.db") as database:
        assert await database.write(put, 5) == 5
        assert await database.read(count) == 1


async def test_what_was_acknowledged_survives_a_power_cut(
    tmp_path: Path, synchronous: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each commit waits for the disk, https://sqlite.org/pragma.html#pragma_synchronous."""
    monkeypatch.setattr(connection, "SYNCHRONOUS", synchronous)
    async with Database.open(tmp_path / "a.db") as database:
        assert await database.write(lambda tx: tx.execute("PRAGMA synchronous").fetchone()) == (2,)


async def test_the_folder_is_made_and_the_files_are_private(tmp_path: Path) -> None:
    """Interaction tokens are credentials: nobody else on the machine may read them."""
    path = tmp_path / "deep" / "down" / "a.db"
    async with Database.open(f"sqlite:///{path}") as database:
        await database.write(put, 1)
        files = sorted(path.parent.iterdir())
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}
    assert modes == {"a.db": 0o600, "a.db-shm": 0o600, "a.db-wal": 0o600}


async def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    """Also if it was made by another tool."""
    path = tmp_path / "a.db"
    path.touch(mode=0o644)
    async with Database.open(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/z.db", "data/z.db"),
        ("sqlite:////var/z.db", "/var/z.db"),
        ("data/z.db", "data/z.db"),
    ],
)
def test_three_slashes_are_relative_and_four_absolute(url: str, path: str) -> None:
    """As SQLAlchemy and others have made it usual."""
    assert str(database_path(url)) == path


@pytest.mark.parametrize("url", ["postgresql:///z", "sqlite:///"])
def test_another_kind_of_url_is_refused(url: str) -> None:
    """The message shows what was given."""
    with pytest.raises(ValueError, match="expected sqlite:///"):
        database_path(url)


async def test_an_error_undoes_its_own_call_only(tmp_path: Path) -> None:
    """Calls that share a commit do not share their failures."""
    async with Database.open(tmp_path / "a.db") as database:
        results = await asyncio.gather(
            *(database.write(fail if n % 3 == 0 else put, n) for n in range(1, 31)),
            return_exceptions=True,
        )
        assert [type(result) for result in results].count(LookupError) == 10
        assert await database.read(count) == 20


async def test_many_writers_share_few_commits(tmp_path: Path) -> None:
    """Two hundred calls at once end in a handful of transactions."""
    async with Database.open(tmp_path / "a.db") as database:
        begun: list[str] = []

        def watch(tx: Transaction) -> None:
            assert isinstance(tx, sqlite3.Connection)
            tx.set_trace_callback(begun.append)

        await database.write(watch)
        await asyncio.gather(*(database.write(put, n) for n in range(200)))
        assert begun.count("COMMIT") <= 5
        assert await database.read(count) == 200


async def test_a_cancelled_caller_does_not_break_the_batch(tmp_path: Path) -> None:
    """The others are done; the cancelled one is done or not, but never half."""
    async with Database.open(tmp_path / "a.db") as database:
        tasks = [asyncio.create_task(database.write(put, n)) for n in range(100)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [result for result in results if isinstance(result, int)] == list(range(1, 100, 2))
        assert await database.read(count) >= 50


async def test_a_call_cancelled_before_it_began_is_not_run(tmp_path: Path) -> None:
    """A claim that nobody waits for would hold a job for the length of its lease."""
    async with Database.open(tmp_path / "a.db") as database:
        slow = asyncio.create_task(database.write(slow_put, 1))
        await asyncio.sleep(0)
        late = asyncio.create_task(database.write(put, 2))
        await asyncio.sleep(0)
        late.cancel()
        await slow
        await database.write(put, 3)
        assert await database.read(count) == 2


def slow_put(tx: Transaction, n: int) -> None:
    """Takes as long as a query over a million rows."""
    tx.execute(
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000000)"
        " SELECT count(*) FROM c"
    ).fetchone()
    put(tx, n)


async def test_a_full_disk_is_said_and_passes(tmp_path: Path) -> None:
    """Nothing of the failed call stays, and the next one works once there is room."""
    async with Database.open(tmp_path / "a.db") as database:
        with pytest.raises(StorageUnavailable, match="full: make room"):
            await database.write(fill_the_disk)
        await database.write(lambda tx: tx.execute("PRAGMA max_page_count = 1000000").fetchone())
        await database.write(put, 1)
        assert await database.read(count) == 1


async def test_nobody_is_told_of_success_before_the_commit(tmp_path: Path) -> None:
    """A full disk undoes the whole transaction: each caller of the batch hears of it."""
    async with Database.open(tmp_path / "a.db") as database:
        results = await asyncio.gather(
            *(database.write(put, n) for n in range(5)),
            database.write(fill_the_disk),
            *(database.write(put, n) for n in range(5, 10)),
            return_exceptions=True,
        )
        done = [result for result in results if isinstance(result, int)]
        assert await database.read(count) == len(done)
        assert all(isinstance(result, int | StorageUnavailable) for result in results)


async def test_a_refusal_within_a_call_undoes_that_call_alone(tmp_path: Path) -> None:
    """It is raised as ours, with SQLite's beneath; the others of the batch are on disk."""

    def refused(tx: Transaction) -> None:
        put(tx, 2)
        tx.execute("PRAGMA query_only = 1")
        try:
            put(tx, 3)
        finally:
            tx.execute("PRAGMA query_only = 0")

    async with Database.open(tmp_path / "a.db") as database:
        first, second, third = await asyncio.gather(
            database.write(put, 1),
            database.write(refused),
            database.write(put, 4),
            return_exceptions=True,
        )
        assert (first, third) == (1, 4)
        assert isinstance(second, StorageUnavailable)
        assert "SQLITE_READONLY" in str(second)
        assert isinstance(second.__cause__, sqlite3.OperationalError)
        assert await database.read(count) == 2


async def test_a_commit_that_is_refused_is_said_to_each_caller(tmp_path: Path) -> None:
    """None of them may go on as if its change were on disk."""

    def promise_a_parent(tx: Transaction) -> None:
        tx.execute("PRAGMA defer_foreign_keys = ON")
        tx.execute("INSERT INTO message (request_id) VALUES (77)")

    async with Database.open(tmp_path / "a.db") as database:
        results = await asyncio.gather(
            database.write(put, 1),
            database.write(promise_a_parent),
            return_exceptions=True,
        )
        assert all(isinstance(result, StorageUnavailable) for result in results), results
        assert all("the commit failed" in str(result) for result in results)
        assert results[0] is not results[1], "one error has one traceback"
        assert await database.read(count) == 0
        assert await database.write(put, 2) == 2


async def test_no_batch_is_longer_than_its_bound(tmp_path: Path) -> None:
    """The first of a thousand does not wait for the last; all come, in their order."""
    sizes: list[int] = []

    def note(connection: sqlite3.Connection, batch: list[Call]) -> None:
        sizes.append(len(batch))
        commit(connection, batch)

    async with Database.open(tmp_path / "a.db") as database:
        with patch("bot.db.connection.commit", note):
            slow = asyncio.create_task(database.write(slow_put, 0))
            await asyncio.sleep(0)
            writes = [database.write(put, n) for n in range(1, 2 * MOST_PER_COMMIT + 1)]
            assert await asyncio.gather(*writes) == list(range(1, 2 * MOST_PER_COMMIT + 1))
            await slow
    assert MOST_PER_COMMIT == 256
    assert (max(sizes), sum(sizes)) == (MOST_PER_COMMIT, 2 * MOST_PER_COMMIT + 1)


async def test_a_lock_of_another_process_is_waited_for_then_said(tmp_path: Path) -> None:
    """Five seconds at most; here the other one never lets go, and we do not wait so long."""
    path = tmp_path / "a.db"
    async with Database.open(path) as database:
        await database.write(lambda tx: tx.execute("PRAGMA busy_timeout = 50").fetchone())
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="locked: another program writes into it"):
            await database.write(put, 1)
        other.execute("ROLLBACK")
        other.close()
        await database.write(put, 1)


async def test_readers_take_turns(tmp_path: Path) -> None:
    """A slow reader holds up the one behind it alone."""
    async with Database.open(tmp_path / "a.db") as database:
        threads = [await database.read(lambda _: threading.get_ident()) for _ in range(4)]
    assert threads[0] == threads[2] != threads[1] == threads[3]


async def test_a_failed_reader_says_so_and_is_free_again(tmp_path: Path) -> None:
    """Its transaction ends, so that the log can be emptied."""
    async with Database.open(tmp_path / "a.db") as database:
        for _ in range(2):
            with pytest.raises(StorageUnavailable, match="SQLITE_READONLY"):
                await database.read(put, 1)
        await database.write(put, 1)
        assert [await database.read(count) for _ in range(2)] == [1, 1]
        await database.empty_log()
    assert not log_of(tmp_path / "a.db").exists()


async def test_the_log_is_emptied_into_the_file(tmp_path: Path) -> None:
    """What was wiped from its row would else stay readable beside it."""
    path = tmp_path / "a.db"
    async with Database.open(path) as database:
        await database.write(put, 1)
        assert log_of(path).stat().st_size > 0
        await database.empty_log()
        assert log_of(path).stat().st_size == 0
        assert await database.read(count) == 1


async def test_a_log_that_cannot_be_emptied_now_is_said(tmp_path: Path) -> None:
    """In the middle of a transaction, say."""
    async with Database.open(tmp_path / "a.db") as database:
        with pytest.raises(StorageUnavailable, match="SQLITE_LOCKED"):
            await database.write(lambda tx: _empty_log(cast("sqlite3.Connection", tx)))


async def test_readers_cannot_write(tmp_path: Path) -> None:
    """A slip in a query function is found at once."""
    async with Database.open(tmp_path / "a.db") as database:
        with pytest.raises(StorageUnavailable, match="SQLITE_READONLY"):
            await database.read(put, 1)


async def test_a_reader_sees_one_state(tmp_path: Path) -> None:
    """Whatever is written between two of its statements."""
    async with Database.open(tmp_path / "a.db") as database:
        loop = asyncio.get_running_loop()

        def twice(tx: Transaction) -> tuple[int, int]:
            before = count(tx)
            asyncio.run_coroutine_threadsafe(database.write(put, 1), loop).result()
            return before, count(tx)

        assert await database.read(twice) == (0, 0)
        assert await database.read(count) == 1


async def test_a_slip_in_our_own_sql_stays_what_it_is(tmp_path: Path) -> None:
    """It is a bug, and must not look like weather."""
    async with Database.open(tmp_path / "a.db") as database:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await database.write(lambda tx: tx.execute("SELECT * FROM nowhere"))
        await database.write(put, 1)
        with pytest.raises(sqlite3.IntegrityError):
            await database.write(put, 1)


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    """Not a hang, and not an error of a library."""
    async with Database.open(tmp_path / "a.db") as database:
        pass
    for call in (database.write(put, 1), database.read(count)):
        with pytest.raises(StorageUnavailable, match="closed"):
            await call


async def test_what_was_under_way_at_the_close_is_finished(tmp_path: Path) -> None:
    """Leaving the block waits for writes that had begun."""
    async with Database.open(tmp_path / "a.db") as database:
        writes = [asyncio.create_task(database.write(put, n)) for n in range(20)]
        await asyncio.sleep(0)
    assert sorted(await asyncio.gather(*writes)) == list(range(20))


async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """An older Zeuxis must not write into what it does not understand."""
    path = tmp_path / "a.db"
    async with Database.open(path) as database:
        await database.write(lambda tx: tx.execute("UPDATE schema_version SET version = 999"))
    with pytest.raises(SchemaTooNew, match="999"):
        async with Database.open(path):
            pytest.fail("opened")


async def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    """And nothing is written into it."""
    path = tmp_path / "a.db"
    path.write_bytes(b"this is a letter to my aunt" * 100)
    with pytest.raises(StorageCorrupt):
        async with Database.open(path):
            pytest.fail("opened")
    assert path.read_bytes().startswith(b"this is a letter")


async def test_a_damaged_file_that_is_not_read_through_is_found_by_its_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the sentence names it."""
    path = tmp_path / "a.db"
    async with Database.open(path) as database:
        find = "SELECT rootpage FROM sqlite_master WHERE name = 'schema_version'"
        (page,) = await database.read(lambda tx: tx.execute(find).fetchone())
        (size_bytes,) = await database.read(lambda tx: tx.execute("PRAGMA page_size").fetchone())
    with path.open("r+b") as file:
        file.seek((page - 1) * size_bytes)
        file.write(b"\xff" * size_bytes)
    monkeypatch.setattr("bot.db.connection.QUICK_CHECK_BYTES", 0)
    with pytest.raises(StorageCorrupt, match=r"a\.db is damaged"):
        async with Database.open(path):
            pass


def test_an_error_without_a_code_is_a_slip_of_our_own() -> None:
    """A closed connection, say: no wait and no backup helps."""
    assert storage_error(sqlite3.ProgrammingError("Cannot operate on a closed database.")) is None


@pytest.mark.parametrize("made", ["a folder", "a loop of links"])
async def test_what_is_no_file_cannot_be_opened(tmp_path: Path, made: str) -> None:
    """The sentence says which path."""
    path = tmp_path / "a.db"
    if made == "a folder":
        path.mkdir()
    else:
        path.symlink_to(path)
    with pytest.raises(StorageUnavailable, match=r"cannot open .*a\.db"):
        async with Database.open(path):
            pass


def test_a_folder_is_no_connection(tmp_path: Path) -> None:
    """As whoever opens the file itself would learn."""
    with pytest.raises(StorageUnavailable, match=rf"SQLITE_CANTOPEN: .* \({tmp_path}\): see who"):
        connect(tmp_path)


async def test_damaged_pages_are_found_at_the_start(tmp_path: Path) -> None:
    """The quick check reads every page of a small file."""
    path = tmp_path / "a.db"
    async with Database.open(path) as database:
        await database.write(lambda tx: [put(tx, n) for n in range(5000)].pop())
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4096] = os.urandom(4096)
    path.write_bytes(content)
    with pytest.raises(StorageCorrupt):
        async with Database.open(path):
            pytest.fail("opened")


def test_a_large_file_is_not_read_through_at_the_start(tmp_path: Path) -> None:
    """Else the bot would be away for minutes after each restart."""
    path = tmp_path / "a.db"
    connection = connect(path)
    with path.open("r+b") as file:
        file.truncate(QUICK_CHECK_BYTES + 1)
    connection.close()
    quick_check(connection, path)


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """With the path, before anything else starts."""
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable, match="cannot open"):
        async with Database.open(tmp_path / "file" / "a.db"):
            pytest.fail("opened")


async def test_two_can_open_the_same_new_file(tmp_path: Path) -> None:
    """Both migrate, one of them does it."""
    path = tmp_path / "a.db"
    async with Database.open(path) as one, Database.open(path) as other:
        await one.write(put, 1)
        assert await other.read(count) == 1


@pytest.mark.process
@pytest.mark.parametrize("how", ["normally", "cancelled", "broken"])
def test_the_process_always_ends(tmp_path: Path, how: str) -> None:
    """aiosqlite's threads would keep a process alive whose connections were left open."""
    script = f"""
import asyncio
from bot.db.sqlite import Database

async def main():
    async with Database.open({str(tmp_path / "a.db")!r}) as database:
        await database.write(lambda tx: None)
        if {how!r} == "cancelled":
            asyncio.current_task().cancel()
            await asyncio.sleep(60)
        if {how!r} == "broken":
            raise SystemExit(3)

asyncio.run(main())
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], check=False, timeout=20, capture_output=True
    )
    assert ended.returncode in (0, 1, 3)


async def test_a_backup_is_whole_and_private(tmp_path: Path) -> None:
    """Made while the database is written to."""
    async with Database.open(tmp_path / "a.db") as database:
        await database.write(put, 1)
        copy = tmp_path / "copies" / "b.db"
        copy.parent.mkdir()
        await asyncio.gather(database.backup(copy), *(database.write(put, n) for n in (2, 3)))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [file.name for file in copy.parent.iterdir()] == ["b.db"]
    async with Database.open(copy) as restored:
        assert 1 <= await restored.read(count) <= 3


async def test_a_backup_that_fails_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place is taken only by a whole copy, and half a copy is not left about."""

    def no_room(connection: sqlite3.Connection, path: Path) -> None:
        raise StorageUnavailable("SQLITE_FULL")

    copy = tmp_path / "copies" / "b.db"
    copy.parent.mkdir()
    async with Database.open(tmp_path / "a.db") as database:
        await database.backup(copy)
        yesterdays = copy.read_bytes()
        await database.write(put, 1)
        monkeypatch.setattr("bot.db.backup.quick_check", no_room)
        with pytest.raises(StorageUnavailable):
            await database.backup(copy)
    assert copy.read_bytes() == yesterdays
    assert list(copy.parent.iterdir()) == [copy]
