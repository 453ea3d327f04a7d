"""Writes PNG: signature, IHDR, optional text, pixels in IDAT, IEND.

Source: PNG Specification, third edition (W3C, 2025-06-24), §5. 8-bit RGB, not interlaced.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_IDAT_BYTES = 1 << 16
_RGB8 = (8, 2, 0, 0, 0)  # depth, colour type, compression, filter method, interlace


def encoded(
    width_px: int,
    height_px: int,
    rows: Iterable[bytes],
    *,
    level: int,
    strategy: int = zlib.Z_DEFAULT_STRATEGY,
    xmp: bytes | None = None,
) -> bytes:
    """The file; every row begins with its filter byte. `level` and `strategy` are zlib's."""
    parts = [
        SIGNATURE,
        chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, *_RGB8)),
        chunk(b"sRGB", b"\0"),
    ]
    if xmp is not None:
        parts.append(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
    packer = zlib.compressobj(level, zlib.DEFLATED, 15, 8, strategy)
    packed = b"".join([*map(packer.compress, rows), packer.flush()])
    parts += [
        chunk(b"IDAT", packed[at : at + _IDAT_BYTES]) for at in range(0, len(packed), _IDAT_BYTES)
    ]
    parts.append(chunk(b"IEND", b""))
    return b"".join(parts)


def chunk(kind: bytes, content: bytes) -> bytes:
    """Length, type, content and the CRC over type and content."""
    crc = zlib.crc32(content, zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(content)), kind, content, struct.pack(">I", crc)))
