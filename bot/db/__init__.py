"""The database: its file, its connections, its schema; no word of jobs or pictures.

This is the seam to it: what a function that holds SQL may ask of it, and its order of locks.

A module that takes a `Transaction` knows no engine: its SQL is what SQLite and PostgreSQL both
take, and `tests/postgres` has a PostgreSQL prepare each statement that the tests executed. Modules
that import sqlite3 are SQLite's own.

Who begins a writing transaction takes the latch with its first statement, so that writers come one
after the other and a verb may read before it writes. On SQLite that is `BEGIN IMMEDIATE`, in
`connection`; on PostgreSQL it would be an advisory lock of the transaction, not the account's row,
whose dead versions all who wait for it would have to walk.

Under the latch each verb comes to the tables in one order: of the queue and its accounts (policy,
audit, guild, queue, account, sent, latency), of tenants (tenant), of members (member, person), of
jobs (request, job, picture, message, ledger, quota_use, ledger_day). What counts is its first write
to each (tests/queue/test_lock_order.py); the order of rows within a table is not promised, so the
latch is not to be left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


class Rows(Protocol):
    """What a statement has found, or how many rows it has changed."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Transaction(Protocol):
    """One that is open; whoever opened it commits it. `sqlite3.Connection` has this shape."""

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ..., /) -> Rows: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Rows: ...
