"""A row changes its state only as the tables say, whatever verb asks for it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, TypeVar

import pytest

from bot.errors import WrongState
from bot.queue.jobs import change, change_picture, select_job
from bot.queue.records import JOB_CHANGES, PICTURE_CHANGES, JobId, JobState, PictureState
from bot.refusals import UnknownJob
from tests.syntax import nodes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.queue.world import World

State = TypeVar("State")


@pytest.mark.parametrize("before", JobState)
@pytest.mark.parametrize("after", JobState)
def test_a_job_changes_as_the_table_says(world: World, before: JobState, after: JobState) -> None:
    """Else it is said, and the row stays."""
    job = world.submit().job
    world.tx.execute("UPDATE job SET state = ?", (before,))
    if after in JOB_CHANGES.get(before, ()):
        change(world.tx, job.id, after, "priority = ?", 7)
        assert (select_job(world.tx, job.id).state, select_job(world.tx, job.id).priority) == (
            after,
            7,
        )
    else:
        with pytest.raises(WrongState, match=f"job 1 is {before}, and cannot be {after}"):
            change(world.tx, job.id, after, "priority = ?", 7)
        assert (select_job(world.tx, job.id).state, select_job(world.tx, job.id).priority) == (
            before,
            0,
        )
    world.tx.execute("UPDATE job SET state = 'queued'")  # as the counters have it


@pytest.mark.parametrize("before", PictureState)
@pytest.mark.parametrize("after", PictureState)
def test_a_picture_changes_as_the_table_says(
    world: World, before: PictureState, after: PictureState
) -> None:
    """Else it stays as it is, so that a repeat changes nothing."""
    world.submit()
    job = world.drawn()
    world.tx.execute("UPDATE picture SET state = ?", (before,))
    is_allowed = after in PICTURE_CHANGES.get(before, ())
    assert change_picture(world.tx, job.id, after, "duration_us = ?", 7) is is_allowed
    picture = select_job(world.tx, job.id).picture
    assert picture is not None
    assert picture.state is (after if is_allowed else before)
    assert (picture.duration_us == 7) is is_allowed


def test_what_is_drawn_has_a_picture_and_what_is_not_has_none(world: World) -> None:
    """A job that nobody knows is said to be unknown."""
    with pytest.raises(UnknownJob):
        change(world.tx, JobId(99), JobState.RUNNING, "priority = 0")
    assert not change_picture(world.tx, JobId(99), PictureState.SHOWN, "duration_us = 0")


def reached(changes: Mapping[State, Collection[State]], first: State) -> set[State]:
    found = {first}
    while more := {one for state in found for one in changes.get(state, ())} - found:
        found |= more
    return found


def test_every_state_can_be_reached_and_the_last_ones_are_the_last() -> None:
    """By some way from the first: no state of the tables is made up."""
    assert reached(JOB_CHANGES, JobState.QUEUED) == {*JobState}
    assert reached(PICTURE_CHANGES, PictureState.DUE) == {*PictureState}
    assert not JOB_CHANGES.keys() & {JobState.DRAWN, JobState.CANCELLED, JobState.REFUSED}
    assert PictureState.DELETED not in PICTURE_CHANGES


def test_no_other_statement_changes_a_state() -> None:
    """`change` and `change_picture` look it up; whatever else sets a state would pass them by.

    A draft has states of its own.
    """
    setting = re.compile(r"(?<!UPDATE draft )\bSET\b(?:(?!\bWHERE\b)[^;])*\bstate\s*=", re.DOTALL)
    found = {
        (path.name, node.lineno)
        for path, there in nodes().items()
        for node in there
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and setting.search(node.value)
    }
    assert {name for name, _ in found} == {"jobs.py"}
    assert len(found) == 2
