"""SQLite's errors as ours: what may pass by itself, and what needs a backup."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from bot.errors import StorageCorrupt, StorageError, StorageUnavailable

if TYPE_CHECKING:
    from pathlib import Path

# https://www.sqlite.org/rescode.html; extended codes carry the primary one in the low byte
_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_SCHEMA,
    }
)


def storage_error(error: sqlite3.Error, path: Path | None = None) -> StorageError | None:
    """The error to raise from this one; None if it is a slip in our own SQL.

    `path` names the file at fault where it could be more than one.
    """
    # Errors that Python's module raises by itself (a closed connection, say) carry no code.
    code = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code is None:
        return None
    where = "the database" if path is None else str(path)
    if code & 0xFF == sqlite3.SQLITE_NOTADB:
        return StorageCorrupt(f"{where} is no database, or its beginning is damaged: {name}")
    if code & 0xFF == sqlite3.SQLITE_CORRUPT:
        return StorageCorrupt(f"{where} is damaged, restore a backup: {name}: {error}")
    if code & 0xFF in _UNAVAILABLE:
        return StorageUnavailable(f"{name}: {error}" + (f" ({path})" if path else ""))
    return None
