"""Many writers, one commit.

Making a commit durable costs one wait for the disk, however much is in it. So whoever writes while
a commit is under way shares the next one: under load the cost of the wait is divided by the number
of writers, and alone nobody waits longer. Each call runs inside its own savepoint, so an error
undoes that call only; nobody is told of success before the shared commit is on disk.

Not taken: a timer that collects calls for some milliseconds. It delays a lone caller and gains
nothing under load, where the disk itself is the timer.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.errors import StorageError, StorageUnavailable
from bot.storage.trouble import storage_error

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from bot.storage.connection import ThreadedConnection

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
    except BaseException as error:  # noqa: BLE001 - raised in every caller, by _tell
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
