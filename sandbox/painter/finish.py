"""From rows to a PNG: grain, filter, compression.

The filter is PNG's "Up": every byte minus the one above it. Of a smooth picture with fine grain it
leaves small numbers around 0, which the Huffman code alone packs well and fast; a search for
repeats would find none. All of it runs on big integers with 8-bit lanes: the top bit of each lane
is kept out of the subtraction, where it would borrow from the neighbour, and set right afterwards.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sandbox.painter.png import encoded

if TYPE_CHECKING:
    from random import Random

    from sandbox.painter.canvas import Canvas

MAX_GRAIN_BITS = 7
_UP = b"\x02"


def finished(canvas: Canvas, chance: Random, *, grain_bits: int, xmp: bytes | None) -> bytes:
    """The file; about `grain_bits` + 1 bits remain of every byte."""
    pixels = grained(b"".join(canvas.rows), chance, grain_bits)
    stride = 3 * canvas.width_px
    differences = _minus_above(pixels, stride)
    rows = (
        part
        for at in range(0, len(differences), stride)
        for part in (_UP, differences[at : at + stride])
    )
    return encoded(
        canvas.width_px,
        canvas.height_px,
        [b"".join(rows)],
        level=1,
        strategy=zlib.Z_HUFFMAN_ONLY,
        xmp=xmp,
    )


def grained(pixels: bytes, chance: Random, grain_bits: int) -> bytes:
    """Adds evenly spread noise of 2^grain_bits levels; the scale is squeezed to make room."""
    if not grain_bits:
        return pixels
    levels = 1 << grain_bits
    room = 256 - levels
    squeezed = pixels.translate(bytes(value * room // 255 for value in range(256)))
    mask = int.from_bytes(bytes((levels - 1,)) * len(pixels), "little")
    noise = chance.getrandbits(8 * len(pixels)) & mask
    return (int.from_bytes(squeezed, "little") + noise).to_bytes(len(pixels), "little")


def _minus_above(pixels: bytes, stride: int) -> bytes:
    length = len(pixels)
    top_bits = int.from_bytes(b"\x80" * length, "little")
    below = int.from_bytes(pixels, "little")
    above = below << (8 * stride) & ((1 << 8 * length) - 1)
    low = (below | top_bits) - (above & ~top_bits)
    return (low ^ ((below ^ above ^ top_bits) & top_bits)).to_bytes(length, "little")
