"""Which file a path leads to: by device and inode, since a name can be changed under us.

SQLite goes on with a file that was deleted or replaced: all that is written from then on is gone
with the process. So the bot looks whether its path still leads to the file that it has open, and
holds a lock beside it, so that it is alone.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from glob import escape
from typing import TYPE_CHECKING

from bot.db.connection import make_private_file, real_path
from bot.errors import DatabaseDisplaced, DatabaseInUse, StorageCorrupt, StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# What stands beside a database: SQLite's own, the lock, and what a restore makes.
COMPANIONS = ("-wal", "-shm", "-journal", ".lock", ".part", ".replaced", ".rescued")
_MAGIC = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html, section 1.3
_WRITTEN_BY_WAL = b"\x02\x02"  # at offset 18; a copy that `backup` has made says 1, 1
HEAD_BYTES = 20


class OpenFile:
    """The database file, held open beside SQLite's own handles.

    Open it before them and close it after them: closing any handle of a file drops all the locks
    that SQLite has on it in this process (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path
        self._log: os.stat_result | None = None

    @classmethod
    @contextmanager
    def hold(cls, path: Path) -> Iterator[OpenFile]:
        """`path` as the operator names it: a link that is turned elsewhere is noticed too."""
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise StorageUnavailable(f"cannot open {path}: {error.strerror}") from error
        try:
            yield cls(descriptor, path)
        finally:
            os.close(descriptor)

    def check(self) -> None:
        """Whether a restart would find what is written now.

        Raises:
            DatabaseDisplaced: the file, or its write-ahead log, was deleted or replaced.
            StorageCorrupt: it was emptied or written over.
            StorageUnavailable: it cannot be looked at.
        """
        try:
            self._check_place()
            if self.is_written_over():
                raise StorageCorrupt(f"{self._path} was written over by another program")
        except OSError as error:
            raise StorageUnavailable(f"cannot look at {self._path}: {error.strerror}") from error

    def note_log(self, log: Path) -> None:
        """Which write-ahead log is ours, once SQLite has made it; some file systems allow none."""
        self._log = log.stat() if log.exists() else None

    def is_written_over(self) -> bool:
        """Whether the file holds something else now, such as a copy of a backup."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        head = os.read(self._descriptor, HEAD_BYTES)
        is_ours = head.endswith(_WRITTEN_BY_WAL) or self._log is None
        return not head.startswith(_MAGIC) or not is_ours

    def is_at(self, path: Path) -> bool:
        """Whether `path` leads to this very file. Raises OSError if that cannot be seen."""
        return _leads_to(path, os.fstat(self._descriptor))

    def forget_log(self, log: Path) -> None:
        """Takes our log from beside a file that is not ours, once what it holds is elsewhere.

        SQLite leaves it there when the file has moved, and would write it into the other one.
        """
        if self._log is not None and _leads_to(log, self._log):
            log.unlink()
            log.with_name(log.name.removesuffix("-wal") + "-shm").unlink(missing_ok=True)

    def _check_place(self) -> None:
        path = self._path
        if not path.exists():
            raise DatabaseDisplaced(f"{path} was deleted under the running bot")
        if not self.is_at(path):
            raise DatabaseDisplaced(f"another file was put in the place of {path}")
        log = log_of(path.resolve())
        if self._log is not None and not _leads_to(log, self._log):
            raise DatabaseDisplaced(f"{log} was deleted or replaced under the running bot")


def log_of(database: Path) -> Path:
    """SQLite's write-ahead log of this file."""
    return database.with_name(database.name + "-wal")


def is_own_file(file: Path, database: Path) -> bool:
    """Whether `file` is the database, under whatever name, or one of those that belong to it."""
    own = [database.with_name(database.name + suffix) for suffix in ("", *COMPANIONS)]
    if any(_is_same(file, one) for one in own):
        return True
    # one that is not there yet has no inode to compare
    is_beside = _is_same(file.parent, database.parent)
    return is_beside and file.name.casefold() in {one.name.casefold() for one in own}


def is_database(file: Path) -> bool:
    """Whether it begins as SQLite's files do."""
    with file.open("rb") as opened:
        return opened.read(len(_MAGIC)) == _MAGIC


def is_in_use(file: Path) -> bool:
    """Whether it is written with a log, as a running bot does; a backup is one file alone."""
    with file.open("rb") as opened:
        return opened.read(HEAD_BYTES).endswith(_WRITTEN_BY_WAL)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _leads_to(path: Path, file: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), file)
    except (FileNotFoundError, NotADirectoryError):
        return False


# ------------------------------------------------------------------------------------------------
# One bot for one database file.
#
# SQLite would let several processes write in turn. But a lease says only that its holder was alive
# some seconds ago; whoever is alone knows that every other holder is gone, and need not wait for a
# lease to run out. The kernel drops the lock with its process, however that ended.
#
# The lock is on a file of its own, beside the file that all links lead to: closing any other
# handle of the database would drop SQLite's own locks. A second hard link has another folder or
# name and so another lock, and SQLite itself would write two logs for the one file: it is refused.


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


@contextmanager
def alone_in(folder: Path) -> Iterator[bool]:
    """Holds it, and says whether no other process does; nor where nobody can tell, as on Windows
    and on network file systems."""
    descriptor = None
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        _lock(descriptor)
    except OSError:
        is_alone = False
    else:
        is_alone = True
    try:
        yield is_alone
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _refuse_second_name(path: Path) -> None:
    _drop_unfinished(path)
    if path.is_file() and path.stat().st_nlink > 1:
        raise StorageUnavailable(
            f"{path} has another name (a hard link), under which a second bot could run:"
            f" find it with `find / -samefile {path}` and remove it"
        )


def _drop_unfinished(path: Path) -> None:
    """A restore that was killed leaves the database a second name; see bot/queue/restore."""
    for replaced in path.parent.glob(f"{escape(path.name)}.replaced*"):
        if _is_same(replaced, path):
            replaced.unlink()
