"""PNG, walked chunk by chunk and never decoded.

A PNG is a signature and then chunks: length (4 bytes, big-endian), type (4), data, and the CRC-32
of type and data (4). IHDR comes first and holds the dimensions; IEND comes last; the pixels lie in
IDAT chunks that follow each other (PNG Specification, third edition, W3C 2025-06-24, §5).

`parse_head` reads what stands before the first IDAT; that is little, and all that metadata may
change. `ChunkWalker` follows the rest as it flows by, however the stream is cut into blocks, and
knows at the end whether it was whole.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from bot.errors import NotAPicture

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEAD_LIMIT_BYTES = 1024 * 1024  # ours: an XMP packet and a colour profile need a few kilobytes
_XMP_KEYWORD = b"XML:com.adobe.xmp"  # Adobe XMP Specification Part 3 (2020), §1.1.5
_MAX_CHUNK_BYTES = 2**31 - 1  # PNG Specification §5.3
_FRAME_BYTES = 8  # length and type
_CRC_BYTES = 4
_IEND = b"\0\0\0\0IEND\xaeB`\x82"
_TEXT_TYPES = (b"tEXt", b"zTXt", b"iTXt")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk whose CRC was right."""

    type: bytes
    data: bytes

    @property
    def length_bytes(self) -> int:
        """As it stands in the file, frame included."""
        return _FRAME_BYTES + len(self.data) + _CRC_BYTES

    def encoded(self) -> bytes:
        crc = zlib.crc32(self.data, zlib.crc32(self.type))
        frame = len(self.data).to_bytes(4, "big") + self.type
        return b"".join((frame, self.data, crc.to_bytes(4, "big")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """All that stands before the first IDAT."""

    width_px: int
    height_px: int
    chunks: tuple[Chunk, ...]  # IHDR first
    length_bytes: int  # signature included: where the first IDAT begins


def parse_head(buffer: bytes | bytearray) -> Head | None:
    """Reads the beginning of a PNG; None if it needs more bytes.

    Raises:
        NotAPicture: no PNG, a wrong CRC, no pixels, or no IDAT within HEAD_LIMIT_BYTES.
    """
    if bytes(buffer[: len(SIGNATURE)]) != SIGNATURE[: len(buffer)]:
        raise NotAPicture("no PNG signature")
    chunks: list[Chunk] = []
    at = len(SIGNATURE)
    while (frame := _frame(buffer, at)) is not None:
        length, kind = frame
        if kind == b"IDAT":
            return _head(tuple(chunks), at)
        if at + length > HEAD_LIMIT_BYTES:
            raise NotAPicture(f"no IDAT within {HEAD_LIMIT_BYTES} bytes")
        if len(buffer) < at + _FRAME_BYTES + length + _CRC_BYTES:
            return None
        chunks.append(_chunk(buffer, at, length))
        at += chunks[-1].length_bytes
        if kind == b"IEND":
            raise NotAPicture("no IDAT before IEND")
    return None


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
        self._frame = bytearray()  # as much as has come of the next chunk's frame
        self._left_bytes = 0  # of the chunk that we are in, its CRC included
        self._seen_pixels = False
        self._seen_end = False

    def feed(self, block: bytes | memoryview) -> None:
        """Raises NotAPicture where no chunk begins, or if the end is broken."""
        at = 0
        while at < len(block) and not self._seen_end:
            if self._left_bytes:
                passing = min(self._left_bytes, len(block) - at)
                self._left_bytes -= passing
            else:
                passing = self._frame_bytes() - len(self._frame)
                self._frame += block[at : at + passing]
                self._open()
            at += passing
        self.surplus_bytes += max(0, len(block) - at)

    def finish(self) -> None:
        """Raises NotAPicture if the stream stopped before IEND."""
        if not self._seen_end:
            raise NotAPicture("picture is cut off before IEND")

    def _frame_bytes(self) -> int:
        """IEND is read as a whole: it is the same in every picture."""
        return len(_IEND) if self._frame[4:8] == b"IEND" else _FRAME_BYTES

    def _open(self) -> None:
        """Into the next chunk, if its frame is here."""
        if len(self._frame) < self._frame_bytes():
            return
        length, kind = int.from_bytes(self._frame[:4], "big"), bytes(self._frame[4:8])
        _check_frame(length, kind)
        if kind == b"IEND":
            self._end()
            return
        self._seen_pixels = self._seen_pixels or kind == b"IDAT"
        self._left_bytes = length + _CRC_BYTES
        self._frame.clear()

    def _end(self) -> None:
        if not self._seen_pixels:
            raise NotAPicture("no IDAT before IEND")
        if self._frame != _IEND:
            raise NotAPicture(f"broken end: {bytes(self._frame)!r}")
        self._seen_end = True


def _frame(buffer: bytes | bytearray, at: int) -> tuple[int, bytes] | None:
    if len(buffer) < at + _FRAME_BYTES:
        return None
    length = int.from_bytes(buffer[at : at + 4], "big")
    kind = bytes(buffer[at + 4 : at + 8])
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


def _head(chunks: tuple[Chunk, ...], length_bytes: int) -> Head:
    ihdr = chunks[0].data
    width_px, height_px = int.from_bytes(ihdr[:4], "big"), int.from_bytes(ihdr[4:8], "big")
    if not width_px or not height_px:
        raise NotAPicture(f"picture of {width_px}*{height_px}")
    return Head(width_px=width_px, height_px=height_px, chunks=chunks, length_bytes=length_bytes)


def _inflated(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, HEAD_LIMIT_BYTES)
    except zlib.error as error:
        raise ValueError(f"broken compression: {error}") from error
    if not inflater.eof:
        raise ValueError("compressed text is cut off or too long")
    return text
