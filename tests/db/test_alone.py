"""One process for one database file."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bot.db import file as database_file
from bot.db.file import alone_on
from bot.errors import DatabaseInUse, StorageUnavailable

if TYPE_CHECKING:
    from pathlib import Path


def test_whoever_is_alone_holds_the_database(tmp_path: Path) -> None:
    """A second holder is refused until the first has let go, also after an error."""
    path = tmp_path / "data" / "zeuxis.db"
    with alone_on(path), pytest.raises(DatabaseInUse, match=r"another Zeuxis .*zeuxis\.db"):
        ExitStack().enter_context(alone_on(f"sqlite:///{path}"))
    with pytest.raises(KeyError), alone_on(path):
        raise KeyError
    with alone_on(path):
        pass
    assert path.with_name("zeuxis.db.lock").stat().st_mode & 0o777 == 0o600


def test_a_link_is_held_where_it_leads(tmp_path: Path) -> None:
    """Two names of one file do not pass for two databases; two files do."""
    path, link = tmp_path / "zeuxis.db", tmp_path / "link.db"
    path.touch()
    link.symlink_to(path)
    with alone_on(path):
        with pytest.raises(DatabaseInUse):
            ExitStack().enter_context(alone_on(link))
        with alone_on(tmp_path / "another.db"):
            pass


def test_a_file_of_two_names_is_refused(tmp_path: Path) -> None:
    """Under its other name a second bot could run; the lock is let go again."""
    path = tmp_path / "zeuxis.db"
    path.touch()
    path.with_name("other.db").hardlink_to(path)
    with pytest.raises(StorageUnavailable, match=r"find / -samefile .*zeuxis\.db"):
        ExitStack().enter_context(alone_on(path))
    path.with_name("other.db").unlink()
    with alone_on(path):
        pass


@pytest.mark.parametrize("name", ["zeuxis.db.replaced", "zeuxis.db.replaced-2"])
def test_what_a_killed_restore_left_is_taken_away(tmp_path: Path, name: str) -> None:
    """The second name is the database's own; what was really replaced is kept."""
    path, replaced = tmp_path / "zeuxis.db", tmp_path / name
    path.touch()
    replaced.hardlink_to(path)
    with alone_on(path):
        assert not replaced.exists()
    replaced.write_bytes(b"older")
    with alone_on(path):
        assert replaced.read_bytes() == b"older"


def test_a_lock_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """A folder stands in its place."""
    tmp_path.joinpath("zeuxis.db.lock").mkdir()
    with pytest.raises(StorageUnavailable, match=r"cannot open .*zeuxis\.db\.lock"):
        ExitStack().enter_context(alone_on(tmp_path / "zeuxis.db"))


def test_a_file_system_without_locks_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as some network folders."""

    def lock(_: int) -> None:
        raise OSError(os.strerror(37))

    monkeypatch.setattr(database_file, "_lock", lock)
    with pytest.raises(StorageUnavailable, match="cannot lock"):
        ExitStack().enter_context(alone_on(tmp_path / "zeuxis.db"))
