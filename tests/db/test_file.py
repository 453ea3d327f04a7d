"""A database that is taken away under the bot: noticed, and what only the bot has is kept."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from bot.db.file import OpenFile, log_of
from bot.db.sqlite import Database
from bot.errors import DatabaseDisplaced, StorageCorrupt, StorageError, StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.db import Transaction


def put(tx: Transaction, n: int) -> None:
    tx.execute("INSERT INTO person (user_id, running) VALUES (?, 0)", (n,))


def put_many(tx: Transaction, count: int) -> None:
    for n in range(count):
        put(tx, n)


def people(path: Path) -> int:
    with closing(sqlite3.connect(path)) as found:
        assert found.execute("PRAGMA quick_check").fetchone() == ("ok",)
        return int(found.execute("SELECT count(*) FROM person").fetchone()[0])


def delete(path: Path, _: Path) -> None:
    path.unlink()


def delete_all(path: Path, _: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink()


def delete_folder(path: Path, _: Path) -> None:
    shutil.rmtree(path.parent)


def move_away(path: Path, _: Path) -> None:
    path.rename(path.with_name("moved.db"))


def put_another_there(path: Path, other: Path) -> None:
    shutil.copy(other, path.with_name("new"))
    path.with_name("new").replace(path)


@pytest.mark.parametrize("take_away", [delete, delete_all, delete_folder, move_away])
async def test_what_was_deleted_is_noticed_and_put_back(
    tmp_path: Path, take_away: Callable[[Path, Path], None]
) -> None:
    """Also what was acknowledged since; the next start goes on as if nothing had been."""
    path = tmp_path / "data" / "zeuxis.db"
    async with Database.open(path) as database:
        await database.write(put, 1)
        database.check_place()
        take_away(path, tmp_path)
        with pytest.raises(DatabaseDisplaced, match="deleted"):
            database.check_place()
        await database.write(put, 2)
        assert await database.rescue() == path
    assert people(path) == 2


async def test_what_was_put_in_its_place_stays_and_the_copy_stands_beside(tmp_path: Path) -> None:
    """The operator decides which of the two it is."""
    path, other = tmp_path / "data" / "zeuxis.db", tmp_path / "other.db"
    async with Database.open(path) as database:
        await database.backup(other)
        await database.write(put, 1)
        put_another_there(path, other)
        with pytest.raises(DatabaseDisplaced, match="another file"):
            database.check_place()
        assert await database.rescue() == path.with_name("zeuxis.db.rescued")
        assert await database.rescue() == path.with_name("zeuxis.db.rescued-2")
    assert people(path) == 0
    assert people(path.with_name("zeuxis.db.rescued")) == 1


async def test_a_file_system_without_hard_links_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of memory sticks, say."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    path, other = tmp_path / "zeuxis.db", tmp_path / "other.db"
    async with Database.open(path) as database:
        await database.write(put, 1)
        await database.backup(other)
        other.replace(path)
        assert await database.rescue() == path.with_name("zeuxis.db.rescued")
        path.unlink()
        assert await database.rescue() == path
    assert people(path) == people(path.with_name("zeuxis.db.rescued")) == 1


async def test_a_link_that_is_turned_elsewhere_is_noticed(tmp_path: Path) -> None:
    """A restart would follow it."""
    for name in ("one", "two"):
        async with Database.open(tmp_path / name):
            pass
    link = tmp_path / "zeuxis.db"
    link.symlink_to(tmp_path / "one")
    async with Database.open(link) as database:
        link.unlink()
        link.symlink_to(tmp_path / "two")
        with pytest.raises(DatabaseDisplaced, match="another file"):
            database.check_place()


async def test_a_log_that_was_deleted_is_noticed_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    """Closing the database in good order moves it into the file."""
    path = tmp_path / "zeuxis.db"
    async with Database.open(path) as database:
        await database.write(put, 1)
        path.with_name("zeuxis.db-wal").unlink()
        with pytest.raises(DatabaseDisplaced, match="-wal was deleted"):
            database.check_place()
        assert await database.rescue() is None
    assert people(path) == 1


OVER = {
    "nothing": b"",
    "zeros": b"\0" * 65536,
    "a letter": b"a letter to my aunt" * 1000,
    "a copy of a backup": None,  # `cp backup.db zeuxis.db` writes into the file that is open
}


@pytest.mark.parametrize("is_logged", [True, False])
@pytest.mark.parametrize("case", OVER)
async def test_what_was_written_over_is_noticed_and_saved(
    tmp_path: Path, case: str, is_logged: bool
) -> None:
    """SQLite answers from its cache and its log for as long as it can."""
    path, copy = tmp_path / "zeuxis.db", tmp_path / "copy.db"
    async with Database.open(path) as database:
        await database.backup(copy)
        await database.write(put, 1)
        if not is_logged:
            await database.empty_log()
        content = OVER[case]
        path.write_bytes(copy.read_bytes() if content is None else content)
        with pytest.raises(StorageCorrupt, match="written over"):
            database.check_place()
        place = await database.rescue()
        assert place is not None
        assert place == (path if case == "nothing" else path.with_name("zeuxis.db.rescued"))
        assert database.holds_anothers() == (case != "nothing")
        assert people(place) == 1


async def test_what_cannot_be_saved_whole_is_not_called_saved(tmp_path: Path) -> None:
    """A database that is larger than SQLite's cache, say."""
    path = tmp_path / "zeuxis.db"
    async with Database.open(path) as database:
        await database.write(put_many, 2000)
        await database.empty_log()
        await database.write(lambda tx: tx.execute("PRAGMA shrink_memory").fetchall())
        path.write_bytes(b"\0" * path.stat().st_size)
        with pytest.raises(StorageError):
            await database.rescue()
    assert list(tmp_path.glob("*.rescued*")) == list(tmp_path.glob("*.part")) == []


