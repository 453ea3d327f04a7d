"""Copies of a database that is in use: made where it can do no harm, whole or not at all."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from bot.db.connection import (
    connect,
    connect_to_look,
    copy_error,
    make_private_file,
    quick_check,
    storage_error,
)
from bot.db.file import alone_in, is_database, is_in_use, is_own_file
from bot.db.migrate import check_ours
from bot.errors import BackupRefused, NotOurDatabase, StorageError, StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART = "copy"  # with what SQLite puts beside it
_PARTS = frozenset(_PART + suffix for suffix in ("", "-wal", "-shm", "-journal"))


def check_target(file: Path, database: Path) -> Path:
    """The file that a backup may be written to: a new one, or an earlier backup.

    Args:
        database: the file itself, not a link to it.

    Raises:
        BackupRefused: something would be lost there.
    """
    try:
        return _checked_target(file, database)
    except OSError as error:
        raise BackupRefused(f"no backup to {file}: {error.strerror}") from error
    except RuntimeError as error:  # links in a circle, before Python 3.13
        raise BackupRefused(f"no backup to {file}: {error}") from error


def check_source(file: Path, database: Path) -> None:
    """Whether this can be restored.

    Raises:
        BackupRefused, StorageCorrupt: not from this file.
    """
    try:
        if is_own_file(file, database) and not _is_replaced(file, database):
            raise BackupRefused(f"{file} belongs to the database itself: name a backup")
        if not file.exists():
            raise StorageUnavailable(f"no such backup: {file}")
        if not file.is_file() or not is_database(file):
            raise BackupRefused(f"{file} is no backup that Zeuxis has made")
    except OSError as error:
        raise BackupRefused(f"cannot read {file}: {error.strerror}") from error
    with closing(connect_to_look(file)) as source:
        if not _is_ours(source, file):
            raise BackupRefused(f"{file} is no backup that Zeuxis has made")


def back_up(source: sqlite3.Connection, target: Path) -> None:
    """Beside its final name first, so that a crash leaves no half copy under that name."""
    try:
        with _copied(source, target) as part:
            part.replace(target)
    except OSError as error:
        raise StorageUnavailable(f"no backup to {target}: {error.strerror}") from error


def rescue(source: sqlite3.Connection, path: Path) -> Path:
    """Puts a copy where the database was, if nothing stands there now, else beside it.

    Returns where it stands. Raises StorageError: there is no place, or no sound copy can be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _copied(source, path) as part:
            return _placed(part, path)
    except OSError as error:
        raise StorageUnavailable(f"no copy beside {path}: {error.strerror}") from error


def _placed(part: Path, path: Path) -> Path:
    """Under the first name that is free: nothing that stands there is written over."""
    if path.is_file() and path.stat().st_size == 0:
        return part.replace(path)
    number = 1
    place = path
    while not _put(part, place):
        place = path.with_name(f"{path.name}.rescued" + (f"-{number}" if number > 1 else ""))
        number += 1
    return place


def _put(part: Path, place: Path) -> bool:
    """Whether the name was free."""
    try:
        place.hardlink_to(part)
    except FileExistsError:
        return False
    except OSError:  # no hard links on this file system
        if place.exists():
            return False
        part.replace(place)
    return True


@contextmanager
def _copied(source: sqlite3.Connection, beside: Path) -> Iterator[Path]:
    """A private, sound copy in a folder that nobody else has; gone after the block, unless moved.

    Raises OSError or StorageError.
    """
    for left in beside.parent.glob(f"{escape(beside.name)}.*.part"):
        _sweep(left)
    folder = Path(tempfile.mkdtemp(prefix=f"{beside.name}.", suffix=".part", dir=beside.parent))
    try:
        with alone_in(folder):
            _copy(source, folder / _PART)
            yield folder / _PART
    except sqlite3.Error as error:
        raise copy_error(error, None, beside) or error from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Whoever copies holds the folder from before there is a copy, so this one was killed."""
    if folder.is_symlink() or not _holds_a_copy(folder):
        return
    with alone_in(folder) as is_alone:
        if is_alone:
            shutil.rmtree(folder, ignore_errors=True)


def _holds_a_copy(folder: Path) -> bool:
    """And nothing that is not ours."""
    try:
        names = {one.name for one in folder.iterdir()}
    except OSError:  # a file, another's, or swept already
        return False
    return _PART in names and names <= _PARTS


def _copy(source: sqlite3.Connection, part: Path) -> None:
    make_private_file(part)
    with closing(connect(part)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, without -wal and -shm
        quick_check(target, part)
        check_ours(target)  # what was emptied under us would pass for a sound database


def _checked_target(file: Path, database: Path) -> Path:
    target = file.resolve()
    if is_own_file(target, database):
        raise BackupRefused(f"{file} is the database itself, or belongs to it: name another file")
    if target.is_dir():
        raise BackupRefused(f"{file} is a folder: name a file in it")
    if not target.parent.is_dir():
        raise BackupRefused(f"no backup to {file}: there is no folder {target.parent}")
    if target.exists() and not _is_earlier_backup(target):
        raise BackupRefused(f"{file} is there and is no backup: name another file, or remove it")
    return target


def _is_earlier_backup(file: Path) -> bool:
    if not file.is_file() or not is_database(file) or is_in_use(file):
        return False
    try:
        with closing(connect_to_look(file)) as found:
            return _is_ours(found, file)
    except StorageError:
        return False


def _is_ours(connection: sqlite3.Connection, file: Path) -> bool:
    try:
        check_ours(connection)
    except NotOurDatabase:
        return False
    except sqlite3.Error as error:
        raise storage_error(error, file) or error from error
    return True


def _is_replaced(file: Path, database: Path) -> bool:
    """What the last restore has put aside: going back to it is what it is kept for."""
    replaced = database.with_name(database.name + ".replaced")
    return replaced.exists() and file.samefile(replaced) and not file.samefile(database)
