"""A WebP says at its beginning how large and how long it is."""

from __future__ import annotations

import pytest

from bot.errors import NotAPicture
from bot.pictures.formats import LengthWalker, PictureType, read_head
from bot.providers.image import Size
from tests.pictures.samples import encoded

LOSSY, LOSSLESS = encoded("WEBP", 300, 200), encoded("WEBP", 300, 200, lossless=True)
EXTENDED = encoded("WEBP", 300, 200, xmp=b"<x/>")


@pytest.mark.parametrize(
    ("picture", "chunk"), [(LOSSY, b"VP8 "), (LOSSLESS, b"VP8L"), (EXTENDED, b"VP8X")]
)
def test_every_kind_tells_its_dimensions_and_its_length(picture: bytes, chunk: bytes) -> None:
    """Lossy, lossless, and with chunks for more than pixels."""
    assert picture[12:16] == chunk
    head = read_head(picture[:30])
    assert head is not None
    assert (head.type, head.size) == (PictureType.WEBP, Size(300, 200))
    head.walker.feed(picture[30:-1])
    with pytest.raises(NotAPicture, match="cut off"):
        head.walker.finish()
    head.walker.feed(picture[-1:])
    head.walker.finish()
    assert head.walker.surplus_bytes == 0
    assert read_head(picture[:29]) is None


@pytest.mark.parametrize(
    ("beginning", "why"),
    [
        (LOSSY[:12] + b"ALPH" + LOSSY[16:30], "no picture"),
        (LOSSY[:23] + b"\0" + LOSSY[24:30], "no picture"),
        (LOSSLESS[:20] + b"\0" + LOSSLESS[21:30], "no picture"),
        (LOSSY[:26] + b"\0\0\0\0", r"picture of 0\*0"),
        (LOSSY[:4] + b"\x10\0\0\0" + LOSSY[8:30], "WebP of 24 bytes"),
    ],
)
def test_a_head_that_is_no_webp_is_refused(beginning: bytes, why: str) -> None:
    """Another chunk first, a wrong start of a frame, no pixels, no room for them."""
    with pytest.raises(NotAPicture, match=why):
        read_head(beginning)


def test_the_end_is_where_it_was_told() -> None:
    """What follows is counted; what is missing is noticed."""
    walker = LengthWalker(10)
    walker.feed(bytes(9))
    with pytest.raises(NotAPicture, match="cut off"):
        walker.finish()
    walker.feed(bytes(5))
    walker.finish()
    assert walker.surplus_bytes == 4
