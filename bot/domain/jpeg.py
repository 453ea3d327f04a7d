"""JPEG, walked segment by segment and never decoded.

A JPEG is SOI, then segments (a marker of two bytes, a length that counts itself, data), then scans:
an SOS segment and its pixels, in which FF is followed by 00 or a restart marker. EOI ends it
(ITU-T T.81, annex B).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import NotAPicture

HEAD_LIMIT_BYTES = 1024 * 1024  # a colour profile and a preview need some ten kilobytes
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOFn, which hold the dimensions
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_FRAME_BYTES = 4  # marker and length
# FF before anything but 00, a restart marker, or one more FF, which is filling.
_END_OF_PIXELS = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegHead:
    """All that stands before the first scan."""

    width_px: int
    height_px: int
    length_bytes: int  # where the first SOS begins


def parse_jpeg_head(buffer: bytes | bytearray) -> JpegHead | None:
    """Reads the beginning of a JPEG; None if it needs more bytes.

    Raises NotAPicture: broken segments, no dimensions, or no pixels within HEAD_LIMIT_BYTES.
    """
    at, size = 2, (0, 0)
    while len(buffer) >= at + _FRAME_BYTES:
        kind, length = _segment(buffer, at)
        if kind == _SOS:
            return _head(size, at)
        if at + length > HEAD_LIMIT_BYTES:
            raise NotAPicture(f"no pixels within {HEAD_LIMIT_BYTES} bytes")
        if kind in _SIZES:
            if len(buffer) < at + 9:
                return None
            height, width = buffer[at + 5 : at + 7], buffer[at + 7 : at + 9]
            size = int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += length
    return None


class ScanWalker:
    """Follows a JPEG from its first SOS to EOI, through all its scans."""

    def __init__(self) -> None:
        self.surplus_bytes = 0  # fed after the picture's end
        self._small = b""  # what the cut of the stream split
        self._data_left_bytes = 0  # of the segment we are in
        self._in_pixels = False
        self._seen_end = False

    def feed(self, block: bytes | memoryview) -> None:
        """Raises NotAPicture at the first segment that is broken."""
        data, at = self._small + block, 0
        self._small = b""
        while at < len(data) and not self._seen_end:
            if self._data_left_bytes:
                passing = min(self._data_left_bytes, len(data) - at)
                self._data_left_bytes -= passing
                at += passing
            elif (after := self._step(data, at)) is not None:
                at = after
            else:
                self._small = data[at:]
                return
        self.surplus_bytes += len(data) - at

    def finish(self) -> None:
        """Raises NotAPicture if the stream stopped before EOI."""
        if not self._seen_end:
            raise NotAPicture("picture is cut off before its end")

    def _step(self, data: bytes, at: int) -> int | None:
        """Where the next marker's data or the next marker begins; None if more bytes are needed."""
        if self._in_pixels:
            found = _END_OF_PIXELS.search(data, at)
            self._in_pixels = found is None
            if found is not None:
                return found.start()
            kept = data.endswith(b"\xff")  # the marker may be split
            return None if kept and at == len(data) - 1 else len(data) - kept
        if data[at : at + 2] == b"\xff\xd9":
            self._seen_end = True
            return at + 2
        if len(data) < at + _FRAME_BYTES:
            return None
        kind, length = _segment(data, at)
        self._in_pixels = kind == _SOS
        self._data_left_bytes = length
        return at


def _segment(buffer: bytes | bytearray, at: int) -> tuple[int, int]:
    """The marker, and how long the segment is with it."""
    marker, kind = buffer[at], buffer[at + 1]
    if marker == 0xFF and kind == 0xFF:
        return kind, 1  # filling
    if marker != 0xFF or kind in (0, _SOI, _EOI):
        raise NotAPicture(f"no JPEG segment: {bytes(buffer[at : at + 2])!r}")
    if kind in _ALONE:
        return kind, 2
    length = int.from_bytes(buffer[at + 2 : at + 4], "big")
    if length < 2:
        raise NotAPicture(f"JPEG segment of {length} bytes")
    return kind, 2 + length


def _head(size: tuple[int, int], at: int) -> JpegHead:
    width_px, height_px = size
    if not width_px or not height_px:
        raise NotAPicture(f"picture of {width_px}*{height_px}")
    return JpegHead(width_px=width_px, height_px=height_px, length_bytes=at)
