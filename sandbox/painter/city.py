"""A skyline: houses in two rows, with lit windows when it is dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.painter.colours import mix

if TYPE_CHECKING:
    from sandbox.painter.colours import Colour
    from sandbox.painter.easel import Easel

_MAX_HOUSES = 60


def paint_city(easel: Easel) -> None:
    """Stands on the horizon."""
    palette = easel.palette
    for near, tallest in ((0.3, 0.46), (0.62, 0.32), (0.9, 0.17)):
        colour = mix(palette.far, palette.near, near)
        _row_of_houses(easel, colour, tallest * easel.unit_px)


def _row_of_houses(easel: Easel, colour: Colour, tallest_px: float) -> None:
    chance, unit_px = easel.chance, easel.unit_px
    x = -unit_px * 0.03
    least_px = max(unit_px * 0.035, easel.width_px / _MAX_HOUSES)
    while x < easel.width_px:
        width_px = least_px * chance.uniform(1.0, 2.2)
        middle = 1 - abs((x + width_px / 2) / easel.width_px - 0.5)
        height_px = tallest_px * chance.uniform(0.4, 1.0) * (0.5 + middle * 0.6)
        _house(easel, (x, easel.horizon_px - height_px, x + width_px, easel.horizon_px), colour)
        x += width_px * chance.uniform(0.9, 1.12)


def _house(easel: Easel, box: tuple[float, float, float, float], colour: Colour) -> None:
    left, top, right, bottom = box
    canvas, chance = easel.canvas, easel.chance
    wall = mix(colour, easel.palette.low, chance.uniform(0, 0.12))
    canvas.fill_box(box, wall)
    side = (right - left) * 0.3
    lit_left = easel.sun_x_px < (left + right) / 2
    shine = (left, top, left + side, bottom) if lit_left else (right - side, top, right, bottom)
    canvas.fill_box(shine, easel.palette.light, alpha=0.1)
    kind = chance.random()
    middle = (left + right) / 2
    if kind < 0.25:
        mast_px = (right - left) * 0.04
        canvas.fill_box(
            (middle - mast_px, top - (right - left) * 0.6, middle + mast_px, top), colour
        )
    elif kind < 0.5:
        canvas.fill([(left, top), (middle, top - (right - left) * 0.35), (right, top)], colour)
    _windows(easel, box, wall)


def _windows(easel: Easel, box: tuple[float, float, float, float], wall: Colour) -> None:
    left, top, right, bottom = box
    chance, palette = easel.chance, easel.palette
    step_px = max(5.0, easel.unit_px * 0.013)
    size_px = step_px * 0.45
    lit, alpha = ((255, 214, 128), 0.85) if palette.is_dark else (palette.light, 0.22)
    pane = mix(wall, lit, alpha)
    share = 0.32 if palette.is_dark else 0.5
    y = top + step_px * 0.7
    while y + size_px < bottom - step_px * 0.4:
        x = left + step_px * 0.6
        while x + size_px < right - step_px * 0.3:
            if chance.random() < share:
                easel.canvas.fill_box((x, y, x + size_px, y + size_px * 1.3), pane)
            x += step_px
        y += step_px * 1.25
