"""The types of picture that are carried: PNG, JPEG and WebP, walked and never decoded.

Each is known by its first bytes, whatever a link says. `read_head` reads what stands before the
pixels: that is little, and all that metadata may change. A walker follows the rest as it flows by,
however the stream is cut into blocks, and knows where the picture ends.

* A PNG is a signature and then chunks: length (4 bytes, big-endian), type (4), data, and the CRC-32
  of type and data (4). IHDR comes first and holds the dimensions; IEND comes last; the pixels lie
  in IDAT chunks that follow each other (PNG Specification, third edition, W3C 2025-06-24, §5).
* A JPEG is SOI, then segments (a marker of two bytes, a length that counts itself, data), then
  scans: an SOS segment and its pixels, in which FF is followed by 00 or a restart marker. EOI ends
  it (ITU-T T.81, annex B).
* A WebP is a RIFF file: `RIFF`, the length of what follows, `WEBP`, then chunks, of which the first
  is `VP8X`, `VP8L` or `VP8 ` (RFC 9649 §2; RFC 6386 §9.1 for the frame of `VP8 `).
"""

from __future__ import annotations

import re
import struct
import zlib
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from bot.errors import NotAPicture
from bot.providers.image import Size

HEAD_LIMIT_BYTES = 1024 * 1024  # ours: XMP, a colour profile and a preview need some ten kilobytes
TYPE_NEEDS_BYTES = 12
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_XMP_KEYWORD = b"XML:com.adobe.xmp"  # Adobe XMP Specification Part 3 (2020), §1.1.5
_MAX_CHUNK_BYTES = 2**31 - 1  # PNG Specification §5.3
_FRAME = struct.Struct(">I4s")  # length and type of a chunk
_FRAME_BYTES = _FRAME.size
_CRC_BYTES = 4
_SHORTEST_CHUNK_BYTES = _FRAME_BYTES + _CRC_BYTES
_IEND = b"\0\0\0\0IEND\xaeB`\x82"
_TEXT_TYPES = (b"tEXt", b"zTXt", b"iTXt")
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOFn, which hold the dimensions
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_MARKER_BYTES = 4  # with the segment's length
# FF before anything but 00, a restart marker, or one more FF, which is filling.
_END_OF_PIXELS = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_WEBP_HEAD_BYTES = 30


class PictureType(StrEnum):
    """The value is the ending of a file's name."""

    PNG = "png"
    JPEG = "jpg"
    WEBP = "webp"


class Walker(Protocol):
    """Follows the rest of a picture as it flows by, and knows where it ends."""

    surplus_bytes: int  # fed after the picture's end

    def feed(self, block: bytes | memoryview) -> None:
        """Raises NotAPicture if the picture is broken here."""

    def finish(self) -> None:
        """Raises NotAPicture if the stream stopped before the picture's end."""


class Chunk(Struct, frozen=True):
    """One chunk of a PNG."""

    type: bytes
    data: bytes

    @property
    def length_bytes(self) -> int:
        """As it stands in the file, frame included."""
        return _SHORTEST_CHUNK_BYTES + len(self.data)

    def encoded(self) -> bytes:
        crc = zlib.crc32(self.data, zlib.crc32(self.type))
        frame = len(self.data).to_bytes(4, "big") + self.type
        return b"".join((frame, self.data, crc.to_bytes(4, "big")))


class Head(Struct, frozen=True, kw_only=True):
    """What stands before the pixels: before the first IDAT, the first scan, or 30 bytes of WebP."""

    type: PictureType
    size: Size
    length_bytes: int
    walker: Walker  # for all that follows; of this one picture
    chunks: tuple[Chunk, ...] = ()  # of a PNG, IHDR first

    @property
    def media_type(self) -> str:
        return f"image/{self.type.name.lower()}"


def read_head(buffer: bytes | bytearray) -> Head | None:
    """Reads the beginning of a picture; None if it needs more bytes.

    Raises NotAPicture: another type, broken, no dimensions, or no pixels within HEAD_LIMIT_BYTES.
    """
    if len(buffer) < TYPE_NEEDS_BYTES:
        return None
    if buffer.startswith(SIGNATURE):
        return _png_head(buffer)
    if buffer.startswith(b"\xff\xd8\xff"):
        return _jpeg_head(buffer)
    if buffer[:4] == b"RIFF" and buffer[8:12] == b"WEBP":
        return _webp_head(buffer)
    raise NotAPicture(f"begins with {bytes(buffer[:TYPE_NEEDS_BYTES])!r}")


