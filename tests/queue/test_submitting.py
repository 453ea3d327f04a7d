"""What a submit refuses because of the time it would take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.errors import WaitTooLong

if TYPE_CHECKING:
    from tests.queue.world import World


def is_refused(world: World, user: int) -> bool:
    try:
        world.submit(user=user)
    except WaitTooLong:
        return True
    return False


def test_a_wait_beyond_the_limit_is_refused(world: World) -> None:
    """At two a second the limit of a minute is reached at about the hundred-and-tenth."""
    world.limit(expected_wait_s=60.0)
    refused = [is_refused(world, user) for user in range(1, 201)]
    assert refused.index(True) == pytest.approx(110, abs=15)
    assert refused.count(False) == pytest.approx(110, abs=25)
    assert world.differences() == []


def test_a_drawing_that_takes_longer_than_the_limit_is_refused_at_once(world: World) -> None:
    """Also when nothing waits."""
    world.limit(expected_wait_s=3.0)
    with pytest.raises(WaitTooLong):
        world.submit()
