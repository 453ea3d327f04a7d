"""Reads a picture's head and puts our metadata into it, beside the provider's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.jpeg import ScanWalker, parse_jpeg_head
from bot.domain.picture_type import TYPE_NEEDS_BYTES, PictureType, Walker, picture_type
from bot.domain.png import (
    SIGNATURE,
    Chunk,
    ChunkWalker,
    Head,
    keyword_of,
    parse_head,
    xmp_chunk,
    xmp_of,
)
from bot.domain.provenance import Provenance, merged_packet, xmp_packet
from bot.domain.sizes import Size
from bot.domain.webp import HEAD_BYTES, LengthWalker, parse_webp_head
from bot.errors import NotAPicture

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIGNED = b"caBX"  # a C2PA manifest: any change of the file would break its signature
_XMP_IN_JPEG = b"http://ns.adobe.com/xap/1.0/\0"  # Adobe XMP Specification Part 3 (2020), §1.1.3
_XMP_LIMIT_BYTES = 65_502  # one APP1 segment (likewise)
_SIGNED_IN_JPEG = b"jumb"  # the box that holds a C2PA manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class StampedHead:
    """The head as it will be posted."""

    type: PictureType
    size: Size  # the real one, which stands in our metadata too
    encoded: bytes  # for PNG: signature and all chunks before the first IDAT
    length_bytes: int  # of the provider's head that it replaces
    packet: bytes  # XMP, for a copy of the picture in another type; empty if none can be given
    is_stamped: bool  # false if what the provider wrote could not be joined and stays alone
    walker: Walker  # for what follows

    @property
    def growth_bytes(self) -> int:
        """Longer than the provider's head; may be negative."""
        return len(self.encoded) - self.length_bytes


def read_stamped(buffer: bytes | bytearray, provenance: Provenance) -> StampedHead | None:
    """The head at the beginning of a picture of any type; None if it needs more bytes.

    Raises NotAPicture.
    """
    if len(buffer) < TYPE_NEEDS_BYTES:
        return None
    match picture_type(buffer):
        case PictureType.PNG:
            head = parse_head(buffer)
            return None if head is None else stamp(head, provenance)
        case PictureType.JPEG:
            return _jpeg(buffer, provenance)
        case PictureType.WEBP:
            return _webp(buffer, provenance)
        case None:
            raise NotAPicture(f"begins with {bytes(buffer[:TYPE_NEEDS_BYTES])!r}")


def stamp(head: Head, provenance: Provenance) -> StampedHead:
    """Writes one XMP packet right after IHDR, joined with the provider's if it wrote one.

    What cannot be joined without altering it stays as it is: a packet that nobody can read, two of
    them, or a signed picture. A provider's mark is worth more than our copy of the prompt.
    """
    provenance = replace(provenance, size=Size(head.width_px, head.height_px))
    ihdr, *others = head.chunks
    try:
        packets = [packet for chunk in others if (packet := xmp_of(chunk)) is not None]
    except ValueError:
        return _as_it_is(head, b"")
    found = packets[0] if packets else b""
    if len(packets) > 1 or any(chunk.type == _SIGNED for chunk in others):
        return _as_it_is(head, found)
    is_labelled = any(keyword_of(chunk) == b"AIGC" for chunk in others)
    try:
        packet = (
            merged_packet(found, provenance, is_labelled=is_labelled)
            if packets
            else xmp_packet(provenance, is_labelled=is_labelled)
        )
    except ValueError:
        return _as_it_is(head, found)
    kept = [chunk for chunk in others if xmp_of(chunk) is None]
    return _png(head, [ihdr, xmp_chunk(packet), *kept], packet=packet, is_stamped=True)


def _as_it_is(head: Head, packet: bytes) -> StampedHead:
    return _png(head, head.chunks, packet=packet, is_stamped=False)


def _png(head: Head, chunks: Iterable[Chunk], *, packet: bytes, is_stamped: bool) -> StampedHead:
    return StampedHead(
        type=PictureType.PNG,
        size=Size(head.width_px, head.height_px),
        encoded=SIGNATURE + b"".join(chunk.encoded() for chunk in chunks),
        length_bytes=head.length_bytes,
        packet=packet,
        is_stamped=is_stamped,
        walker=ChunkWalker(),
    )


def _jpeg(buffer: bytes | bytearray, provenance: Provenance) -> StampedHead | None:
    """With a segment of its own behind JFIF's; as it is if the provider wrote something there."""
    head = parse_jpeg_head(buffer)
    if head is None:
        return None
    size = Size(head.width_px, head.height_px)
    theirs = bytes(buffer[: head.length_bytes])
    packet = xmp_packet(replace(provenance, size=size))
    is_taken = _XMP_IN_JPEG in theirs or _SIGNED_IN_JPEG in theirs
    is_stamped = not is_taken and len(packet) <= _XMP_LIMIT_BYTES
    return StampedHead(
        type=PictureType.JPEG,
        size=size,
        encoded=_with_xmp(theirs, packet) if is_stamped else theirs,
        length_bytes=head.length_bytes,
        packet=packet if is_stamped else b"",
        is_stamped=is_stamped,
        walker=ScanWalker(),
    )


def _with_xmp(head: bytes, packet: bytes) -> bytes:
    jfif_bytes = 2 + int.from_bytes(head[4:6], "big") if head[2:4] == b"\xff\xe0" else 0
    data = _XMP_IN_JPEG + packet
    segment = b"\xff\xe1" + (2 + len(data)).to_bytes(2, "big") + data
    return head[: 2 + jfif_bytes] + segment + head[2 + jfif_bytes :]


def _webp(buffer: bytes | bytearray, provenance: Provenance) -> StampedHead | None:
    """Never stamped: its metadata stands at its end, and its first chunk tells of them."""
    head = parse_webp_head(buffer)
    if head is None:
        return None
    size = Size(head.width_px, head.height_px)
    return StampedHead(
        type=PictureType.WEBP,
        size=size,
        encoded=bytes(buffer[:HEAD_BYTES]),
        length_bytes=HEAD_BYTES,
        packet=xmp_packet(replace(provenance, size=size)),
        is_stamped=False,
        walker=LengthWalker(head.whole_bytes - HEAD_BYTES),
    )
