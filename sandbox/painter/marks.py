"""Marks on the finished picture: those of a style, and the strip that says where it comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sandbox.painter.canvas import Canvas
from sandbox.painter.colours import mix
from sandbox.painter.shapes import ellipse

if TYPE_CHECKING:
    from sandbox.painter.colours import Colour
    from sandbox.painter.easel import Easel

_PAPER = (252, 249, 242)
_EDGE_POINTS = 160
_FEW_TONES = bytes(min(255, (value + 8) // 16 * 16) for value in range(256))


def paint_paper_edge(easel: Easel) -> None:
    """Leaves a ragged margin of paper, with the rim that drying paint leaves, and splashes."""
    margin_px = easel.unit_px * 0.05
    for deep_px, colour, alpha in (
        (margin_px * 1.13, easel.palette.dark, 0.16),
        (margin_px, _PAPER, 1),
    ):
        _down(easel, deep_px, colour, alpha)
        _across(easel, deep_px, colour, alpha)
    for _ in range(16):
        angle, away = easel.chance.uniform(0, math.tau), easel.chance.uniform(0.4, 0.5)
        x = easel.width_px * (0.5 + away * math.cos(angle))
        y = easel.height_px * (0.5 + away * math.sin(angle))
        drop = ellipse(x, y, easel.unit_px * easel.chance.uniform(0.002, 0.012))
        palette = easel.palette
        tone = easel.chance.choice((palette.top, palette.water, palette.accent, palette.far))
        easel.canvas.fill(drop, mix(tone, _PAPER, 0.3), alpha=0.35)


def paint_seal(easel: Easel) -> None:
    """A red seal, as on ink paintings."""
    size_px = easel.unit_px * 0.06
    left, top = easel.width_px - size_px * 1.9, easel.height_px - size_px * 2.2
    canvas, red = easel.canvas, easel.palette.accent
    canvas.fill_box((left, top, left + size_px, top + size_px), red, alpha=0.92)
    for x, y, width, height in (
        (0.18, 0.2, 0.64, 0.1),
        (0.45, 0.2, 0.1, 0.6),
        (0.18, 0.7, 0.64, 0.1),
        (0.18, 0.45, 0.2, 0.09),
        (0.62, 0.45, 0.2, 0.09),
    ):
        box = (
            left + x * size_px,
            top + y * size_px,
            left + (x + width) * size_px,
            top + (y + height) * size_px,
        )
        canvas.fill_box(box, _PAPER, alpha=0.9)


def coarse(canvas: Canvas, width_px: int, height_px: int, *, square_px: int) -> Canvas:
    """Every pixel drawn as a square, cut to the size."""
    rows: list[bytearray] = []
    for row in canvas.rows:
        wide = bytearray(len(row) * square_px)
        for channel in range(3):
            values = row[channel::3].translate(_FEW_TONES)
            for offset in range(square_px):
                wide[offset * 3 + channel :: square_px * 3] = values
        rows.extend(bytearray(wide[: 3 * width_px]) for _ in range(square_px))
    return Canvas(width_px, height_px, rows[:height_px])


def _across(easel: Easel, margin_px: float, colour: Colour, alpha: float) -> None:
    width_px, height_px = easel.width_px, easel.height_px
    places = [width_px * number / _EDGE_POINTS for number in range(_EDGE_POINTS + 1)]
    top = [(x, _deep(easel, x, 0, margin_px)) for x in places]
    foot = [(x, height_px - _deep(easel, x, 1, margin_px)) for x in places]
    easel.canvas.fill([*top, (width_px, 0.0), (0.0, 0.0)], colour, alpha=alpha)
    easel.canvas.fill([*foot, (width_px, height_px), (0.0, height_px)], colour, alpha=alpha)


def _down(easel: Easel, margin_px: float, colour: Colour, alpha: float) -> None:
    """Row by row: a polygon would be cut four times in every row for nothing."""
    for y in range(easel.height_px):
        left = _deep(easel, y, 2, margin_px)
        right = easel.width_px - _deep(easel, y, 3, margin_px)
        easel.canvas.fill_box((0, y, left, y + 1), colour, alpha=alpha)
        easel.canvas.fill_box((right, y, easel.width_px, y + 1), colour, alpha=alpha)


def _deep(easel: Easel, along_px: float, side: int, margin_px: float) -> float:
    """How deep the paper's edge reaches at a place."""
    along = along_px / easel.unit_px * 14
    rough = easel.noise.layered(along, 50.5 + 7 * side, octaves=3)
    return margin_px * (0.35 + 1.3 * rough)


