"""A house and a lighthouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.painter.colours import BLACK, WHITE, mix
from sandbox.painter.figure import Figure
from sandbox.painter.shapes import box, ellipse

if TYPE_CHECKING:
    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Point

_ROOF = [(-0.62, -0.52), (0.0, -1.0), (0.62, -0.52)]
_GOLD = (255, 214, 128)


def paint_house(easel: Easel, foot: Point, size_px: float) -> None:
    """A cottage with a lit window and smoke."""
    palette, figure = easel.palette, Figure(easel.canvas, foot, size_px)
    wall = easel.lit(easel.theme.colour or (224, 204, 176))
    smoke = mix(palette.low, WHITE, 0.3)
    for step in range(7):
        puff = ellipse(0.34 + 0.05 * step, -1.05 - 0.13 * step, 0.05 + 0.02 * step)
        figure.part(puff, smoke, 0.32 - 0.035 * step)
    figure.part(box(0.27, -1.0, 0.39, -0.6), mix(wall, BLACK, 0.4))
    figure.part(box(-0.5, -0.55, 0.5, 0.06), wall)
    figure.part(box(0.2, -0.55, 0.5, 0.06), mix(wall, palette.dark, 0.25))
    figure.part(_ROOF, mix(palette.accent, palette.dark, 0.35))
    pane = _GOLD if palette.is_dark else mix(_GOLD, palette.low, 0.45)
    for left in (-0.34, 0.24):
        figure.part(box(left, -0.38, left + 0.15, -0.2), pane)
    figure.part(box(-0.07, -0.34, 0.09, 0.06), mix(palette.dark, palette.accent, 0.25))


def paint_lighthouse(easel: Easel, foot: Point, size_px: float) -> None:
    """Striped; at night with its beam."""
    palette, figure = easel.palette, Figure(easel.canvas, foot, size_px)
    if palette.is_dark:
        for reach in (0.9, 1.7, 3.0):
            fan = reach * 0.11
            beam = [(0.0, -0.93), (reach, -0.97 - fan), (reach, -0.93 + fan)]
            figure.both(beam, _GOLD, 0.1)
    for step in range(5):
        low, high = 0.17 * step, 0.17 * (step + 1)
        wide, narrow = 0.15 - low * 0.08, 0.15 - high * 0.08
        colour = easel.lit(palette.accent if step % 2 else (240, 236, 230))
        figure.part([(-wide, -low), (-narrow, -high), (narrow, -high), (wide, -low)], colour)
        shaded = [(0.03, -low), (0.03, -high), (narrow, -high), (wide, -low)]
        figure.part(shaded, palette.dark, 0.25)
    figure.part(box(-0.12, -0.88, 0.12, -0.85), mix(palette.dark, BLACK, 0.2))
    figure.part(box(-0.06, -0.98, 0.06, -0.88), _GOLD)
    figure.part([(-0.09, -0.98), (0.0, -1.08), (0.09, -0.98)], easel.lit(palette.accent))
