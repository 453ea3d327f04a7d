"""Result links live as long as documented and are as touchy as those of the object storage."""

from __future__ import annotations

import re
import struct
import zlib
from urllib.parse import quote, unquote

import pytest

from sandbox.clock import SandboxClock
from sandbox.tests.zimage_calls import Answer, Caller, calling
from sandbox.zimage.ledger import Entry
from sandbox.zimage.storage import Recipe, Results

pytestmark = pytest.mark.sockets

SHAPE = (
    r"http://127\.0\.0\.1:\d+/oss/7d/[0-9a-f]{2}/\d{8}/[0-9a-f]{8}/[0-9a-f-]{36}-1\.png"
    r"\?Expires=\d{10}&OSSAccessKeyId=LTAI5t\w+&Signature=[\w%]+"
)


async def drawn(zimage: Caller) -> str:
    return (await zimage.draw(size="512*512", seed=1)).image_url


def told(answer: Answer, field: str) -> str:
    found = re.search(f"<{field}>(.*)</{field}>", answer.body.decode())
    assert found is not None
    return found[1]


def is_sound(png: bytes) -> bool:
    """Whether every checksum is right and the file has its end."""
    at = 8
    while at + 12 <= len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        if zlib.crc32(png[at + 4 : at + 8 + length]) != int.from_bytes(
            png[at + 8 + length : at + 12 + length], "big"
        ):
            return False
        at += 12 + length
    return at == len(png) and png.endswith(b"IEND\xaeB`\x82")


async def test_a_link_has_the_observed_shape() -> None:
    """Its signature always holds characters that must stay percent-encoded."""
    async with calling() as zimage:
        for _ in range(20):
            url = await drawn(zimage)
            assert re.fullmatch(SHAPE, url)
            assert url.endswith("%3D")
            assert "%2B" in url or "%2F" in url


async def test_a_link_leads_to_the_picture_again_and_again() -> None:
    """The same bytes with their length; each download is counted."""
    async with calling() as zimage:
        url = await drawn(zimage)
        first, second = await zimage.download(url), await zimage.download(url)
        assert first.status == 200
        assert first.body == second.body
        assert is_sound(first.body)
        assert first.headers["Content-Type"] == "image/png"
        assert first.headers["Content-Length"] == str(len(first.body))
        assert first.headers["Server"] == "AliyunOSS"
        assert zimage.ledger.downloaded == zimage.ledger.entries[0].downloads == 2


def _decoded(url: str) -> str:
    return unquote(url).replace(" ", "%20")


def _encoded_twice(url: str) -> str:
    path, _, query = url.partition("?")
    return f"{path}?{quote(query, safe='=&')}"


def _half_decoded(url: str) -> str:
    return url.replace("%3D", "=")


def _reordered(url: str) -> str:
    path, _, query = url.partition("?")
    return f"{path}?{'&'.join(reversed(query.split('&')))}"


def _later(url: str) -> str:
    return re.sub(r"Expires=(\d)", "Expires=9", url)


def _bare(url: str) -> str:
    return url.partition("?")[0]


def _other_object(url: str) -> str:
    return url.replace("-1.png", "-2.png")


def _not_a_number(url: str) -> str:
    return url.replace("Expires=1", "Expires=x")


@pytest.mark.parametrize(
    "changed",
    [
        _decoded,
        _encoded_twice,
        _half_decoded,
        _reordered,
        _later,
        _bare,
        _other_object,
        _not_a_number,
    ],
)
async def test_a_link_that_was_touched_is_refused(changed) -> None:  # type: ignore[no-untyped-def]  # str → str
    """403 SignatureDoesNotMatch, and the breach is on record."""
    async with calling() as zimage:
        answer = await zimage.download(changed(await drawn(zimage)))
        assert (answer.status, told(answer, "Code")) == (403, "SignatureDoesNotMatch")
        assert answer.headers["Content-Type"] == "application/xml"
        assert zimage.rules() == ["link-signature"]
        assert zimage.ledger.downloaded == 0


async def test_a_key_has_no_business_at_the_storage() -> None:
    """An Authorization header is refused and recorded, never kept."""
    async with calling() as zimage:
        answer = await zimage.download(await drawn(zimage), **zimage.key())
        assert (answer.status, told(answer, "Code")) == (400, "InvalidArgument")
        assert zimage.rules() == ["link-authorization"]
        assert zimage.stand.api_key not in str(zimage.stand.violations.snapshot())


