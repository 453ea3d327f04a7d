"""Finds the route of a request: the route table as a tree of path segments.

A fixed name wins over a template's, so `/users/@me` is found before `/users/{user_id}`. One tree is
made when the module is loaded, for all sandboxes; aiohttp's own dispatcher would be filled anew for
each, which was half the time that a sandbox took to start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.discord.routing import Route


@dataclass(frozen=True, slots=True)
class Found:
    """What a path leads to.

    Attributes:
        route: None if the path is known and the method is not.
        path: the values of the template's names.
    """

    route: Route | None
    path: dict[str, str]


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    named: dict[str, _Node] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)


class RouteTable:
    """The routes, ready to be looked up."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def find(self, method: str, raw_path: str) -> Found | None:
        """The route of a percent-encoded path below the interface's base, None if there is none."""
        segments = [unquote(each) for each in raw_path.removeprefix("/").split("/")]
        other_method: Found | None = None
        for node, values in _ways(self._root, segments, {}):
            if method in node.routes:
                return Found(node.routes[method], values)
            other_method = other_method or Found(None, values)
        return other_method

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.path.removeprefix("/").split("/"):
            children = node.named if segment.startswith("{") else node.fixed
            node = children.setdefault(segment.strip("{}"), _Node())
        node.routes[route.method] = route


def _ways(
    node: _Node, segments: list[str], values: dict[str, str]
) -> Iterator[tuple[_Node, dict[str, str]]]:
    """Every end that the segments lead to, those by fixed names first."""
    if not segments:
        if node.routes:
            yield node, values
        return
    first, rest = segments[0], segments[1:]
    if first in node.fixed:
        yield from _ways(node.fixed[first], rest, values)
    if first:
        for name, child in node.named.items():
            yield from _ways(child, rest, {**values, name: first})
