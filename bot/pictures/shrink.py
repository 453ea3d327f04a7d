"""Makes a picture small enough to be uploaded, or to be drawn. Needs the extra `images` (Pillow).

The only place that decodes: 41 ms and 6 ms for a JPEG of 2048×2048. WebP was not taken: it is 25
times slower to write. The prompt's text and the marks of a generated picture go along as XMP.
"""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bot.errors import NotAPicture, PictureTooLarge
from bot.pictures.formats import head_of
from bot.pictures.provenance import JPEG_PACKET_LIMIT_BYTES, StampedHead
from bot.providers.image import Size
from bot.records import Redacted

if TYPE_CHECKING:
    from PIL import Image

    from bot.pictures.formats import Head

# 67 MB of pixels. What is larger is not decoded.
LARGEST_AREA_PX = 4096 * 4096
_QUALITIES = (92, 85, 75, 60, 40)  # below 40 the artefacts are the picture
THUMBNAIL_QUALITY = 85
_UNDECODABLE = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error)


class SmallerPicture(Redacted, frozen=True, kw_only=True):
    """A JPEG, whole and in memory."""

    redacted = ("content",)

    content: bytes
    filename: str
    size: Size


def is_possible(size: Size) -> bool:
    """Whether the extra is installed, and the pixels are few enough to be decoded."""
    return find_spec("PIL") is not None and size.area_px <= LARGEST_AREA_PX


async def make_smaller(
    whole: bytes,
    *,
    head: StampedHead,
    limit_bytes: int,
    filename: str,
    side_px: int | None = None,
) -> SmallerPicture:
    """The best JPEG that fits, made in a thread.

    Args:
        side_px: of a square that it is to fit as well.

    Raises PictureTooLarge if none does, NotAPicture if the pixels cannot be decoded.
    """
    content, size = await asyncio.to_thread(_encode, whole, head, limit_bytes, side_px)
    return SmallerPicture(content=content, filename=filename, size=size)


async def fitting(whole: bytes, *, limit_bytes: int, side_px: int) -> tuple[bytes, str]:
    """The picture and its media type: as it is, or a JPEG of that side if it is over the limit.

    Raises PictureTooLarge if it cannot be made smaller here, NotAPicture if it is none.
    """
    head = head_of(whole)
    if len(whole) <= limit_bytes:
        return whole, head.media_type
    if not is_possible(head.size):
        raise PictureTooLarge(size_bytes=len(whole), limit_bytes=limit_bytes)
    small, _ = await make_thumbnail(whole, head=head, side_px=side_px)
    return small, "image/jpeg"


def pixels_of(whole: bytes, size: Size) -> bytes:
    """Red, green and blue of each pixel, row by row, the whole picture pressed into `size`.

    Takes some ten milliseconds: call it in a thread. Raises NotAPicture if it cannot be decoded.
    """
    head = head_of(whole)
    if not is_possible(head.size):
        raise NotAPicture(f"{head.size} are too many pixels to be decoded")
    pixels = _decoded(whole, head)
    return pixels.resize((size.width_px, size.height_px), reducing_gap=2).tobytes()


def _encode(
    whole: bytes, stamped: StampedHead, limit_bytes: int, side_px: int | None
) -> tuple[bytes, Size]:
    pixels = _decoded(whole, stamped.provider_head, side_px)
    xmp = stamped.packet if len(stamped.packet) <= JPEG_PACKET_LIMIT_BYTES else b""
    size_bytes = len(whole)
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        pixels.save(buffer, "JPEG", quality=quality, xmp=xmp)
        size_bytes = buffer.tell()
        if size_bytes <= limit_bytes:
            return buffer.getvalue(), Size(*pixels.size)
    raise PictureTooLarge(size_bytes=size_bytes, limit_bytes=limit_bytes)


async def make_thumbnail(whole: bytes, *, head: Head, side_px: int) -> tuple[bytes, Size]:
    """A JPEG that fits a square of that side, made in a thread.

    Raises NotAPicture if the pixels cannot be decoded.
    """
    return await asyncio.to_thread(_thumbnail, whole, head, side_px)


def _thumbnail(whole: bytes, head: Head, side_px: int) -> tuple[bytes, Size]:
    pixels = _decoded(whole, head, side_px)
    buffer = io.BytesIO()
    pixels.save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return buffer.getvalue(), Size(*pixels.size)


def _decoded(whole: bytes, head: Head, side_px: int | None = None) -> Image.Image:
    """`side_px`: scaled down to it, of a JPEG while it is decoded."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(whole), formats=(head.type.name,)) as opened:
            if opened.size != (head.size.width_px, head.size.height_px):
                raise NotAPicture(f"pixels are {opened.size}, its head says {head.size}")
            if side_px is not None:
                opened.thumbnail((side_px, side_px), reducing_gap=2)
            return opened.convert("RGB")
    except (*_UNDECODABLE, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture(f"pixels cannot be decoded: {error}") from error
