"""The panel of a family: a small picture for each of those shown, and what was changed on the way.

Rows are generations. Each is drawn from left to right, since a line of words covers what is to the
right of its room (see `Canvas.text`).
"""

from __future__ import annotations

from base64 import b64encode
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.drawing.svg import (
    MARGIN,
    TITLE,
    WIDTH,
    Canvas,
    Fill,
    Ink,
    Pattern,
    Theme,
    fitted,
    width_of,
)
from bot.features.lineage.tree import tidy_tree
from bot.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.features.lineage.tree import Spot
    from bot.pictures import Thumbnail
    from bot.providers.image import Size


SIDE = 168  # of the square that a picture has, in units
COLUMN = 208
HEAD = 108  # of title and the line below it
LINE = 26  # of words
EDGE = 22  # above the words of a change, and below those of a place
MOST_LINES = 3  # of changes, and of words in an empty frame
_GAP = COLUMN - SIDE
SMALLER = 20  # of type: a tree is wider than a phone, and is opened to be read


class Portrait(Struct, frozen=True, kw_only=True):
    """One picture of the tree, its words said.

    Attributes:
        parent: index of the one it came from, if that is drawn.
        changes: from its parent; a line each.
        words: what stands in the frame where there is no thumbnail.
        more: how many below it are not drawn, in words.
        is_direct: its parent is the one above it, not an ancestor.
    """

    parent: int | None
    place: str
    size: Size
    changes: tuple[str, ...] = ()
    words: str = ""
    more: str = ""
    thumbnail: Thumbnail | None = None
    is_asked: bool = False
    is_direct: bool = True


def family_panel(
    portraits: Sequence[Portrait],
    *,
    head: str,
    below: str,
    language: str,
    theme: Theme = Theme.DARK,
) -> str:
    """An SVG document; `head` and `below` are its title."""
    return _Panel(portraits, language, theme).document(head, below)


def panel_size(portraits: Sequence[Portrait]) -> tuple[int, int]:
    """Width and height in units."""
    panel = _Panel(portraits, "en", Theme.DARK)
    return panel.width, panel.height


class _Row(Struct, frozen=True):
    """One generation, from where its edges branch off to below its words."""

    top: float
    pictures: float
    bottom: float


