"""Brings the schema of a database up to this version, one numbered file at a time.

Each file is one transaction with the version it leads to, so that a crash leaves the version before
or the version after. Files that were released are never edited; a change is a new file.
"""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from typing import TYPE_CHECKING

from bot.errors import NotOurDatabase, SchemaTooNew, SchemaTooOld

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def migrations() -> dict[int, str]:
    """The SQL of each version, the oldest first."""
    folder = files("bot.storage") / "migrations"
    found = {
        int(entry.name[:4]): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    }
    return dict(sorted(found.items()))


def schema_version(connection: sqlite3.Connection) -> int:
    """0 for an empty database."""
    known = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
    ).fetchone()
    if known is None:
        return 0
    version: int = connection.execute("SELECT version FROM schema_version").fetchone()[0]
    return version


def check_schema(connection: sqlite3.Connection) -> None:
    """For whoever must not migrate, since another version may be running on the database.

    Raises:
        SchemaTooNew, SchemaTooOld, NotOurDatabase: its rows cannot be read.
    """
    check_ours(connection)
    newest, found = max(migrations()), schema_version(connection)
    if found > newest:
        raise _too_new(found, newest)
    if found < newest:
        raise SchemaTooOld(
            f"schema version {found} is older than this Zeuxis's {newest}:"
            " `zeuxis migrate` brings it up, with the bot stopped"
        )


def check_ours(connection: sqlite3.Connection) -> None:
    """Raises NotOurDatabase unless a Zeuxis, of whatever version, has written it."""
    (known,) = connection.execute(
        "SELECT count(*) FROM sqlite_master"
        " WHERE type = 'table' AND name IN ('schema_version', 'job')"
    ).fetchone()
    if known != 2:
        raise NotOurDatabase("no Zeuxis has written this database")


def migrate(connection: sqlite3.Connection, scripts: Mapping[int, str] | None = None) -> None:
    """Runs every file that the database has not seen. Safe from several processes at once.

    Raises:
        SchemaTooNew: a newer Zeuxis has written it; nothing was changed.
        NotOurDatabase: another program has; nothing was changed.
    """
    scripts = migrations() if scripts is None else scripts
    newest = max(scripts)
    # in this order: whoever migrates beside us writes tables and version in one transaction
    has_tables = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    found = schema_version(connection)
    if found > newest:
        raise _too_new(found, newest)
    if has_tables and found == 0:
        raise NotOurDatabase("another program has written this database")
    for version, script in scripts.items():
        if version > found:
            _apply(connection, version, script)


def _too_new(found: int, newest: int) -> SchemaTooNew:
    return SchemaTooNew(f"a newer Zeuxis wrote it: schema version {found}, this one knows {newest}")


def _apply(connection: sqlite3.Connection, version: int, script: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have come first while this one waited for the lock.
        if schema_version(connection) < version:
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)")
            connection.execute("DELETE FROM schema_version")
            connection.execute("INSERT INTO schema_version VALUES (?)", (version,))
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


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
