"""From rows of pixels to a PNG: grain, filter, compression, file.

The filter is PNG's "Up": every byte minus the one above it. Of a smooth picture with fine grain it
leaves small numbers around 0, which the Huffman code alone packs well and fast; a search for
repeats would find none. All of it runs on big integers with 8-bit lanes: the top bit of each lane
is kept out of the subtraction, where it would borrow from the neighbour, and set right afterwards.

Source: PNG Specification, third edition (W3C, 2025-06-24), §5. 8-bit RGB, not interlaced.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.painter.canvas import Canvas

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_GRAIN_BITS = 7
_BAND_ROWS = 32
_UP = b"\x02"  # filter: the byte above is subtracted
_MEDIUM = bytes(64 + value // 2 for value in range(256))
_IDAT_BYTES = 1 << 16
_RGB8 = (8, 2, 0, 0, 0)  # depth, colour type, compression, filter method, interlace


def finished(canvas: Canvas, chance: Random, *, grain_bits: int, xmp: bytes | None) -> bytes:
    """The file; about `grain_bits` + 1 bits remain of every byte."""
    return _file(
        canvas.width_px,
        canvas.height_px,
        _filtered(canvas, chance, grain_bits),
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


def plain(prompt: str, *, seed: int, width_px: int, height_px: int, xmp: bytes | None) -> bytes:
    """A gradient, in a few milliseconds: deterministic in all arguments, exactly of the size."""
    chance = Random(f"{seed}:{prompt}")
    first = chance.randbytes(3 * width_px).translate(_MEDIUM)
    still, step = _UP + bytes(3 * width_px), _UP + b"\1\0\1" * width_px
    rows = (step if number % 16 == 0 else still for number in range(1, height_px))
    return _file(width_px, height_px, [b"\0" + first, *rows], xmp=xmp)


def _file(
    width_px: int,
    height_px: int,
    rows: Iterable[bytes],
    *,
    strategy: int = zlib.Z_DEFAULT_STRATEGY,
    xmp: bytes | None = None,
) -> bytes:
    """The file; every row begins with its filter byte. `strategy` is zlib's."""
    parts = [
        SIGNATURE,
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, *_RGB8)),
        _chunk(b"sRGB", b"\0"),
    ]
    if xmp is not None:
        parts.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
    packer = zlib.compressobj(1, zlib.DEFLATED, 15, 8, strategy)
    packed = b"".join([*map(packer.compress, rows), packer.flush()])
    parts += [
        _chunk(b"IDAT", packed[at : at + _IDAT_BYTES]) for at in range(0, len(packed), _IDAT_BYTES)
    ]
    parts.append(_chunk(b"IEND", b""))
    return b"".join(parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    """Length, type, content and the CRC over type and content."""
    crc = zlib.crc32(content, zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(content)), kind, content, struct.pack(">I", crc)))
