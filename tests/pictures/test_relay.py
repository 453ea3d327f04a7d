"""A picture is carried whole and unchanged but for its metadata, or not at all."""

from __future__ import annotations

import asyncio
import gzip
import io
import traceback

import aiohttp
import pytest
from PIL import Image

from bot.errors import (
    BytesAfterPicture,
    DownloadFailed,
    LinkExpired,
    LinkNotAllowed,
    NotAPicture,
    PictureTooLarge,
    RelayError,
)
from bot.pictures import LinkRules, Relay, open_picture_session
from bot.pictures.formats import Chunk, xmp_chunk
from bot.pictures.provenance import xmp_packet
from bot.providers.image import Size
from tests.pictures.carrying import (
    BIG_PNG,
    BIG_PROVENANCE,
    LIMIT_BYTES,
    RelayFor,
    link,
    png_answer,
    read,
)
from tests.pictures.samples import encoded, png
from tests.providers.raw_server import Connection, answering, http, serving

pytestmark = pytest.mark.sockets

EXPIRED = b"<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"


async def test_a_download_carries_no_key_no_cookie_and_the_query_as_it_was(
    relay_for: RelayFor,
) -> None:
    """Object storage refuses an Authorization header, and a re-encoded signature."""
    async with serving(answering(png_answer(BIG_PNG))) as server:
        await read(relay_for(server), server)

    request = server.requests[0]
    assert request.startswith(b"GET /7d/a.png?Expires=1&Signature=se%2Bcret%3D HTTP/1.1\r\n")
    assert b"authorization" not in request.lower()
    assert b"cookie" not in request.lower()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (http(403, EXPIRED), LinkExpired),
        (http(404, b"<Error><Code>NoSuchKey</Code></Error>"), LinkExpired),
        (http(500, b"oops"), DownloadFailed),
        (http(429, b"slow down"), DownloadFailed),
        (http(408, b"slow down"), DownloadFailed),
        (http(400, b"no"), LinkExpired),
        (http(401, b"who?"), LinkExpired),
        (http(418, b"teapot"), LinkExpired),
        (http(204), NotAPicture),
        (http(206, BIG_PNG), NotAPicture),
        (http(302, b"", "Location: http://127.0.0.1:9/internal"), LinkNotAllowed),
        (http(200, BIG_PNG, "Content-Encoding: gzip"), DownloadFailed),
        (http(200, b"<html>Welcome</html>"), NotAPicture),
        (http(200, b"\xff\xd8\xff\xe0 no JPEG"), NotAPicture),
        (http(200, b""), NotAPicture),
        (http(200, BIG_PNG[:40]), NotAPicture),
        (http(200).replace(b" 0\r", b" 1000000000000000\r"), NotAPicture),
        (http(200).replace(b" 0\r", b" " + b"9" * 5000 + b"\r"), DownloadFailed),
        (http(200).replace(b" 0\r", b" -1\r"), DownloadFailed),
        (png_answer(BIG_PNG)[:300], DownloadFailed),
        (b"nonsense\r\n\r\n", DownloadFailed),
        (b"", DownloadFailed),
    ],
)
async def test_a_download_that_fails_has_one_meaning(
    relay_for: RelayFor, answer: bytes, kind: type[RelayError]
) -> None:
    """Only what may be different the next time is free to try again; none shows the signature."""
    async with serving(answering(answer)) as server:
        with pytest.raises(RelayError) as caught:
            await read(relay_for(server), server)

    assert type(caught.value) is kind
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)
    assert "cret" not in shown


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" + BIG_PNG,
        http(200, gzip.compress(BIG_PNG, 1), "Content-Encoding: gzip"),
    ],
)
async def test_a_length_that_is_not_told_is_counted(relay_for: RelayFor, answer: bytes) -> None:
    """Until the connection ends, or packed although we asked for it plain."""
    async with serving(answering(answer)) as server:
        whole = await read(relay_for(server), server)

    assert whole.endswith(BIG_PNG[-10_000:])
    assert len(server.requests) == 2  # one to count, one to carry


