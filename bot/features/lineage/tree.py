"""A tidy drawing of trees: a place for each node, in linear time and without recursion.

Source: Buchheim, Jünger and Leipert, "Improving Walker's Algorithm to Run in Linear Time" (Graph
Drawing 2002), whose names for the steps stand here. Nodes are as wide as each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Spot(Struct, frozen=True):
    """Where a node stands: columns from the left (a fraction if need be), rows from the top."""

    column: float
    row: int


@dataclass(slots=True, eq=False)
class _Node:
    row: int
    parent: _Node | None = None
    left: _Node | None = None  # the sibling beside it
    number: int = 0  # among its siblings
    children: list[_Node] = field(default_factory=list)
    prelim: float = 0.0  # its column, before its ancestors' `mod` come to it
    mod: float = 0.0  # what all below it are moved by
    shift: float = 0.0
    change: float = 0.0
    thread: _Node | None = None  # the next one of a contour, where no child is
    ancestor: _Node | None = None
    default_ancestor: _Node | None = None  # of its children

    def next_left(self) -> _Node | None:
        return self.children[0] if self.children else self.thread

    def next_right(self) -> _Node | None:
        return self.children[-1] if self.children else self.thread


def tidy_tree(parents: Sequence[int | None]) -> tuple[Spot, ...]:
    """A spot for each node, of which the leftmost has column 0; siblings stand in their order.

    Args:
        parents: of each node the index of its parent, which comes before it; None for a root.
            Several roots stand side by side.
    """
    top = _Node(row=-1)
    nodes = _nodes(top, parents)
    order = list(_from_the_top(top))
    for node in reversed(order):  # children first, and siblings from left to right
        _first_walk(node)
    columns: dict[_Node, float] = {}
    moved = {top: 0.0}
    for node in order:
        columns[node] = node.prelim + moved[node]
        moved.update(dict.fromkeys(node.children, moved[node] + node.mod))
    least = min((columns[node] for node in nodes), default=0.0)
    return tuple(Spot(columns[node] - least, node.row) for node in nodes)


def _nodes(top: _Node, parents: Sequence[int | None]) -> list[_Node]:
    nodes: list[_Node] = []
    for index in parents:
        parent = top if index is None else nodes[index]
        left = parent.children[-1] if parent.children else None
        node = _Node(parent.row + 1, parent, left, number=len(parent.children))
        node.ancestor = node
        parent.children.append(node)
        parent.default_ancestor = parent.children[0]
        nodes.append(node)
    return nodes


def _from_the_top(top: _Node) -> Iterator[_Node]:
    """Parents before children, and siblings from right to left."""
    stack = [top]
    while stack:
        node = stack.pop()
        yield node
        stack += node.children


def _first_walk(node: _Node) -> None:
    """Its place beside its left sibling, once all below it have theirs."""
    beside = node.left.prelim + 1 if node.left else 0.0
    if node.children:
        _execute_shifts(node)
        middle = (node.children[0].prelim + node.children[-1].prelim) / 2
        node.prelim = beside if node.left else middle
        node.mod = node.prelim - middle
    else:
        node.prelim = beside
    if node.parent is not None and node.left is not None:
        node.parent.default_ancestor = _apportion(node, node.left, node.parent)


def _apportion(node: _Node, left: _Node, parent: _Node) -> _Node | None:
    """Moves its subtree away from those to the left; returns the parent's default ancestor."""
    inner, outer = node, node  # the contours of its own subtree, left and right
    inner_left, outer_left = left, parent.children[0]  # of the subtrees to the left
    sum_inner = sum_outer = node.mod
    sum_inner_left, sum_outer_left = inner_left.mod, outer_left.mod
    while (down_left := inner_left.next_right()) and (down := inner.next_left()):
        inner_left, inner = down_left, down
        # An outer contour goes down as far as the inner one beside it.
        outer_left = cast("_Node", outer_left.next_left())
        outer = cast("_Node", outer.next_right())
        outer.ancestor = node
        shift = (inner_left.prelim + sum_inner_left) - (inner.prelim + sum_inner) + 1
        if shift > 0:
            _move_subtree(_ancestor(inner_left, node, parent), node, shift)
            sum_inner += shift
            sum_outer += shift
        sum_inner_left += inner_left.mod
        sum_inner += inner.mod
        sum_outer_left += outer_left.mod
        sum_outer += outer.mod
    if inner_left.next_right() and not outer.next_right():
        outer.thread = inner_left.next_right()
        outer.mod += sum_inner_left - sum_outer
    if inner.next_left() and not outer_left.next_left():
        outer_left.thread = inner.next_left()
        outer_left.mod += sum_inner - sum_outer_left
        return node
    return parent.default_ancestor


def _ancestor(inner_left: _Node, node: _Node, parent: _Node) -> _Node:
    """The sibling whose subtree it is that is in the way."""
    ancestor = inner_left.ancestor
    if ancestor is not None and ancestor.parent is node.parent:
        return ancestor
    return cast("_Node", parent.default_ancestor)


def _move_subtree(left: _Node, right: _Node, shift: float) -> None:
    """To the right; those between the two share the way later, by `_execute_shifts`."""
    between = right.number - left.number
    right.change -= shift / between
    left.change += shift / between
    right.shift += shift
    right.prelim += shift
    right.mod += shift


def _execute_shifts(node: _Node) -> None:
    shift = change = 0.0
    for child in reversed(node.children):
        child.prelim += shift
        child.mod += shift
        change += child.change
        shift += child.shift + change
