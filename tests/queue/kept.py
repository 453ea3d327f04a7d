"""The database that commit 8c0c53b wrote, and what that commit said of it; see tests/data."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from bot.db.connection import connect
from bot.db.migrate import migrate

DATA = Path(__file__).parents[1] / "data"
OLD = DATA / "8c0c53b.sqlite3"
SAID: dict[str, Any] = json.loads((DATA / "8c0c53b.json").read_text())
NOW_US: int = SAID["now_us"]


def copy_of_old(path: Path) -> Path:
    """For the file itself is not to be touched."""
    shutil.copyfile(OLD, path)
    return path


def migrated_copy_of_old(path: Path) -> Path:
    """As this version leaves it when it opens it."""
    path.write_bytes(_migrated_old())
    return path


@cache
def _migrated_old() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = copy_of_old(Path(folder) / "old.db")
        with closing(connect(path)) as tx:
            migrate(tx)
            tx.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


def old_rows(sql: str, *values: object) -> list[dict[str, Any]]:
    """By plain SQL, as it was written."""
    with closing(sqlite3.connect(f"file:{OLD}?mode=ro&immutable=1", uri=True)) as tx:
        tx.row_factory = sqlite3.Row
        return [dict(row) for row in tx.execute(sql, values)]
