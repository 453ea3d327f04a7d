"""A person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.painter.colours import BLACK, mix
from sandbox.painter.figure import Figure
from sandbox.painter.shapes import ellipse, smooth, stroke

if TYPE_CHECKING:
    from sandbox.painter.colours import Colour
    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Outline, Point

_COAT = smooth(
    [
        (-0.07, -0.78),
        (-0.14, -0.4),
        (-0.2, -0.1),
        (0.0, -0.07),
        (0.2, -0.1),
        (0.12, -0.45),
        (0.07, -0.78),
    ]
)


def paint_person(easel: Easel, foot: Point, size_px: float) -> None:
    """A walker with a hat and a stick, seen from behind."""
    coat = easel.lit(easel.theme.colour or easel.palette.accent)
    dark = mix(easel.palette.dark, BLACK, 0.35)
    flip = easel.chance.random() < 0.5
    parts: list[tuple[Outline, Colour]] = [
        (stroke([(-0.06, -0.12), (-0.07, 0.0)], [0.07, 0.06]), dark),
        (stroke([(0.06, -0.12), (0.07, 0.0)], [0.07, 0.06]), dark),
        (_COAT, coat),
        (
            stroke([(0.05, -0.7), (0.16, -0.55), (0.24, -0.48)], [0.07, 0.07, 0.05]),
            mix(coat, BLACK, 0.25),
        ),
        (stroke([(0.25, -0.62), (0.26, 0.01)], [0.02, 0.02]), dark),
        (ellipse(0, -0.84, 0.07, 0.08), mix((226, 178, 146), dark, 0.25)),
        (
            smooth(
                [
                    (-0.15, -0.86),
                    (0.0, -0.89),
                    (0.15, -0.86),
                    (0.06, -0.9),
                    (0.04, -0.99),
                    (-0.04, -0.99),
                    (-0.06, -0.9),
                ]
            ),
            dark,
        ),
    ]
    figure = Figure(easel.canvas, foot, size_px, flip=flip)
    for outline, colour in parts:
        figure.part(outline, colour)
