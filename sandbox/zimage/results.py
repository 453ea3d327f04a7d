"""What has been drawn: remembered as its recipe and painted anew for every download."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.zimage.ledger import Entry

KEPT = 50_000  # a recipe takes about a kilobyte; the oldest count as purged


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that a picture is painted from."""

    prompt: str
    seed: int
    width_px: int
    height_px: int
    made_at_us: int
    entry: Entry


class Results:
    """Recipes by path. The links say when they expire."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._recipes: OrderedDict[str, Recipe] = OrderedDict()

    def put(self, path: str, recipe: Recipe) -> None:
        self._recipes[path] = recipe
        while len(self._recipes) > self._kept:
            self._recipes.popitem(last=False)

    def get(self, path: str) -> Recipe | None:
        return self._recipes.get(path)

    def purge(self) -> None:
        """Forgets all results; their links lead to 404 NoSuchKey."""
        self._recipes.clear()
