"""One bot for one database file.

SQLite would let several processes write in turn. But a lease says only that its holder was alive
some seconds ago; whoever is alone knows that every other holder is gone, and need not wait for a
lease to run out. The kernel drops the lock with its process, however that ended.

The lock is on a file of its own, beside the file that all links lead to: closing any other handle
of the database would drop SQLite's own locks. A second hard link has another folder or name and so
another lock, and SQLite itself would write two logs for the one file: it is refused.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.errors import DatabaseInUse, StorageUnavailable
from bot.storage.connection import make_private_file, real_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def alone_on(url: str | Path) -> Iterator[None]:
    """Holds the database for this process. Looking at it and backing it up need no hold.

    Raises:
        DatabaseInUse: another process holds it.
        StorageUnavailable: the lock file cannot be opened, or the database has two names.
    """
    path = real_path(url)
    lock = path.with_name(path.name + ".lock")
    make_private_file(lock)
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except OSError as error:
        raise StorageUnavailable(f"cannot open {lock}: {error.strerror}") from error
    try:
        try:
            _lock(descriptor)
        except BlockingIOError as error:
            raise DatabaseInUse(f"another Zeuxis runs on this database: {path}") from error
        except OSError as error:
            raise StorageUnavailable(f"cannot lock {lock}: {error.strerror}") from error
        _refuse_second_name(path)
        yield
    finally:
        os.close(descriptor)


def _refuse_second_name(path: Path) -> None:
    _drop_unfinished(path)
    if path.is_file() and path.stat().st_nlink > 1:
        raise StorageUnavailable(
            f"{path} has another name (a hard link), under which a second bot could run:"
            f" find it with `find / -samefile {path}` and remove it"
        )


def _drop_unfinished(path: Path) -> None:
    """A restore that was killed leaves the database a second name; see bot/storage/restoring."""
    replaced = path.with_name(path.name + ".replaced")
    if path.exists() and replaced.exists() and path.samefile(replaced):
        replaced.unlink()
