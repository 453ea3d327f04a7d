"""The journal: what outlives a start of the sandbox, in one SQLite file.

Each record is a row (kind, id, JSON), each upload's bytes a blob. Writes are not synced to the
disk: a crash of the machine may lose the last ones, a crash of the sandbox none.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RecordT = TypeVar("RecordT", bound=msgspec.Struct)

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL, id INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (id INTEGER PRIMARY KEY, content BLOB NOT NULL);
"""


class Journal:
    """Keeps records and uploads; `path` None keeps them in memory only."""

    def __init__(self, path: Path | None = None) -> None:
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.executescript(_SCHEMA)

    def put(self, kind: str, record_id: str, record: msgspec.Struct) -> None:
        """Keeps a record, in place of the one with the same kind and id."""
        self._db.execute(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?)",
            (kind, int(record_id), msgspec.json.encode(record)),
        )

    def delete(self, kind: str, record_id: str) -> None:
        """Forgets a record."""
        self._db.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, int(record_id)))

    def read(self, kind: str, record_type: type[RecordT]) -> Iterator[RecordT]:
        """Every record of a kind, oldest id first."""
        decoder = msgspec.json.Decoder(record_type)
        rows = self._db.execute("SELECT body FROM record WHERE kind = ? ORDER BY id", (kind,))
        for (body,) in rows:
            yield decoder.decode(body)

    def put_upload(self, attachment_id: str, content: bytes) -> None:
        """Keeps an upload's bytes."""
        self._db.execute("INSERT INTO upload VALUES (?, ?)", (int(attachment_id), content))

    def upload(self, attachment_id: str) -> bytes | None:
        """An upload's bytes, or None when there is none with this id."""
        row: tuple[bytes] | None = self._db.execute(
            "SELECT content FROM upload WHERE id = ?", (int(attachment_id),)
        ).fetchone()
        return row[0] if row else None

    def delete_upload(self, attachment_id: str) -> None:
        """Forgets an upload's bytes."""
        self._db.execute("DELETE FROM upload WHERE id = ?", (int(attachment_id),))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()
