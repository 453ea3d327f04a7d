"""How a picture looks, as 64 bits: alike pictures differ in few of them, whatever their files are.

The lowest frequencies of a small grey copy, each above their median or not: the DCT hash of
C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), §3.2.1.
Encoding anew, scaling, a metadata stripper and a shift of colour hardly touch them; a crop or a
mirror moves all of them, so such a copy is not found.
"""

from __future__ import annotations

import math
from statistics import median

from bot.pictures.shrink import pixels_of
from bot.providers.image import Size

SIDE_PX = 32
NEAR = 4  # bits; what is found with it, and what is mistaken, see docs/moderation.md
NONE = 0  # of a picture that looks like nothing: it has hardly any contrast
_KEPT = 8  # frequencies in each direction, the lowest one of all (the brightness) not counted
_FLAT = 20.0  # of the strongest frequency; below it noise decides
_COSINES = [
    [math.cos(math.pi / SIDE_PX * (place + 0.5) * frequency) for place in range(SIDE_PX)]
    for frequency in range(1, _KEPT + 1)
]


def likeness_of(whole: bytes) -> int:
    """Signed, as databases take it; `NONE` if it looks like nothing.

    Decodes, so call it in a thread. Raises NotAPicture, also without the extra `images`.
    """
    grey = _grey(pixels_of(whole, Size(SIDE_PX, SIDE_PX)))
    rows = [[sum(map(float.__mul__, wave, row)) for wave in _COSINES] for row in grey]
    columns = list(zip(*rows, strict=True))
    found = [sum(map(float.__mul__, wave, column)) for wave in _COSINES for column in columns]
    if max(map(abs, found)) < _FLAT * SIDE_PX:
        return NONE
    middle = median(found)
    bits = sum(1 << place for place, one in enumerate(found) if one > middle)
    return bits - (1 << 64) if bits >> 63 else bits


def distance(one: int, other: int) -> int:
    """Bits in which they differ: 0 of the same picture, about 32 of any two."""
    return ((one ^ other) & ((1 << 64) - 1)).bit_count()


def _grey(pixels: bytes) -> list[list[float]]:
    """Brightness as of ITU-R BT.601."""
    grey = [
        0.299 * red + 0.587 * green + 0.114 * blue
        for red, green, blue in zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True)
    ]
    return [grey[at : at + SIDE_PX] for at in range(0, len(grey), SIDE_PX)]
