"""PNGs for tests, built by hand so that every chunk can be chosen, and broken."""

from __future__ import annotations

import io
import random
import zlib

from PIL import Image

from bot.pictures.formats import SIGNATURE, Chunk
from bot.pictures.provenance import Provenance
from bot.providers.image import Size

PROVENANCE = Provenance(
    prompt='a cat & a "dog"\n<水彩>',
    seed=7,
    size=Size(48, 32),
    model="z-image-turbo",
    job_id="42",
    rewritten_prompt="a very orange cat",
    provider_request_id="abf1645b-b630-433a-92f6-1",
)


def png(
    *,
    width_px: int = 48,
    height_px: int = 32,
    before_pixels: tuple[Chunk, ...] = (),
    after_pixels: tuple[Chunk, ...] = (),
    idat_bytes: int = 700,
    seed: int = 1,
) -> bytes:
    """RGB noise of exactly this size; `idat_bytes` is the length of each IDAT but the last."""
    ihdr = Chunk(
        b"IHDR",
        width_px.to_bytes(4, "big") + height_px.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00",
    )
    rows = random.Random(seed)
    pixels = zlib.compress(b"".join(b"\0" + rows.randbytes(3 * width_px) for _ in range(height_px)))
    idats = [
        Chunk(b"IDAT", pixels[at : at + idat_bytes]) for at in range(0, len(pixels), idat_bytes)
    ]
    chunks = [ihdr, *before_pixels, *idats, *after_pixels, Chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(chunk.encoded() for chunk in chunks)


def noise(width_px: int, height_px: int) -> Image.Image:
    """For pictures of other types, which are not built by hand."""
    pixels = random.Random(1).randbytes(3 * width_px * height_px)
    return Image.frombytes("RGB", (width_px, height_px), pixels)


def encoded(kind: str, width_px: int = 48, height_px: int = 32, /, **options: object) -> bytes:
    """A picture as `JPEG` or `WEBP`, or whatever else Pillow writes."""
    buffer = io.BytesIO()
    noise(width_px, height_px).save(buffer, kind, **options)
    return buffer.getvalue()


def cut(stream: bytes, lengths: list[int]) -> list[bytes]:
    """The stream in blocks of these lengths, over and over; a rest is the last block."""
    blocks, at, turn = [], 0, 0
    while at < len(stream):
        step = lengths[turn % len(lengths)]
        blocks.append(stream[at : at + step])
        at, turn = at + step, turn + 1
    return blocks
