"""Colours, and the mixing of whole rows of them at once.

A row is a byte string, three bytes per pixel. Python works through bytes one at a time too slowly
for pictures, but its integers can be of any length: a row read as one big number holds a value in
every byte or pair of bytes ("lane"), and one multiplication scales them all, as long as no lane
overflows into its neighbour.
"""

from __future__ import annotations

from functools import lru_cache

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
OPAQUE = 256


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the second, from 0 to 1."""
    return (
        round(first[0] + (second[0] - first[0]) * share),
        round(first[1] + (second[1] - first[1]) * share),
        round(first[2] + (second[2] - first[2]) * share),
    )


def mixed(under: bytes | bytearray, over: bytes | bytearray, alpha: int) -> bytes:
    """Two rows of the same length; `alpha` of OPAQUE is the share of the second."""
    length = len(under)
    lanes = _even_lanes(length)
    rest = OPAQUE - alpha
    a, b = int.from_bytes(under, "little"), int.from_bytes(over, "little")
    even = ((a & lanes) * rest + (b & lanes) * alpha) >> 8 & lanes
    odd = ((a >> 8 & lanes) * rest + (b >> 8 & lanes) * alpha) & (lanes << 8)
    return (even | odd).to_bytes(length + 1, "little")[:length]


@lru_cache(maxsize=4096)
def _even_lanes(length: int) -> int:
    """255 in every other byte."""
    return int.from_bytes(b"\xff\0" * ((length + 1) // 2), "little")
