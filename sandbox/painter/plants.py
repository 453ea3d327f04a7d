"""A tree, flowers, grapes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.painter.colours import BLACK, WHITE, mix
from sandbox.painter.shapes import ellipse, placed, stroke

if TYPE_CHECKING:
    from sandbox.painter.easel import Easel
    from sandbox.painter.shapes import Outline

_BLOSSOM = {"spring": (246, 178, 196), "autumn": (214, 104, 40), "winter": (236, 240, 246)}


def paint_tree(easel: Easel, x: float, y: float, size_px: float) -> None:
    """A trunk, its boughs, and leaves in the colour of the season."""
    canvas, chance, palette = easel.canvas, easel.chance, easel.palette
    bark = mix(palette.dark, (70, 46, 34), 0.5)
    lean = chance.uniform(-0.08, 0.08)
    trunk = stroke([(0, 0.03), (0.02, -0.25), (lean, -0.6)], [0.13, 0.075, 0.03])
    boughs = [
        stroke(
            [(0.01, -0.3), (side * 0.16 + lean, -0.5), (side * 0.28 + lean, -0.66)],
            [0.05, 0.03, 0.015],
        )
        for side in (-1, 1)
    ]
    for outline in (trunk, *boughs):
        canvas.fill(placed(outline, x, y, size_px, flip=False), bark)
    leaf = easel.lit(
        easel.theme.colour
        or _BLOSSOM.get(easel.theme.palette, mix(palette.dark, (96, 150, 80), 0.6))
    )
    crown = [
        (0.0, -0.72, 0.24),
        (-0.24, -0.62, 0.17),
        (0.25, -0.64, 0.17),
        (-0.12, -0.84, 0.16),
        (0.14, -0.83, 0.16),
    ]
    for shade, offset in (
        (mix(leaf, palette.dark, 0.4), 0.03),
        (leaf, 0.0),
        (mix(leaf, palette.light, 0.35), -0.045),
    ):
        for cx, cy, radius in crown:
            spot = ellipse(
                cx + lean + offset * 0.6, cy + offset, radius * (1 if offset >= 0 else 0.55)
            )
            canvas.fill(
                placed(_leafy(spot, chance.random()), x, y, size_px, flip=False),
                shade,
                alpha=0.94 if offset >= 0 else 0.5,
            )


def paint_flowers(easel: Easel, x: float, y: float, size_px: float) -> None:
    """A tuft of them, of one kind."""
    chance, palette = easel.chance, easel.palette
    colour = easel.lit(easel.theme.colour or palette.accent)
    stem = mix(palette.dark, (70, 130, 70), 0.5)
    petals = chance.choice((5, 6, 8))
    for number in range(9):
        bx = x + (number - 4) * size_px * 0.14 + chance.gauss(0, 0.03) * size_px
        tall = size_px * chance.uniform(0.35, 0.8)
        hx, hy = bx + chance.gauss(0, 0.06) * size_px, y - tall
        easel.canvas.fill(
            stroke(
                [(bx, y + size_px * 0.1), ((bx + hx) / 2 + size_px * 0.02, y - tall / 2), (hx, hy)],
                [size_px * 0.018] * 3,
            ),
            stem,
        )
        radius = size_px * chance.uniform(0.05, 0.075)
        tone = mix(colour, chance.choice((WHITE, palette.accent)), chance.uniform(0, 0.35))
        for petal in range(petals):
            angle = math.tau * (petal / petals + number * 0.07)
            easel.canvas.fill(
                ellipse(
                    hx + radius * math.cos(angle), hy + radius * math.sin(angle), radius * 0.62
                ),
                tone,
            )
        easel.canvas.fill(ellipse(hx, hy, radius * 0.55), easel.lit((246, 200, 84)))


def paint_grapes(easel: Easel, x: float, y: float, size_px: float) -> None:
    """A bunch that birds would come to peck; `y` is its stalk."""
    canvas, chance = easel.canvas, easel.chance
    colour = easel.theme.colour or (96, 44, 112)
    leaf = mix((96, 140, 70), easel.palette.dark, 0.15)
    canvas.fill(
        stroke(
            [(x, -10), (x + size_px * 0.02, y - size_px * 0.2), (x, y + size_px * 0.1)],
            [size_px * 0.035] * 3,
        ),
        (96, 70, 46),
    )
    for angle, reach in ((-2.6, 0.36), (-0.5, 0.34), (-2.0, 0.25)):
        cx, cy = x + math.cos(angle) * size_px * 0.24, y + math.sin(angle) * size_px * 0.08
        canvas.fill(
            _leafy(
                ellipse(cx, cy, size_px * reach * 0.62, size_px * reach * 0.46),
                0.35,
                lobes=5,
                depth=0.22,
            ),
            mix(leaf, BLACK, chance.uniform(0, 0.25)),
        )
    radius = size_px * 0.085
    for row, count in enumerate((5, 6, 5, 4, 3, 2, 1)):
        for number in range(count):
            gx = x + (number - (count - 1) / 2) * radius * 1.62 + chance.gauss(0, 0.06) * radius
            gy = y + size_px * 0.12 + row * radius * 1.38 + chance.gauss(0, 0.06) * radius
            tone = mix(colour, chance.choice((WHITE, BLACK, (40, 30, 90))), chance.uniform(0, 0.2))
            canvas.fill(ellipse(gx, gy, radius), mix(tone, BLACK, 0.4))
            canvas.fill(ellipse(gx - radius * 0.07, gy - radius * 0.07, radius * 0.88), tone)
            canvas.fill(
                ellipse(gx - radius * 0.25, gy - radius * 0.28, radius * 0.5),
                mix(tone, WHITE, 0.25),
                alpha=0.6,
            )
            canvas.fill(
                ellipse(gx - radius * 0.36, gy - radius * 0.4, radius * 0.17), WHITE, alpha=0.75
            )


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
