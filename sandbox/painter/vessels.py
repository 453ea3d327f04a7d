"""A boat and a balloon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.painter.colours import mix
from sandbox.painter.figure import Figure
from sandbox.painter.shapes import smooth, stroke

if TYPE_CHECKING:
    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Point

_HULL = smooth(
    [(-0.5, -0.12), (-0.36, 0.05), (0.0, 0.08), (0.34, 0.05), (0.56, -0.14), (0.0, -0.07)]
)
_MAIN_SAIL = smooth([(0.03, -1.0), (0.12, -0.6), (0.36, -0.17), (0.16, -0.15), (0.04, -0.16)])
_FORE_SAIL = smooth([(-0.02, -0.92), (-0.05, -0.5), (-0.04, -0.18), (-0.22, -0.16), (-0.38, -0.2)])
_BALLOON = smooth(
    [
        (0.0, -1.0),
        (0.36, -0.86),
        (0.42, -0.6),
        (0.14, -0.22),
        (0.0, -0.2),
        (-0.14, -0.22),
        (-0.42, -0.6),
        (-0.36, -0.86),
    ]
)


def paint_boat(easel: Easel, foot: Point, size_px: float) -> None:
    """Under sail, with its image in the water."""
    figure = Figure(easel.canvas, foot, size_px, flip=easel.chance.random() < 0.5)
    sail = mix(easel.theme.colour or (246, 238, 224), easel.palette.low, 0.2)
    hull = mix(easel.palette.dark, easel.palette.accent, 0.3)
    parts = (
        (_MAIN_SAIL, sail),
        (_FORE_SAIL, mix(sail, easel.palette.accent, 0.25)),
        (_HULL, hull),
    )
    for outline, colour in parts:
        figure.part([(x, -y * 0.8 + 0.1) for x, y in outline], colour, 0.22)
    for outline, colour in parts:
        figure.part(outline, colour)
    figure.part(stroke([(0, -0.05), (0.01, -1.04)], [0.025, 0.012]), hull)


def paint_balloon(easel: Easel, foot: Point, size_px: float) -> None:
    """A striped balloon with its basket; `foot` is the basket's."""
    palette = easel.palette
    first = mix(easel.theme.colour or palette.accent, palette.low, 0.15)
    second = mix((248, 236, 214), palette.low, 0.25)
    figure = Figure(easel.canvas, foot, size_px)
    figure.part(_BALLOON, first)
    right_half = [(x, y) for x, y in _BALLOON if x >= 0][1:-1]
    for left, right in ((-0.72, -0.42), (-0.14, 0.14), (0.42, 0.72)):
        gore = [(x * left, y) for x, y in right_half]
        figure.part([*gore, *((x * right, y) for x, y in reversed(right_half))], second)
    shade = [*((x * 0.55, y) for x, y in right_half), *reversed(right_half)]
    shaded = Figure(easel.canvas, foot, size_px, flip=easel.sun_x_px > foot[0])
    shaded.part(shade, palette.dark, 0.16)
    basket = mix((130, 86, 50), palette.dark, 0.3)
    for side in (-1, 1):
        figure.part(stroke([(side * 0.11, -0.22), (side * 0.06, -0.09)], [0.008, 0.008]), basket)
    figure.part([(-0.07, -0.09), (0.07, -0.09), (0.055, 0.0), (-0.055, 0.0)], basket)
