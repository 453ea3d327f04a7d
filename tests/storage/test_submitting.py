"""Many wishes in one transaction are what they would be one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.fairness import Weights
from bot.domain.limits import Limits
from bot.domain.sizes import Size
from bot.domain.wish import Submitted, Wish
from bot.errors import QueueFull, Refusal, WaitTooLong
from bot.storage import queue
from tests.storage.world import World, a_request, an_origin, open_file

if TYPE_CHECKING:
    from pathlib import Path

ROOMY = Limits(expected_wait_s=1e9)
WISHES = st.lists(
    st.builds(
        lambda guild, user, size, priority, weight, interaction: Wish(
            request=a_request(size=size),
            origin=an_origin(guild, user, interaction=interaction),
            priority=priority,
            weights=Weights(guild=weight),
        ),
        st.integers(1, 3),
        st.integers(1, 3),
        st.sampled_from([Size(512, 512), Size(1024, 1024)]),
        st.integers(-1, 1),
        st.sampled_from([100, 400]),
        st.integers(1, 30),  # some come twice
    ),
    max_size=25,
)


def a_wish(guild: int = 1, user: int = 1) -> Wish:
    return Wish(request=a_request(), origin=an_origin(guild, user))


def entered(world: World, wishes: list[Wish]) -> list[Submitted | Refusal]:
    return world.run(queue.submit_all, wishes, now_us=world.now_us, limits=world.limits)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(wishes=WISHES, cut=st.integers(0, 25))
def test_together_is_as_one_by_one(wishes: list[Wish], cut: int, tmp_path: Path) -> None:
    """The same jobs, tags, counters and means, to the bit; refusals too."""
    states = []
    for batches in ([[wish] for wish in wishes], [wishes[:cut], wishes[cut:]]):
        path = tmp_path / f"{len(states)}.db"
        path.unlink(missing_ok=True)
        world = World(open_file(path), limits=Limits(waiting_per_member=4, waiting_per_guild=9))
        answers = [answer for batch in batches for answer in entered(world, batch)]
        assert world.differences() == []
        tables = ("job", "guild", "member", "usage", "gate")
        rows = [world.tx.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
        states.append(([str(answer) for answer in answers], rows))
        world.tx.close()
    assert states[0] == states[1]


def test_a_refusal_concerns_its_own_wish_only(world: World) -> None:
    """Those before and after it are jobs."""
    world.limits = Limits(waiting_per_member=1, expected_wait_s=1e9)
    first, second, third = entered(world, [a_wish(user=1), a_wish(user=1), a_wish(user=2)])
    assert isinstance(first, Submitted)
    assert isinstance(second, QueueFull)
    assert isinstance(third, Submitted)


def test_nothing_at_all_changes_nothing(world: World) -> None:
    """Not even the counters are written."""
    assert entered(world, []) == []


def test_a_wait_beyond_the_limit_is_refused_within_a_batch_too(world: World) -> None:
    """At two a second the limit of a minute is reached at about the hundred-and-tenth."""
    world.limits = Limits(expected_wait_s=60.0)
    answers = entered(world, [a_wish(user=user) for user in range(1, 201)])
    refused = [isinstance(answer, WaitTooLong) for answer in answers]
    assert refused.index(True) == pytest.approx(110, abs=15)
    assert sum(isinstance(answer, Submitted) for answer in answers) == pytest.approx(110, abs=25)


def test_a_drawing_that_takes_longer_than_the_limit_is_refused_at_once(world: World) -> None:
    """Also when nothing waits."""
    world.limits = Limits(expected_wait_s=3.0)
    (refused,) = entered(world, [a_wish()])
    assert isinstance(refused, WaitTooLong)
