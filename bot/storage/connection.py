"""Opens SQLite files as Zeuxis uses them."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiosqlite

from bot.errors import StorageCorrupt, StorageUnavailable
from bot.storage.trouble import storage_error

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

BUSY_TIMEOUT_S = 5.0
QUICK_CHECK_BYTES = 64 * 1024 * 1024  # reading all of a larger file would delay the start


def database_path(url: str | Path) -> Path:
    """`sqlite:///relative.db`, `sqlite:////absolute.db`, or a plain path."""
    text = str(url)
    scheme, separator, rest = text.partition(":///")
    if not separator:
        return Path(text)
    if scheme != "sqlite" or not rest:
        raise ValueError(f"expected sqlite:///path/to/file.db, got {text!r}")
    return Path(rest)


def real_path(url: str | Path) -> Path:
    """Where the file itself is: two names of one file must not pass for two databases."""
    path = database_path(url)
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        raise StorageUnavailable(f"cannot open {path}: {error}") from error


def make_private_file(path: Path) -> None:
    """Creates the file and its folder if need be, readable by the owner alone.

    SQLite gives the files beside it (-wal, -shm) the same mode.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StorageUnavailable(f"cannot open {path}: {error.strerror}") from error


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection that leaves transactions to us.

    Raises:
        StorageUnavailable, StorageCorrupt: it cannot be used.
    """
    connection = _connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # an acknowledged job survives a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # wiped tokens leave no bytes behind
        connection.execute("PRAGMA cache_size = -32768")
        connection.execute(f"PRAGMA query_only = {int(read_only)}")
    except sqlite3.Error as error:
        connection.close()
        raise storage_error(error, path) or error from error
    return connection


def connect_to_look(path: Path) -> sqlite3.Connection:
    """A connection that cannot change the file, whatever its schema or its kind of journal.

    Raises:
        StorageUnavailable, StorageCorrupt: it cannot be read.
    """
    if not path.exists():
        raise StorageUnavailable(f"there is no database at {path}")
    if not path.is_file():
        raise StorageUnavailable(f"cannot open {path}: it is no file")
    connection = _connect(f"{path.absolute().as_uri()}?mode=ro", is_uri=True)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        connection.close()
        raise storage_error(error, path) or error from error
    return connection


def _connect(path: Path | str, *, is_uri: bool = False) -> sqlite3.Connection:
    try:
        return sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, cached_statements=512, uri=is_uri
        )
    except sqlite3.Error as error:
        raise storage_error(error) or error from error


def quick_check(connection: sqlite3.Connection, path: Path) -> None:
    """Raises StorageCorrupt if a small file's structure is damaged."""
    if path.stat().st_size > QUICK_CHECK_BYTES:
        return
    found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StorageCorrupt(f"{path} is damaged, restore a backup: {' '.join(found.split())}")


class ThreadedConnection(aiosqlite.Connection):
    """An aiosqlite connection that runs whole functions in its thread.

    aiosqlite's own interface costs two hops between threads for every statement. A transaction of
    ten statements as one function costs one, and nothing can come between them. Hence the use of
    its inner parts `_execute`, `_tx` and `_thread`; aiosqlite is held below 0.23 for that reason.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """function(connection, …) in the connection's thread."""
        result: T = await self._execute(  # type: ignore[no-untyped-call]  # as aiosqlite has it
            lambda: function(self._conn, *args, **kwargs)
        )
        return result

    async def close(self) -> None:
        """Also waits for the thread to end: it must not outlive the event loop it reports to."""
        await super().close()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    def post(self, function: Callable[[sqlite3.Connection], None]) -> None:
        """Like `run`, but returns at once; `function` reports by itself."""
        self._tx.put_nowait((None, lambda: function(self._conn)))
