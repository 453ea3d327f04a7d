"""The database: one SQLite file, one connection that writes, two that read.

SQL lives in plain functions that take an open transaction (`queue.claim(tx, …)`); this class runs
them, whole, in a connection's own thread. `write` returns when the change is on disk (WAL,
synchronous FULL), so what it acknowledged survives a crash of the process and a loss of power.
"""

from __future__ import annotations

import asyncio
import functools
import sqlite3
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from bot.errors import StorageUnavailable
from bot.storage.connection import (
    ThreadedConnection,
    connect,
    database_path,
    make_private_file,
    quick_check,
)
from bot.storage.group_commit import GroupCommit
from bot.storage.migrate import migrate
from bot.storage.trouble import storage_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

T = TypeVar("T")
P = ParamSpec("P")

READERS = 2


class Database:
    """Open it with `Database.open`."""

    def __init__(
        self, path: Path, *, writer: GroupCommit, readers: list[ThreadedConnection]
    ) -> None:
        self.path = path
        self._writer = writer
        self._readers = readers
        self._next_reader = 0
        self._is_open = True

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str | Path) -> AsyncIterator[Database]:
        """Creates or migrates the file (mode 0600) and closes it again in any case.

        Raises:
            SchemaTooNew, StorageCorrupt: do not start; nothing was changed.
            StorageUnavailable: it cannot be opened now.
        """
        path = database_path(url)
        make_private_file(path)
        async with AsyncExitStack() as stack:
            connections = []
            for opener in (_open_writer, *[_open_reader] * READERS):
                connection = ThreadedConnection(functools.partial(opener, path))
                # aiosqlite's threads are no daemons: one that is left open hangs the exit
                stack.push_async_callback(_close, connection)
                await connection
                connections.append(connection)
            writer = GroupCommit(connections[0], asyncio.get_running_loop())
            database = cls(path, writer=writer, readers=connections[1:])
            try:
                yield database
            finally:
                database._is_open = False

    async def write(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
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
        self._check_open()
        result: T = await self._writer.submit(lambda tx: function(tx, *args, **kwargs))
        return result

    async def read(
        self,
        function: Callable[Concatenate[sqlite3.Connection, P], T],
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

    async def backup(self, path: Path) -> None:
        """Copies the database while it is in use to `path` (0600), whole or not at all."""
        self._check_open()
        await self._readers[0].run(_back_up, path)

    async def empty_log(self) -> None:
        """Moves the write-ahead log into the file and empties it, if no reader needs it.

        What was wiped from its row would else stay readable in the log.
        """
        self._check_open()
        await self._writer.connection.run(_empty_log)

    def _check_open(self) -> None:
        if not self._is_open:
            raise StorageUnavailable("the database is closed")


def _open_writer(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    try:
        quick_check(connection, path)
        migrate(connection)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise storage_error(error) or error from error
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


def _back_up(source: sqlite3.Connection, path: Path) -> None:
    """Beside its final name first, so that a crash leaves no half copy under that name."""
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        make_private_file(part)
        _copy(source, part)
        part.replace(path)
    except sqlite3.Error as error:
        raise storage_error(error) or error from error
    except OSError as error:
        raise StorageUnavailable(f"no backup to {path}: {error.strerror}") from error


def _copy(source: sqlite3.Connection, path: Path) -> None:
    target = connect(path)
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, without -wal and -shm
        quick_check(target, path)
    finally:
        target.close()
