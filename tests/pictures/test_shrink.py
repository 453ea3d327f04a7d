"""Over the upload limit a JPEG is made that fits, with the same metadata."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from bot.errors import NotAPicture, PictureTooLarge
from bot.pictures.formats import SIGNATURE, Chunk
from bot.pictures.provenance import xmp_packet
from bot.pictures.shrink import pixels_of
from bot.providers.image import Size
from bot.records import replace
from tests.pictures.samples import PROVENANCE, encoded, png
from tests.providers.raw_server import RawServer, answering, http, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.pictures import Relay

    RelayFor = Callable[[RawServer], Relay]

pytestmark = pytest.mark.sockets

PICTURE = png(width_px=320, height_px=240)
FITTING = replace(PROVENANCE, size=Size(320, 240))


def _link(server: RawServer) -> str:
    return f"http://127.0.0.1:{server.port}/a.png"


def _coarseness(jpeg: bytes) -> int:
    """The steps in which a JPEG tells brightness and colour; more at a lower quality."""
    with Image.open(io.BytesIO(jpeg)) as opened:
        assert isinstance(opened, JpegImageFile)
        return sum(step for table in opened.quantization.values() for step in table)


async def test_the_best_quality_that_fits_is_taken(relay_for: RelayFor) -> None:
    """A JPEG of the same dimensions with the packet in it; a lower limit costs quality."""
    async with serving(answering(*[http(200, PICTURE)] * 2)) as server:
        relay = relay_for(server)
        first = await relay.make_smaller(_link(server), provenance=FITTING, limit_bytes=200_000)
        second = await relay.make_smaller(
            _link(server), provenance=FITTING, limit_bytes=len(first.content) - 1
        )

    assert len(second.content) < len(first.content)
    assert (
        _coarseness(second.content)
        > _coarseness(first.content)
        == _coarseness(encoded("JPEG", quality=92))
    )
    assert first.filename == "zeuxis-42.jpg"
    with Image.open(io.BytesIO(first.content)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (320, 240))
        assert opened.info["xmp"] == xmp_packet(FITTING)


@pytest.mark.parametrize(
    ("size", "expected"), [(Size(1024, 640), Size(512, 320)), (Size(320, 240), Size(320, 240))]
)
async def test_a_preview_is_small_and_says_what_it_is(
    relay_for: RelayFor, size: Size, expected: Size
) -> None:
    """Nothing is made larger; by its name nobody takes it for the picture."""
    whole = png(width_px=size.width_px, height_px=size.height_px)
    named = replace(PROVENANCE, size=size)
    async with serving(answering(http(200, whole))) as server:
        small = await relay_for(server).make_preview(
            _link(server), provenance=named, limit_bytes=200_000
        )
    assert (small.filename, small.size) == ("preview-42.jpg", expected)
    with Image.open(io.BytesIO(small.content)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (expected.width_px, expected.height_px))
        assert opened.info["xmp"] == xmp_packet(named)


async def test_a_limit_that_no_quality_meets_is_told(relay_for: RelayFor) -> None:
    """Noise does not shrink for ever; then the link is posted instead."""
    async with serving(answering(http(200, PICTURE))) as server:
        with pytest.raises(PictureTooLarge):
            await relay_for(server).make_smaller(
                _link(server), provenance=FITTING, limit_bytes=3_000
            )


async def test_pixels_that_cannot_be_decoded_are_no_picture(relay_for: RelayFor) -> None:
    """Chunks and sums are right, but what is in them is no zlib stream."""
    at = PICTURE.index(b"IDAT") - 4
    picture = PICTURE[:at] + Chunk(b"IDAT", b"nothing").encoded() + Chunk(b"IEND", b"").encoded()
    async with serving(answering(http(200, picture))) as server:
        with pytest.raises(NotAPicture, match="decoded"):
            await relay_for(server).make_smaller(
                _link(server), provenance=FITTING, limit_bytes=200_000
            )


async def test_a_picture_longer_than_any_that_is_drawn_is_not_read(relay_for: RelayFor) -> None:
    """A whole picture is held here, so its length is bounded."""
    endless = http(200, b"").replace(b"Content-Length: 0", b"Content-Length: 67108865")
    async with serving(answering(endless)) as server:
        with pytest.raises(NotAPicture, match="more than"):
            await relay_for(server).make_smaller(
                _link(server), provenance=FITTING, limit_bytes=200_000
            )


async def test_without_the_extra_the_picture_stays_too_large(
    relay_for: RelayFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the link is posted instead."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    async with serving(answering(http(200, PICTURE))) as server:
        with pytest.raises(PictureTooLarge):
            await relay_for(server).make_smaller(
                _link(server), provenance=FITTING, limit_bytes=200_000
            )


@pytest.mark.parametrize("picture", [encoded("JPEG", 320, 240), encoded("WEBP", 320, 240)])
async def test_other_types_are_made_smaller_too(relay_for: RelayFor, picture: bytes) -> None:
    """With the provenance that a WebP could not carry, and without what followed its end."""
    async with serving(answering(http(200, picture + b"more"))) as server:
        smaller = await relay_for(server).make_smaller(
            _link(server), provenance=FITTING, limit_bytes=200_000
        )

    with Image.open(io.BytesIO(smaller.content)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (320, 240))
        assert opened.info["xmp"] == xmp_packet(FITTING)


@pytest.mark.parametrize("side_px", [4097, 13_300, 16_000, 2**31 - 1])
async def test_too_many_pixels_are_not_decoded(relay_for: RelayFor, side_px: int) -> None:
    """The head tells how many; the rest of the picture is not even read."""
    huge = SIGNATURE + Chunk(b"IHDR", side_px.to_bytes(4, "big") * 2 + b"\x08\2\0\0\0").encoded()
    async with serving(answering(http(200, huge + Chunk(b"IDAT", b"x").encoded()))) as server:
        with pytest.raises(PictureTooLarge):
            await relay_for(server).make_smaller(
                _link(server), provenance=FITTING, limit_bytes=200_000
            )


async def test_a_picture_that_hides_its_pixels_is_not_decoded(relay_for: RelayFor) -> None:
    """A JPEG may tell its dimensions twice, and its reader believes the last."""
    picture = encoded("JPEG", 320, 240)
    at = picture.index(b"\xff\xc0")
    frame = picture[at : at + 19]
    bomb = frame[:5] + (60_000).to_bytes(2, "big") * 2 + frame[9:]
    twice = picture[:at] + bomb + picture[at:]
    async with serving(answering(http(200, twice))) as server:
        with pytest.raises(NotAPicture, match=r"decoded|head says"):
            await relay_for(server).make_smaller(
                _link(server), provenance=FITTING, limit_bytes=200_000
            )


def test_the_whole_picture_is_pressed_into_a_size() -> None:
    """Its left half red, its right half green; three bytes for each pixel."""
    buffer = io.BytesIO()
    picture = Image.new("RGB", (400, 40), (255, 0, 0))
    picture.paste((0, 255, 0), (200, 0, 400, 40))
    picture.save(buffer, "PNG")
    pixels = pixels_of(buffer.getvalue(), Size(8, 6))
    assert len(pixels) == 8 * 6 * 3
    rows = [pixels[at : at + 24] for at in range(0, len(pixels), 24)]
    assert {(row[:3], row[-3:]) for row in rows} == {(b"\xff\0\0", b"\0\xff\0")}


@pytest.mark.parametrize("broken", [b"", b"<html>", PICTURE[:-30]])
def test_what_is_no_whole_picture_has_no_pixels(broken: bytes) -> None:
    with pytest.raises(NotAPicture):
        pixels_of(broken, Size(8, 8))
