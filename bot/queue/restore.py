"""Puts a backup in the place of the database, so that nothing is billed or posted twice.

A backup does not know what happened after it. A job that was open then may have been drawn, billed
and posted since; drawing it again on our own would be a second bill. So what waited or ran is ended
as uncertain; its member is notified and may ask again. What was drawn is delivered, after looking
whether it stands there already. Numbers of jobs begin at the time, since buttons of pictures made
after the backup still name theirs.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from itertools import chain, count
from typing import TYPE_CHECKING

from bot.db.backup import check_source
from bot.db.connection import (
    connect,
    connect_to_look,
    copy_error,
    make_private_file,
    quick_check,
)
from bot.db.migrate import migrate
from bot.errors import SchemaTooNew, StorageUnavailable
from bot.queue.counters import begin_at_the_time
from bot.queue.recovery import end_open_jobs

if TYPE_CHECKING:
    from pathlib import Path


def restore(backup: Path, path: Path, *, now_us: int) -> int:
    """Returns how many jobs were ended as uncertain. Hold the database alone meanwhile.

    The database that was there is kept beside, as `.replaced`, `.replaced-2` and so on. A crash
    leaves the one or the other.

    Args:
        path: the file itself, not a link to it.

    Raises:
        BackupRefused: this file cannot be restored.
        StorageUnavailable, StorageCorrupt, SchemaTooNew: nothing was changed.
    """
    check_source(backup, path)
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        make_private_file(part)
        try:
            ended = _copy(backup, part, now_us=now_us)
            _keep_aside(path)
            part.replace(path)
        finally:
            for suffix in ("", "-wal", "-shm", "-journal"):
                part.with_name(part.name + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise StorageUnavailable(f"cannot replace {path}: {error.strerror}") from error
    return ended


def _copy(backup: Path, part: Path, *, now_us: int) -> int:
    with closing(connect_to_look(backup)) as source, closing(connect(part)) as target:
        try:
            quick_check(source, backup)
            source.backup(target)
            return _prepare(target, now_us=now_us)
        except sqlite3.Error as error:
            # in a fresh file there are no faults but those that were copied into it, and no room
            raise copy_error(error, backup, part) or error from error
        except SchemaTooNew as error:
            raise SchemaTooNew(f"{backup}: {error}") from error


def _prepare(target: sqlite3.Connection, *, now_us: int) -> int:
    migrate(target)
    target.execute("BEGIN IMMEDIATE")
    begin_at_the_time(target, now_us=now_us)
    ended = end_open_jobs(target, now_us=now_us)
    target.execute("COMMIT")
    target.execute("PRAGMA journal_mode = DELETE")
    return ended


def _keep_aside(path: Path) -> None:
    """Under the first name that is free, so that a second restore takes nothing away."""
    names = (f"{path.name}.replaced{one}" for one in chain([""], map("-{}".format, count(2))))
    aside = next(one for one in map(path.with_name, names) if not one.exists())
    for suffix in ("-wal", "-shm"):
        aside.with_name(aside.name + suffix).unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    with suppress(FileNotFoundError):
        aside.hardlink_to(path)
