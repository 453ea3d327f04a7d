"""One packet right after IHDR; what the provider wrote is kept, and nothing else moves."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.errors import NotAPicture
from bot.pictures.formats import Chunk, PictureType, read_head, xmp_chunk, xmp_of
from bot.pictures.provenance import StampedHead, merged_packet, read_stamped, xmp_packet
from bot.providers.image import Size
from bot.records import replace
from tests.pictures.samples import PROVENANCE, encoded, png

GAMMA = Chunk(b"gAMA", b"\0\0\xb1\x8f")
THEIRS = xmp_packet(PROVENANCE).replace(b"z-image-turbo", b"their-own-model")


def _read(picture: bytes) -> StampedHead:
    head = read_stamped(picture, PROVENANCE)
    assert head is not None
    return head


def _stamped(*chunks: Chunk) -> tuple[StampedHead, tuple[Chunk, ...]]:
    picture = png(before_pixels=chunks)
    stamped = _read(picture)
    head = stamped.provider_head
    again = read_head(stamped.encoded + picture[head.length_bytes :])
    assert again is not None
    assert stamped.growth_bytes == again.length_bytes - head.length_bytes
    return stamped, again.chunks


def test_the_packet_stands_right_after_ihdr() -> None:
    """The other chunks keep their order."""
    stamped, chunks = _stamped(GAMMA)

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

    assert stamped.growth_bytes == 0
    assert found[1:] == chunks


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        (png(width_px=64, height_px=16), PictureType.PNG),
        (encoded("JPEG", 64, 16), PictureType.JPEG),
        (encoded("WEBP", 64, 16), PictureType.WEBP),
    ],
)
def test_type_and_size_are_those_of_the_picture(picture: bytes, kind: PictureType) -> None:
    """Whatever was promised; the metadata say so, too."""
    head = _read(picture)
    assert (head.provider_head.type, head.provider_head.size) == (kind, Size(64, 16))
    assert head.packet == xmp_packet(replace(PROVENANCE, size=Size(64, 16)))
    assert all(read_stamped(picture[:kept], PROVENANCE) is None for kept in range(12))


@pytest.mark.parametrize("more", [{}, {"exif": b"Exif\0\0MM"}, {"icc_profile": bytes(70_000)}])
def test_a_jpeg_carries_the_packet_in_a_segment_of_its_own(more: dict[str, bytes]) -> None:
    """An independent reader finds it, and the same pixels."""
    picture = encoded("JPEG", **more)
    head = _read(picture)
    assert head.growth_bytes > 0
    ours = head.encoded + picture[head.provider_head.length_bytes :]
    assert len(ours) == len(picture) + head.growth_bytes
    with Image.open(io.BytesIO(ours)) as stamped, Image.open(io.BytesIO(picture)) as plain:
        assert stamped.info["xmp"] == head.packet
        assert stamped.tobytes() == plain.tobytes()
        assert stamped.info.get("icc_profile") == plain.info.get("icc_profile")


def test_a_jpeg_without_jfif_is_stamped_right_behind_its_beginning() -> None:
    """Only JFIF's own segment must come first."""
    picture = encoded("JPEG")
    bare = picture[:2] + picture[20:]
    assert picture[2:4] == b"\xff\xe0"
    assert _read(bare).encoded[2:4] == b"\xff\xe1"


@pytest.mark.parametrize(
    "theirs", [{"xmp": b"<x/>"}, {"comment": b"a C2PA manifest in a jumb box"}]
)
def test_a_jpeg_with_marks_of_the_providers_own_stays_as_it_is(theirs: dict[str, bytes]) -> None:
    """A second packet would not be read, and a signed picture must not be changed."""
    head = _read(encoded("JPEG", **theirs))
    assert head.growth_bytes == 0


@pytest.mark.parametrize(
    "beginning",
    [b"<html><body>", b"GIF89a" + bytes(6), b"BM" + bytes(10), b"RIFF\0\0\0\0WAVE", bytes(12)],
)
def test_what_is_no_picture_of_the_three_types_is_refused(beginning: bytes) -> None:
    """By its first bytes alone."""
    with pytest.raises(NotAPicture, match="begins with"):
        read_stamped(beginning, PROVENANCE)
