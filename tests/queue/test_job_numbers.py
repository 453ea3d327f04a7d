"""No number is given twice, whatever becomes of databases."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import queue
from bot.db.connection import connect, make_private_file
from bot.db.migrate import migrate, migrations
from bot.queue.counters import begin_at_the_time
from bot.queue.restore import restore
from tests.queue.world import START_US, World, open_file

if TYPE_CHECKING:
    from pathlib import Path

DAY_US = 24 * 3600 * 1_000_000


def begun(path: Path, now_us: int) -> World:
    """What a start of the bot makes of a file."""
    world = World(open_file(path))
    world.run(begin_at_the_time, now_us=now_us)
    return world


def numbers(world: World, count: int) -> list[int]:
    """Of jobs that one member asks for and takes back."""
    given = []
    for _ in range(count):
        job = world.submit().job
        world.run(queue.cancel, job.id, now_us=world.now_us)
        given.append(int(job.id))
    return given


def test_numbers_follow_each_other_and_stay_short(tmp_path: Path) -> None:
    """A member can type one."""
    first, second = numbers(begun(tmp_path / "a.db", START_US), 2)
    assert second == first + 1
    assert len(str(first)) == 10


@pytest.mark.slow
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lives=st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=2, max_size=5))
def test_a_new_database_never_gives_an_earlier_one_s_numbers(
    lives: list[tuple[int, bool]], tmp_path: Path
) -> None:
    """Nor does one that is started again; a second lies between the starts."""
    given: list[int] = []
    for number, (count, is_lost) in enumerate(lives):
        path = tmp_path / f"{'lost' if is_lost else 'kept'}.db"
        if is_lost:
            path.unlink(missing_ok=True)
        given += numbers(begun(path, START_US + number * 1_000_000), count)
    assert len(set(given)) == len(given)
    for path in tmp_path.glob("*.db*"):
        path.unlink()


def test_a_database_of_small_numbers_goes_on_above_the_time(tmp_path: Path) -> None:
    """As earlier versions made them; its old jobs keep theirs."""
    world = World(open_file(tmp_path / "a.db"))
    assert numbers(world, 2) == [1, 2]
    world.run(begin_at_the_time, now_us=START_US)
    assert numbers(world, 1)[0] > 10**9


def test_a_clock_set_back_lowers_nothing(tmp_path: Path) -> None:
    """Also to before the first day."""
    path = tmp_path / "a.db"
    (first,) = numbers(begun(path, START_US), 1)
    assert numbers(begun(path, 0), 1) == [first + 1]


def test_a_restored_backup_gives_no_number_that_was_given_since(tmp_path: Path) -> None:
    """Whether by the command, or by a copy that was put in its place by hand."""
    live, backup = tmp_path / "live.db", tmp_path / "backup.db"
    world = begun(live, START_US)
    given = numbers(world, 3)
    world.tx.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(live, backup)
    given += numbers(world, 50)
    world.tx.close()
    restore(backup, live, now_us=START_US + DAY_US)
    world = World(connect(live))
    given += numbers(world, 5)
    world.tx.close()
    shutil.copy(backup, live)
    given += numbers(begun(live, START_US + 2 * DAY_US), 5)
    assert len(set(given)) == len(given)


def test_a_database_of_before_goes_on_where_it_was(tmp_path: Path) -> None:
    """Its highest number stood in SQLite's own table, and its job may be gone."""
    path = tmp_path / "a.db"
    make_private_file(path)
    with closing(connect(path)) as old:
        migrate(old, {number: sql for number, sql in migrations().items() if number < 5})
        old.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('job', 41)")
    assert numbers(World(open_file(path)), 2) == [42, 43]
