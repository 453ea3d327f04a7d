"""Where a backup may go and where one may come from: by identity, not by name."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.db.connection import connect, copy_error
from bot.db.file import alone_in
from bot.db.sqlite import Database
from bot.errors import BackupRefused, SchemaTooNew, StorageCorrupt, StorageUnavailable, ZeuxisError
from bot.queue.restore import restore
from tests.queue.world import START_US, migrated_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.db import Transaction

ROOT = Path(__file__).parents[2]
PEOPLE = "SELECT count(*) FROM person"


def put(tx: Transaction, n: int) -> None:
    tx.execute("INSERT INTO person (user_id, running) VALUES (?, 0)", (n,))


def put_many(tx: Transaction, numbers: range) -> None:
    for n in numbers:
        put(tx, n)


def people(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as found:
        return int(found.execute(PEOPLE).fetchone()[0])


def state(folder: Path) -> dict[str, bytes | None]:
    """Every name below and what it holds, but for logs, which their databases write to."""
    return {
        str(one.relative_to(folder)): one.read_bytes() if one.is_file() else None
        for one in sorted(folder.rglob("*"))
        if not one.name.endswith(("-wal", "-shm"))
    }


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A bot's, with one person in it."""
    (tmp_path / "data").mkdir()
    async with Database.open(migrated_file(tmp_path / "data" / "zeuxis.db")) as opened:
        await opened.write(put, 1)
        yield opened


def symlink(folder: Path, live: Path) -> Path:
    (folder / "link.db").symlink_to(live)
    return folder / "link.db"


def chain_of_links(folder: Path, live: Path) -> Path:
    (folder / "second.db").symlink_to(symlink(folder, live))
    return folder / "second.db"


def hard_link(folder: Path, live: Path) -> Path:
    (folder / "hard.db").hardlink_to(live)
    return folder / "hard.db"


def by_way_of_a_folder(folder: Path, live: Path) -> Path:
    (folder / "alias").symlink_to(live.parent)
    return folder / "alias" / live.name


def loop(folder: Path, live: Path) -> Path:
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop"


def pipe(folder: Path, live: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def letter(folder: Path, live: Path) -> Path:
    (folder / "letter.txt").write_text("dear aunt")
    return folder / "letter.txt"


def empty(folder: Path, live: Path) -> Path:
    (folder / "empty").touch()
    return folder / "empty"


def of_another_program(folder: Path, live: Path) -> Path:
    with closing(sqlite3.connect(folder / "history.db")) as other:
        other.execute("CREATE TABLE visits (url TEXT)")
    return folder / "history.db"


def of_another_bot(folder: Path, live: Path) -> Path:
    with closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(folder / "2.db")) as two:
        source.backup(two)
        two.execute("PRAGMA journal_mode = WAL")
    return folder / "2.db"