@pytest.mark.parametrize("second", [BIG_PNG + b"more", BIG_PNG[:-1]])
async def test_a_picture_whose_length_changes_is_a_failed_download(
    relay_for: RelayFor, second: bytes
) -> None:
    """The announced length would be wrong."""
    answers = iter([BIG_PNG, second])

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n" + next(answers))

    async with serving(behave) as server:
        with pytest.raises(DownloadFailed, match="length"):
            await read(relay_for(server), server)


async def test_an_endless_download_is_given_up(relay_for: RelayFor) -> None:
    """Counting has a limit, too."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while not connection.writer.is_closing():
            await connection.send(bytes(1_000_000))

    async with serving(behave) as server:
        with pytest.raises(NotAPicture, match="more than"):
            await read(relay_for(server), server)


async def test_no_connection_is_a_failed_download(relay_for: RelayFor) -> None:
    """The storage is away for a moment."""
    async with serving(answering()) as server:
        relay = relay_for(server)
    with pytest.raises(DownloadFailed):
        await read(relay, server)


async def test_a_storage_that_falls_silent_is_a_failed_download() -> None:
    """The error says so without the address, which holds the signature."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        await connection.send(png_answer(BIG_PNG)[:20_000])
        await connection.until_closed()

    async with serving(behave) as server:
        rules = LinkRules(allowed_hosts=(), base_url=server.base_url)
        async with open_picture_session(rules) as session:
            relay = Relay(session, rules=rules, timeouts=aiohttp.ClientTimeout(sock_read=0.05))
            with pytest.raises(DownloadFailed, match="Timeout") as caught:
                await read(relay, server)

    assert caught.value.__context__ is None


async def test_a_picture_over_the_limit_is_refused_before_a_byte_is_given_away(
    relay_for: RelayFor,
) -> None:
    """Its length is known to the byte, our metadata included."""
    async with serving(answering(png_answer(BIG_PNG))) as server:
        whole = await read(relay_for(server), server)
    async with serving(answering(png_answer(BIG_PNG))) as server:
        assert await read(relay_for(server), server, limit_bytes=len(whole)) == whole
    async with serving(answering(png_answer(BIG_PNG))) as server:
        with pytest.raises(PictureTooLarge) as caught:
            await read(relay_for(server), server, limit_bytes=len(whole) - 1)

    assert caught.value.size_bytes == len(whole)
    assert caught.value.limit_bytes == len(whole) - 1


async def test_a_providers_packet_is_joined_on_the_way(relay_for: RelayFor) -> None:
    """The length is right although a chunk was replaced."""
    theirs = xmp_packet(BIG_PROVENANCE).replace(b"xmp:CreatorTool>Zeuxis", b"xmp:CreatorTool>Wan")
    picture = png(width_px=640, height_px=480, before_pixels=(xmp_chunk(theirs),))
    async with serving(answering(png_answer(picture))) as server:
        whole = await read(relay_for(server), server)

    with Image.open(io.BytesIO(whole)) as opened:
        assert opened.info["xmp"].count(b"CreatorTool>Wan") == 1
        assert opened.info["xmp"].count(b"<rdf:Description") == 2


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        (png(width_px=480, height_px=640), "png"),
        (encoded("JPEG", 480, 640), "jpg"),
        (encoded("JPEG", 480, 640, progressive=True), "jpg"),
        (encoded("WEBP", 480, 640), "webp"),
        (encoded("WEBP", 480, 640, lossless=True), "webp"),
    ],
)
async def test_a_picture_is_carried_in_the_type_and_size_that_it_has(
    relay_for: RelayFor, picture: bytes, kind: str
) -> None:
    """It is paid; a promise that does not hold is no reason to throw it away."""
    async with (
        serving(answering(png_answer(picture))) as server,
        relay_for(server).open(
            link(server), provenance=BIG_PROVENANCE, limit_bytes=LIMIT_BYTES
        ) as carried,
    ):
        assert (carried.name, carried.type) == (f"zeuxis-42.{kind}", kind)
        assert carried.size == Size(480, 640)
        whole = b""
        while block := await carried.read_block():
            whole += block
    assert len(whole) == carried.length_bytes
    with Image.open(io.BytesIO(whole)) as ours, Image.open(io.BytesIO(picture)) as theirs:
        assert ours.tobytes() == theirs.tobytes()
        assert (carried.length_bytes > len(picture)) is (kind != "webp")


