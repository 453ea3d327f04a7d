"""A boat and a balloon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.painter.colours import mix
from sandbox.painter.shapes import placed, smooth, stroke

if TYPE_CHECKING:
    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Outline

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


def paint_boat(easel: Easel, x: float, y: float, size_px: float) -> None:
    """Under sail, with its image in the water."""
    flip = easel.chance.random() < 0.5
    sail = mix(easel.theme.colour or (246, 238, 224), easel.palette.low, 0.2)
    hull = mix(easel.palette.dark, easel.palette.accent, 0.3)
    for outline, colour in (
        (_HULL, hull),
        (_MAIN_SAIL, sail),
        (_FORE_SAIL, mix(sail, easel.palette.accent, 0.25)),
    ):
        image = [(px, -py * 0.8 + 0.1) for px, py in outline]
        easel.canvas.fill(placed(image, x, y, size_px, flip=flip), colour, alpha=0.22)
    for outline, colour in (
        (_MAIN_SAIL, sail),
        (_FORE_SAIL, mix(sail, easel.palette.accent, 0.25)),
        (_HULL, hull),
    ):
        easel.canvas.fill(placed(outline, x, y, size_px, flip=flip), colour)
    mast = stroke([(0, -0.05), (0.01, -1.04)], [0.025, 0.012])
    easel.canvas.fill(placed(mast, x, y, size_px, flip=flip), hull)


def paint_balloon(easel: Easel, x: float, y: float, size_px: float) -> None:
    """A striped balloon with its basket; `y` is the basket's foot."""
    canvas, palette = easel.canvas, easel.palette
    first = mix(easel.theme.colour or palette.accent, palette.low, 0.15)
    second = mix((248, 236, 214), palette.low, 0.25)
    canvas.fill(placed(_BALLOON, x, y, size_px, flip=False), first)
    for left, right in ((-0.72, -0.42), (-0.14, 0.14), (0.42, 0.72)):
        gore = [(px * left, py) for px, py in _right_half()]
        gore += [(px * right, py) for px, py in reversed(_right_half())]
        canvas.fill(placed(gore, x, y, size_px, flip=False), second)
    shade = [(px * 0.55, py) for px, py in _right_half()] + [
        (px, py) for px, py in reversed(_right_half())
    ]
    canvas.fill(placed(shade, x, y, size_px, flip=easel.sun_x_px > x), palette.dark, alpha=0.16)
    basket = mix((130, 86, 50), palette.dark, 0.3)
    for side in (-1, 1):
        canvas.fill(
            placed(
                stroke([(side * 0.11, -0.22), (side * 0.06, -0.09)], [0.008, 0.008]),
                x,
                y,
                size_px,
                flip=False,
            ),
            basket,
        )
    canvas.fill(
        placed(
            [(-0.07, -0.09), (0.07, -0.09), (0.055, 0.0), (-0.055, 0.0)], x, y, size_px, flip=False
        ),
        basket,
    )


def _right_half() -> Outline:
    return [(px, py) for px, py in _BALLOON if px >= 0 and py >= -1.0][1:-1]