class _Panel:
    """Knows where everything stands."""

    def __init__(self, portraits: Sequence[Portrait], language: str, theme: Theme) -> None:
        portraits = [replace(one, changes=_wrapped(one.changes)) for one in portraits]
        spots = tidy_tree([one.parent for one in portraits])
        columns = max(spot.column for spot in spots) + 1
        self._each = list(zip(portraits, spots, strict=True))
        self.width = max(WIDTH, round(columns * COLUMN) - _GAP + 2 * MARGIN)
        self._left = (self.width - (columns * COLUMN - _GAP)) / 2
        self._rows = list(self._laid_out())
        self.height = round(self._rows[-1].bottom) + MARGIN
        self._canvas = Canvas(self.height, theme, language, width=self.width)

    def _laid_out(self) -> Iterator[_Row]:
        """Each as high as its words need."""
        top = float(HEAD)
        for row in range(max(spot.row for _, spot in self._each) + 1):
            those = [one for one, spot in self._each if spot.row == row]
            lines = max(len(one.changes) for one in those)
            pictures = top + (0 if row == 0 else 2 * EDGE + lines * LINE)
            bottom = pictures + SIDE + LINE + LINE * any(one.more for one in those)
            yield _Row(top, pictures, bottom)
            top = bottom + EDGE

    def document(self, head: str, below: str) -> str:
        room = self.width - 2 * MARGIN
        self._canvas.text(head, MARGIN, 50, size=TITLE, width=room)
        self._canvas.text(below, MARGIN, 84, ink=Ink.MUTED, width=room)
        for one, spot in sorted(self._each, key=lambda each: (each[1].row, each[1].column)):
            self._portrait(one, self._left + spot.column * COLUMN, self._rows[spot.row])
        return self._canvas.document()

    def _portrait(self, one: Portrait, left: float, row: _Row) -> None:
        """Its words first: what they cover to their right is drawn after them."""
        x, y, width, height = _frame(one, left, row.pictures)
        if one.parent is not None:
            self._edge(one, self._each[one.parent], left, row, y - 9 * one.is_asked)
        self._centred(one.more, left, row.pictures + SIDE + 2 * LINE - 4, Ink.MUTED)
        if not one.is_asked:
            self._centred(one.place, left, row.pictures + SIDE + LINE - 4, Ink.TEXT)
        if one.thumbnail is None:
            self._words(one.words, left, row.pictures)
            self._canvas.rect(x, y, width, height, Fill(Ink.GREY, Pattern.HOLLOW))
        else:
            content = b64encode(one.thumbnail.content).decode()
            href = f"data:{one.thumbnail.media_type};base64,{content}"
            self._canvas.image(href, x, y, width, height)
        if one.is_asked:
            for by in (4, 9):
                box = x - by, y - by, width + 2 * by, height + 2 * by
                self._canvas.rect(*box, Fill(Ink.GOLD, Pattern.HOLLOW))
            self._mark(one.place, left, row.pictures + SIDE + LINE - 4)

    def _edge(
        self, one: Portrait, above: tuple[Portrait, Spot], left: float, row: _Row, end: float
    ) -> None:
        """Down from the parent's words, along between the rows, and down to the picture."""
        parent, spot = above
        begins = self._rows[spot.row].pictures + SIDE + LINE * (2 if parent.more else 1) + 4
        middle, over = left + SIDE / 2, self._left + spot.column * COLUMN + SIDE / 2
        self._canvas.line(over, begins, over, row.top, Ink.GREY)
        self._canvas.line(min(over, middle) - 1, row.top, max(over, middle) + 1, row.top, Ink.GREY)
        dash, step = (end - row.top, end - row.top) if one.is_direct else (5, 12)
        y = row.top
        while y < end:
            self._canvas.line(middle, y, middle, min(y + dash, end), Ink.GREY)
            y += step
        y = row.pictures - EDGE - (len(one.changes) - 1) * LINE
        for number, words in enumerate(one.changes):
            self._centred(words, left, y + number * LINE, Ink.TEXT, is_on_line=True)

    def _words(self, words: str, left: float, top: float) -> None:
        lines = lines_of(words, SIDE - 20, SMALLER, MOST_LINES)
        y = top + SIDE / 2 + 7 - (len(lines) - 1) * LINE / 2
        for number, line in enumerate(lines):
            self._centred(line, left, y + number * LINE, Ink.MUTED, is_on_line=True)

    def _mark(self, place: str, left: float, y: float) -> None:
        """A place in a box with a sign, whatever their colour."""
        words = f"▶ {place}"
        width = width_of(words, SMALLER) + 16
        self._canvas.rect(left + (SIDE - width) / 2, y - 20, width, 28, Fill(Ink.GOLD))
        self._canvas.text(words, left + SIDE / 2, y, size=SMALLER, ink=Ink.PANEL, anchor="middle")

    def _centred(
        self, words: str, left: float, y: float, ink: Ink, *, is_on_line: bool = False
    ) -> None:
        """Below or within the square that begins at `left`; a little wider if need be."""
        shown = fitted(words, COLUMN - 8, SMALLER)
        width = width_of(shown, SMALLER)
        x = left + (SIDE - width) / 2
        if is_on_line:
            self._canvas.cover(x, y - 20, width, LINE)
        self._canvas.text(shown, x, y, size=SMALLER, ink=ink, width=width + 8)


def _frame(one: Portrait, left: float, top: float) -> tuple[float, float, float, float]:
    """Place and sides: as large as the picture in its square, or the square for words."""
    sides = one.size.width_px, one.size.height_px
    if one.thumbnail is None:
        return left, top, SIDE, SIDE
    width, height = (max(SIDE / 8, SIDE * side / max(sides)) for side in sides)
    return left + (SIDE - width) / 2, top + (SIDE - height) / 2, width, height


def _wrapped(changes: Sequence[str]) -> tuple[str, ...]:
    lines = [lines_of(one, COLUMN - 12, SMALLER, 2) for one in changes]
    return tuple(chain.from_iterable(lines))


def lines_of(words: str, width: float, size: int, most: int) -> list[str]:
    """Cut where the room ends: at blanks if there are some, the last one with an ellipsis."""
    lines: list[str] = []
    left = " ".join(words.split())
    while left and len(lines) < most - 1 and width_of(left, size) > width:
        end = _end_of_line(left, width, size)
        lines.append(left[:end].rstrip())
        left = left[end:].lstrip()
    return [*lines, fitted(left, width, size)] if left else lines


def _end_of_line(words: str, width: float, size: int) -> int:
    ends = range(len(words))
    end = next((end for end in ends if width_of(words[: end + 1], size) > width), len(words))
    blank = words.rfind(" ", 1, end + 1)
    return blank if blank > 0 else max(1, end)
