"""Stands between a verb and the connection, and sees in which order it comes to the tables."""

from __future__ import annotations

import functools
import sqlite3
from typing import TYPE_CHECKING, Any

from bot.db.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.db import Rows

ACCOUNT, TENANT, MEMBER, JOB = range(4)
LEVELS = {
    "policy": ACCOUNT,
    "queue": ACCOUNT,
    "audit": ACCOUNT,
    "guild": ACCOUNT,
    "account": ACCOUNT,
    "sent": ACCOUNT,
    "latency": ACCOUNT,
    "tenant": TENANT,
    "member": MEMBER,
    "person": MEMBER,
    "request": JOB,
    "job": JOB,
    "picture": JOB,
    "message": JOB,
    "ledger": JOB,
    "quota_use": JOB,
    "ledger_day": JOB,
    "day_thread": JOB,
    "outbox": JOB,
    "draft": JOB,
    "keep": JOB,
    "repost": JOB,
    "picture_word": JOB,
    "unsearched": JOB,
    "report": JOB,
    "person_default": JOB,
    "style": ACCOUNT,
    "word_rule": ACCOUNT,
    "standing": ACCOUNT,
    "audit_head": ACCOUNT,
    "screening": JOB,
    "held_file": JOB,
    "refusal": JOB,
    "case_file": JOB,
    "notice": JOB,
    "likeness": JOB,
}
_WRITES = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}


class WrongOrder(AssertionError):
    """A table is written for the first time after one that comes behind it."""


class Ordered:
    """A Transaction, and no more than that, for one verb."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.written: list[str] = []  # tables, in the order of their first writes

    def execute(self, sql: str, parameters: Any = (), /) -> Rows:
        self._look_at(sql, parameters)
        return self._connection.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Rows:
        rows = list(parameters)
        for row in rows[:1]:
            self._look_at(sql, row)
        return self._connection.executemany(sql, rows)

    def _look_at(self, sql: str, parameters: Any) -> None:
        if sql not in _written_by:
            _written_by[sql] = _tables_written_by(sql, parameters)
        for table in sorted(_written_by[sql] - {*self.written}, key=LEVELS.__getitem__):
            later = [other for other in self.written if LEVELS[other] > LEVELS[table]]
            if later:
                raise WrongOrder(f"{table} is written after {', '.join(later)}: {sql}")
            self.written.append(table)


_written_by: dict[str, set[str]] = {}


def _tables_written_by(sql: str, parameters: Any) -> set[str]:
    """By SQLite's own reading of the statement."""
    found = set()

    def note(action: int, table: str | None, *_: object) -> int:
        if action in _WRITES and table is not None and not table.startswith("sqlite_"):
            found.add(table)
        return sqlite3.SQLITE_OK

    schema = _schema()
    schema.set_authorizer(note)
    try:
        schema.execute(f"EXPLAIN {sql}", parameters)
    finally:
        schema.set_authorizer(None)
    return found


@functools.cache
def _schema() -> sqlite3.Connection:
    """An empty database, so that compiling disturbs nobody; what is said to it is not collected."""
    connection = sqlite3.Connection(":memory:", isolation_level=None)
    migrate(connection)
    return connection
