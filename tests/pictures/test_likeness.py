"""A copy of a picture looks like it, whatever was done to its file; another picture does not."""

from __future__ import annotations

import io
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from bot.errors import LinkNotAllowed, NotAPicture
from bot.pictures import DISCORD_HOSTS, LinkRules, Uploads, open_picture_session
from bot.pictures import from_discord as module
from bot.pictures.likeness import NEAR, NONE, distance, likeness_of
from bot.pictures.provenance import Marks, Provenance, marks_of, read_stamped, xmp_packet
from bot.providers.image import Size
from bot.records import replace
from sandbox.painter import picture
from tests.pictures.samples import encoded
from tests.providers.raw_server import RawServer, answering, http, serving

if TYPE_CHECKING:
    from bot.pictures import SeenUpload

CASTLE = picture("a castle at night", seed=1, width_px=256, height_px=192)
OURS = Provenance(prompt="<a>", seed=77, size=Size(1, 1), model="m", job_id="123")


def as_file(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def castle() -> Image.Image:
    return Image.open(io.BytesIO(CASTLE)).convert("RGB")


def stamped(whole: bytes) -> bytes:
    head = read_stamped(whole, OURS)
    assert head is not None
    return head.encoded + whole[head.provider_head.length_bytes :]


@pytest.mark.parametrize(
    "copy",
    [
        *(as_file(castle(), "JPEG", quality=quality) for quality in (95, 80, 60, 40)),
        *(as_file(castle(), "WEBP", quality=quality) for quality in (80, 50)),
        as_file(castle().resize((128, 96)), "PNG"),
        as_file(castle().resize((512, 384)), "JPEG"),
        as_file(castle().convert("L").convert("RGB"), "PNG"),
    ],
)
def test_copy_that_was_encoded_anew_scaled_or_made_grey_is_near(copy: bytes) -> None:
    assert distance(likeness_of(CASTLE), likeness_of(copy)) <= NEAR


def test_mirrored_or_much_cropped_copy_is_another_picture() -> None:
    """That is known and said: the hash is of where things are."""
    for changed in (
        castle().transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        castle().crop((40, 30, 216, 162)),
    ):
        assert distance(likeness_of(CASTLE), likeness_of(as_file(changed, "PNG"))) > NEAR


def test_other_pictures_are_not_near() -> None:
    prompts = ("a castle at night", "a red cat", "an old ship", "a quiet street in rain")
    all_of_them = [
        likeness_of(picture(prompt, seed=seed, width_px=128, height_px=128))
        for prompt in prompts
        for seed in (1, 2)
    ]
    assert all(distance(*two) > NEAR for two in combinations(all_of_them, 2))


def test_picture_of_one_colour_looks_like_nothing() -> None:
    """Noise would decide, and all such pictures would be one."""
    for colour in ((0, 0, 0), (255, 255, 255), (200, 30, 30)):
        assert likeness_of(as_file(Image.new("RGB", (64, 64), colour), "PNG")) == NONE


def test_distance_counts_bits_of_signed_numbers() -> None:
    assert distance(-1, -1) == 0
    assert distance(-1, 0) == 64
    assert distance(-(1 << 63), 0) == 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_what_is_written_into_a_file_is_read_back(kind: str) -> None:
    whole = encoded(kind)
    assert marks_of(stamped(whole)) == Marks(job="123", seed="77")
    assert marks_of(whole) is None


def test_metadata_that_make_no_sense_say_nothing() -> None:
    """Entities could be bombs, so a packet with a DOCTYPE is not read."""
    jpeg = stamped(encoded("JPEG"))
    packet = xmp_packet(replace(OURS, size=Size(48, 32)))
    for bad in (
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + packet[30:],
        b"<" * len(packet),
        packet[: len(packet) // 2].ljust(len(packet)),
    ):
        assert len(bad) == len(packet)
        assert marks_of(jpeg.replace(packet, bad)) is None
    assert marks_of(encoded("WEBP")) is None
    with pytest.raises(NotAPicture):
        marks_of(b"GIF89a, and so on")


async def looked_at(server: RawServer, path: str = "/a.png") -> SeenUpload:
    rules = LinkRules(allowed_hosts=DISCORD_HOSTS, base_url=server.base_url)
    async with open_picture_session(rules) as session:
        uploads = Uploads(session, rules=rules, proxy_for=lambda _: None)
        return await uploads.look(f"http://127.0.0.1:{server.port}{path}")


@pytest.mark.sockets
async def test_an_upload_is_read_for_its_marks_and_its_look() -> None:
    async with serving(answering(http(200, stamped(CASTLE)))) as server:
        seen = await looked_at(server)
    assert seen.marks == Marks(job="123", seed="77")
    assert seen.likeness == likeness_of(CASTLE)


@pytest.mark.sockets
async def test_a_bomb_of_pixels_is_not_decoded() -> None:
    """Nor is anything, without Pillow."""
    async with serving(answering(http(200, _large()))) as server:
        assert (await looked_at(server)).likeness is None


def _large() -> bytes:
    """A few kilobytes that say they are 100 million pixels."""
    return as_file(Image.new("1", (10_000, 10_000)), "PNG")


@pytest.mark.sockets
async def test_too_long_broken_or_foreign_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(answering(http(200, CASTLE[:-20]))) as server:
        with pytest.raises(NotAPicture):
            await looked_at(server)
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    async with serving(answering(http(200, CASTLE))) as server:
        with pytest.raises(NotAPicture):
            await looked_at(server)
    rules = LinkRules(allowed_hosts=DISCORD_HOSTS, base_url="")
    async with open_picture_session(rules) as session:
        uploads = Uploads(session, rules=rules, proxy_for=lambda _: None)
        for link in ("http://127.0.0.1/a.png", "https://example.com/a.png", "file:///etc/passwd"):
            with pytest.raises(LinkNotAllowed):
                await uploads.look(link)
