"""What the storage, or whatever stands before it, may send for a picture that is paid."""

from __future__ import annotations

import gzip
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.pictures.formats import SIGNATURE, Chunk, xmp_chunk
from tests.hostile.showing import PLACES, Shown, ask
from tests.pictures.samples import encoded, png
from tests.providers.raw_server import http

if TYPE_CHECKING:
    from tests.journeys.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

PICTURE = png(width_px=512, height_px=512)
ARCHIVE = b"PK\x03\x04 a hidden archive" * 1000
EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"
IEND = Chunk(b"IEND", b"").encoded()


def _ihdr(width_px: int, height_px: int) -> Chunk:
    size = width_px.to_bytes(4, "big") + height_px.to_bytes(4, "big")
    return Chunk(b"IHDR", size + b"\x08\2\0\0\0")


def _huge(width_px: int, height_px: int, *after: Chunk) -> bytes:
    """As a PNG may say in a few bytes."""
    chunks = (_ihdr(width_px, height_px), Chunk(b"IDAT", b"x"), *after, Chunk(b"IEND", b""))
    return SIGNATURE + b"".join(chunk.encoded() for chunk in chunks)


def _animated() -> bytes:
    control = Chunk(b"acTL", (2).to_bytes(4, "big") + bytes(4))
    frame = Chunk(b"fcTL", bytes(4) + (512).to_bytes(4, "big") * 2 + bytes(14))
    second = (Chunk(b"fcTL", frame.data), Chunk(b"fdAT", b"\0\0\0\2pixels"))
    return png(width_px=512, height_px=512, before_pixels=(control, frame), after_pixels=second)


def _flipped(at: int) -> bytes:
    return PICTURE[:at] + bytes((PICTURE[at] ^ 255,)) + PICTURE[at + 1 :]


def told(length: str, body: bytes = PICTURE) -> bytes:
    """An answer that tells this length, whatever it has."""
    return f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode() + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + end


def raw(answer: bytes, **more: Any) -> dict[str, Any]:
    told_so = b64encode(answer).decode()
    return {"server": "links", "kind": "raw_answer", "answer": told_so, **more}


@dataclass(frozen=True)
class Posted:
    """It is a picture, so it is posted as it is, and the card says what is odd."""

    name: str
    answer: bytes
    file: str = "png 512×512"
    says: str = "512 × 512 · seed"


@dataclass(frozen=True)
class Lost:
    """It will never be a picture: said at once, charged once, not fetched again."""

    name: str
    answer: bytes
    kind: str = "NotAPicture"
    says: str = "not the picture that it promised"


@dataclass(frozen=True)
class Later:
    """It may be better the next time, and is."""

    name: str
    answer: bytes
    times: int = 1  # aiohttp itself asks twice where a connection ends without an answer


OTHER_SIZE = "512 × 512 was asked for"
OTHER_TYPE = "another type of file"

POSTED = [
    Posted("as it should be", http(200, PICTURE)),
    Posted("of another size", http(200, png(width_px=512, height_px=496)), "png 512×496", "· seed"),
    Posted("says so", http(200, png(width_px=512, height_px=496)), "png 512×496", OTHER_SIZE),
    Posted("of one pixel", http(200, png(width_px=1, height_px=1)), "png 1×1", "1 × 1 · seed"),
    Posted("turned", http(200, png(width_px=300, height_px=900)), "png 300×900", "300 × 900 ·"),
    Posted("huge in few bytes", http(200, _huge(16_000, 16_000)), "png 16000×16000", OTHER_SIZE),
    Posted("a JPEG", http(200, encoded("JPEG", 512, 512)), "jpg 512×512", OTHER_TYPE),
    Posted(
        "a JPEG of another size",
        http(200, encoded("JPEG", 480, 640)),
        "jpg 480×640",
        "480 × 640 · seed",
    ),
    Posted(
        "a progressive JPEG",
        http(200, encoded("JPEG", 512, 512, progressive=True)),
        "jpg 512×512",
        OTHER_TYPE,
    ),
    Posted("a WebP", http(200, encoded("WEBP", 512, 512, xmp=b"<x/>")), "webp 512×512", OTHER_TYPE),
    Posted("an animation", http(200, _animated())),
    Posted("a wrong byte in its pixels", http(200, _flipped(9000))),
    Posted("called text", http(200, PICTURE, "Content-Type: text/html")),
    Posted(
        "called a program", http(200, PICTURE, "Content-Disposition: attachment; filename=a.exe")
    ),
    Posted("with a cookie", http(200, PICTURE, "Set-Cookie: a=b; Domain=127.0.0.1")),
    Posted("with a length of zeros", told(f"000{len(PICTURE)}")),
    Posted("without a length", b"HTTP/1.1 200 OK\r\n\r\n" + PICTURE),
    Posted("of HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\n" + PICTURE),
    Posted("in chunks", chunked(PICTURE[:1000], PICTURE[1000:])),
    Posted("packed unasked", http(200, gzip.compress(PICTURE), "Content-Encoding: gzip")),
    Posted("a newline behind it", http(200, PICTURE + b"\n")),
    Posted("an archive behind it", http(200, PICTURE + ARCHIVE)),
    Posted("a page behind it, in chunks", chunked(PICTURE, b"<script>", ARCHIVE)),
    Posted(
        "an archive behind a JPEG", http(200, encoded("JPEG", 512, 512) + ARCHIVE), "jpg 512×512"
    ),
    Posted(
        "an archive behind a WebP",
        http(200, encoded("WEBP", 512, 512, xmp=b"<x/>") + ARCHIVE),
        "webp 512×512",
    ),
    Posted("a second answer behind it", http(200, PICTURE) + http(200, ARCHIVE)),
    Posted(
        "with a packet that is no XML",
        http(200, png(width_px=512, height_px=512, before_pixels=(xmp_chunk(b"<no"),))),
    ),
]

