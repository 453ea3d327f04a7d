"""What is carried is a whole PNG, however the stream is cut; anything else stops the upload."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotAPicture
from bot.pictures.formats import (
    HEAD_LIMIT_BYTES,
    SIGNATURE,
    Chunk,
    ChunkWalker,
    Head,
    PictureType,
    keyword_of,
    read_head,
    xmp_chunk,
    xmp_of,
)
from bot.providers.image import Size
from tests.pictures.samples import cut, png

PICTURE = png(before_pixels=(Chunk(b"gAMA", b"\0\0\xb1\x8f"),))
BLOCKS = st.lists(st.integers(1, 900), min_size=1, max_size=8)


def _head(picture: bytes) -> Head:
    head = read_head(picture)
    assert head is not None
    return head


def _walk(blocks: list[bytes]) -> None:
    walker = ChunkWalker()
    for block in blocks:
        walker.feed(block)
    walker.finish()


def _body(picture: bytes) -> bytes:
    return picture[_head(picture).length_bytes :]


def test_the_head_tells_dimensions_and_chunks_before_the_pixels() -> None:
    """Width comes first; IHDR leads; the length points at the first IDAT."""
    head = _head(PICTURE)

    assert (head.type, head.size) == (PictureType.PNG, Size(48, 32))
    assert [chunk.type for chunk in head.chunks] == [b"IHDR", b"gAMA"]
    assert PICTURE[head.length_bytes + 4 :].startswith(b"IDAT")
    assert SIGNATURE + b"".join(c.encoded() for c in head.chunks) == PICTURE[: head.length_bytes]


@given(st.integers(0, _head(PICTURE).length_bytes + 7))
def test_the_head_asks_for_more_until_it_is_there(length: int) -> None:
    """No prefix is ever mistaken for a whole head or for a broken one."""
    assert read_head(PICTURE[:length]) is None


@pytest.mark.parametrize(
    ("beginning", "why"),
    [
        (b"<html><body>502", "begins with"),
        (b"GIF89a" + bytes(6), "begins with"),
        (SIGNATURE + Chunk(b"IDAT", b"").encoded(), "first chunk"),
        (SIGNATURE + Chunk(b"IHDR", b"short").encoded(), "first chunk"),
        (SIGNATURE + b"\xff\xff\xff\xffIHDR", "no chunk"),
        (SIGNATURE + b"\0\0\0\x0dIH\0R", "no chunk"),
        (PICTURE[:29] + b"\0\0\0\0" + PICTURE[33:], "wrong CRC"),
        (SIGNATURE + Chunk(b"IHDR", b"\0" * 13).encoded() + b"\0\0\0\1IDAT", r"picture of 0\*0"),
        (PICTURE[:33] + Chunk(b"IEND", b"").encoded(), "no IDAT before IEND"),
        (PICTURE[:33] + HEAD_LIMIT_BYTES.to_bytes(4, "big") + b"iTXt", "no IDAT within"),
    ],
)
def test_a_head_that_is_no_png_is_refused(beginning: bytes, why: str) -> None:
    """HTML, another format, a wrong CRC and endless metadata are each told apart."""
    with pytest.raises(NotAPicture, match=why):
        read_head(beginning)


@given(BLOCKS)
def test_a_whole_picture_passes_however_it_is_cut(lengths: list[int]) -> None:
    """Block borders may fall anywhere: in a length, a type, the data or a CRC."""
    _walk(cut(_body(PICTURE), lengths))


@given(BLOCKS, st.integers(0, len(_body(PICTURE)) - 1))
def test_a_picture_that_is_cut_off_is_noticed(lengths: list[int], kept: int) -> None:
    """Every proper prefix is refused, at the latest when it ends."""
    with pytest.raises(NotAPicture):
        _walk(cut(_body(PICTURE)[:kept], lengths))


@given(BLOCKS, st.integers(1, 12), st.integers(1, 255))
def test_a_changed_end_is_noticed(lengths: list[int], back: int, change: int) -> None:
    """IEND is the same in every picture."""
    body = bytearray(_body(PICTURE))
    body[-back] ^= change

    with pytest.raises(NotAPicture):
        _walk(cut(bytes(body), lengths))


@given(BLOCKS, st.integers(0, 3), st.integers(1, 255))
def test_a_changed_length_is_noticed(lengths: list[int], at: int, change: int) -> None:
    """Where the next chunk should begin, there is none."""
    body = bytearray(_body(PICTURE))
    body[at] ^= change

    with pytest.raises(NotAPicture):
        _walk(cut(bytes(body), lengths))


def test_what_is_in_the_chunks_is_passed_over() -> None:
    """TLS and the told length vouch for it."""
    body = bytearray(_body(PICTURE))
    body[100] ^= 1
    _walk([bytes(body)])


@given(BLOCKS, st.binary(max_size=300))
def test_what_follows_the_end_is_no_part_of_the_picture(lengths: list[int], after: bytes) -> None:
    """A stray newline after IEND does not cost the member a paid picture: it is counted."""
    walker = ChunkWalker()
    for block in cut(_body(PICTURE) + after, lengths):
        walker.feed(block)
    walker.finish()
    assert walker.surplus_bytes == len(after)


def test_a_picture_without_pixels_is_refused() -> None:
    """IEND straight away is no picture."""
    with pytest.raises(NotAPicture, match="no IDAT"):
        _walk([Chunk(b"IEND", b"").encoded()])


@given(st.binary(max_size=300))
def test_an_xmp_packet_is_found_again(packet: bytes) -> None:
    """What we write is what we read, byte for byte."""
    assert xmp_of(xmp_chunk(packet)) == packet


def test_a_compressed_xmp_packet_is_unpacked() -> None:
    """Other programs may compress iTXt; translated keywords are skipped."""
    data = b"XML:com.adobe.xmp\0\1\0en\0other\0" + zlib.compress(b"<x/>")

    assert xmp_of(Chunk(b"iTXt", data)) == b"<x/>"


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        b"\0\0no separators",
        b"\1\0\0\0" + b"not zlib",
        b"\1\0\0\0" + zlib.compress(b"cut off")[:-3],
        b"\1\7\0\0" + zlib.compress(b"unknown method"),
        b"\1\0\0\0" + zlib.compress(b"\0" * (HEAD_LIMIT_BYTES + 1)),
    ],
)
def test_an_xmp_chunk_that_cannot_be_unpacked_says_so(rest: bytes) -> None:
    """Cut off, not compressed as told, or a bomb: an error, never a guess."""
    with pytest.raises(ValueError, match=r"chunk|compress"):
        xmp_of(Chunk(b"iTXt", b"XML:com.adobe.xmp\0" + rest))


@pytest.mark.parametrize(
    ("chunk", "keyword"),
    [
        (Chunk(b"tEXt", b"AIGC\0{}"), b"AIGC"),
        (Chunk(b"iTXt", b"AIGC\0\0\0\0\0{}"), b"AIGC"),
        (Chunk(b"gAMA", b"AIGC\0"), b""),
    ],
)
def test_only_text_chunks_have_a_keyword(chunk: Chunk, keyword: bytes) -> None:
    """A label in another form than XMP is recognised by its keyword."""
    assert keyword_of(chunk) == keyword
    assert xmp_of(chunk) is None