async def test_a_link_expires_after_24_hours_of_the_sandboxs_clock() -> None:
    """To the second; the XML tells both times."""
    clock = SandboxClock.manual(1_800_000_000_000_000)
    async with calling(clock=clock) as zimage:
        url = await drawn(zimage)
        clock.advance(24 * 3600 - 1)
        assert (await zimage.download(url)).status == 200
        clock.advance(1)
        answer = await zimage.download(url)
        assert (answer.status, told(answer, "Code")) == (403, "AccessDenied")
        assert told(answer, "Message") == "Request has expired."
        assert told(answer, "Expires") == told(answer, "ServerTime") == "2027-01-16T08:00:00.000Z"
        assert zimage.rules() == []


async def test_a_purged_picture_is_not_found() -> None:
    """404 NoSuchKey, by order or because the storage forgot it."""
    async with calling() as zimage:
        url = await drawn(zimage)
        zimage.stand.order({"server": "links", "kind": "link_purged", "times": 1})
        ordered = await zimage.download(url)
        assert (ordered.status, told(ordered, "Code")) == (404, "NoSuchKey")
        assert (await zimage.download(url)).status == 200
        zimage.stand.zimage.results.purge()
        assert (await zimage.download(url)).status == 404


async def test_a_link_can_expire_early_by_order() -> None:
    """A fault for links is none for the interface."""
    async with calling() as zimage:
        zimage.stand.order({"server": "links", "kind": "link_expired"})
        answer = await zimage.download(await drawn(zimage))
        assert (answer.status, told(answer, "Message")) == (403, "Request has expired.")


@pytest.mark.parametrize(
    ("fault", "size"),
    [
        ({"kind": "corrupt_png"}, (512, 512)),
        ({"kind": "truncated_png"}, (512, 512)),
        ({"kind": "truncated_png", "kept_share": 0.99}, (512, 512)),
        ({"kind": "truncated_png", "kept_share": 0}, None),
        ({"kind": "wrong_size_png"}, (64, 64)),
        ({"kind": "wrong_size_png", "width": 512, "height": 511}, (512, 511)),
        ({"kind": "not_png"}, None),
    ],
)
async def test_a_spoiled_picture_comes_as_a_whole_answer(
    fault: dict[str, object], size: tuple[int, int] | None
) -> None:
    """Only a client that looks at the bytes notices; it does not count as downloaded."""
    async with calling() as zimage:
        zimage.stand.order({"server": "links", **fault, "times": 1})
        url = await drawn(zimage)
        answer = await zimage.download(url)
        assert answer.status == 200
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert is_sound(answer.body) is (fault["kind"] == "wrong_size_png")
        head = answer.body[:8] == b"\x89PNG\r\n\x1a\n"
        assert head == (size is not None)
        assert size is None or struct.unpack(">II", answer.body[16:24]) == size
        assert zimage.ledger.downloaded == 0
        assert is_sound((await zimage.download(url)).body)
        assert zimage.ledger.downloaded == 1


async def test_a_picture_can_carry_the_providers_metadata() -> None:
    """An XMP packet before the pixels, in a file that is sound."""
    async with calling() as zimage:
        zimage.stand.order({"server": "links", "kind": "provider_metadata"})
        png = (await zimage.download(await drawn(zimage))).body
    assert is_sound(png)
    assert png.index(b"iTXtXML:com.adobe.xmp\0") < png.index(b"IDAT")
    assert b"Zeuxis sandbox" in png


@pytest.mark.parametrize("method", ["HEAD", "PUT", "POST", "DELETE"])
async def test_a_link_is_signed_for_get_alone(method: str) -> None:
    """Other methods are not allowed."""
    async with calling() as zimage:
        assert (await zimage.ask(method, await drawn(zimage))).status == 405


def test_the_oldest_results_are_purged_first() -> None:
    """The memory is bounded."""
    results = Results(kept=1)
    entry = Entry(request_id="", at_us=0, key="key-1")
    recipe = Recipe(prompt="", seed=1, width_px=1, height_px=1, made_at_us=0, entry=entry)
    results.put("/oss/first.png", recipe)
    results.put("/oss/second.png", recipe)
    assert results.get("/oss/first.png") is None
    assert results.get("/oss/second.png") is recipe