REFUSED: dict[str, tuple[Callable[[Path, Path], Path], str]] = {
    "the database": (lambda _, live: live, "the database itself"),
    "a link to it": (symlink, "the database itself"),
    "a link to a link to it": (chain_of_links, "the database itself"),
    "a second name of it": (hard_link, "the database itself"),
    "it by way of a linked folder": (by_way_of_a_folder, "the database itself"),
    "it by way of ..": (
        lambda _, live: live.parent / ".." / live.parent.name / live.name,
        "the database itself",
    ),
    "its log": (lambda _, live: live.with_name("zeuxis.db-wal"), "belongs to it"),
    "its index": (lambda _, live: live.with_name("zeuxis.db-shm"), "belongs to it"),
    "its lock": (lambda _, live: live.with_name("zeuxis.db.lock"), "belongs to it"),
    "its lock in other letters": (
        lambda _, live: live.with_name("ZEUXIS.DB.LOCK"),
        "belongs to it",
    ),
    "what a restore has replaced": (
        lambda _, live: live.with_name("zeuxis.db.replaced"),
        "belongs to it",
    ),
    "a folder": (lambda folder, _: folder, "is a folder"),
    "a folder that is not there": (lambda folder, _: folder / "new" / "b.db", "no folder"),
    "a file as a folder": (lambda folder, live: letter(folder, live) / "b.db", "no"),
    "a loop of links": (loop, "loop"),
    "a pipe": (pipe, "is no backup"),
    "a device": (lambda folder, _: folder.joinpath("/dev/null"), "is no backup"),
    "another file": (letter, "is no backup"),
    "an empty file": (empty, "is no backup"),
    "another program's database": (of_another_program, "is no backup"),
    "another bot's database": (of_another_bot, "is no backup"),
    "a name too long": (lambda folder, _: folder / ("x" * 300), "no backup to"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_backup_is_refused_where_something_would_be_lost(
    database: Database, tmp_path: Path, case: str
) -> None:
    """In one sentence, and nothing is changed by it: no folder made, no file touched."""
    place, why = REFUSED[case]
    target = place(tmp_path, database.path)
    before = state(tmp_path)
    with pytest.raises(BackupRefused, match="(?i)" + why) as raised:
        await database.backup(target)
    assert "\n" not in str(raised.value)
    assert state(tmp_path) == before
    database.check_place()
    await database.write(put, 2)
    assert people(database.path) == 2


async def test_an_earlier_backup_is_replaced(database: Database, tmp_path: Path) -> None:
    """By a timer, every night under the same name; a link stays a link."""
    copy, link = tmp_path / "copy.db", tmp_path / "latest.db"
    await database.backup(copy)
    link.symlink_to(copy)
    await database.write(put, 2)
    await database.backup(link)
    assert link.is_symlink()
    assert people(copy) == 2


NOT_RESTORED: dict[str, tuple[Callable[[Path, Path], Path], type[ZeuxisError], str]] = {
    "the database": (lambda _, live: live, BackupRefused, "the database itself"),
    "a link to it": (symlink, BackupRefused, "the database itself"),
    "a second name of it": (hard_link, BackupRefused, "the database itself"),
    "its log": (
        lambda _, live: live.with_name("zeuxis.db-wal"),
        BackupRefused,
        "the database itself",
    ),
    "nothing": (lambda folder, _: folder / "gone.db", StorageUnavailable, "no such backup"),
    "a folder": (lambda folder, _: folder, BackupRefused, "is no backup"),
    "a pipe": (pipe, BackupRefused, "is no backup"),
    "another file": (letter, BackupRefused, "letter.txt is no backup"),
    "an empty file": (empty, BackupRefused, "is no backup"),
    "another program's database": (of_another_program, BackupRefused, "history.db is no backup"),
    "a loop of links": (loop, StorageUnavailable, "no such backup"),
}


@pytest.mark.parametrize("case", NOT_RESTORED)
async def test_what_is_no_backup_is_not_restored(
    database: Database, tmp_path: Path, case: str
) -> None:
    """The sentence names the file at fault; the database stays as it is, and nothing beside it."""
    place, kind, why = NOT_RESTORED[case]
    backup = place(tmp_path, database.path)
    before = state(tmp_path)
    with pytest.raises(kind, match="(?i)" + why):
        restore(backup, database.path, now_us=START_US)
    assert state(tmp_path) == before


async def test_a_damaged_backup_is_named_and_the_database_stays(
    database: Database, tmp_path: Path
) -> None:
    """Not "the database is damaged", which is sound."""
    copy = tmp_path / "50% off? copy #1.db"
    await database.write(put_many, range(2, 3000))
    await database.backup(copy)
    content = bytearray(copy.read_bytes())
    content[8192:20000] = b"\xff" * (20000 - 8192)
    copy.write_bytes(content)
    before = state(tmp_path)
    with pytest.raises(StorageCorrupt, match=r"copy #1\.db is damaged"):
        restore(copy, database.path, now_us=START_US)
    assert state(tmp_path) == before


async def test_where_there_is_no_room_is_named(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not the database's disk that is full, nor the backup that is restored."""

    def narrow(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 5")
        return connection

    copy = tmp_path / "copy.db"
    await database.backup(copy)
    before = state(tmp_path)
    monkeypatch.setattr("bot.db.backup.connect", narrow)
    with pytest.raises(StorageUnavailable, match=r"no room on the disk for .*copy\.db: SQLITE_F"):
        await database.backup(copy)
    monkeypatch.setattr("bot.queue.restore.connect", narrow)
    with pytest.raises(StorageUnavailable, match=r"no room on the disk for .*zeuxis\.db\.part"):
        restore(copy, database.path, now_us=START_US)
    assert state(tmp_path) == before


async def test_a_restore_that_failed_leaves_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk SQLite leaves what it could not bring into the file: prompts among it."""
    others = []

    def watched(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 5")
        others.append(connect(path))  # so that closing the first takes nothing away
        others[0].execute("SELECT * FROM sqlite_master").fetchall()
        return connection

    copy = tmp_path / "copy.db"
    await database.backup(copy)
    monkeypatch.setattr("bot.queue.restore.connect", watched)
    with pytest.raises(StorageUnavailable, match="no room on the disk"):
        restore(copy, database.path, now_us=START_US)
    assert list(tmp_path.rglob("*.part*")) == []
    others[0].close()


def test_no_room_for_sqlites_index_is_no_room() -> None:
    """It was called an I/O error of the sound backup that was read."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    said = str(copy_error(error, Path("copy.db"), Path("zeuxis.db.part")))
    assert said == "no room on the disk for zeuxis.db.part: SQLITE_IOERR_SHMSIZE"


async def test_a_newer_backup_is_named(database: Database, tmp_path: Path) -> None:
    """And not restored."""
    copy = tmp_path / "copy.db"
    await database.backup(copy)
    with closing(sqlite3.connect(copy)) as tx, tx:
        tx.execute("UPDATE schema_version SET version = 999")
    with pytest.raises(SchemaTooNew, match=r"copy\.db: .*999"):
        restore(copy, database.path, now_us=START_US)


async def test_what_was_replaced_can_be_gone_back_to(tmp_path: Path) -> None:
    """That is what it is kept for."""
    path, copy = tmp_path / "zeuxis.db", tmp_path / "copy.db"
    async with Database.open(path) as database:
        await database.backup(copy)
        await database.write(put, 1)
    restore(copy, path, now_us=START_US)
    assert people(path) == 0
    restore(path.with_name("zeuxis.db.replaced"), path, now_us=START_US)
    assert people(path) == 1


async def test_a_second_restore_keeps_what_the_first_put_aside(tmp_path: Path) -> None:
    """Whoever has restored the wrong backup, run it and looked, wants another, or to go back."""
    path, copy = tmp_path / "zeuxis.db", tmp_path / "copy.db"
    async with Database.open(path) as database:
        await database.backup(copy)
        await database.write(put, 1)
    for number in (2, 3):
        restore(copy, path, now_us=START_US)
        async with Database.open(path) as database:
            await database.write(put_many, range(10, 10 + number))
    restore(copy, path, now_us=START_US)
    kept = [path.with_name(f"zeuxis.db.replaced{n}") for n in ("", "-2", "-3")]
    assert [people(one) for one in kept] == [1, 2, 3]
    restore(kept[1], path, now_us=START_US)
    assert people(path) == 2


async def test_a_place_that_cannot_be_written_is_said(database: Database, tmp_path: Path) -> None:
    """As a sentence that names the database."""
    copy = tmp_path / "copy.db"
    await database.backup(copy)
    (tmp_path / "data" / "zeuxis.db.part").mkdir()
    with pytest.raises(StorageUnavailable, match=r"zeuxis\.db"):
        restore(copy, database.path, now_us=START_US)


async def test_what_a_crash_left_of_a_restore_is_no_hindrance(tmp_path: Path) -> None:
    """Half a copy, or anything else; nothing of it stays."""
    path, copy = tmp_path / "zeuxis.db", tmp_path / "copy.db"
    async with Database.open(path) as database:
        await database.write(put, 1)
        await database.backup(copy)
    path.with_name("zeuxis.db.part").write_bytes(b"half a copy" * 1000)
    restore(copy, path, now_us=START_US)
    assert people(path) == 1
    assert not path.with_name("zeuxis.db.part").exists()


KILLED_HALFWAY = """
import os, sys, signal
from pathlib import Path
from bot.db import backup
from bot.db.connection import connect_to_look

backup.quick_check = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
backup.back_up(connect_to_look(Path(sys.argv[1])), Path(sys.argv[2]))
"""


def killed_halfway(source: Path, target: Path) -> int:
    code = [sys.executable, "-c", KILLED_HALFWAY, str(source), str(target)]
    return subprocess.run(code, cwd=ROOT, check=False).returncode


@pytest.mark.process
async def test_what_a_killed_backup_left_goes_with_the_next_one(
    database: Database, tmp_path: Path
) -> None:
    """It holds all prompts, and a timer's would pile up until the disk is full."""
    folder = tmp_path / "backups"
    folder.mkdir()
    assert killed_halfway(database.path, folder / "50% [a].db") == -signal.SIGKILL
    (left,) = folder.iterdir()
    await database.backup(folder / "another.db")
    assert left.exists(), "of another place"
    await database.backup(folder / "50% [a].db")
    assert {one.name for one in folder.iterdir()} == {"50% [a].db", "another.db"}


def half_a_copy(folder: Path) -> Path:
    left = folder / "copy.db.a1b2c3d4.part"
    left.mkdir()
    (left / "copy").write_bytes(b"half a copy")
    return left


async def test_a_backup_that_is_still_made_is_left_alone(
    database: Database, tmp_path: Path
) -> None:
    """By another process, to the same place."""
    left = half_a_copy(tmp_path)
    with alone_in(left):
        await database.backup(tmp_path / "copy.db")
        assert (left / "copy").exists()
    await database.backup(tmp_path / "copy.db")
    assert not left.exists()


async def test_what_is_somebody_s_own_is_not_swept(database: Database, tmp_path: Path) -> None:
    """Whatever its name: a folder with other files, a file, a link to a folder of ours."""
    theirs = half_a_copy(tmp_path)
    (theirs / "holiday.jpg").touch()
    (tmp_path / "copy.db.20261130.part").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    half_a_copy(tmp_path / "elsewhere")
    (tmp_path / "copy.db.linked.part").symlink_to(tmp_path / "elsewhere" / theirs.name)
    before = state(tmp_path)
    await database.backup(tmp_path / "copy.db")
    (tmp_path / "copy.db").unlink()
    assert state(tmp_path) == before
