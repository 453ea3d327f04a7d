"""Files by their bytes: what an upload is, and pictures scaled down.

Clients label every file `application/octet-stream`, so its first bytes say what it is. Discord's
media proxy hands pictures out for `?width=&height=`; Pillow scales them where it is installed (the
extra `pictures`). Without it a picture stays whole, which a client must be able to take in any
case: the proxy never makes one larger than it is.
"""

from __future__ import annotations

import io
import mimetypes
import struct
from dataclasses import dataclass
from importlib.util import find_spec

_START_OF_FRAME = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
LARGEST_PX = 4096
"""Of a side that can be asked for (guessed)."""

_SCALED = ("PNG", "JPEG", "WEBP")


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type and, for pictures, width × height in px."""

    content_type: str | None
    width_px: int | None = None
    height_px: int | None = None


def sniff(content: bytes, filename: str) -> MediaType:
    """The type by signature, else by the name's ending, else None."""
    picture = _png(content) or _gif(content) or _jpeg(content) or _webp(content)
    if picture is not None:
        return picture
    by_name = mimetypes.guess_type(filename)[0]
    if by_name is not None and by_name.startswith("text/"):
        by_name += "; charset=utf-8"
    return MediaType(by_name)


def _png(content: bytes) -> MediaType | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or len(content) < 24:
        return None
    return MediaType("image/png", *struct.unpack(">II", content[16:24]))


def _gif(content: bytes) -> MediaType | None:
    if not content.startswith((b"GIF87a", b"GIF89a")) or len(content) < 10:
        return None
    return MediaType("image/gif", *struct.unpack("<HH", content[6:10]))


def _jpeg(content: bytes) -> MediaType | None:
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] in _START_OF_FRAME:
            height_px, width_px = struct.unpack(">HH", content[at + 5 : at + 9])
            return MediaType("image/jpeg", width_px, height_px)
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return MediaType("image/jpeg")


def _webp(content: bytes) -> MediaType | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return None
    if content[12:16] == b"VP8X" and len(content) >= 30:
        width_px = int.from_bytes(content[24:27], "little") + 1
        height_px = int.from_bytes(content[27:30], "little") + 1
        return MediaType("image/webp", width_px, height_px)
    return MediaType("image/webp")


def can_scale() -> bool:
    """Whether Pillow is installed."""
    return find_spec("PIL") is not None


def scaled(content: bytes, width_px: int, height_px: int) -> bytes:
    """The picture as large as fits into this box, in its own format.

    What is smaller, animated or no picture stays as it is.
    """
    if not can_scale():
        return content
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=_SCALED) as opened:
            fits = opened.width <= width_px and opened.height <= height_px
            if fits or getattr(opened, "is_animated", False):
                return content
            kind = opened.format
            opened.thumbnail((width_px, height_px), Image.Resampling.BOX, reducing_gap=2.0)
            buffer = io.BytesIO()
            opened.save(buffer, kind)
            return buffer.getvalue()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
        return content