def head_of(whole: bytes) -> Head:
    """Likewise, of a picture that is here up to its last byte."""
    head = read_head(whole)
    if head is None:
        raise NotAPicture("ends before its pixels")
    head.walker.feed(memoryview(whole)[head.length_bytes :])
    head.walker.finish()
    return head


def xmp_chunk(packet: bytes) -> Chunk:
    """An iTXt chunk with an XMP packet, uncompressed as the XMP specification wants it."""
    return Chunk(b"iTXt", _XMP_KEYWORD + b"\0" + b"\0\0" + b"\0" + b"\0" + packet)  # no language


def xmp_of(chunk: Chunk) -> bytes | None:
    """The XMP packet in this chunk; None if the chunk holds something else.

    Raises ValueError if it holds one that cannot be unpacked within HEAD_LIMIT_BYTES.
    """
    if chunk.type != b"iTXt" or keyword_of(chunk) != _XMP_KEYWORD:
        return None
    rest = chunk.data[len(_XMP_KEYWORD) + 1 :]
    is_compressed, method = rest[0:1] == b"\1", rest[1:2]
    _language, _, rest = rest[2:].partition(b"\0")
    _translated, separator, text = rest.partition(b"\0")
    if not separator:
        raise ValueError("iTXt chunk ends before its text")
    if not is_compressed:
        return text
    if method != b"\0":
        raise ValueError(f"unknown compression method {method!r}")
    return _inflated(text)


def keyword_of(chunk: Chunk) -> bytes:
    """The keyword of a text chunk, such as `AIGC`; empty for any other chunk."""
    if chunk.type not in _TEXT_TYPES:
        return b""
    return chunk.data.partition(b"\0")[0]


class ChunkWalker:
    """Follows the chunks from the first IDAT to IEND, from frame to frame.

    What is in them is passed over: TLS and the told length already vouch for it. What comes after
    IEND is no part of the picture: it is counted, and not looked at.
    """

    def __init__(self) -> None:
        self.surplus_bytes = 0  # fed after the picture's end
        self._small = b""  # what the cut of the stream split
        self._left_bytes = 0  # of the chunk that we are in
        self._seen_pixels = False
        self._seen_end = False

    def feed(self, block: bytes | memoryview) -> None:
        """Raises NotAPicture where no chunk begins, or if the end is broken."""
        data = self._small + block if self._small else block
        at = self._left_bytes
        while not self._seen_end and at + _SHORTEST_CHUNK_BYTES <= len(data):
            at += self._chunk_bytes(data, at)
        if self._seen_end:
            self.surplus_bytes += len(data) - at
            at = len(data)
        self._small, self._left_bytes = bytes(data[at:]), max(0, at - len(data))

    def finish(self) -> None:
        """Raises NotAPicture if the stream stopped before IEND."""
        if not self._seen_end:
            raise NotAPicture("picture is cut off before IEND")

    def _chunk_bytes(self, data: bytes | memoryview, at: int) -> int:
        """How long the chunk is that begins here."""
        length, kind = _FRAME.unpack_from(data, at)
        _check_frame(length, kind)
        if kind == b"IDAT":
            self._seen_pixels = True
        elif kind == b"IEND":
            self._end(bytes(data[at : at + _SHORTEST_CHUNK_BYTES]))
        return _SHORTEST_CHUNK_BYTES + int(length)

    def _end(self, chunk: bytes) -> None:
        if not self._seen_pixels:
            raise NotAPicture("no IDAT before IEND")
        if chunk != _IEND:
            raise NotAPicture(f"broken end: {chunk!r}")
        self._seen_end = True


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
        if len(data) < at + _MARKER_BYTES:
            return None
        kind, length = _segment(data, at)
        self._in_pixels = kind == _SOS
        self._data_left_bytes = length
        return at


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


