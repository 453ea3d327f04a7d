"""Writes down which SQL the bot's own code executes while tests run.

With ZEUXIS_STATEMENTS=<folder> each process of pytest leaves a file there. A statement counts by
who executes it: a module of the bot that imports no sqlite3. What SQLite's own modules say
(pragmas, BEGIN, migrations) and what tests execute themselves does not.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.queue import lock_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

FOLDER = "ZEUXIS_STATEMENTS"
_statements: set[str] = set()


class Collecting(sqlite3.Connection):
    """Knows who executes what."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        note(sql)
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        note(sql)
        return super().executemany(sql, parameters)


def note(sql: str) -> None:
    """Called by what the bot calls."""
    frame = sys._getframe(2)
    while frame.f_globals is lock_order.__dict__ and frame.f_back is not None:
        frame = frame.f_back  # stands between the bot and the connection
    module: str = frame.f_globals["__name__"]
    is_seam = "sqlite3" not in frame.f_globals
    if module.startswith("bot.") and is_seam:
        _statements.add(sql)


def pytest_configure() -> None:
    """Connections are opened by whoever needs one, so all of them are watched."""
    if FOLDER in os.environ:
        watched = partial(sqlite3.connect, factory=Collecting)
        sqlite3.connect = watched  # type: ignore[assignment]  # it has overloads


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One file for each process, so that several may run at once."""
    if FOLDER in os.environ:
        folder = Path(session.config.rootpath, os.environ[FOLDER])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{os.getpid()}.json").write_text(json.dumps(sorted(_statements)))
