"""Brings the schema of a database up to this version, one numbered file at a time.

Each file is one transaction with the version it leads to, so that a crash leaves the version before
or the version after, and the next start goes on from there. Files that were released are never
edited; a change is a new file.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

from bot.db.connection import storage_error
from bot.errors import NotOurDatabase, SchemaTooNew, SchemaTooOld, StorageCorrupt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def migrations() -> dict[int, str]:
    """The SQL of each version, the oldest first."""
    folder = files("bot.db") / "migrations"
    found = {
        int(entry.name[:4]): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    }
    return dict(sorted(found.items()))


def schema_version(connection: sqlite3.Connection) -> int:
    """0 for an empty database.

    Raises:
        NotOurDatabase: what stands there is no version.
    """
    known = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
    ).fetchone()
    if known is None:
        return 0
    match connection.execute("SELECT * FROM schema_version LIMIT 2").fetchall():
        case [(int(version),)] if version > 0:
            return version
        case found:
            raise NotOurDatabase(f"{found} is no schema version: another program has written it")


def check_schema(connection: sqlite3.Connection) -> None:
    """For whoever must not migrate, since another version may be running on the database.

    Raises:
        SchemaTooNew, SchemaTooOld, NotOurDatabase: its rows cannot be read.
    """
    check_ours(connection)
    newest, found = max(migrations()), schema_version(connection)
    _check_not_newer(found, newest)
    if found < newest:
        raise SchemaTooOld(
            f"schema version {found} is older than this Zeuxis's {newest}:"
            " `zeuxis migrate` brings it up, with the bot stopped"
        )


def check_ours(connection: sqlite3.Connection) -> None:
    """Raises NotOurDatabase unless a Zeuxis, of whatever version, has written it."""
    known, all_there_is = connection.execute(
        "SELECT count(*) FILTER (WHERE type = 'table' AND name IN ('schema_version', 'job')),"
        " count(*) FROM sqlite_master"
    ).fetchone()
    if not all_there_is:
        raise NotOurDatabase("it is empty: the next start, or `zeuxis migrate`, fills it")
    if known != 2:
        raise NotOurDatabase("another program has written this database, no Zeuxis")


def check_migratable(connection: sqlite3.Connection, newest: int | None = None) -> int:
    """The version from which it is brought up, 0 of an empty database.

    Raises:
        SchemaTooNew, NotOurDatabase: it is not to be touched.
    """
    if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
        check_ours(connection)  # whoever migrates beside us writes both tables in one transaction
    found = schema_version(connection)
    _check_not_newer(found, max(migrations()) if newest is None else newest)
    return found


def migrate(connection: sqlite3.Connection, scripts: Mapping[int, str] | None = None) -> None:
    """Runs every file that the database has not seen. Safe from several processes at once.

    A file that does not end well is undone as a whole. Foreign keys rest meanwhile, so that a file
    may build a table anew that others name; they hold again before its commit.

    Raises:
        SchemaTooNew: a newer Zeuxis has written it; nothing was changed.
        NotOurDatabase: another program has, or its rows are not those of its version.
        StorageCorrupt: rows name others that are not there.
    """
    scripts = migrations() if scripts is None else scripts
    newest = max(scripts)
    found = check_migratable(connection, newest)
    with _foreign_keys_resting(connection):
        for version, script in scripts.items():
            if version > found:
                _apply(connection, version, script)
    _check_not_newer(schema_version(connection), newest)  # another process may have come first


def _check_not_newer(found: int, newest: int) -> None:
    if found > newest:
        raise SchemaTooNew(
            f"a newer Zeuxis wrote it: schema version {found}, this one knows {newest}"
        )


@contextmanager
def _foreign_keys_resting(connection: sqlite3.Connection) -> Iterator[None]:
    """SQLite changes this between transactions only."""
    (were_on,) = connection.execute("PRAGMA foreign_keys").fetchone()
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA foreign_keys = {were_on}")


def _apply(connection: sqlite3.Connection, version: int, script: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have come first while this one waited for the lock.
        if schema_version(connection) < version:
            _run(connection, version, script)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def _run(connection: sqlite3.Connection, version: int, script: str) -> None:
    try:
        for statement in _statements(script):
            connection.execute(statement)
    except sqlite3.Error as error:
        if storage_error(error) is not None:
            raise  # the disk is full, say
        raise NotOurDatabase(
            f"it cannot be brought to schema version {version}: {error}; nothing was changed"
        ) from error
    _check_parents(connection)
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)")
    connection.execute("DELETE FROM schema_version")
    connection.execute("INSERT INTO schema_version VALUES (?)", (version,))


def _check_parents(connection: sqlite3.Connection) -> None:
    orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    if orphan is not None:
        table, _, parent, _ = orphan
        raise StorageCorrupt(
            f"rows of {table} name rows of {parent} that are not there: restore a backup"
        )


def _statements(script: str) -> Iterator[str]:
    """One by one, since `executescript` would commit the transaction that is open."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        raise ValueError(f"unfinished statement in a migration: {statement[:60]!r}")
