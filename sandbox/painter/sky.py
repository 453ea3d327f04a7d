"""The sky: a field of colours with glow and clouds, then what stands in it.

The field has no edges, so it is computed at the nodes of a coarse grid, one in 8 to 64 pixels. The
way from node to node is linear, first along the rows and then down the columns, with a whole row in
one big integer of 16-bit lanes (see canvas): weights go up to the step of the grid, 64 at most, so
no lane overflows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.painter.colours import mix
from sandbox.painter.shapes import ellipse
from sandbox.painter.words import Scene, Style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.painter.colours import Colour, Palette
    from sandbox.painter.easel import Easel, Noise

_NODES = 32  # along the longer side, about
_STEPS_PX = (8, 16, 32, 64)
_PLANETS: tuple[tuple[Colour, Colour], ...] = (
    ((226, 178, 136), (140, 84, 80)),
    ((170, 206, 210), (60, 96, 146)),
    ((216, 190, 160), (120, 110, 140)),
)


def sky(
    palette: Palette,
    noise: Noise,
    *,
    unit_px: float,
    horizon_px: float,
    sun: tuple[float, float],
    is_blotchy: bool,
) -> Callable[[float, float], Colour]:
    """The colour at a place; below the horizon it goes on as haze."""
    glow_px = unit_px * 0.62
    strength = 0.5 if palette.is_dark else 0.8

    def colour_at(x: float, y: float) -> Colour:
        depth = min(1.0, y / horizon_px)
        colour = _upright(palette, depth)
        away = math.hypot(x - sun[0], (y - sun[1]) * 1.15) / glow_px
        if away < 1:
            colour = mix(colour, palette.light, strength * (1 - away) ** 2)
        cloud = noise.layered(x / unit_px * 2.2, y / unit_px * 6.5, octaves=2)
        cover = max(0.0, cloud - 0.5) * 2.2 * (0.4 + 0.6 * depth)
        colour = mix(colour, mix(palette.low, palette.light, 0.5), min(0.75, cover))
        if not is_blotchy:
            return colour
        wet = noise.layered(x / unit_px * 9 + 40, y / unit_px * 9, octaves=2)
        return mix(colour, palette.top if wet > 0.5 else palette.low, abs(wet - 0.5) * 0.7)

    return colour_at


def paint_lights(easel: Easel) -> None:
    """Stars at night, then the sun or the moon."""
    if easel.palette.is_dark:
        _stars(easel)
    radius_px = easel.unit_px * (0.05 if easel.palette.is_dark else 0.062)
    x, y = easel.sun_x_px, easel.sun_y_px
    if easel.palette.is_dark:
        easel.canvas.fill(ellipse(x, y, radius_px * 1.5), easel.palette.light, alpha=0.09)
    easel.canvas.fill(ellipse(x, y, radius_px), mix(easel.palette.light, (255, 255, 255), 0.35))
    if easel.theme.scene is Scene.SPACE:
        _planet(easel)
    elif easel.palette.is_dark and easel.theme.style is not Style.INK:
        for dx, dy, size in ((-0.3, -0.2, 0.22), (0.25, 0.3, 0.3), (0.35, -0.35, 0.14)):
            crater = ellipse(x + dx * radius_px, y + dy * radius_px, size * radius_px)
            easel.canvas.fill(crater, easel.palette.middle, alpha=0.14)


def _upright(palette: Palette, depth: float) -> Colour:
    if depth < 0.55:
        return mix(palette.top, palette.middle, depth / 0.55)
    return mix(palette.middle, palette.low, (depth - 0.55) / 0.45)


def _stars(easel: Easel) -> None:
    chance, palette = easel.chance, easel.palette
    deepest_px = easel.horizon_px * (1.0 if easel.theme.scene is Scene.SPACE else 0.8)
    for _ in range(180):
        x, y = chance.random() * easel.width_px, chance.random() ** 1.3 * deepest_px
        size_px = max(1.0, easel.unit_px * chance.choice((0.0012, 0.0016, 0.003)))
        box = (x, y, x + size_px, y + size_px)
        easel.canvas.fill_box(box, palette.light, alpha=chance.uniform(0.25, 0.95))


def _planet(easel: Easel) -> None:
    chance, unit_px = easel.chance, easel.unit_px
    x, y = easel.width_px - easel.sun_x_px, easel.horizon_px * 0.42
    radius_px = unit_px * chance.uniform(0.12, 0.17)
    first, second = chance.choice(_PLANETS)
    disk = ellipse(x, y, radius_px)

    def banded(row: int) -> Colour:
        band = easel.noise.layered(6 * (row - y) / radius_px, 33.3, octaves=2)
        return mix(first, second, band)

    easel.canvas.fill(disk, banded)
    away = 1 if easel.sun_x_px < x else -1
    for depth in (0.0, 0.3, 0.6):
        night = [
            (px if (px - x) * away > 0 else x - (px - x) * (0.2 - depth), py) for px, py in disk
        ]
        easel.canvas.fill(night, easel.palette.top, alpha=0.3)
    outer, inner = (ellipse(x, y, radius_px * far, radius_px * far * 0.2) for far in (1.7, 1.35))
    half = len(outer) // 2
    ring = mix(first, easel.palette.light, 0.5)
    front = [*outer[: half + 1], *reversed(inner[: len(inner) // 2 + 1])]
    easel.canvas.fill(front, ring, alpha=0.75)
    behind = [*outer[half:], outer[0], inner[0], *reversed(inner[len(inner) // 2 :])]
    easel.canvas.fill(_outside(behind, x, y, radius_px), ring, alpha=0.4)


def _outside(
    outline: list[tuple[float, float]], x: float, y: float, radius_px: float
) -> list[tuple[float, float]]:
    """Moves what lies over a disk up to its edge, so that it seems to pass behind."""
    moved = []
    for px, py in outline:
        away = math.hypot(px - x, py - y)
        scale = max(1.0, radius_px / away) if away else 1.0
        moved.append((x + (px - x) * scale, y + (py - y) * scale))
    return moved


def field_rows(
    width_px: int, height_px: int, colour_at: Callable[[float, float], Colour]
) -> Iterator[bytearray]:
    """The rows of the field, from above; `colour_at` takes a place in pixels."""
    longer_px = max(width_px, height_px)
    step_px = next((one for one in _STEPS_PX if one * _NODES >= longer_px), _STEPS_PX[-1])
    across = -(-width_px // step_px) + 1
    upper = _drawn_out([colour_at(x * step_px, 0) for x in range(across)], step_px)
    for top_px in range(0, height_px, step_px):
        nodes = [colour_at(x * step_px, top_px + step_px) for x in range(across)]
        lower = _drawn_out(nodes, step_px)
        yield from _between(
            upper, lower, step_px, rows=min(step_px, height_px - top_px), width_px=width_px
        )
        upper = lower


def _drawn_out(nodes: list[Colour], step_px: int) -> int:
    """One row of nodes as pixels, three lanes each."""
    cells = len(nodes) - 1
    shift = step_px.bit_length() - 1
    lanes = _low_bytes(len(nodes))
    row = bytearray(cells * step_px * 6)
    for channel in range(3):
        left = _spread(bytes(node[channel] for node in nodes))
        right = left >> 16
        for offset in range(step_px):
            between = (left * (step_px - offset) + right * offset) >> shift & lanes
            at = (offset * 3 + channel) * 2
            row[at :: step_px * 6] = between.to_bytes(2 * cells + 2, "little")[: 2 * cells : 2]
    return int.from_bytes(row, "little")


def _between(
    upper: int, lower: int, step_px: int, *, rows: int, width_px: int
) -> Iterator[bytearray]:
    shift = step_px.bit_length() - 1
    lanes_count = -(-width_px // step_px) * step_px * 3
    lanes = _low_bytes(lanes_count)
    for offset in range(rows):
        row = (upper * (step_px - offset) + lower * offset) >> shift & lanes
        yield bytearray(row.to_bytes(2 * lanes_count, "little")[: 6 * width_px : 2])


def _spread(values: bytes) -> int:
    lanes = bytearray(2 * len(values))
    lanes[::2] = values
    return int.from_bytes(lanes, "little")


def _low_bytes(lanes: int) -> int:
    return int.from_bytes(b"\xff\0" * lanes, "little")
