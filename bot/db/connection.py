"""SQLite as Zeuxis uses it: how files are opened, how writers share a commit, what errors mean."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiosqlite

from bot.errors import StorageCorrupt, StorageError, StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable


T = TypeVar("T")

BUSY_TIMEOUT_S = 5.0
SYNCHRONOUS = "FULL"  # an acknowledged job survives a power cut
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
        if path.exists() and not path.is_file():  # a pipe would be waited for, a device changed
            raise StorageUnavailable(f"cannot open {path}: it is no file")
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
        connection.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
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
    try:
        is_there, is_file = path.exists(), path.is_file()
    except OSError as error:  # such as a name that is too long
        raise StorageUnavailable(f"cannot open {path}: {error.strerror}") from error
    if not is_there:
        raise StorageUnavailable(f"there is no database at {path}")
    if not is_file:
        raise StorageUnavailable(f"cannot open {path}: it is no file")
    connection = _connect(path, uri=f"{path.absolute().as_uri()}?mode=ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        connection.close()
        raise storage_error(error, path) or error from error
    return connection


def _connect(path: Path, *, uri: str | None = None) -> sqlite3.Connection:
    try:
        return sqlite3.connect(
            uri or path,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            cached_statements=512,
            uri=uri is not None,
        )
    except sqlite3.Error as error:
        raise storage_error(error, path) or error from error


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


# ------------------------------------------------------------------------------------------------
# Many writers, one commit.
#
# Making a commit durable costs one wait for the disk, however much is in it. So whoever writes
# while a commit is under way shares the next one: under load the cost of the wait is divided by
# the number of writers, and alone nobody waits longer. Each call runs inside its own savepoint, so
# an error undoes that call only; nobody is told of success before the shared commit is on disk.
#
# Not taken: a timer that collects calls for some milliseconds. It delays a lone caller and gains
# nothing under load, where the disk itself is the timer.


MOST_PER_COMMIT = 256  # bounds how long the first of a batch waits for the last


@dataclass(slots=True, kw_only=True, eq=False)
class Call:
    """One caller's function and, once it ran, what came of it."""

    function: Callable[[sqlite3.Connection], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class GroupCommit:
    """The queue in front of the one connection that writes."""

    connection: ThreadedConnection
    loop: asyncio.AbstractEventLoop
    _pending: list[Call] = field(default_factory=list)
    _is_active: bool = False  # a drain runs or is about to
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def submit(self, function: Callable[[sqlite3.Connection], Any]) -> asyncio.Future[Any]:
        """The future ends after the commit; cancelling it before the call began prevents it."""
        call = Call(function=function, future=self.loop.create_future())
        with self._lock:
            self._pending.append(call)
            must_start, self._is_active = not self._is_active, True
        if must_start:
            self.connection.post(self._drain)
        return call.future

    def _drain(self, connection: sqlite3.Connection) -> None:
        while batch := self._take():
            commit(connection, batch)
            self.loop.call_soon_threadsafe(_resolve, batch)

    def _take(self) -> list[Call]:
        with self._lock:
            batch = self._pending[:MOST_PER_COMMIT]
            del self._pending[:MOST_PER_COMMIT]
            self._is_active = bool(batch)
        return batch


def commit(connection: sqlite3.Connection, batch: list[Call]) -> None:
    """Runs the calls in one transaction and notes what came of each."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        for call in batch:
            if not call.future.cancelled():
                _run(connection, call)
        connection.execute("COMMIT")
    except BaseException as error:  # noqa: BLE001 - raised in every caller, by _resolve
        # Nothing of the batch counts as done, also for calls that had gone well.
        _roll_back(connection)
        cause = storage_error(error) if isinstance(error, sqlite3.Error) else error
        for call in batch:
            call.error = _for_each_caller(cause or error)


def _run(connection: sqlite3.Connection, call: Call) -> None:
    connection.execute("SAVEPOINT call")
    try:
        call.result = call.function(connection)
    except Exception as error:
        if not connection.in_transaction:
            raise  # a full disk or an I/O error has undone the whole transaction
        connection.execute("ROLLBACK TO call")
        call.error = _translated(error)
    connection.execute("RELEASE call")


def _translated(error: Exception) -> Exception:
    if not isinstance(error, sqlite3.Error):
        return error
    translated = storage_error(error)
    if translated is None:
        return error
    translated.__cause__ = error
    return translated


def _for_each_caller(error: BaseException) -> StorageError:
    if isinstance(error, StorageError):
        return error.for_another()
    unavailable = StorageUnavailable(f"the commit failed: {error}")
    unavailable.__cause__ = error
    return unavailable


def _roll_back(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):  # the error that led here says more
        connection.rollback()


def _resolve(batch: list[Call]) -> None:
    for call in batch:
        if call.future.done():
            continue
        if call.error is not None:
            call.future.set_exception(call.error)
        else:
            call.future.set_result(call.result)


# ------------------------------------------------------------------------------------------------
# SQLite's errors as ours: what may pass by itself, and what needs a backup.


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
_NOT_OURS = "see who may read and write it and its folder"
_REMEDIES = {
    sqlite3.SQLITE_BUSY: "another program writes into it: try again, or see with `lsof` which one",
    sqlite3.SQLITE_CANTOPEN: _NOT_OURS,
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_READONLY: _NOT_OURS,
}


def copy_error(error: sqlite3.Error, source: Path | None, target: Path) -> StorageError | None:
    """As `storage_error` of what was copied from, unless there is no room where it was to go."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE:
        return StorageUnavailable(f"no room on the disk for {target}: {error.sqlite_errorname}")
    return storage_error(error, source)


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
        said = (f"{name}: {error}" + (f" ({path})" if path else ""), _REMEDIES.get(code & 0xFF))
        return StorageUnavailable(": ".join(filter(None, said)))
    return None
