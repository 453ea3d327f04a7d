"""What has changed from picture to picture, who belongs to a family, and who of it is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.lineage.rules import (
    MOST_COLUMNS,
    MOST_LOOKED_AT,
    MOST_ROWS,
    MOST_WHOLE,
    Alteration,
    Family,
    Kinship,
    alterations,
    family_of,
    nearest_kin,
    nodes_shown,
)
from bot.features.lineage.tree import tidy_tree
from bot.providers.image import ImageRequest, Size
from bot.queue.records import JobId
from bot.records import replace

ASKED = ImageRequest(prompt="a fox", size=Size(1024, 1024), seed=7, rewrite=False)


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (Alteration.WORDS, replace(ASKED, prompt="a red fox")),
        (Alteration.LEFT_OUT, replace(ASKED, negative="snow")),
        (Alteration.SIZE, replace(ASKED, size=Size(1536, 864))),
        (Alteration.REWRITING, replace(ASKED, rewrite=True)),
        (Alteration.SEED, replace(ASKED, seed=8)),
    ],
)
def test_each_change_is_told_by_itself(change: Alteration, after: ImageRequest) -> None:
    assert alterations(ASKED, after) == (change,)
    assert alterations(after, ASKED) == (change,)


def test_the_same_again_has_no_change_and_all_may_change_at_once() -> None:
    other = ImageRequest(prompt="b", size=Size(512, 512), seed=0, rewrite=True, negative="c")
    assert alterations(ASKED, ASKED) == ()
    assert alterations(ASKED, other) == tuple(Alteration)


def test_words_that_were_deleted_are_not_called_other_words() -> None:
    deleted = replace(ASKED, prompt="", negative="")
    left_out = replace(ASKED, negative="snow")
    assert alterations(deleted, left_out) == alterations(left_out, deleted) == ()


# ------------------------------------------------------------------------------------------------
# Families.


def family(parents: dict[int, int | None], asked: int) -> Family:
    found = {JobId(one): None if it is None else JobId(it) for one, it in parents.items()}
    return family_of(JobId(asked), found)


def test_siblings_stand_by_their_numbers_and_a_branch_before_the_next() -> None:
    found = family({9: 1, 1: None, 4: 2, 2: 1, 3: 1}, asked=3)
    assert found.ids == (1, 2, 4, 3, 9)
    assert found.places(range(5)) == ("1", "1.1", "1.1.1", "1.2", "1.3")
    assert found.line(2) == (0, 1, 2)


def test_pictures_of_one_request_are_siblings_and_each_may_have_its_own() -> None:
    found = family({1: None, 2: None, 3: None, 7: 2}, asked=7)
    assert found.places(range(4)) == ("1", "2", "2.1", "3")


def test_where_a_parent_is_not_seen_the_line_begins() -> None:
    """And it has the same siblings."""
    found = family({5: 1, 6: 1, 7: 5}, asked=7)
    assert found.places(range(3)) == ("1", "1.1", "2")


def test_a_long_line_tells_its_end() -> None:
    found = family({1: None, **{one: one - 1 for one in range(2, 10)}}, asked=8)
    assert found.places([7, 8]) == ("1.1.1.1.1.1.1.1", "…1.1.1.1.1.1.1.1")


@st.composite
def anyhow(draw: st.DrawFn) -> tuple[dict[int, int | None], int]:
    """Rows as a hand may have written them: circles, and parents that are not there."""
    ids = draw(st.lists(st.integers(1, 40), min_size=1, max_size=30, unique=True))
    parents = {one: draw(st.none() | st.integers(1, 45)) for one in ids}
    return parents, draw(st.sampled_from(ids))


@given(anyhow())
def test_whatever_the_rows_say_a_family_is_a_forest_with_who_was_asked_for(
    rows: tuple[dict[int, int | None], int],
) -> None:
    parents, asked = rows
    found = family(parents, asked)
    assert found.ids[found.asked] == asked
    assert len(set(found.ids)) == len(found.ids)
    for index, parent in enumerate(found.parents):
        if parent is not None:
            assert parent < index
            assert parents[found.ids[index]] == found.ids[parent]


# ------------------------------------------------------------------------------------------------
# Who is drawn.


@st.composite
def families(draw: st.DrawFn) -> Family:
    size = draw(st.integers(1, 200))
    reach = draw(st.sampled_from([1, 4, 200]))
    randomness = draw(st.randoms(use_true_random=False))
    parents: list[int | None] = [None]
    for index in range(1, size):
        is_root = randomness.random() < 0.02
        parents.append(None if is_root else randomness.randrange(max(0, index - reach), index))
    jobs = {one + 1: None if it is None else it + 1 for one, it in enumerate(parents)}
    return family(jobs, draw(st.integers(1, size)))


@given(families())
def test_what_is_drawn_has_room_and_everybody_else_is_counted(found: Family) -> None:
    shown = nodes_shown(found)
    spots = tidy_tree([one.parent for one in shown])
    assert len(shown) <= MOST_WHOLE
    assert max(spot.column for spot in spots) < MOST_COLUMNS
    assert max(spot.row for spot in spots) < MOST_ROWS
    assert found.asked in {one.index for one in shown}
    counted = sum(one.more for one in shown if one.parent is None)
    assert counted <= len(found.ids) - len(shown)


@pytest.mark.slow
@given(families())
def test_the_parent_and_the_first_of_the_line_are_drawn(found: Family) -> None:
    shown = {one.index for one in nodes_shown(found)}
    line = found.line(found.asked)
    assert {line[0], *line[-2:]} <= shown


def test_a_small_family_is_drawn_whole() -> None:
    found = family({1: None, **{one: max(1, one - 6) for one in range(2, 41)}}, asked=7)
    shown = nodes_shown(found)
    assert [one.index for one in shown] == list(range(40))
    assert {(one.more, one.skipped) for one in shown} == {(0, 0)}


def test_of_a_large_one_it_is_the_line_with_neighbours_and_numbers_for_the_rest() -> None:
    parents: dict[int, int | None] = {1: None, 2: 1, 3: 2, **dict.fromkeys(range(10, 110), 2)}
    parents.update(dict.fromkeys(range(200, 220), 50))
    found = family(parents, asked=50)
    shown = nodes_shown(found)
    ids = [found.ids[one.index] for one in shown]
    assert ids == [1, 2, 48, 49, 50, 200, 201, 202, 203, 204, 51, 52]
    assert {found.ids[one.index]: one.more for one in shown if one.more} == {2: 96, 50: 15}


def test_of_a_long_line_the_first_and_the_last_are_drawn() -> None:
    found = family({1: None, **{one: one - 1 for one in range(2, 201)}}, asked=200)
    shown = nodes_shown(found)
    assert [found.ids[one.index] for one in shown] == [1, *range(196, 201)]
    assert [one.skipped for one in shown] == [0, 194, 0, 0, 0, 0]


def test_the_nearest_are_the_parent_then_children_then_siblings() -> None:
    children = dict.fromkeys(range(10, 12), 3)
    found = family({1: None, 3: 1, 4: 1, 5: 1, 6: 1, **children}, asked=3)
    near = [(kinship, found.ids[index]) for kinship, index in nearest_kin(found)]
    assert near == [
        (Kinship.PARENT, 1),
        *((Kinship.CHILD, one) for one in (10, 11)),
        *((Kinship.SIBLING, one) for one in (4, 5, 6)),
    ]


def test_of_a_large_family_a_bounded_number_is_looked_at() -> None:
    found = family({1: None, **dict.fromkeys(range(2, 900), 1)}, asked=1)
    assert len(nearest_kin(found)) == MOST_LOOKED_AT
