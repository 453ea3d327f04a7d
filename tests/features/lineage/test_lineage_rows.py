"""Families in rows: all of one, whatever the rows say, in bounded time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from bot.features.lineage import rows
from bot.features.lineage.rows import Kin, family, jobs_of, lineage_place, newest_of
from bot.queue.jobs import select_job
from bot.queue.records import ChannelId, JobId, PictureState, TenantId
from tests.features.lineage.descent import ADA, BEN, Descent
from tests.queue.conftest import world
from tests.queue.test_plans import GROWING

if TYPE_CHECKING:
    from bot.features.lineage.rules import Family
    from tests.queue.world import World

__all__ = ["world"]

SECRET = ChannelId(66)


@pytest.fixture
def descent(world: World) -> Descent:
    return Descent(world)


def everybody(_: Kin) -> bool:
    return True


def who_may_not_see_secrets(kin: Kin) -> bool:
    return kin.root_channel_id != SECRET


def found(world: World, job_id: int) -> Family:
    return family(world.tx, JobId(job_id), everybody)


def test_from_any_member_the_whole_family_is_found(world: World, descent: Descent) -> None:
    first = descent.draw()
    child = descent.draw(first, user=BEN)
    grandchild = descent.draw(child)
    other = descent.draw(first)
    descent.draw()  # a stranger
    for asked in (first, child, grandchild, other):
        seen = found(world, asked)
        assert seen.ids == (first, child, grandchild, other)
        assert seen.parents == (None, 0, 1, 0)
        assert seen.ids[seen.asked] == asked


def test_the_pictures_of_one_request_are_siblings(world: World, descent: Descent) -> None:
    """At the beginning, and below another."""
    first = descent.draw(count=4)
    children = descent.draw(first + 1, count=2)
    seen = found(world, first + 3)
    assert seen.ids == (first, first + 1, children, children + 1, first + 2, first + 3)
    assert seen.parents == (None, None, 1, 1, None, None)


def test_where_it_may_not_be_seen_a_family_ends(world: World, descent: Descent) -> None:
    """Upwards and downwards: nothing tells that there is more."""
    first = descent.draw(channel=SECRET)
    child = descent.draw(first)
    sibling = descent.draw(first)
    secret = descent.draw(child, channel=SECRET)
    descent.draw(secret)
    for asked in (child, sibling):
        seen = family(world.tx, asked, who_may_not_see_secrets)
        assert seen.ids == (child, sibling)
        assert seen.parents == (None, None)


def test_a_parent_whose_rows_are_gone_ends_the_line(world: World, descent: Descent) -> None:
    child = descent.draw(999)
    sibling = descent.draw(999)
    assert found(world, child).ids == (child, sibling)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_circle_ends(world: World, descent: Descent, length: int) -> None:
    first = descent.draw()
    last = first
    for _ in range(length - 1):
        last = descent.draw(last)
    descent.let_descend(first, last)
    tail = descent.draw(last)
    seen = found(world, tail)
    assert set(seen.ids) == set(descent.made)
    assert lineage_place(world.tx, select_job(world.tx, tail)).generation == length + 1


def test_who_is_beyond_the_bound_is_found_with_the_line(
    world: World, descent: Descent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_KIN", 5)
    first = descent.draw()
    for _ in range(8):
        descent.draw(first)
    below = descent.draw(descent.draw(first))
    seen = found(world, below)
    assert first in seen.ids
    assert seen.ids[seen.asked] == below
    assert len(seen.line(seen.asked)) == 3


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["chain", "fan", "tree"])
def test_a_family_of_5000_is_read_quickly(world: World, descent: Descent, shape: str) -> None:
    descent.draw()
    for number in range(1, 5000):
        parents = {"chain": number, "fan": 1, "tree": number // 2 + 1}
        descent.draw(parents[shape])
    began = time.perf_counter()
    seen = found(world, 5000)
    took_s = time.perf_counter() - began
    print(f"{shape}: {took_s * 1000:.0f} ms")
    assert len(seen.ids) == 5000
    assert took_s < 1.0  # seen: 30 to 60 ms


def test_no_walk_reads_a_whole_table(world: World, descent: Descent) -> None:
    child = descent.draw(descent.draw())
    told: list[str] = []
    world.tx.set_trace_callback(told.append)
    found(world, child)
    lineage_place(world.tx, select_job(world.tx, child))
    newest_of(world.tx, TenantId(1), ADA)
    world.tx.set_trace_callback(None)
    for sql in told:
        plan = "\n".join(row[3] for row in world.tx.execute("EXPLAIN QUERY PLAN " + sql))
        assert not GROWING.search(plan), sql


# ------------------------------------------------------------------------------------------------
# What a member is offered, and a line of words.


def test_the_newest_pictures_that_hang_are_offered(world: World) -> None:
    drawn = []
    for _ in range(3):
        world.submit(user=ADA)
        drawn.append(world.drawn().id)
    world.submit(user=ADA)
    world.submit(user=BEN)
    for job_id in drawn[:2]:
        world.tx.execute("UPDATE picture SET state = 'shown' WHERE job_id = ?", (job_id,))
    offered = newest_of(world.tx, TenantId(1), ADA)
    assert [job.id for job in offered] == [drawn[1], drawn[0]]


def test_a_place_counts_generations_and_knows_the_parent(world: World, descent: Descent) -> None:
    first = descent.draw()
    child = descent.draw(descent.draw(first))
    orphan = descent.draw(999)
    places = [lineage_place(world.tx, select_job(world.tx, one)) for one in (first, child, orphan)]
    assert [place.generation for place in places] == [1, 3, 1]
    parents = [place.parent for place in places]
    assert parents == [None, select_job(world.tx, JobId(2)).request, None]


def test_a_place_is_cheap_however_long_the_line(world: World, descent: Descent) -> None:
    """Every delivery asks for it."""
    last = descent.draw()
    for _ in range(300):
        last = descent.draw(last)
    job = select_job(world.tx, last)
    took_s = []
    for _ in range(20):
        began = time.perf_counter()
        place = lineage_place(world.tx, job)
        took_s.append(time.perf_counter() - began)
    print(f"a place: {min(took_s) * 1000:.2f} ms")
    assert (place.generation, place.is_at_least) == (100, True)
    assert min(took_s) < 0.001


def test_deleted_pictures_and_those_not_drawn_are_members(world: World, descent: Descent) -> None:
    first = descent.draw(state=PictureState.DELETED)
    child = descent.draw(first, state=None)
    seen = found(world, child)
    there = jobs_of(world.tx, (*seen.ids, JobId(12345)))
    assert set(there) == {first, child}
    assert there[first].is_deleted
    assert there[child].picture is None
