"""From rows to a PNG: grain, filter, compression.

The filter is PNG's "Up": every byte minus the one above it. Of a smooth picture with fine grain it
leaves small numbers around 0, which the Huffman code alone packs well and fast; a search for
repeats would find none. All of it runs on big integers with 8-bit lanes: the top bit of each lane
is kept out of the subtraction, where it would borrow from the neighbour, and set right afterwards.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from sandbox.painter.png import encoded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from sandbox.painter.canvas import Canvas

MAX_GRAIN_BITS = 7
_BAND_ROWS = 32
_UP = b"\x02"


def finished(canvas: Canvas, chance: Random, *, grain_bits: int, xmp: bytes | None) -> bytes:
    """The file; about `grain_bits` + 1 bits remain of every byte."""
    return encoded(
        canvas.width_px,
        canvas.height_px,
        _filtered(canvas, chance, grain_bits),
        level=1,
        strategy=zlib.Z_HUFFMAN_ONLY,
        xmp=xmp,
    )


def grained(pixels: bytes, chance: Random, grain_bits: int) -> bytes:
    """Adds evenly spread noise of 2^grain_bits levels; the scale is squeezed to make room."""
    if not grain_bits:
        return pixels
    levels = 1 << grain_bits
    squeezed = pixels.translate(_squeeze(256 - levels))
    noise = chance.getrandbits(8 * len(pixels)) & _everywhere(levels - 1, len(pixels))
    return (int.from_bytes(squeezed, "little") + noise).to_bytes(len(pixels), "little")


def _filtered(canvas: Canvas, chance: Random, grain_bits: int) -> Iterator[bytes]:
    """Band by band, which takes little memory and stays in the processor's cache."""
    stride = 3 * canvas.width_px
    above = bytes(stride)
    for top in range(0, canvas.height_px, _BAND_ROWS):
        band = grained(b"".join(canvas.rows[top : top + _BAND_ROWS]), chance, grain_bits)
        differences = _minus(band, above + band[:-stride])
        above = band[-stride:]
        for at in range(0, len(differences), stride):
            yield _UP
            yield differences[at : at + stride]


def _minus(below: bytes, above: bytes) -> bytes:
    length = len(below)
    top_bits = _everywhere(0x80, length)
    a, b = int.from_bytes(below, "little"), int.from_bytes(above, "little")
    low = (a | top_bits) - (b & ~top_bits)
    return (low ^ ((a ^ b ^ top_bits) & top_bits)).to_bytes(length, "little")


@lru_cache(maxsize=16)
def _everywhere(value: int, length: int) -> int:
    """A number with the same value in all its bytes."""
    return int.from_bytes(bytes((value,)) * length, "little")


@lru_cache(maxsize=8)
def _squeeze(room: int) -> bytes:
    return bytes(value * room // 255 for value in range(256))
