"""Looking beside a bot of any version changes nothing, least of all the schema."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bot.db import migrate as migrating
from bot.db.connection import connect_to_look
from bot.db.migrate import schema_version
from bot.db.sqlite import Database
from bot.errors import (
    NotOurDatabase,
    SchemaTooNew,
    SchemaTooOld,
    StorageCorrupt,
    StorageError,
    StorageUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

OPENERS = {"look": Database.look, "beside": Database.beside}
opened_by = pytest.mark.parametrize("opener", OPENERS)


@pytest.fixture
async def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """A database in use by a bot that does not know of the newest migration yet."""
    path = tmp_path / "zeuxis.db"
    known = migrating.migrations()
    async with Database.open(path):
        monkeypatch.setattr(
            migrating, "migrations", lambda: known | {9999: "CREATE TABLE later (n INTEGER);"}
        )
        yield path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as found:
        return schema_version(found)


@opened_by
async def test_an_older_schema_is_said_and_left_alone(older: Path, opener: str) -> None:
    """A newer program's `queue` must not change it under the bot that runs."""
    with pytest.raises(SchemaTooOld, match=r"zeuxis\.db: .*zeuxis migrate"):
        async with OPENERS[opener](older):
            pytest.fail("opened")
    assert version(older) < 9999


@opened_by
async def test_a_newer_schema_is_said(tmp_path: Path, opener: str) -> None:
    """With the path."""
    path = tmp_path / "zeuxis.db"
    async with Database.open(path) as database:
        await database.write(lambda tx: tx.execute("UPDATE schema_version SET version = 99999"))
        with pytest.raises(SchemaTooNew, match=r"zeuxis\.db: a newer Zeuxis"):
            async with OPENERS[opener](path):
                pytest.fail("opened")


async def test_a_backup_needs_no_schema_that_is_known(older: Path, tmp_path: Path) -> None:
    """Before an upgrade it is wanted most, and it is of the schema that was there."""
    async with Database.look(older, is_any_schema=True) as database:
        await database.backup(tmp_path / "copy.db")
    assert version(tmp_path / "copy.db") == version(older) < 9999


@opened_by
async def test_nothing_is_made_by_looking(tmp_path: Path, opener: str) -> None:
    """A slip in the path must not show an empty queue, or leave one about."""
    with pytest.raises(StorageUnavailable, match="there is no database at"):
        async with OPENERS[opener](tmp_path / "data" / "zeuxis.db"):
            pytest.fail("opened")
    assert list(tmp_path.iterdir()) == []


async def test_what_runs_beside_a_bot_writes_into_its_rows(tmp_path: Path) -> None:
    """And the bot reads it at once; neither disturbs the other's place."""
    path = tmp_path / "zeuxis.db"
    add = "INSERT INTO person (user_id, running) VALUES (7, 0)"
    async with Database.open(path) as database, Database.beside(path) as beside:
        await beside.write(lambda tx: tx.execute(add))
        people = await database.read(lambda tx: tx.execute("SELECT user_id FROM person").fetchall())
        assert people == [(7,)]
        database.check_place()
        beside.check_place()


async def test_what_is_looked_at_cannot_be_written(tmp_path: Path) -> None:
    """By SQLite's own word, and by ours."""
    path = tmp_path / "zeuxis.db"
    async with Database.open(path):
        pass
    before = path.read_bytes()
    async with Database.look(path) as database:
        with pytest.raises(StorageUnavailable, match="read only"):
            await database.write(lambda tx: tx.execute("SELECT 1"))
        with pytest.raises(StorageUnavailable, match="SQLITE_READONLY"):
            await database.read(lambda tx: tx.execute("UPDATE schema_version SET version = 0"))
    assert path.read_bytes() == before


@pytest.mark.parametrize("opener", [*OPENERS, "open"])
async def test_another_programs_database_is_left_alone(tmp_path: Path, opener: str) -> None:
    """`run` would else put its tables into somebody's browser history."""
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE visits (url TEXT)")
    await left_alone(path, opener, NotOurDatabase)


@pytest.mark.parametrize("opener", [*OPENERS, "open"])
async def test_a_newer_zeuxis_s_database_is_left_alone(tmp_path: Path, opener: str) -> None:
    """As a restore leaves it, say: in one file, which whoever copies it counts on."""
    path = tmp_path / "zeuxis.db"
    async with Database.open(path) as database:
        await database.write(lambda tx: tx.execute("UPDATE schema_version SET version = 99999"))
    with closing(sqlite3.connect(path)) as tx:
        tx.execute("PRAGMA journal_mode = DELETE")
    await left_alone(path, opener, SchemaTooNew)


@opened_by
async def test_an_empty_file_stays_empty(tmp_path: Path, opener: str) -> None:
    """The next start fills it, and the doctor says so."""
    path = tmp_path / "zeuxis.db"
    path.touch()
    await left_alone(path, opener, NotOurDatabase)


async def left_alone(path: Path, opener: str, error: type[StorageError]) -> None:
    """No byte is changed, be it the kind of journal, nor who may read it."""
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(error, match=re.escape(str(path))):
        async with getattr(Database, opener)(path):
            pytest.fail("opened")
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o644


async def test_what_a_crash_left_half_written_is_mended_by_the_start(tmp_path: Path) -> None:
    """Nobody who only looks could: SQLite must roll it back first."""
    path = tmp_path / "zeuxis.db"
    async with Database.open(path) as database:
        await database.write(lambda tx: tx.execute("INSERT INTO person VALUES (7, 0)"))
    with closing(sqlite3.connect(path)) as tx:
        tx.execute("PRAGMA journal_mode = DELETE")
        tx.execute("PRAGMA cache_spill = 1")
        tx.execute("BEGIN IMMEDIATE")
        tx.execute("DELETE FROM person")
        tx.execute("PRAGMA cache_size = 1")
        tx.execute("CREATE TABLE half AS SELECT zeroblob(9000) FROM sqlite_master")
        half = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    for name, content in half.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(StorageUnavailable, match="SQLITE_READONLY_ROLLBACK"):
        connect_to_look(path)
    async with Database.open(path) as database:
        people = await database.read(lambda tx: tx.execute("SELECT user_id FROM person").fetchall())
    assert people == [(7,)]


@pytest.mark.parametrize("opener", [*OPENERS, "open"])
async def test_what_is_no_database_is_named(tmp_path: Path, opener: str) -> None:
    """A text file, a folder."""
    path = tmp_path / "letter.txt"
    path.write_text("dear aunt" * 200)
    with pytest.raises(StorageCorrupt, match=r"letter\.txt is no database"):
        async with getattr(Database, opener)(path):
            pytest.fail("opened")
    with pytest.raises(StorageUnavailable, match=f"cannot open {tmp_path}"):
        async with getattr(Database, opener)(tmp_path):
            pytest.fail("opened")
