"""Outlines as polygons, and things made of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.painter.canvas import Canvas, Paint

Point = tuple[float, float]
Outline = list[Point]
_SMOOTH_STEPS = 8
_UNIT_PX = 250  # what a unit square is taken for, whose size is not known yet


def ellipse(x: float, y: float, radius_x: float, radius_y: float | None = None) -> Outline:
    """A circle if only one radius is given."""
    down = radius_x if radius_y is None else radius_y
    widest = max(radius_x, down)
    size = widest if widest > 1 else widest * _UNIT_PX
    count = max(16, min(96, round(math.sqrt(size) * 6)))
    angles = (math.tau * number / count for number in range(count))
    return [(x + radius_x * math.cos(angle), y + down * math.sin(angle)) for angle in angles]


def box(left: float, top: float, right: float, bottom: float) -> Outline:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def smooth(corners: Sequence[Point]) -> Outline:
    """A closed curve through all corners (Catmull and Rom, 1974)."""
    outline: Outline = []
    count = len(corners)
    for number in range(count):
        around = [corners[(number + offset) % count] for offset in (-1, 0, 1, 2)]
        outline += [_on_curve(around, step / _SMOOTH_STEPS) for step in range(_SMOOTH_STEPS)]
    return outline


def stroke(places: Sequence[Point], widths: Sequence[float]) -> Outline:
    """A line through places with a width at each, smoothly joined."""
    left: Outline = []
    right: Outline = []
    for number, (x, y) in enumerate(places):
        before, after = places[max(0, number - 1)], places[min(len(places) - 1, number + 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        scale = widths[number] / 2 / (math.hypot(dx, dy) or 1)
        left.append((x + dy * scale, y - dx * scale))
        right.append((x - dy * scale, y + dx * scale))
    return smooth([*left, *reversed(right)])


def placed(outline: Sequence[Point], foot: Point, size: float, *, flip: bool = False) -> Outline:
    """An outline of the unit square (its foot at 0, 0, upwards negative) set on a place."""
    (x, y), across = foot, -size if flip else size
    return [(x + across * px, y + size * py) for px, py in outline]


def _on_curve(around: Sequence[Point], t: float) -> Point:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = around
    return _cubic(x0, x1, x2, x3, t), _cubic(y0, y1, y2, y3, t)


def _cubic(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )


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