LOST = [
    Lost("nothing", http(200, b"")),
    Lost("one byte", http(200, b"\x89")),
    Lost("a signature alone", http(200, SIGNATURE)),
    Lost("half a head", http(200, PICTURE[:20])),
    Lost("a page", http(200, b"<html>Welcome to our Wi-Fi</html>")),
    Lost("a page called a picture", http(200, b"<html></html>", "Content-Type: image/png")),
    Lost("JSON", http(200, b'{"code": "Throttled"}')),
    Lost("a GIF", http(200, b"GIF89a" + bytes(100))),
    Lost("an SVG", http(200, b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")),
    Lost("a program", http(200, b"MZ" + bytes(1000))),
    Lost("a sound", http(200, b"RIFF\0\0\0\0WAVE" + bytes(100))),
    Lost("zeros", http(200, bytes(100_000))),
    Lost("half of it", http(200, PICTURE[: len(PICTURE) // 2])),
    Lost("all but its end", http(200, PICTURE[: -len(IEND)])),
    Lost("half of a JPEG", http(200, encoded("JPEG", 512, 512)[:20_000])),
    Lost("half of a WebP", http(200, encoded("WEBP", 512, 512)[:20_000])),
    Lost("a wrong byte in its head", http(200, _flipped(20))),
    Lost("a wrong byte in its end", http(200, _flipped(len(PICTURE) - 1))),
    Lost("no width", http(200, _huge(0, 512))),
    Lost("no height", http(200, _huge(512, 0))),
    Lost("no pixels", http(200, SIGNATURE + _ihdr(512, 512).encoded() + IEND)),
    Lost("endless metadata", http(200, PICTURE[:33] + b"\x7f\xff\xff\xfftEXt" + bytes(2_000_000))),
    Lost("a length of 10^15", told(f"{10**15}")),
    Lost("more than any picture", told(f"{64 * 1024 * 1024 + 1}")),
    Lost("no content", http(204)),
    Lost("a part", http(206, PICTURE)),
    Lost("refused", http(403, EXPIRED), "LinkExpired", "gone before I could fetch it"),
    Lost("not found", http(404), "LinkExpired", "gone before I could fetch it"),
    Lost("asked for a key", http(401), "LinkExpired", "charged again"),
    Lost("misunderstood", http(400), "LinkExpired", "charged again"),
    Lost("a teapot", http(418), "LinkExpired", "charged again"),
    Lost(
        "sent to another",
        http(302, b"", "Location: http://127.0.0.1:1/"),
        "LinkNotAllowed",
        "trust",
    ),
    Lost("sent to itself", http(307, b"", "Location: #"), "LinkNotAllowed", "not trust"),
    Lost("sent nowhere", http(304), "LinkNotAllowed", "not trust"),
]

LATER = [
    Later("no answer", b"", times=2),
    Later("half a head", b"HTTP/1.1 200 OK\r\nContent-", times=2),
    Later("another protocol", b"SSH-2.0-OpenSSH_9.2\r\n"),
    Later("an endless header", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000),
    Later("a length of 5000 digits", told("9" * 5000)),
    Later("a negative length", told("-1")),
    Later("a length in words", told("many")),
    Later("two lengths", told(f"{len(PICTURE)}\r\nContent-Length: 7")),
    Later("cut short", told(str(len(PICTURE)), PICTURE[:5000])),
    Later("cut within a chunk", chunked(PICTURE[:5000], end=b"ffff\r\nabc")),
    Later("no chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"),
    Later("packed by a liar", http(200, PICTURE, "Content-Encoding: gzip")),
    Later("overloaded", http(503)),
    Later("too often", http(429)),
]


async def shown_for(stage: Stage, *faults: dict[str, Any]) -> Shown:
    stage.fault(*faults)
    shown = await ask(stage, channel=next(PLACES))
    stage.fault()
    return shown


@pytest.mark.parametrize("row", POSTED, ids=lambda row: row.name)
async def test_what_is_a_picture_is_posted(lasting_stage: Stage, row: Posted) -> None:
    """In its own type and size: it is paid."""
    shown = await shown_for(lasting_stage, raw(row.answer))
    assert (shown.files, shown.row, shown.billed) == ((row.file,), "shown", 1)
    assert row.says in shown.member
    assert (OTHER_SIZE in shown.member) is not row.file.endswith("512×512")
    assert (OTHER_TYPE in shown.member) is not row.file.startswith("png")
    assert shown.log == (), lasting_stage.log[-2500:]


@pytest.mark.parametrize("row", LOST, ids=lambda row: row.name)
async def test_what_will_never_be_a_picture_is_told_at_once(
    lasting_stage: Stage, row: Lost
) -> None:
    """With what it cost; once in the log, and fetched once."""
    shown = await shown_for(lasting_stage, raw(row.answer))
    assert (shown.pictures, shown.row, shown.billed) == (0, f"lost {row.kind}", 1)
    assert row.says in shown.member
    assert shown.log == ("delivery failed",)


@pytest.mark.parametrize("row", LATER, ids=lambda row: row.name)
async def test_what_may_be_better_the_next_time_is_fetched_again(
    lasting_stage: Stage, row: Later
) -> None:
    """No traceback, one line, and the picture a moment later."""
    shown = await shown_for(lasting_stage, raw(row.answer, times=row.times))
    assert (shown.files, shown.row, shown.billed) == (("png 512×512",), "shown", 1)
    assert shown.log == ("delivery failed",)


async def test_what_stands_behind_a_picture_is_not_in_discord(lasting_stage: Stage) -> None:
    """Neither in the picture nor as another file."""
    lasting_stage.fault(raw(http(200, PICTURE + ARCHIVE)))
    (picture,) = await lasting_stage.pictures(await lasting_stage.imagine(size="512*512"))
    lasting_stage.fault()
    (file,) = picture["attachments"]
    async with aiohttp.ClientSession() as session, session.get(file["url"]) as answer:
        content = await answer.read()
    assert content.endswith(IEND)
    assert b"hidden archive" not in content
    assert len(content) == file["size"]


@pytest.mark.parametrize("side_px", [13_300, 16_000])
async def test_a_picture_with_too_many_pixels_to_be_shrunk_is_linked(
    lasting_stage: Stage, side_px: int
) -> None:
    """Over the upload limit, and never decoded; its link was read to its end before."""
    padding = Chunk(b"teSt", bytes(21 * 1024 * 1024))
    shown = await shown_for(lasting_stage, raw(http(200, _huge(side_px, side_px, padding))))
    assert (shown.pictures, shown.row, shown.billed) == (0, "shown", 1)
    assert f"{side_px} × {side_px} · seed" in shown.member
    assert "lasts a day" in shown.member
    assert shown.log == (), lasting_stage.log[-2500:]


async def test_a_link_is_not_shown_of_what_is_no_picture(lasting_stage: Stage) -> None:
    """Over the upload limit with a head like a picture's, and broken behind it."""
    padding = Chunk(b"teSt", bytes(21 * 1024 * 1024))
    broken = _huge(16_000, 16_000, padding)[:-20]
    shown = await shown_for(lasting_stage, raw(http(200, broken)))
    assert (shown.pictures, shown.row) == (0, "lost NotAPicture")
    assert "lasts a day" not in shown.member
