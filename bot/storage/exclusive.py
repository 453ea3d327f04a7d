"""One bot for one database file.

SQLite would let several processes write in turn. But a lease says only that its holder was alive
some seconds ago; whoever is alone knows that every other holder is gone, and need not wait for a
lease to run out. The kernel drops an flock with its process, however that ended. The lock is on a
file of its own: closing any other handle of the database would drop SQLite's own locks.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.errors import DatabaseInUse, StorageUnavailable
from bot.storage.connection import database_path, make_private_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def alone_on(url: str | Path) -> Iterator[None]:
    """Holds the database for this process. Looking at it and backing it up need no hold.

    Raises:
        DatabaseInUse: another process holds it.
        StorageUnavailable: the lock file cannot be opened.
    """
    path = database_path(url)
    lock = path.with_name(path.name + ".lock")
    make_private_file(lock)
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise StorageUnavailable(f"cannot open {lock}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DatabaseInUse(f"another Zeuxis runs on this database: {path}") from error
        except OSError as error:
            raise StorageUnavailable(f"cannot lock {lock}: {error.strerror}") from error
        yield
    finally:
        os.close(descriptor)
