"""Reads the PNGs of the sandbox strictly: every chunk, every checksum, every pixel."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Pixels as rows of RGB."""

    width_px: int
    height_px: int
    rows: list[bytes]
    kinds: list[bytes]  # of the chunks, in order


def read(png: bytes) -> Picture:
    """Raises AssertionError at the first fault of the file."""
    assert png.startswith(SIGNATURE)
    at, kinds, packed, head = len(SIGNATURE), [], b"", b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        content = png[at + 8 : at + 8 + length]
        (crc,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert crc == zlib.crc32(kind + content), f"wrong checksum in {kind!r}"
        kinds.append(kind)
        packed += content if kind == b"IDAT" else b""
        head = content if kind == b"IHDR" else head
        at += 12 + length
    assert kinds[0] == b"IHDR"
    assert kinds[-1] == b"IEND"
    width_px, height_px, *form = struct.unpack(">IIBBBBB", head)
    assert form == [8, 2, 0, 0, 0]
    rows = _unfiltered(zlib.decompress(packed), 3 * width_px)
    assert len(rows) == height_px
    return Picture(width_px=width_px, height_px=height_px, rows=rows, kinds=kinds)


def _unfiltered(filtered: bytes, stride: int) -> list[bytes]:
    rows, above = [], bytes(stride)
    for at in range(0, len(filtered), stride + 1):
        row = filtered[at + 1 : at + 1 + stride]
        assert len(row) == stride
        assert filtered[at] in (0, _UP)
        if filtered[at] == _UP:
            row = bytes((a + b) & 0xFF for a, b in zip(row, above, strict=True))
        rows.append(row)
        above = row
    return rows
