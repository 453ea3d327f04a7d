"""The database: one SQLite file, one connection that writes, two that read.

SQL lives in plain functions that take an open transaction (`queue.claim(tx, …)`); this class runs
them, whole, in a connection's own thread. `write` returns when the change is on disk (WAL,
synchronous FULL), so what it acknowledged survives a crash of the process and a loss of power.
"""

from __future__ import annotations

import asyncio
import functools
import sqlite3
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeAlias, TypeVar

from bot.db.backup import back_up, check_target, rescue
from bot.db.connection import (
    GroupCommit,
    ThreadedConnection,
    connect,
    connect_to_look,
    database_path,
    make_private_file,
    quick_check,
    real_path,
    storage_error,
)
from bot.db.file import OpenFile, log_of
from bot.db.migrate import check_migratable, check_ours, check_schema, migrate
from bot.errors import NotOurDatabase, SchemaTooNew, SchemaTooOld, StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.db import Transaction


T = TypeVar("T")
P = ParamSpec("P")

READERS = 2
_Opener: TypeAlias = "Callable[[Path], sqlite3.Connection]"
_Check: TypeAlias = "Callable[[sqlite3.Connection], object]"


class Database:
    """Open it with `Database.open`; beside a bot that may be running with `beside` or `look`."""

    def __init__(
        self,
        path: Path,
        *,
        file: OpenFile,
        writer: GroupCommit | None,
        readers: list[ThreadedConnection],
    ) -> None:
        self.path = path
        self._file = file
        self._writer = writer
        self._readers = readers
        self._next_reader = 0
        self._is_open = True

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str | Path) -> AsyncIterator[Database]:
        """Creates or migrates the file (mode 0600) and closes it again in any case.

        Raises:
            SchemaTooNew, NotOurDatabase, StorageCorrupt: do not start; nothing was changed.
            StorageUnavailable: it cannot be opened now.
        """
        _check_before_writing(real_path(url))
        make_private_file(real_path(url))
        async with cls._opened(url, writer=_open_writer, readers=[_open_reader] * READERS) as one:
            yield one

    @classmethod
    @asynccontextmanager
    async def beside(cls, url: str | Path) -> AsyncIterator[Database]:
        """To read and write what a bot may be running on: neither made nor migrated.

        Raises:
            SchemaTooNew, SchemaTooOld: it belongs to another version.
            StorageError: it is not there, or cannot be opened.
        """
        _checked(real_path(url), connect_to_look(real_path(url)), check_schema).close()
        async with cls._opened(url, writer=_open_as_it_is, readers=[_open_reader]) as database:
            yield database

    @classmethod
    @asynccontextmanager
    async def look(cls, url: str | Path, *, is_any_schema: bool = False) -> AsyncIterator[Database]:
        """To read only. Raises as `beside`; a schema that is only copied need not be known."""
        looker = _open_any_looker if is_any_schema else _open_looker
        connect_to_look(real_path(url)).close()
        async with cls._opened(url, writer=None, readers=[looker]) as database:
            yield database

    @classmethod
    @asynccontextmanager
    async def _opened(
        cls, url: str | Path, *, writer: _Opener | None, readers: list[_Opener]
    ) -> AsyncIterator[Database]:
        path = real_path(url)
        async with AsyncExitStack() as stack:
            file = stack.enter_context(OpenFile.hold(database_path(url)))
            writing = [await _threaded(one, path, stack) for one in (writer,) if one is not None]
            reading = [await _threaded(one, path, stack) for one in readers]
            if writing:
                file.note_log(log_of(path))
            loop = asyncio.get_running_loop()
            database = cls(
                path,
                file=file,
                writer=GroupCommit(writing[0], loop) if writing else None,
                readers=reading,
            )
            try:
                yield database
            finally:
                database._is_open = False

    def check_place(self) -> None:
        """Whether the path still leads to the file that is open.

        Raises:
            DatabaseDisplaced, StorageCorrupt: what is written from now on would be lost; end.
            StorageUnavailable: it cannot be looked at now.
        """
        self._file.check()

    async def rescue(self) -> Path | None:
        """A sound copy of what is open, unless its path leads to it; returns where it stands.

        In the database's own place if nothing stands there, so that the next start goes on with it.

        Raises:
            StorageError: there is no place for it, or nothing sound to copy.
        """
        try:
            if self._file.is_at(self.path) and not self._file.is_written_over():
                return None
            # in the writer's thread, after all that is still to be written
            place = await self._to_write().connection.run(rescue, self.path)
            self._file.forget_log(log_of(self.path))
        except OSError as error:
            raise StorageUnavailable(f"cannot look at {self.path}: {error.strerror}") from error
        return place

    def holds_anothers(self) -> bool:
        """Whether the file was written over: closing would write our log into what is there now."""
        return self._file.is_at(self.path) and self._file.is_written_over()

    async def write(
        self,
        function: Callable[Concatenate[Transaction, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs function(tx, …) and returns its result once it is on disk.

        What the function raises is raised here, and its changes are undone. A caller that is
        cancelled after the function has begun does not stop it.

        Raises:
            StorageUnavailable, StorageCorrupt: nothing was changed.
        """
        result: T = await self._to_write().submit(lambda tx: function(tx, *args, **kwargs))
        return result

    async def read(
        self,
        function: Callable[Concatenate[Transaction, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs function(tx, …) on one consistent state of the database, beside any writer."""
        self._check_open()
        self._next_reader = (self._next_reader + 1) % len(self._readers)
        return await self._readers[self._next_reader].run(
            _reading, lambda tx: function(tx, *args, **kwargs)
        )

    async def backup(self, file: Path) -> None:
        """Copies the database while it is in use to `file` (0600), whole or not at all.

        Raises:
            BackupRefused: something that is no earlier backup would be lost there.
            StorageError: no copy could be made; what was there is there.
        """
        self._check_open()
        await self._readers[0].run(back_up, check_target(file, self.path))

    async def empty_log(self) -> None:
        """Moves the write-ahead log into the file and empties it, if no reader needs it.

        What was wiped from its row would else stay readable in the log.
        """
        await self._to_write().connection.run(_empty_log)

    def _to_write(self) -> GroupCommit:
        self._check_open()
        if self._writer is None:
            raise StorageUnavailable("the database was opened to be read only")
        return self._writer

    def _check_open(self) -> None:
        if not self._is_open:
            raise StorageUnavailable("the database is closed")


async def _threaded(opener: _Opener, path: Path, stack: AsyncExitStack) -> ThreadedConnection:
    connection = ThreadedConnection(functools.partial(opener, path))
    # aiosqlite's threads are no daemons: one that is left open hangs the exit
    stack.push_async_callback(_close, connection)
    await connection
    return connection


def _check_before_writing(path: Path) -> None:
    """Connecting alone changes another program's file: its kind of journal, who may read it."""
    with suppress(StorageUnavailable):  # it is not there yet, or SQLite must roll back first
        _checked(path, connect_to_look(path), check_migratable).close()


def _open_writer(path: Path) -> sqlite3.Connection:
    return _checked(path, connect(path), _quick_check(path), migrate)


def _open_as_it_is(path: Path) -> sqlite3.Connection:
    return _checked(path, connect(path), _quick_check(path), check_schema)


def _open_looker(path: Path) -> sqlite3.Connection:
    return _checked(path, connect_to_look(path), _quick_check(path), check_schema)


def _open_any_looker(path: Path) -> sqlite3.Connection:
    return _checked(path, connect_to_look(path), _quick_check(path), check_ours)


def _quick_check(path: Path) -> _Check:
    return functools.partial(quick_check, path=path)


def _checked(path: Path, connection: sqlite3.Connection, *checks: _Check) -> sqlite3.Connection:
    try:
        for check in checks:
            check(connection)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise storage_error(error, path) or error from error
        if isinstance(error, SchemaTooNew | SchemaTooOld | NotOurDatabase):
            raise type(error)(f"{path}: {error}") from error
        raise
    return connection


def _open_reader(path: Path) -> sqlite3.Connection:
    return connect(path, read_only=True)


async def _close(connection: ThreadedConnection) -> None:
    await asyncio.shield(asyncio.ensure_future(connection.close()))


def _reading(tx: sqlite3.Connection, function: Callable[[sqlite3.Connection], T]) -> T:
    try:
        tx.execute("BEGIN")
        try:
            return function(tx)
        finally:
            tx.rollback()
    except sqlite3.Error as error:
        raise storage_error(error) or error from error


def _empty_log(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        raise storage_error(error) or error from error
