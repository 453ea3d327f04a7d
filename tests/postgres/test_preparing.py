"""The check itself: what it collects, and that a refused statement fails it."""

from __future__ import annotations

import json
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bot.db.migrate import migrate
from bot.queue.account import load_account
from tests.postgres import collecting
from tests.postgres.__main__ import main
from tests.postgres.preparing import ours
from tests.queue.lock_order import Ordered
from tests.queue.world import ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.process

FINE = "SELECT id FROM request WHERE interaction_id = ? AND locale != 'what?' AND user_id > :least"
PLANTED = {
    "SELECT id FROM job WHERE id IN (SELECT value FROM json_each(?))": "bigint = json",
    "SELECT sum(state = 'queued') FROM job": "sum(boolean)",
    "UPDATE sent SET at_us = max(at_us, ?)": "max(bigint, ",
    "SELECT CASE WHEN ? THEN id END FROM job": "a parameter is a condition",
}


def collected(folder: Path, *statements: str) -> Path:
    (folder / "1.json").write_text(json.dumps(statements))
    return folder


def test_what_both_take_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Schema, parameters and all."""
    assert main(collected(tmp_path, FINE)) == 0
    assert "prepared 1 statements and refused 0" in capsys.readouterr().out


def test_what_sqlite_alone_takes_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the statement and the reason; a good one beside it is not blamed."""
    assert main(collected(tmp_path, FINE, *PLANTED)) == 1
    told = pairwise(capsys.readouterr().out.splitlines())
    blamed = {statement.strip(): reason for reason, statement in told}
    assert FINE not in blamed
    for statement, why in PLANTED.items():
        assert why in blamed[statement]


def test_nothing_collected_fails(tmp_path: Path) -> None:
    """A run that watched nobody has shown nothing."""
    assert main(tmp_path) == 1


def test_parameters_are_numbered() -> None:
    """A name that comes again is the same parameter."""
    assert ours("a = ? AND b = ? AND c = '?:x'") == "a = $1 AND b = $2 AND c = '?:x'"
    assert ours(":n1 < :n AND :n1 > a::text") == "$1 < $2 AND $1 > a::text"


def test_a_statement_counts_by_who_executes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's own, also through what stands between; not SQLite's modules, and no test's."""
    found: set[str] = set()
    monkeypatch.setattr(collecting, "_statements", found)
    with closing(collecting.Collecting(":memory:", isolation_level=None)) as tx:
        migrate(tx)
        tx.execute("SELECT 1")
        assert found == set()
        load_account(Ordered(tx), ACCOUNT)
        (account,) = found
        assert account.startswith("SELECT name, sends, ")
        found.clear()
        load_account(tx, ACCOUNT)
        assert found == {account}
