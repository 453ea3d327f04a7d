"""A schema comes up whole or not at all, and only where a Zeuxis has written."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from bot.db.connection import connect
from bot.db.migrate import migrate, migrations, schema_version
from bot.db.sqlite import Database
from bot.errors import NotOurDatabase, SchemaTooNew, StorageCorrupt
from tests.queue.kept import OLD, copy_of_old
from tests.queue.world import open_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEXT = max(migrations()) + 1
MANY_STEPS = 20

# Each migration is killed in a fork of its own: before its statement or opcode of that number.
KILLER = """
import os, shutil, signal, sys
from pathlib import Path
from bot.db.connection import connect
from bot.db.migrate import migrate

def migrated(path, count_by, killed_at):
    tx, seen = connect(path), 0
    def count(*_):
        nonlocal seen
        seen += 1
        if seen == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)
    if count_by == "statement":
        tx.set_trace_callback(count)
    else:
        tx.set_progress_handler(count, 10)
    migrate(tx)
    tx.set_trace_callback(None)
    tx.set_progress_handler(None, 0)
    tx.close()
    return seen

def killed(path, count_by, at):
    shutil.copyfile(source, path)
    child = os.fork()
    if child == 0:
        try:
            migrated(path, count_by, at)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (at, status)

source, folder, count_by, most = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
shutil.copyfile(source, folder / "whole.db")
steps = migrated(folder / "whole.db", count_by, 0)
every = max(1, steps // most) if most else 1
for at in range(1, steps + 1, every):
    killed(folder / f"{at}.db", count_by, at)
"""


def contents(path: Path) -> str:
    """Every table, index and row."""
    with closing(connect(path)) as tx:
        return "\n".join(tx.iterdump())


def killed_copies(folder: Path, count_by: str, most: int = 0) -> Iterator[Path]:
    """Of the old database, each left behind by a migration that was killed at another step."""
    subprocess.run(
        [sys.executable, "-c", KILLER, str(OLD), str(folder), count_by, str(most)],
        check=True,
        timeout=100,
    )
    (folder / "whole.db").unlink()
    copies = sorted(path for path in folder.iterdir() if path.suffix == ".db")
    assert len(copies) > (MANY_STEPS if most else 3 * (NEXT - 2))
    yield from copies


@pytest.fixture(scope="module")
def every_version(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """What the old database holds at each version on its way."""
    folder, found = tmp_path_factory.mktemp("versions"), {}
    for version in migrations():
        path = copy_of_old(folder / f"{version}.db")
        with closing(connect(path)) as tx:
            migrate(tx, {n: sql for n, sql in migrations().items() if n <= version})
        found[version] = contents(path)
    return found


@pytest.mark.process
@pytest.mark.parametrize(("count_by", "most"), [("statement", 0), ("opcode", MANY_STEPS)])
def test_a_kill_at_any_step_leaves_a_version_whole_and_the_next_start_goes_on(
    tmp_path: Path, every_version: dict[int, str], count_by: str, most: int
) -> None:
    """Before each statement of every migration, its commit among them, and within them."""
    left = set()
    for path in killed_copies(tmp_path, count_by, most):
        with closing(sqlite3.connect(path)) as tx:
            version = schema_version(tx)
        left.add(version)
        assert contents(path) == every_version[version], f"half a migration in {path.name}"
        with closing(connect(path)) as tx:
            migrate(tx)
        assert contents(path) == every_version[NEXT - 1]
    # Points within statements are a sample, and most of them are in the largest migration.
    assert len(left) > 1 if most else left >= set(range(1, NEXT - 1))


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Its statements before the one that fails are undone, and it is said in a sentence."""
    path = copy_of_old(tmp_path / "a.db")
    with closing(connect(path)) as tx:
        migrate(tx)
        before = contents(path)
        bad = migrations() | {NEXT: "DELETE FROM sent;\nUPDATE job SET no_such_column = 1;\n"}
        with pytest.raises(NotOurDatabase, match=rf"schema version {NEXT}: .*no_such_column"):
            migrate(tx, bad)
        assert not tx.in_transaction
    assert contents(path) == before


REBUILD = """
CREATE TABLE tenant_new (id INTEGER PRIMARY KEY, weight INTEGER NOT NULL);
INSERT INTO tenant_new SELECT id, weight FROM tenant;
DROP TABLE tenant;
ALTER TABLE tenant_new RENAME TO tenant;
"""


def test_a_full_disk_is_no_fault_of_the_rows(tmp_path: Path) -> None:
    """It is said as it is, and the version stays."""
    with closing(connect(tmp_path / "a.db")) as connection:
        migrate(connection)
        before = schema_version(connection)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        script = "CREATE TABLE later AS SELECT zeroblob(1000000) AS n;"
        with pytest.raises(sqlite3.OperationalError, match="full"):
            migrate(connection, {before + 1: script})
        assert schema_version(connection) == before


def test_a_file_that_ends_in_the_middle_of_a_statement_changes_nothing(tmp_path: Path) -> None:
    """A slip of ours, which no check of SQLite's would find."""
    with closing(connect(tmp_path / "a.db")) as connection:
        migrate(connection)
        before = schema_version(connection)
        with pytest.raises(ValueError, match=r"unfinished .*CREATE TABLE late"):
            migrate(connection, {before + 1: "CREATE TABLE early (n INTEGER);\nCREATE TABLE late"})
        assert schema_version(connection) == before
        found = "SELECT count(*) FROM sqlite_master WHERE name = 'early'"
        assert connection.execute(found).fetchone() == (0,)


def test_a_table_that_others_name_can_be_rebuilt(tmp_path: Path) -> None:
    """As SQLite wants it done: foreign keys rest meanwhile, and hold again afterwards."""
    with closing(connect(copy_of_old(tmp_path / "a.db"))) as tx:
        migrate(tx)
        members = tx.execute("SELECT count(*) FROM member").fetchone()
        migrate(tx, migrations() | {NEXT: REBUILD})
        assert tx.execute("SELECT count(*) FROM member").fetchone() == members
        assert tx.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_a_migration_that_leaves_rows_without_their_parents_is_refused(tmp_path: Path) -> None:
    """Nothing of it stays."""
    path = copy_of_old(tmp_path / "a.db")
    with closing(connect(path)) as tx:
        migrate(tx)
        before = contents(path)
        orphans = migrations() | {NEXT: REBUILD + "DELETE FROM tenant;\n"}
        with pytest.raises(StorageCorrupt, match=r"rows of member .* tenant"):
            migrate(tx, orphans)
        assert tx.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert contents(path) == before


class Overtaken(dict[int, str]):
    """Scripts of an older Zeuxis; a newer one migrates while this one waits for the lock."""

    def __init__(self, scripts: dict[int, str], path: Path) -> None:
        super().__init__(scripts)
        self.path = path

    def items(self) -> Any:
        with closing(connect(self.path)) as tx:
            migrate(tx, migrations() | {NEXT: "CREATE TABLE later (n INTEGER);"})
        return super().items()


def test_whoever_is_overtaken_by_a_newer_version_is_told(tmp_path: Path) -> None:
    """It must not go on with rows that it cannot read."""
    path = copy_of_old(tmp_path / "a.db")
    with closing(connect(path)) as tx, pytest.raises(SchemaTooNew, match=f"version {NEXT}"):
        migrate(tx, Overtaken(migrations(), path))


async def test_a_newer_schema_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """And is what it was."""
    path = tmp_path / "a.db"
    with closing(open_file(path)) as tx:
        migrate(tx, migrations() | {NEXT: "CREATE TABLE later (n INTEGER);"})
    before = contents(path)
    with pytest.raises(SchemaTooNew, match=rf"a\.db: a newer .* version {NEXT}, .* {NEXT - 1}$"):
        async with Database.open(path):
            pytest.fail("opened")
    assert contents(path) == before


NONSENSE = {
    "no version": "DELETE FROM schema_version",
    "two versions": "INSERT INTO schema_version VALUES (1)",
    "a word": "UPDATE schema_version SET version = 'new'",
    "nothing": "UPDATE schema_version SET version = NULL",
    "none": "UPDATE schema_version SET version = 0",
    "a negative one": "UPDATE schema_version SET version = -1",
    "one that it is not": "UPDATE schema_version SET version = 1",
    "more columns": "ALTER TABLE schema_version ADD COLUMN name TEXT",
    "a version beside no job": "ALTER TABLE job RENAME TO work",
}


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_a_version_that_makes_no_sense_is_refused_in_a_sentence(
    tmp_path: Path, nonsense: str
) -> None:
    """Not with a traceback, and nothing half-applied."""
    path = tmp_path / "a.db"
    with closing(open_file(path)) as tx:
        tx.execute("PRAGMA legacy_alter_table = ON")
        tx.execute(NONSENSE[nonsense])
    before = contents(path)
    with pytest.raises(NotOurDatabase, match=r"a\.db: "):
        async with Database.open(path):
            pytest.fail("opened")
    assert contents(path) == before


def test_versions_have_no_gaps_and_no_two_files() -> None:
    """A file of a number that another has would be left out without a word."""
    assert list(migrations()) == list(range(1, NEXT))