@pytest.mark.parametrize(
    "picture", [BIG_PNG, encoded("JPEG", 480, 640, quality=95), encoded("WEBP", 480, 640)]
)
@pytest.mark.parametrize("after", [b"\n", b"PK\x03\x04 a hidden archive" * 20_000])
async def test_what_follows_the_end_is_not_carried(
    relay_for: RelayFor, picture: bytes, after: bytes
) -> None:
    """Its length was announced, so the first try is cut off; the second goes to the end."""
    async with serving(answering(png_answer(picture + after))) as server:
        relay = relay_for(server)
        with pytest.raises(BytesAfterPicture) as caught:
            await read(relay, server)
        assert caught.value.ends_at_bytes == len(picture)
        whole = await read(relay, server, ends_at_bytes=caught.value.ends_at_bytes)

    assert whole.endswith(picture[-1000:])
    assert b"hidden archive" not in whole


@pytest.mark.parametrize("picture", [encoded("JPEG", 480, 640), encoded("WEBP", 480, 640)])
async def test_a_picture_of_another_type_that_is_cut_off_is_no_picture(
    relay_for: RelayFor, picture: bytes
) -> None:
    """Each type has an end of its own."""
    async with serving(answering(png_answer(picture[:-1000]))) as server:
        with pytest.raises(NotAPicture, match="cut off"):
            await read(relay_for(server), server)


async def test_a_picture_is_looked_at_to_its_end(relay_for: RelayFor) -> None:
    """Before its link is shown: what it is, whatever stands behind it, and that it is whole."""
    sound, broken = png_answer(BIG_PNG + b"more"), png_answer(BIG_PNG[:-5000])
    async with serving(answering(sound)) as server:
        seen = await relay_for(server).look(link(server), provenance=BIG_PROVENANCE)
        assert (seen.type, seen.size, seen.link) == ("png", BIG_PROVENANCE.size, link(server))
        assert "cret" not in repr(seen)
    async with serving(answering(broken)) as server:
        with pytest.raises(NotAPicture, match="cut off"):
            await relay_for(server).look(link(server), provenance=BIG_PROVENANCE)


async def test_a_head_of_many_packets_on_the_wire_is_read(relay_for: RelayFor) -> None:
    """The head may arrive byte by byte."""
    profile = Chunk(b"iCCP", bytes(range(256)) * 20)
    picture = png(width_px=640, height_px=480, before_pixels=(profile,))

    async def behave(connection: Connection) -> None:
        await connection.request()
        answer = png_answer(picture)
        for at in range(0, 6000, 500):
            await connection.send(answer[at : at + 500])
            await asyncio.sleep(0)
        await connection.send(answer[6000:])

    async with serving(behave) as server:
        whole = await read(relay_for(server), server)

    assert profile.encoded() in whole


async def test_endless_metadata_is_no_picture(relay_for: RelayFor) -> None:
    """What is held back before the pixels is bounded."""
    many = tuple(Chunk(b"tEXt", b"k\0" + bytes(60_000)) for _ in range(40))
    picture = png(width_px=640, height_px=480, before_pixels=many)
    async with serving(answering(png_answer(picture))) as server:
        with pytest.raises(NotAPicture, match="no IDAT within"):
            await read(relay_for(server), server)


