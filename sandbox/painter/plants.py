"""A tree, flowers, grapes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.painter.colours import BLACK, WHITE, mix
from sandbox.painter.figure import Figure
from sandbox.painter.shapes import ellipse, stroke

if TYPE_CHECKING:
    from sandbox.painter.colours import Colour
    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Outline, Point

_GRAPE = 0.085  # its radius
_CROWN = (
    (0.0, -0.72, 0.24),
    (-0.24, -0.62, 0.17),
    (0.25, -0.64, 0.17),
    (-0.12, -0.84, 0.16),
    (0.14, -0.83, 0.16),
)
_BLOSSOM = {"spring": (246, 178, 196), "autumn": (214, 104, 40), "winter": (236, 240, 246)}


def paint_tree(easel: Easel, foot: Point, size_px: float) -> None:
    """A trunk, its boughs, and leaves in the colour of the season."""
    chance, palette = easel.chance, easel.palette
    figure = Figure(easel.canvas, foot, size_px)
    bark = mix(palette.dark, (70, 46, 34), 0.5)
    lean = chance.uniform(-0.08, 0.08)
    figure.part(stroke([(0, 0.03), (0.02, -0.25), (lean, -0.6)], [0.13, 0.075, 0.03]), bark)
    for side in (-1, 1):
        bough = [(0.01, -0.3), (side * 0.16 + lean, -0.5), (side * 0.28 + lean, -0.66)]
        figure.part(stroke(bough, [0.05, 0.03, 0.015]), bark)
    green = mix(palette.dark, (96, 150, 80), 0.6)
    leaf = easel.lit(easel.theme.colour or _BLOSSOM.get(easel.theme.palette, green))
    for shade, offset, size, alpha in (
        (mix(leaf, palette.dark, 0.4), 0.03, 1.0, 0.94),
        (leaf, 0.0, 1.0, 0.94),
        (mix(leaf, palette.light, 0.35), -0.045, 0.55, 0.5),
    ):
        for x, y, radius in _CROWN:
            spot = ellipse(x + lean + offset * 0.6, y + offset, radius * size)
            figure.part(_leafy(spot, chance.random()), shade, alpha)


def paint_flowers(easel: Easel, foot: Point, size_px: float) -> None:
    """A tuft of them, of one kind."""
    chance, palette = easel.chance, easel.palette
    figure = Figure(easel.canvas, foot, size_px)
    colour = easel.lit(easel.theme.colour or palette.accent)
    stem = mix(palette.dark, (70, 130, 70), 0.5)
    petals = chance.choice((5, 6, 8))
    for number in range(9):
        low_x, tall = (number - 4) * 0.14 + chance.gauss(0, 0.03), chance.uniform(0.35, 0.8)
        x = low_x + chance.gauss(0, 0.06)
        bend = ((low_x + x) / 2 + 0.02, -tall / 2)
        figure.part(stroke([(low_x, 0.1), bend, (x, -tall)], [0.018] * 3), stem)
        radius = chance.uniform(0.05, 0.075)
        tone = mix(colour, chance.choice((WHITE, palette.accent)), chance.uniform(0, 0.35))
        for petal in range(petals):
            angle = math.tau * (petal / petals + number * 0.07)
            there = (x + radius * math.cos(angle), radius * math.sin(angle) - tall)
            figure.part(ellipse(*there, radius * 0.62), tone)
        figure.part(ellipse(x, -tall, radius * 0.55), easel.lit((246, 200, 84)))


def paint_grapes(easel: Easel, foot: Point, size_px: float) -> None:
    """A bunch that birds would come to peck; it hangs from above, `foot` is its stalk's end."""
    chance, figure = easel.chance, Figure(easel.canvas, foot, size_px)
    colour = easel.theme.colour or (96, 44, 112)
    leaf = mix((96, 140, 70), easel.palette.dark, 0.15)
    figure.part(stroke([(0, -0.4), (0.02, -0.2), (0, 0.1)], [0.035] * 3), (96, 70, 46))
    for angle, reach in ((-2.6, 0.36), (-0.5, 0.34), (-2.0, 0.25)):
        x, y = math.cos(angle) * 0.24, math.sin(angle) * 0.08
        outline = _leafy(ellipse(x, y, reach * 0.62, reach * 0.46), 0.35, lobes=5, depth=0.22)
        figure.part(outline, mix(leaf, BLACK, chance.uniform(0, 0.25)))
    for row, count in enumerate((5, 6, 5, 4, 3, 2, 1)):
        for number in range(count):
            x = (number - (count - 1) / 2) * _GRAPE * 1.62 + chance.gauss(0, 0.06) * _GRAPE
            y = 0.12 + row * _GRAPE * 1.38 + chance.gauss(0, 0.06) * _GRAPE
            shade = chance.choice((WHITE, BLACK, (40, 30, 90)))
            _grape(figure, (x, y), mix(colour, shade, chance.uniform(0, 0.2)))


def _grape(figure: Figure, at: Point, tone: Colour) -> None:
    x, y = at
    for shift, size, colour, alpha in (
        (0.0, 1.0, mix(tone, BLACK, 0.4), 1.0),
        (0.07, 0.88, tone, 1.0),
        (0.27, 0.5, mix(tone, WHITE, 0.25), 0.6),
        (0.38, 0.17, WHITE, 0.75),
    ):
        spot = ellipse(x - _GRAPE * shift, y - _GRAPE * shift, _GRAPE * size)
        figure.part(spot, colour, alpha)


def _leafy(outline: Outline, phase: float, *, lobes: int = 9, depth: float = 0.07) -> Outline:
    """Pulls an outline in and out around its middle."""
    count = len(outline)
    cx, cy = sum(px for px, _ in outline) / count, sum(py for _, py in outline) / count
    scales = [
        1 + depth * math.sin(math.tau * (lobes * number / count + phase)) for number in range(count)
    ]
    return [
        (cx + (px - cx) * scale, cy + (py - cy) * scale)
        for (px, py), scale in zip(outline, scales, strict=True)
    ]
