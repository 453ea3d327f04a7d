"""A JPEG is followed to its end, however the stream is cut; its dimensions come from its head."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.errors import NotAPicture
from bot.pictures.formats import HEAD_LIMIT_BYTES, Head, PictureType, ScanWalker, read_head
from bot.providers.image import Size
from tests.pictures.samples import cut, encoded

BLOCKS = st.lists(st.integers(1, 900), min_size=1, max_size=8)


PLAIN = encoded("JPEG", quality=90)
PROGRESSIVE = encoded("JPEG", quality=90, progressive=True)  # many scans
RESTARTING = encoded("JPEG", quality=90, restart_marker_blocks=1)
KINDS = st.sampled_from([PLAIN, PROGRESSIVE, RESTARTING])


def _head(picture: bytes) -> Head:
    head = read_head(picture)
    assert head is not None
    return head


def _walked(picture: bytes, lengths: list[int]) -> ScanWalker:
    walker = ScanWalker()
    for block in cut(picture[_head(picture).length_bytes :], lengths):
        walker.feed(block)
    return walker


@pytest.mark.parametrize("picture", [PLAIN, PROGRESSIVE, RESTARTING])
def test_the_head_tells_the_dimensions_and_ends_at_the_first_scan(picture: bytes) -> None:
    """Width comes second in the file, first here."""
    head = _head(picture)
    assert (head.type, head.size) == (PictureType.JPEG, Size(48, 32))
    assert picture[head.length_bytes :].startswith(b"\xff\xda")


@given(KINDS, st.data())
def test_the_head_asks_for_more_until_it_is_there(picture: bytes, data: st.DataObject) -> None:
    """No prefix is ever mistaken for a whole head or for a broken one."""
    kept = data.draw(st.integers(2, _head(picture).length_bytes + 3))
    assert read_head(picture[:kept]) is None


@given(KINDS, BLOCKS, st.binary(max_size=300))
def test_its_end_is_found_however_it_is_cut(
    picture: bytes, lengths: list[int], after: bytes
) -> None:
    """What follows is counted to the byte."""
    walker = _walked(picture + after, lengths)
    walker.finish()
    assert walker.surplus_bytes == len(after)


@given(KINDS, BLOCKS, st.data())
def test_a_picture_that_is_cut_off_is_noticed(
    picture: bytes, lengths: list[int], data: st.DataObject
) -> None:
    """Every proper prefix is refused when it ends."""
    kept = data.draw(st.integers(_head(picture).length_bytes + 4, len(picture) - 1))
    walker = _walked(picture[:kept], lengths)
    with pytest.raises(NotAPicture, match="cut off"):
        walker.finish()


def test_filling_between_segments_is_passed_over() -> None:
    """Any number of FF may stand before a marker."""
    head = _head(PLAIN)
    filled = PLAIN[:2] + b"\xff\xff" + PLAIN[2 : head.length_bytes] + b"\xff"
    assert _head(filled + PLAIN[head.length_bytes :]).length_bytes == head.length_bytes + 3


@pytest.mark.parametrize(
    ("beginning", "why"),
    [
        (b"\xff\xd8\xff\xe0\0\x02 no JPEG", "no JPEG segment"),
        (b"\xff\xd8\xff\xd9\0\0" + bytes(6), "no JPEG segment"),
        (b"\xff\xd8\xff\xe1\0\1" + bytes(6), "segment of 1 bytes"),
        (b"\xff\xd8\xff\xda\0\x08" + bytes(6), r"picture of 0\*0"),
        (
            b"\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\x30" + bytes(4) + b"\xff\xda\0\x08",
            r"picture of 48\*0",
        ),
        (b"\xff\xd8" + (b"\xff\xe1\xff\xff" + bytes(65533)) * 17, "no pixels within"),
    ],
)
def test_a_head_that_is_no_jpeg_is_refused(beginning: bytes, why: str) -> None:
    """Broken segments, no dimensions, endless metadata."""
    assert HEAD_LIMIT_BYTES < 17 * 65535
    with pytest.raises(NotAPicture, match=why):
        read_head(beginning)


def test_a_broken_segment_between_two_scans_is_noticed() -> None:
    """There a marker must follow a marker."""
    at = PROGRESSIVE.index(b"\xff\xda", _head(PROGRESSIVE).length_bytes + 2)
    broken = PROGRESSIVE[:at] + b"\xff\xe1\0\0" + PROGRESSIVE[at:]
    with pytest.raises(NotAPicture, match="segment of 0 bytes"):
        _walked(broken, [100])


def test_a_reader_of_pictures_agrees() -> None:
    """The pictures are what they are taken for."""
    for picture in (PLAIN, PROGRESSIVE, RESTARTING):
        with Image.open(io.BytesIO(picture)) as opened:
            assert (opened.format, opened.size) == ("JPEG", (48, 32))
    assert RESTARTING.count(b"\xff\xd0") > 0
    assert PROGRESSIVE.count(b"\xff\xda") > 1
