"""Puts our metadata into a PNG's head, beside the provider's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.png import SIGNATURE, Chunk, Head, keyword_of, xmp_chunk, xmp_of
from bot.domain.provenance import Provenance, merged_packet, xmp_packet

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIGNED = b"caBX"  # a C2PA manifest: any change of the file would break its signature


@dataclass(frozen=True, slots=True, kw_only=True)
class StampedHead:
    """The head as it will be posted."""

    encoded: bytes  # signature and all chunks before the first IDAT
    growth_bytes: int  # longer than the provider's head; may be negative
    packet: bytes  # the XMP packet in it; empty if there is none
    is_stamped: bool  # false if what the provider wrote could not be joined and stays alone


def stamp(head: Head, provenance: Provenance) -> StampedHead:
    """Writes one XMP packet right after IHDR, joined with the provider's if it wrote one.

    What cannot be joined without altering it stays as it is: a packet that nobody can read, two of
    them, or a signed picture. A provider's mark is worth more than our copy of the prompt.
    """
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
    return _head(head, [ihdr, xmp_chunk(packet), *kept], packet=packet, is_stamped=True)


def _as_it_is(head: Head, packet: bytes) -> StampedHead:
    return _head(head, head.chunks, packet=packet, is_stamped=False)


def _head(head: Head, chunks: Iterable[Chunk], *, packet: bytes, is_stamped: bool) -> StampedHead:
    encoded = SIGNATURE + b"".join(chunk.encoded() for chunk in chunks)
    return StampedHead(
        encoded=encoded,
        growth_bytes=len(encoded) - head.length_bytes,
        packet=packet,
        is_stamped=is_stamped,
    )
