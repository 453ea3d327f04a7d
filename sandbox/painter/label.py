"""The strip that says where a picture comes from, in a bitmap font of 5 by 7 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.painter.canvas import Canvas

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
