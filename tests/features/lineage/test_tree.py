"""The tidy tree: what everybody expects of one, for any tree."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.lineage import tree
from bot.features.lineage.tree import Spot, tidy_tree

pytestmark = pytest.mark.slow

Parents = list[int | None]


@st.composite
def forests(draw: st.DrawFn) -> Parents:
    """Any shape: each node hangs below one before it, or is a root."""
    size = draw(st.integers(1, 60))
    reach = draw(st.sampled_from([1, 3, 60]))  # chains, thin trees, bushes
    parents: Parents = []
    for index in range(size):
        nearest = st.integers(max(0, index - reach), index - 1) if index else st.nothing()
        parents.append(draw(st.one_of(nearest, st.none()) if index else st.none()))
    return parents


def rows_of(parents: Parents) -> dict[int, list[int]]:
    """Each row's nodes from left to right as the tree has them: by parent, then by order."""
    spots = tidy_tree(parents)
    found: dict[int, list[int]] = defaultdict(list)
    for index, spot in enumerate(spots):
        found[spot.row].append(index)
    for row in sorted(found):
        before = {one: place for place, one in enumerate(found.get(row - 1, []))}
        found[row].sort(key=lambda one: (before.get(_index(parents[one]), -1), one))
    return found


def _index(parent: int | None) -> int:
    return -1 if parent is None else parent


@given(forests())
def test_no_two_pictures_overlap_and_their_order_is_kept(parents: Parents) -> None:
    spots = tidy_tree(parents)
    for row in rows_of(parents).values():
        for one, other in pairwise(row):
            assert spots[other].column - spots[one].column >= 1 - 1e-6


@given(forests())
def test_a_parent_stands_above_the_middle_of_its_children(parents: Parents) -> None:
    spots = tidy_tree(parents)
    children: dict[int, list[Spot]] = defaultdict(list)
    for parent, spot in zip(parents, spots, strict=True):
        if parent is not None:
            children[parent].append(spot)
    for parent, below in children.items():
        assert {one.row for one in below} == {spots[parent].row + 1}
        middle = (below[0].column + below[-1].column) / 2
        assert spots[parent].column == pytest.approx(middle, abs=1e-6)


@given(forests())
def test_the_drawing_is_the_same_each_time_and_begins_at_the_left(parents: Parents) -> None:
    spots = tidy_tree(parents)
    assert spots == tidy_tree(parents)
    assert min(spot.column for spot in spots) == 0


@given(forests())
def test_a_mirrored_tree_is_as_wide(parents: Parents) -> None:
    """What gives a drawing its name: it favours no side."""
    mirrored = _mirrored(parents)
    widths = [max(one.column for one in tidy_tree(each)) for each in (parents, mirrored)]
    assert widths[0] == pytest.approx(widths[1], abs=1e-6)


def _mirrored(parents: Parents) -> Parents:
    below: dict[int | None, list[int]] = defaultdict(list)
    for index, parent in enumerate(parents):
        below[parent].append(index)
    order: dict[int, int] = {}
    todo = [*below[None]]
    mirrored: Parents = []
    while todo:
        index = todo.pop()
        order[index] = len(mirrored)
        parent = parents[index]
        mirrored.append(None if parent is None else order[parent])
        todo += below[index]
    return mirrored


def test_small_subtrees_between_large_ones_share_the_room() -> None:
    """The figure by which Walker's algorithm is told from its forerunners."""
    parents: Parents = [None, 0, 0, 0, 1, 1, 1, 3, 3, 3]
    spots = tidy_tree(parents)
    assert [spot.column for spot in spots] == [2.5, 1, 2.5, 4, 0, 1, 2, 3, 4, 5]


def test_nothing_is_nothing() -> None:
    assert tidy_tree([]) == ()


@pytest.mark.parametrize("shape", ["chain", "comb", "fan"])
def test_contours_are_followed_once_however_deep_the_tree(
    shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the time is linear; and no depth is too deep for Python's stack."""
    chain: Parents = [None, *range(9_999)]
    parents = {"chain": chain, "comb": [*chain, *range(10_000)], "fan": [None, *[0] * 9_999]}[shape]
    steps = 0
    follow = tree._Node.next_left

    def counted(node: tree._Node) -> tree._Node | None:
        nonlocal steps
        steps += 1
        return follow(node)

    monkeypatch.setattr(tree._Node, "next_left", counted)
    assert len(tidy_tree(parents)) == len(parents)
    assert steps <= 4 * len(parents)
