"""A thing made of parts, each drawn in a unit square and set on the same place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.painter.shapes import placed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.painter.canvas import Canvas
    from sandbox.painter.colours import Colour
    from sandbox.painter.shapes import Outline, Point

    Paint = Colour | Callable[[int], Colour]


class Figure:
    """The unit square's foot is at (0, 0), upwards is negative; `size_px` is its side."""

    def __init__(self, canvas: Canvas, foot: Point, size_px: float, *, flip: bool = False) -> None:
        self._canvas, self._foot, self._size_px, self._flip = canvas, foot, size_px, flip

    def part(self, outline: Outline, paint: Paint, alpha: float = 1.0) -> None:
        there = placed(outline, self._foot, self._size_px, flip=self._flip)
        self._canvas.fill(there, paint, alpha=alpha)

    def both(self, outline: Outline, paint: Paint, alpha: float = 1.0) -> None:
        """The part and its mirror image."""
        self.part(outline, paint, alpha)
        self.part([(-x, y) for x, y in outline], paint, alpha)
