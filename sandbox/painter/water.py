"""Water: the picture above it upside down, rippled and tinted, and the glitter of the light."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.painter.canvas import OPAQUE, mixed
from sandbox.painter.colours import mix

if TYPE_CHECKING:
    from sandbox.painter.easel import Easel


def paint_water(easel: Easel) -> None:
    """From the horizon down."""
    horizon = round(easel.horizon_px)
    depth_px = easel.height_px - horizon
    for y in range(horizon, easel.height_px):
        depth = (y - horizon) / depth_px
        easel.canvas.rows[y] = _reflected(easel, y, horizon, depth)
    _glitter(easel, horizon, depth_px)


def _reflected(easel: Easel, y: int, horizon: int, depth: float) -> bytearray:
    rows, unit_px = easel.canvas.rows, easel.unit_px
    away_px = y - horizon
    wobble = math.sin(away_px / (unit_px * (0.006 + 0.012 * depth))) * (0.4 + 3 * depth)
    above = max(0, min(horizon - 1, round(horizon - 1 - away_px * 1.15 - wobble * unit_px * 0.004)))
    shift = round(wobble * unit_px * 0.0022) * 3
    source = rows[above]
    moved = (
        source[shift:] + source[-3:] * (shift // 3)
        if shift > 0
        else (source[:3] * (-shift // 3) + source[: shift or None])
    )
    tint = mix(easel.palette.water, easel.palette.near, 0.55 * depth)
    share = round(OPAQUE * (0.3 + 0.42 * depth))
    return bytearray(mixed(moved, bytes(tint) * easel.width_px, share))


def _glitter(easel: Easel, horizon: int, depth_px: int) -> None:
    chance, unit_px, light = easel.chance, easel.unit_px, easel.palette.light
    for _ in range(170):
        depth = chance.random() ** 1.6
        spread_px = unit_px * (0.035 + 0.2 * depth)
        x = easel.sun_x_px + chance.gauss(0, 0.5) * spread_px
        y = horizon + 1 + depth * depth_px * 0.85
        half_px = unit_px * (0.006 + 0.03 * depth) * chance.uniform(0.5, 1.2)
        thick_px = max(1.0, unit_px * (0.0012 + 0.002 * depth))
        alpha = chance.uniform(0.2, 0.7) * (1 - 0.5 * depth)
        easel.canvas.fill_box((x - half_px, y, x + half_px, y + thick_px), light, alpha=alpha)