def _png_head(buffer: bytes | bytearray) -> Head | None:
    chunks: list[Chunk] = []
    at = len(SIGNATURE)
    while (frame := _frame(buffer, at)) is not None:
        length, kind = frame
        if kind == b"IDAT":
            ihdr = chunks[0].data
            size = _size(int.from_bytes(ihdr[:4], "big"), int.from_bytes(ihdr[4:8], "big"))
            return Head(
                type=PictureType.PNG,
                size=size,
                length_bytes=at,
                walker=ChunkWalker(),
                chunks=tuple(chunks),
            )
        if at + length > HEAD_LIMIT_BYTES:
            raise NotAPicture(f"no IDAT within {HEAD_LIMIT_BYTES} bytes")
        if len(buffer) < at + _SHORTEST_CHUNK_BYTES + length:
            return None
        chunks.append(_chunk(buffer, at, length))
        at += chunks[-1].length_bytes
        if kind == b"IEND":
            raise NotAPicture("no IDAT before IEND")
    return None


def _frame(buffer: bytes | bytearray, at: int) -> tuple[int, bytes] | None:
    if len(buffer) < at + _FRAME_BYTES:
        return None
    length, kind = _FRAME.unpack_from(buffer, at)
    _check_frame(length, kind)
    if at == len(SIGNATURE) and (kind, length) != (b"IHDR", 13):
        raise NotAPicture(f"first chunk is {kind!r} of {length} bytes")
    return length, kind


def _check_frame(length: int, kind: bytes) -> None:
    if length > _MAX_CHUNK_BYTES or not (kind.isascii() and kind.isalpha()):
        raise NotAPicture(f"no chunk: {length} bytes of {kind!r}")


def _chunk(buffer: bytes | bytearray, at: int, length: int) -> Chunk:
    data_at, crc_at = at + _FRAME_BYTES, at + _FRAME_BYTES + length
    chunk = Chunk(bytes(buffer[at + 4 : data_at]), bytes(buffer[data_at:crc_at]))
    if chunk.encoded()[-_CRC_BYTES:] != buffer[crc_at : crc_at + _CRC_BYTES]:
        raise NotAPicture(f"wrong CRC in {chunk.type!r}")
    return chunk


def _inflated(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, HEAD_LIMIT_BYTES)
    except zlib.error as error:
        raise ValueError(f"broken compression: {error}") from error
    if not inflater.eof:
        raise ValueError("compressed text is cut off or too long")
    return text


def _jpeg_head(buffer: bytes | bytearray) -> Head | None:
    at, sides = 2, (0, 0)
    while len(buffer) >= at + _MARKER_BYTES:
        kind, length = _segment(buffer, at)
        if kind == _SOS:
            return Head(
                type=PictureType.JPEG, size=_size(*sides), length_bytes=at, walker=ScanWalker()
            )
        if at + length > HEAD_LIMIT_BYTES:
            raise NotAPicture(f"no pixels within {HEAD_LIMIT_BYTES} bytes")
        if kind in _SIZES:
            if len(buffer) < at + 9:
                return None
            height, width = buffer[at + 5 : at + 7], buffer[at + 7 : at + 9]
            sides = int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += length
    return None


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


def _webp_head(buffer: bytes | bytearray) -> Head | None:
    if len(buffer) < _WEBP_HEAD_BYTES:
        return None
    size = _size(*_webp_sides(bytes(buffer[12:_WEBP_HEAD_BYTES])))
    left_bytes = _FRAME_BYTES + int.from_bytes(buffer[4:8], "little") - _WEBP_HEAD_BYTES
    if left_bytes < 0:
        raise NotAPicture(f"WebP of {_WEBP_HEAD_BYTES + left_bytes} bytes")
    return Head(
        type=PictureType.WEBP,
        size=size,
        length_bytes=_WEBP_HEAD_BYTES,
        walker=LengthWalker(left_bytes),
    )


def _webp_sides(chunk: bytes) -> tuple[int, int]:
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


def _size(width_px: int, height_px: int) -> Size:
    if not width_px or not height_px:
        raise NotAPicture(f"picture of {width_px}*{height_px}")
    return Size(width_px, height_px)
