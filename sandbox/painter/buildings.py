"""A house and a lighthouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.painter.colours import BLACK, WHITE, mix
from sandbox.painter.shapes import ellipse, placed

if TYPE_CHECKING:
    from sandbox.painter.colours import Colour
    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Outline

_ROOF = [(-0.62, -0.52), (0.0, -1.0), (0.62, -0.52)]
_GOLD = (255, 214, 128)


def paint_house(easel: Easel, x: float, y: float, size_px: float) -> None:
    """A cottage with a lit window and smoke."""
    canvas, palette = easel.canvas, easel.palette
    wall = easel.lit(easel.theme.colour or (224, 204, 176))
    smoke = mix(palette.low, WHITE, 0.3)
    for step in range(7):
        puff = ellipse(
            x + size_px * (0.34 + 0.05 * step),
            y - size_px * (1.05 + 0.13 * step),
            size_px * (0.05 + 0.02 * step),
        )
        canvas.fill(puff, smoke, alpha=0.32 - 0.035 * step)
    canvas.fill_box(
        (x + size_px * 0.27, y - size_px * 1.0, x + size_px * 0.39, y - size_px * 0.6),
        mix(wall, BLACK, 0.4),
    )
    canvas.fill_box(
        (x - size_px * 0.5, y - size_px * 0.55, x + size_px * 0.5, y + size_px * 0.06), wall
    )
    canvas.fill_box(
        (x + size_px * 0.2, y - size_px * 0.55, x + size_px * 0.5, y + size_px * 0.06),
        mix(wall, palette.dark, 0.25),
    )
    canvas.fill(placed(_ROOF, x, y, size_px, flip=False), mix(palette.accent, palette.dark, 0.35))
    pane = _GOLD if palette.is_dark else mix(_GOLD, palette.low, 0.45)
    for dx in (-0.34, 0.24):
        canvas.fill_box(
            (x + size_px * dx, y - size_px * 0.38, x + size_px * (dx + 0.15), y - size_px * 0.2),
            pane,
        )
    canvas.fill_box(
        (x - size_px * 0.07, y - size_px * 0.34, x + size_px * 0.09, y + size_px * 0.06),
        mix(palette.dark, palette.accent, 0.25),
    )


def paint_lighthouse(easel: Easel, x: float, y: float, size_px: float) -> None:
    """Striped; at night with its beam."""
    canvas, palette = easel.canvas, easel.palette

    def part(outline: Outline, colour: Colour, alpha: float = 1.0) -> None:
        canvas.fill(placed(outline, x, y, size_px, flip=False), colour, alpha=alpha)

    if palette.is_dark:
        for reach in (0.9, 1.7, 3.0):
            for side in (-reach, reach):
                fan = abs(side) * 0.11
                part([(0, -0.93), (side, -0.97 - fan), (side, -0.93 + fan)], _GOLD, 0.1)
    for step in range(5):
        low, high = 0.17 * step, 0.17 * (step + 1)
        foot, head = 0.15 - low * 0.08, 0.15 - high * 0.08
        colour = easel.lit(palette.accent if step % 2 else (240, 236, 230))
        part([(-foot, -low), (-head, -high), (head, -high), (foot, -low)], colour)
        part([(0.03, -low), (0.03, -high), (head, -high), (foot, -low)], palette.dark, 0.25)
    part(
        [(-0.12, -0.85), (-0.12, -0.88), (0.12, -0.88), (0.12, -0.85)],
        mix(palette.dark, BLACK, 0.2),
    )
    part([(-0.06, -0.88), (-0.06, -0.98), (0.06, -0.98), (0.06, -0.88)], _GOLD)
    part([(-0.09, -0.98), (0.0, -1.08), (0.09, -0.98)], easel.lit(palette.accent))
