"""A double click on a button makes one job; a second press after a moment makes another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import queue
from bot.providers.image import Size
from bot.queue.submit import DOUBLE_CLICK_US
from bot.records import replace
from bot.refusals import PressedTwice
from tests.queue.world import World, a_price, a_request, an_origin

if TYPE_CHECKING:
    from bot.providers.image import ImageRequest
    from bot.queue.records import Job

REROLLED = replace(a_request(), seed=11)
SAME_SEED = a_request()


def press(world: World, parent: Job, request: ImageRequest = REROLLED, *, user: int = 1) -> Job:
    """By an interaction of its own, as each press is one."""
    origin = replace(an_origin(user=user), parent_id=parent.id)
    return world.run(queue.submit, request, origin, price=a_price, now_us=world.now_us).job


@pytest.fixture
def parent(world: World) -> Job:
    """The job under whose picture the buttons are."""
    return world.submit().job


def test_a_double_click_makes_one_job(world: World, parent: Job) -> None:
    """Though rerolling draws a seed of its own each time; the second names the first's."""
    first = press(world, parent)
    world.now_us += DOUBLE_CLICK_US
    with pytest.raises(PressedTwice) as told:
        press(world, parent, replace(REROLLED, seed=12))
    assert told.value.job_id == first.id
    assert world.tx.execute("SELECT count(*) FROM job").fetchone() == (2,)


def test_a_second_press_after_a_moment_makes_another(world: World, parent: Job) -> None:
    first = press(world, parent)
    world.now_us += DOUBLE_CLICK_US + 1
    assert press(world, parent).id != first.id


@pytest.mark.parametrize(
    "other",
    [
        SAME_SEED,  # the button beside it
        replace(REROLLED, prompt="a dog"),
        replace(REROLLED, negative="dogs"),
        replace(REROLLED, size=Size(1024, 768)),
        replace(REROLLED, rewrite=True),
    ],
)
def test_what_is_asked_otherwise_is_another_wish(
    world: World, parent: Job, other: ImageRequest
) -> None:
    first = press(world, parent)
    assert press(world, parent, other).id != first.id


def test_two_members_may_press_at_once(world: World, parent: Job) -> None:
    """And one of them may press under two pictures."""
    others = world.submit().job
    pressed = {press(world, parent).id, press(world, parent, user=2).id, press(world, others).id}
    assert len(pressed) == 3


def test_whoever_cancels_may_press_again_at_once(world: World, parent: Job) -> None:
    first = press(world, parent)
    world.run(queue.cancel, first.id, now_us=world.now_us)
    assert press(world, parent).id != first.id


def test_a_clock_that_was_set_back_keeps_nobody_waiting(world: World, parent: Job) -> None:
    """What was asked for in the future was asked for long ago."""
    first = press(world, parent)
    world.now_us -= 3_600_000_000
    assert press(world, parent).id != first.id