async def test_a_picture_can_be_read_only_inside_its_context(relay_for: RelayFor) -> None:
    """Afterwards nothing of it is left to give."""
    async with serving(answering(png_answer(BIG_PNG))) as server:
        async with relay_for(server).open(
            link(server), provenance=BIG_PROVENANCE, limit_bytes=LIMIT_BYTES
        ) as picture:
            assert picture.seek(0) == 0
            await picture.read_block()
            with pytest.raises(DownloadFailed, match="rewound"):
                picture.seek(0)
            with pytest.raises(io.UnsupportedOperation):
                picture.read(1)
            with pytest.raises(TypeError, match="never held"):
                aiohttp.payload.get_payload(picture).decode()
        with pytest.raises(DownloadFailed, match="closed"):
            await picture.read_block()


async def test_what_follows_a_picture_is_not_waited_for(relay_for: RelayFor) -> None:
    """A storage that hangs there has given all that was asked for."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        more = b"x" * 200_000
        await connection.send(png_answer(BIG_PNG + more)[: -len(more)])
        await connection.until_closed()

    async with serving(behave) as server:
        whole = await read(relay_for(server), server, ends_at_bytes=len(BIG_PNG))
    assert whole.endswith(BIG_PNG[-10_000:])


async def test_a_picture_that_hangs_holds_up_no_other(relay_for: RelayFor) -> None:
    """Each has a connection of its own, however many there are."""
    hanging = asyncio.Event()

    async def behave(connection: Connection) -> None:
        await connection.request()
        if connection.server.accepted == 1:
            await hanging.wait()
        await connection.send(png_answer(BIG_PNG))

    async with serving(behave) as server:
        relay = relay_for(server)
        first = asyncio.create_task(read(relay, server))
        await server.began.wait()
        assert (await read(relay, server)).endswith(BIG_PNG[-10_000:])
        assert not first.done()
        hanging.set()
        assert (await first).endswith(BIG_PNG[-10_000:])


# ------------------------------------------------------------------------------------------------
# A whole file in memory: to be checked, or kept.


async def test_a_picture_is_read_whole_and_can_be_carried_from_there(relay_for: RelayFor) -> None:
    """Days later, without a download, and with nothing said twice of where it comes from."""
    async with serving(answering(png_answer(BIG_PNG))) as server:
        relay = relay_for(server)
        seen = await relay.read(link(server), provenance=BIG_PROVENANCE)
        assert seen.filename == f"zeuxis-{BIG_PROVENANCE.job_id}.png"
        async with relay.open(
            seen.content, provenance=BIG_PROVENANCE, limit_bytes=LIMIT_BYTES
        ) as picture:
            blocks = []
            while block := await picture.read_block():
                blocks.append(bytes(block))
    assert len(server.requests) == 1
    carried = b"".join(blocks)
    assert (carried.count(b"<zeuxis:Job>"), carried[-5000:]) == (1, seen.content[-5000:])
    assert picture.length_bytes == len(carried)


async def test_a_kept_file_is_made_smaller_as_a_download_is(relay_for: RelayFor) -> None:
    async with serving(answering(png_answer(BIG_PNG))) as server:
        relay = relay_for(server)
        smaller = await relay.make_smaller(
            BIG_PNG, provenance=BIG_PROVENANCE, limit_bytes=LIMIT_BYTES
        )
        preview = await relay.make_preview(
            BIG_PNG, provenance=BIG_PROVENANCE, limit_bytes=LIMIT_BYTES
        )
    assert server.requests == []
    assert smaller.content.startswith(b"\xff\xd8")
    assert max(preview.size.width_px, preview.size.height_px) <= 512


async def test_half_a_picture_is_not_kept(relay_for: RelayFor) -> None:
    """Nor what follows one's end."""
    async with serving(answering(png_answer(BIG_PNG + b"surplus"))) as server:
        seen = await relay_for(server).read(link(server), provenance=BIG_PROVENANCE)
        assert b"surplus" not in seen.content
    broken = http(200, BIG_PNG[: len(BIG_PNG) // 2])
    async with serving(answering(broken)) as server:
        with pytest.raises(NotAPicture):
            await relay_for(server).read(link(server), provenance=BIG_PROVENANCE)
