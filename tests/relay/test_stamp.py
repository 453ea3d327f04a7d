"""One packet right after IHDR; what the provider wrote is kept, and nothing else moves."""

from __future__ import annotations

import pytest

from bot.domain.png import Chunk, parse_head, xmp_chunk, xmp_of
from bot.domain.provenance import merged_packet, xmp_packet
from bot.relay.stamp import StampedHead, stamp
from tests.domain.pictures import PROVENANCE, png

GAMMA = Chunk(b"gAMA", b"\0\0\xb1\x8f")
THEIRS = xmp_packet(PROVENANCE).replace(b"z-image-turbo", b"their-own-model")


def _stamped(*chunks: Chunk) -> tuple[StampedHead, tuple[Chunk, ...]]:
    picture = png(before_pixels=chunks)
    head = parse_head(picture)
    assert head is not None
    stamped = stamp(head, PROVENANCE)
    again = parse_head(stamped.encoded + picture[head.length_bytes :])
    assert again is not None
    assert stamped.growth_bytes == again.length_bytes - head.length_bytes
    return stamped, again.chunks


def test_the_packet_stands_right_after_ihdr() -> None:
    """The other chunks keep their order."""
    stamped, chunks = _stamped(GAMMA)

    assert stamped.is_stamped
    assert [chunk.type for chunk in chunks] == [b"IHDR", b"iTXt", b"gAMA"]
    assert xmp_of(chunks[1]) == stamped.packet == xmp_packet(PROVENANCE)


def test_a_providers_packet_is_joined_and_not_doubled() -> None:
    """A PNG may hold one packet only."""
    stamped, chunks = _stamped(GAMMA, xmp_chunk(THEIRS))

    assert stamped.packet == merged_packet(THEIRS, PROVENANCE)
    assert [xmp_of(chunk) for chunk in chunks if xmp_of(chunk)] == [stamped.packet]


def test_a_label_in_a_text_chunk_of_its_own_is_not_doubled() -> None:
    """It stays, and our packet leaves the label out."""
    label = Chunk(b"tEXt", b'AIGC\0{"Label":"1","ContentProducer":"alibaba"}')
    stamped, chunks = _stamped(label)

    assert label in chunks
    assert b"TC260:AIGC" not in stamped.packet
    assert b"DigitalSourceType" in stamped.packet


@pytest.mark.parametrize(
    "chunks",
    [
        (Chunk(b"caBX", b"a C2PA manifest"),),
        (Chunk(b"caBX", b"a C2PA manifest"), xmp_chunk(THEIRS)),
        (xmp_chunk(THEIRS), xmp_chunk(THEIRS)),
        (xmp_chunk(b"no XML"),),
        (Chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0not zlib"),),
    ],
)
def test_what_cannot_be_joined_stays_alone(chunks: tuple[Chunk, ...]) -> None:
    """A signed picture, a packet that nobody can read, two packets: passed on byte for byte."""
    stamped, found = _stamped(*chunks)

    assert not stamped.is_stamped
    assert stamped.growth_bytes == 0
    assert found[1:] == chunks
