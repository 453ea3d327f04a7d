"""WebP: dimensions and length stand in its first 30 bytes.

A RIFF file: `RIFF`, the length of what follows, `WEBP`, then chunks, of which the first is `VP8X`,
`VP8L` or `VP8 ` (RFC 9649 §2; RFC 6386 §9.1 for the frame of `VP8 `).
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import NotAPicture

HEAD_BYTES = 30
_FRAME_BYTES = 8  # `RIFF` and the length


@dataclass(frozen=True, slots=True, kw_only=True)
class WebpHead:
    """What the first HEAD_BYTES say."""

    width_px: int
    height_px: int
    whole_bytes: int  # of the picture


def parse_webp_head(buffer: bytes | bytearray) -> WebpHead | None:
    """Reads the beginning of a WebP; None if it needs more bytes. Raises NotAPicture."""
    if len(buffer) < HEAD_BYTES:
        return None
    width_px, height_px = _size(bytes(buffer[12:HEAD_BYTES]))
    if not width_px or not height_px:
        raise NotAPicture(f"picture of {width_px}*{height_px}")
    whole_bytes = _FRAME_BYTES + int.from_bytes(buffer[4:8], "little")
    if whole_bytes < HEAD_BYTES:
        raise NotAPicture(f"WebP of {whole_bytes} bytes")
    return WebpHead(width_px=width_px, height_px=height_px, whole_bytes=whole_bytes)


class LengthWalker:
    """Follows a picture whose length is known; checks nothing else."""

    def __init__(self, left_bytes: int) -> None:
        self.surplus_bytes = 0  # fed after the picture's end
        self._left_bytes = left_bytes

    def feed(self, block: bytes | memoryview) -> None:
        passing = min(self._left_bytes, len(block))
        self._left_bytes -= passing
        self.surplus_bytes += len(block) - passing

    def finish(self) -> None:
        """Raises NotAPicture if the stream stopped too early."""
        if self._left_bytes:
            raise NotAPicture("picture is cut off before its end")


def _size(chunk: bytes) -> tuple[int, int]:
    kind, data = chunk[:4], chunk[8:]
    if kind == b"VP8X":
        return _number(data[4:7]) + 1, _number(data[7:10]) + 1
    if kind == b"VP8L" and data[:1] == b"\x2f":
        bits = _number(data[1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        return _number(data[6:8]) & 0x3FFF, _number(data[8:10]) & 0x3FFF
    raise NotAPicture(f"no picture in a WebP: {kind!r}")


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