_GLYPHS: dict[str, str] = {
    " ": ". . . . . . .",
    "-": ". . . #### . . .",
    "·": ". . . .## .## . .",
    "0": ".### #...# #..## #.#.# ##..# #...# .###",
    "1": "..# .## ..# ..# ..# ..# .###",
    "2": ".### #...# ....# ..## .# # #####",
    "3": "#### ....# ....# .### ....# ....# ####",
    "4": "...# ..## .#.# #..# ##### ...# ...#",
    "5": "##### # #### ....# ....# #...# .###",
    "6": "..## .# # #### #...# #...# .###",
    "7": "##### ....# ...# ..# ..# .# .#",
    "8": ".### #...# #...# .### #...# #...# .###",
    "9": ".### #...# #...# .#### ....# ...# .##",
    "I": ".### ..# ..# ..# ..# ..# .###",
    "Z": "##### ....# ...# ..# .# # #####",
    "a": ". . .### ....# .#### #...# .####",
    "b": "# # #### #...# #...# #...# ####",
    "d": "....# ....# .#### #...# #...# #...# .####",
    "e": ". . .### #...# ##### # .###",
    "g": ". . .#### #...# .#### ....# .###",
    "i": "..# . .## ..# ..# ..# .###",
    "m": ". . ##.# #.#.# #.#.# #.#.# #.#.#",
    "n": ". . #### #...# #...# #...# #...#",
    "o": ". . .### #...# #...# #...# .###",
    "s": ". . .#### # .### ....# ####",
    "t": ".# .# #### .# .# .#..# ..##",
    "u": ". . #...# #...# #...# #..## .##.#",
    "x": ". . #...# .#.# ..# .#.# #...#",
}
_ADVANCE = 6
_TALL = 7
_INK = (250, 248, 242)
_STRIP = (18, 18, 24)
_DOTS_ACROSS = 420  # of the picture's shorter side, so that the strip stays small


def paint_label(canvas: Canvas, seed: int) -> None:
    """In the lower left corner; where it does not fit, less of it."""
    dot = max(1, round(min(canvas.width_px, canvas.height_px) / _DOTS_ACROSS))
    texts = (
        f"Zeuxis sandbox · not Z-Image · seed {seed}",
        "Zeuxis sandbox · not Z-Image",
        "sandbox",
    )
    room = canvas.width_px // dot - 8
    text = next((one for one in texts if len(one) * _ADVANCE <= room), None)
    if text is None or canvas.height_px < (_TALL + 8) * dot:
        return
    top = canvas.height_px - (_TALL + 6) * dot
    right = (len(text) * _ADVANCE + 7) * dot
    canvas.fill_box((0, top - 2 * dot, right, canvas.height_px), _STRIP, alpha=0.55)
    for number, letter in enumerate(text):
        _paint_glyph(canvas, _GLYPHS[letter], (4 + number * _ADVANCE) * dot, top + dot, dot)


def _paint_glyph(canvas: Canvas, glyph: str, left: int, top: int, dot: int) -> None:
    for line, dots in enumerate(glyph.split()):
        for place, mark in enumerate(dots):
            if mark == "#":
                x, y = left + place * dot, top + line * dot
                canvas.fill_box((x, y, x + dot, y + dot), _INK)