@pytest.mark.process
async def test_looking_for_the_file_leaves_its_locks_alone(tmp_path: Path) -> None:
    """Closing a second handle would drop them, and another program could write into our write."""
    path = tmp_path / "zeuxis.db"
    async with Database.open(path) as database:

        def locked(tx: Transaction) -> str:
            put(tx, 1)
            database.check_place()
            return _other_writes(path)

        assert "locked" in await database.write(locked)


def _other_writes(path: Path) -> str:
    script = (
        "import sqlite3, sys; other = sqlite3.connect(sys.argv[1], timeout=0)\n"
        "try: other.execute('BEGIN IMMEDIATE')\n"
        "except sqlite3.OperationalError as error: print(error)"
    )
    ran = subprocess.run([sys.executable, "-c", script, path], capture_output=True, check=True)
    return ran.stdout.decode()


async def test_without_any_place_the_loss_is_said(tmp_path: Path) -> None:
    """A file stands where the folder was."""
    path = tmp_path / "data" / "zeuxis.db"
    async with Database.open(path) as database:
        shutil.rmtree(path.parent)
        path.parent.touch()
        with pytest.raises(StorageError):
            await database.rescue()


async def test_a_place_that_cannot_be_looked_at_is_no_loss(tmp_path: Path) -> None:
    """Links in a circle stand there now; whoever has made them may unmake them."""
    path = tmp_path / "zeuxis.db"
    async with Database.open(path) as database:
        await database.write(put, 1)
        path.rename(tmp_path / "kept.db")
        path.symlink_to(path)
        with pytest.raises(StorageError):
            database.check_place()
        with pytest.raises(StorageUnavailable, match="cannot look at"):
            await database.rescue()
        path.unlink()
        tmp_path.joinpath("kept.db").rename(path)
        database.check_place()
    assert people(path) == 1


async def test_a_log_on_a_file_system_without_one_is_not_missed(tmp_path: Path) -> None:
    """Some have no shared memory, so SQLite writes none there."""
    path = tmp_path / "zeuxis.db"
    async with Database.open(path) as database:
        database._file.note_log(tmp_path / "none")
        log_of(path).unlink()
        database.check_place()


def test_a_file_that_is_gone_cannot_be_held(tmp_path: Path) -> None:
    """It is said by its path."""
    with pytest.raises(StorageUnavailable, match=r"cannot open .*zeuxis\.db"):
        ExitStack().enter_context(OpenFile.hold(tmp_path / "zeuxis.db"))


async def test_whether_another_s_file_stands_there_is_seen(tmp_path: Path) -> None:
    """Written over, not replaced: then our log must not be written into it."""
    path, other = tmp_path / "zeuxis.db", tmp_path / "other.db"
    async with Database.open(path) as database:
        await database.backup(other)
        assert not database.holds_anothers()
        kept = path.read_bytes()
        path.write_bytes(other.read_bytes())
        assert database.holds_anothers()
        with pytest.raises(StorageCorrupt, match="written over"):
            database.check_place()
        path.write_bytes(kept)
        assert not database.holds_anothers()
